/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Operations on untypeds, frames and address spaces. */
#include "bounds.h"

#define FAN_OUT      256 /* objects of one Retype */
#define BIG_RADIX    16
#define POOL_SPACES  511
#define FRAMES       256
#define TABLE_LEVELS 3
#define MAP_VADDR    UINT64_C(0x80000000)
#define PAGE_BYTES   UINT64_C(4096)

static seL4_CPtr slot;
static seL4_CPtr moved;
static seL4_CPtr first_table; /* TABLE_LEVELS consecutive slots */

static void clear(void)
{
    if (slot == 0) {
        slot = world_slot();
        moved = world_slot();
        first_table = world_slot();
        for (unsigned level = 1; level < TABLE_LEVELS; level++) {
            (void)world_slot();
        }
    }
    arena_clear();
}

static void retype_tcbs(void)
{
    make_many(arena(), seL4_TCBObject, 0, node(), 0, FAN_OUT);
}

static void retype_frames(void)
{
    make_many(arena(), arch_page_type(), 0, node(), 0, FAN_OUT);
}

static void retype_roots(void)
{
    make_many(arena(), arch_vspace_type(), 0, node(), 0, FAN_OUT);
}

static void retype_endpoints(void)
{
    make_many(arena(), seL4_EndpointObject, 0, node(), 0, FAN_OUT);
}

static void retype_big_cnode(void)
{
    make_one(seL4_CapTableObject, BIG_RADIX, slot);
}

static void retype_large_frame(void)
{
    make_one(arch_large_page_type(), 0, slot);
}

/* All of the arena was used: it is cleared before anything is made. */
static void prepare_used_arena(void)
{
    clear();
    make_one(seL4_UntypedObject, ARENA_BITS, slot);
    delete_slot(slot);
}

static void retype_used(void)
{
    make_one(seL4_EndpointObject, 0, slot);
}

static void retype_used_large_frames(void)
{
    make_many(arena(), arch_large_page_type(), 0, node(), 0,
              1u << (ARENA_BITS - seL4_LargePageBits));
}

/* Mapped frames: each is unmapped when it goes. */
static void prepare_mappings(void)
{
    clear();
    make_many(arena(), arch_page_type(), 0, node(), 0, FRAMES);
    for (seL4_Word i = 0; i < FRAMES; i++) {
        must(seL4_CNode_Move(CNODE, slot, seL4_WordBits, node(), i, NODE_BITS), "move");
        world_map(slot, seL4_CapInitThreadVSpace, MAP_VADDR + i * PAGE_BYTES);
        must(seL4_CNode_Move(node(), i, NODE_BITS, CNODE, slot, seL4_WordBits), "move");
    }
}

static void revoke_mappings(void)
{
    revoke_slot(arena());
}

/* An address space, all of it in the arena, with mappings in it. */
static void prepare_space(void)
{
    clear();
    make_one(arch_vspace_type(), 0, slot);
    must(arch_vspace_assign(slot), "ASID assignment");
    make_many(arena(), arch_page_type(), 0, node(), 0, FRAMES);
    for (unsigned level = 0; level < TABLE_LEVELS; level++) {
        make_one(arch_table_type(level), 0, first_table + level);
        must(arch_table_install(level, first_table + level, slot, MAP_VADDR), "table map");
    }
    for (seL4_Word i = 0; i < FRAMES; i++) {
        must(seL4_CNode_Move(CNODE, moved, seL4_WordBits, node(), i, NODE_BITS), "move");
        must(arch_map_page(moved, slot, MAP_VADDR + i * PAGE_BYTES), "page map");
        must(seL4_CNode_Move(node(), i, NODE_BITS, CNODE, moved, seL4_WordBits), "move");
    }
}

static void delete_it(void)
{
    delete_slot(slot);
}

/* A pool of its own, every ASID of it taken. */
static void prepare_pool(void)
{
    clear();
    make_one(seL4_UntypedObject, seL4_ASIDPoolBits, moved);
    must(arch_pool_make(moved, slot), "ASID pool");
    make_many(arena(), arch_vspace_type(), 0, node(), 0, POOL_SPACES);
    for (seL4_Word i = 0; i < POOL_SPACES; i++) {
        must(seL4_CNode_Move(CNODE, first_table, seL4_WordBits, node(), i, NODE_BITS), "move");
        must(arch_pool_assign(slot, first_table), "ASID assignment");
        must(seL4_CNode_Move(node(), i, NODE_BITS, CNODE, first_table, seL4_WordBits), "move");
    }
}

struct operations operations_memory(void)
{
    static const struct operation list[] = {
        {"retype_256_tcbs", clear, retype_tcbs},
        {"retype_256_frames", clear, retype_frames},
        {"retype_256_roots", clear, retype_roots},
        {"retype_256_endpoints", clear, retype_endpoints},
        {"retype_big_cnode", clear, retype_big_cnode},
        {"retype_large_frame", clear, retype_large_frame},
        {"retype_used_8_mib", prepare_used_arena, retype_used},
        {"retype_used_large_frames", prepare_used_arena, retype_used_large_frames},
        {"revoke_256_mapped_frames", prepare_mappings, revoke_mappings},
        {"revoke_address_space", prepare_space, revoke_mappings},
        {"delete_address_space", prepare_space, delete_it},
        {"delete_asid_pool", prepare_pool, delete_it},
    };
    return (struct operations){list, sizeof(list) / sizeof(list[0])};
}
