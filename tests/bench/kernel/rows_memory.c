/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows of memory and capabilities: each operation is timed alone, what undoes it is not.
 */
#include "rows.h"
#include "world.h"

#define CNODE seL4_CapInitThreadCNode
#define VADDR UINT64_C(0x70180000) /* shares a page table with the IPC buffers of world.c */

#define FRESH_BITS 23 /* memory for ROUNDS frames and then some */

static seL4_Error retype(seL4_CPtr untyped, seL4_Word type, seL4_CPtr slot)
{
    return seL4_Untyped_Retype(untyped, type, 0, CNODE, 0, 0, slot, 1);
}

static void delete_slot(seL4_CPtr slot)
{
    world_check(seL4_CNode_Delete(CNODE, slot, seL4_WordBits) == seL4_NoError, "delete");
}

/* Maps the frame, making tables where they are missing. */
static void map_with_tables(seL4_CPtr frame)
{
    seL4_Error error = arch_map_page(frame, seL4_CapInitThreadVSpace, VADDR);
    for (int levels = 0; levels < 3 && error == seL4_FailedLookup; levels++) {
        (void)arch_map_table(seL4_CapInitThreadVSpace, VADDR, seL4_MappingFailedLookupLevel());
        error = arch_map_page(frame, seL4_CapInitThreadVSpace, VADDR);
    }
    world_check(error == seL4_NoError, "page map");
}

/* Ticks of ROUNDS maps or unmaps of one page. */
static uint64_t time_mapping(bool unmap)
{
    seL4_CPtr frame = world_object(arch_page_type(), 0);
    uint64_t ticks = 0;
    map_with_tables(frame);
    world_check(arch_unmap_page(frame) == seL4_NoError, "page unmap");
    for (int i = -WARM_ROUNDS; i < ROUNDS; i++) {
        uint64_t start = arch_counter_start(i);
        seL4_Error error = arch_map_page(frame, seL4_CapInitThreadVSpace, VADDR);
        uint64_t middle = arch_counter();
        world_check(error == seL4_NoError, "page map");
        uint64_t again = arch_counter_start(i);
        error = arch_unmap_page(frame);
        uint64_t end = arch_counter();
        world_check(error == seL4_NoError, "page unmap");
        if (i >= 0) {
            ticks += unmap ? end - again : middle - start;
        }
    }
    return ticks;
}

uint64_t row_map_page(void)
{
    return time_mapping(false);
}

uint64_t row_unmap_page(void)
{
    return time_mapping(true);
}

/*
 * Ticks of ROUNDS retypes of one object. Fresh: a first object pins the untyped, so its memory goes
 * on and on. Re-used: the untyped is as large as the object, and each retype clears it first.
 */
static uint64_t time_retype(seL4_Word type, seL4_Word untyped_bits, bool fresh)
{
    seL4_CPtr untyped = world_object(seL4_UntypedObject, untyped_bits);
    seL4_CPtr slot = world_slot();
    uint64_t ticks = 0;
    if (fresh) {
        world_check(retype(untyped, seL4_EndpointObject, world_slot()) == seL4_NoError, "retype");
    }
    for (int i = -WARM_ROUNDS; i < ROUNDS; i++) {
        uint64_t start = arch_counter_start(i);
        seL4_Error error = retype(untyped, type, slot);
        uint64_t end = arch_counter();
        world_check(error == seL4_NoError, "retype");
        delete_slot(slot);
        if (i >= 0) {
            ticks += end - start;
        }
    }
    world_check(seL4_CNode_Revoke(CNODE, untyped, seL4_WordBits) == seL4_NoError, "revoke");
    return ticks;
}

uint64_t row_retype_frame_fresh(void)
{
    return time_retype(arch_page_type(), FRESH_BITS, true);
}

uint64_t row_retype_endpoint_fresh(void)
{
    return time_retype(seL4_EndpointObject, FRESH_BITS, true);
}

uint64_t row_retype_tcb_fresh(void)
{
    return time_retype(seL4_TCBObject, FRESH_BITS, true);
}

uint64_t row_retype_frame_reused(void)
{
    return time_retype(arch_page_type(), seL4_PageBits, false);
}

uint64_t row_cnode_copy(void)
{
    seL4_CPtr endpoint = world_object(seL4_EndpointObject, 0);
    seL4_CPtr slot = world_slot();
    uint64_t ticks = 0;
    for (int i = -WARM_ROUNDS; i < ROUNDS; i++) {
        uint64_t start = arch_counter_start(i);
        seL4_Error error = seL4_CNode_Copy(CNODE, slot, seL4_WordBits, CNODE, endpoint,
                                           seL4_WordBits, seL4_AllRights);
        uint64_t end = arch_counter();
        world_check(error == seL4_NoError, "copy");
        delete_slot(slot);
        if (i >= 0) {
            ticks += end - start;
        }
    }
    return ticks;
}

uint64_t row_delete_last_frame_cap(void)
{
    seL4_CPtr untyped = world_object(seL4_UntypedObject, FRESH_BITS);
    seL4_CPtr slot = world_slot();
    uint64_t ticks = 0;
    world_check(retype(untyped, seL4_EndpointObject, world_slot()) == seL4_NoError, "retype");
    for (int i = -WARM_ROUNDS; i < ROUNDS; i++) {
        world_check(retype(untyped, arch_page_type(), slot) == seL4_NoError, "retype");
        uint64_t start = arch_counter_start(i);
        seL4_Error error = seL4_CNode_Delete(CNODE, slot, seL4_WordBits);
        uint64_t end = arch_counter();
        world_check(error == seL4_NoError, "delete");
        if (i >= 0) {
            ticks += end - start;
        }
    }
    return ticks;
}
