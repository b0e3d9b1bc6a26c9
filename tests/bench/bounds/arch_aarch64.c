/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What only this architecture has: cache operations on a large page. */
#include "bounds.h"

#define UNUSED_SPI  100
#define LARGE_VADDR UINT64_C(0x90000000)
#define TABLE_VADDR UINT64_C(0xa0000000)

static seL4_CPtr large; /* mapped */
static seL4_CPtr table;

seL4_Error interrupt_make(seL4_CPtr slot)
{
    return seL4_IRQControl_Get(seL4_CapIRQControl, UNUSED_SPI, CNODE, slot, seL4_WordBits);
}

static void prepare_large(void)
{
    if (large == 0) {
        large = world_object(seL4_ARM_LargePageObject, 0);
        world_map(large, seL4_CapInitThreadVSpace, LARGE_VADDR);
    }
}

static void page_clean(void)
{
    must(seL4_ARM_Page_Clean_Data(large, 0, 1u << seL4_LargePageBits), "clean");
}

static void page_invalidate(void)
{
    must(seL4_ARM_Page_CleanInvalidate_Data(large, 0, 1u << seL4_LargePageBits), "invalidate");
}

static void page_unify(void)
{
    must(seL4_ARM_Page_Unify_Instruction(large, 0, 1u << seL4_LargePageBits), "unify");
}

static void space_clean(void)
{
    must(seL4_ARM_VSpace_Clean_Data(seL4_CapInitThreadVSpace, LARGE_VADDR,
                                    LARGE_VADDR + (1u << seL4_LargePageBits)),
         "clean");
}

/* The last level: the levels above stay. */
static void prepare_table(void)
{
    if (table == 0) {
        seL4_CPtr frame = world_object(seL4_ARM_SmallPageObject, 0);
        world_map(frame, seL4_CapInitThreadVSpace, TABLE_VADDR);
        table = world_object(seL4_ARM_PageTableObject, 0);
    }
    must(seL4_ARM_PageTable_Map(table, seL4_CapInitThreadVSpace,
                                TABLE_VADDR + (1u << seL4_LargePageBits),
                                seL4_ARM_Default_VMAttributes),
         "table map");
}

static void table_unmap(void)
{
    must(seL4_ARM_PageTable_Unmap(table), "table unmap");
}

struct operations operations_arch(void)
{
    static const struct operation list[] = {
        {"page_clean_2_mib", prepare_large, page_clean},
        {"page_clean_invalidate_2_mib", prepare_large, page_invalidate},
        {"page_unify_2_mib", prepare_large, page_unify},
        {"space_clean_2_mib", prepare_large, space_clean},
        {"unmap_page_table", prepare_table, table_unmap},
    };
    return (struct operations){list, sizeof(list) / sizeof(list[0])};
}
