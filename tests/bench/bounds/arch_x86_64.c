/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is invoked differently on this architecture. */
#include "bounds.h"

#define UNUSED_VECTOR 5
#define TABLE_VADDR   UINT64_C(0xa0000000)

static seL4_CPtr table;

seL4_Error interrupt_make(seL4_CPtr slot)
{
    return seL4_IRQControl_GetMSI(seL4_CapIRQControl, CNODE, slot, seL4_WordBits, 0, 0, 0, 0,
                                  UNUSED_VECTOR);
}

/* The last level: the levels above stay. */
static void prepare_table(void)
{
    if (table == 0) {
        seL4_CPtr frame = world_object(seL4_X86_4K, 0);
        world_map(frame, seL4_CapInitThreadVSpace, TABLE_VADDR);
        table = world_object(seL4_X86_PageTableObject, 0);
    }
    must(seL4_X86_PageTable_Map(table, seL4_CapInitThreadVSpace,
                                TABLE_VADDR + (1u << seL4_LargePageBits),
                                seL4_X86_Default_VMAttributes),
         "table map");
}

static void table_unmap(void)
{
    must(seL4_X86_PageTable_Unmap(table), "table unmap");
}

struct operations operations_arch(void)
{
    static const struct operation list[] = {
        {"unmap_page_table", prepare_table, table_unmap},
    };
    return (struct operations){list, sizeof(list) / sizeof(list[0])};
}
