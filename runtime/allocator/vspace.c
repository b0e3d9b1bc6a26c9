/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Records of which tables exist and which addresses are free. A component has a handful of tables,
 * so they are searched linearly, newest first: consecutive pages share the table found first.
 */
#include <kaal/vspace.h>

#include "vspace_arch.h"

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/sel4_error.h>

#define PAGE_BYTES UINT64_C(4096)

/* A table that exists. */
struct kaal_vspace_table {
    struct kaal_vspace_table *next;
    uint64_t base;   /* first address it covers */
    uint32_t covers; /* log2 bytes */
};
static_assert(sizeof(struct kaal_vspace_table) <= KAAL_RECORD_BYTES, "shared storage");

/* A free range of addresses; never adjacent to the next one. */
struct kaal_vspace_hole {
    struct kaal_vspace_hole *next;
    uint64_t base;
    uint64_t bytes;
};
static_assert(sizeof(struct kaal_vspace_hole) <= KAAL_RECORD_BYTES, "shared storage");

int kaal_object_bits(seL4_Word type, seL4_Word size_bits, uint32_t *object_bits)
{
    switch (type) {
    case seL4_UntypedObject:
        *object_bits = (uint32_t)size_bits;
        return size_bits >= seL4_MinUntypedBits && size_bits <= seL4_MaxUntypedBits
                   ? KAAL_OK
                   : KAAL_ERR_INVALID;
    case seL4_TCBObject:
        *object_bits = seL4_TCBBits;
        return KAAL_OK;
    case seL4_EndpointObject:
        *object_bits = seL4_EndpointBits;
        return KAAL_OK;
    case seL4_NotificationObject:
        *object_bits = seL4_NotificationBits;
        return KAAL_OK;
    case seL4_CapTableObject:
        *object_bits = (uint32_t)size_bits + seL4_SlotBits;
        return size_bits >= 1 && size_bits < seL4_MaxUntypedBits ? KAAL_OK : KAAL_ERR_INVALID;
    case seL4_SchedContextObject:
        *object_bits = (uint32_t)size_bits;
        return size_bits >= seL4_MinSchedContextBits && size_bits < seL4_MaxUntypedBits
                   ? KAAL_OK
                   : KAAL_ERR_INVALID;
    case seL4_ReplyObject:
        *object_bits = seL4_ReplyBits;
        return KAAL_OK;
    default:
        *object_bits = vspace_arch_object_bits(type);
        return *object_bits != 0 ? KAAL_OK : KAAL_ERR_INVALID;
    }
}

int kaal_vspace_init(struct kaal_vspace *vspace, seL4_CPtr root, struct kaal_arena *arena,
                     uint64_t window_base, uint64_t window_bytes)
{
    *vspace = (struct kaal_vspace){.root = root, .arena = arena};
    if (window_base % PAGE_BYTES != 0 || window_bytes % PAGE_BYTES != 0) {
        return KAAL_ERR_ALIGN;
    }
    if (window_bytes == 0) {
        return KAAL_OK;
    }
    struct kaal_vspace_hole *hole = kaal_record_take(arena->manager);
    if (hole == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    *hole = (struct kaal_vspace_hole){.base = window_base, .bytes = window_bytes};
    vspace->holes = hole;
    return KAAL_OK;
}

int kaal_vspace_create(struct kaal_vspace *vspace, struct kaal_arena *arena, uint64_t window_base,
                       uint64_t window_bytes)
{
    seL4_CPtr root;
    int error = kaal_arena_allocate(arena, vspace_arch_root_type(), 0, 1, &root);
    if (error != KAAL_OK) {
        return error;
    }
    if (vspace_arch_assign_asid(seL4_CapInitThreadASIDPool, root) != seL4_NoError) {
        return KAAL_ERR_KERNEL;
    }
    return kaal_vspace_init(vspace, root, arena, window_base, window_bytes);
}

void kaal_vspace_deinit(struct kaal_vspace *vspace)
{
    while (vspace->tables != NULL) {
        struct kaal_vspace_table *table = vspace->tables;
        vspace->tables = table->next;
        kaal_record_put(vspace->arena->manager, table);
    }
    while (vspace->holes != NULL) {
        struct kaal_vspace_hole *hole = vspace->holes;
        vspace->holes = hole->next;
        kaal_record_put(vspace->arena->manager, hole);
    }
}

static bool has_table(const struct kaal_vspace *vspace, uint32_t covers, uint64_t vaddr)
{
    for (const struct kaal_vspace_table *table = vspace->tables; table != NULL;
         table = table->next) {
        if (table->covers == covers && vaddr >> covers == table->base >> covers) {
            return true;
        }
    }
    return false;
}

static int add_table(struct kaal_vspace *vspace, uint32_t covers, uint64_t vaddr)
{
    struct kaal_vspace_table *table = kaal_record_take(vspace->arena->manager);
    if (table == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    seL4_CPtr cap;
    int error = kaal_arena_allocate(vspace->arena, vspace_arch_table_type(covers), 0, 1, &cap);
    if (error == KAAL_OK) {
        error = kaal_error_from_sel4(vspace_arch_table_map(covers, cap, vspace->root, vaddr));
    }
    if (error != KAAL_OK) {
        kaal_record_put(vspace->arena->manager, table);
        return error;
    }
    *table = (struct kaal_vspace_table){
        .next = vspace->tables, .base = align_down(vaddr, BIT64(covers)), .covers = covers};
    vspace->tables = table;
    return KAAL_OK;
}

/* Makes the tables that a frame of 2^bits bytes at vaddr needs, from the top down. */
static int need_tables(struct kaal_vspace *vspace, uint64_t vaddr, uint32_t bits)
{
    uint32_t lowest = bits + VSPACE_LEVEL_BITS;
    if (has_table(vspace, lowest, vaddr)) {
        return KAAL_OK;
    }
    for (uint32_t covers = VSPACE_COVERS_TOP; covers >= lowest; covers -= VSPACE_LEVEL_BITS) {
        if (!has_table(vspace, covers, vaddr)) {
            int error = add_table(vspace, covers, vaddr);
            if (error != KAAL_OK) {
                return error;
            }
        }
    }
    return KAAL_OK;
}

int kaal_vspace_map(struct kaal_vspace *vspace, seL4_CPtr first, uint32_t count, uint64_t vaddr,
                    uint32_t bits, uint32_t how)
{
    if (bits != 12 && bits != VSPACE_COVERS_LOWEST) {
        return KAAL_ERR_INVALID;
    }
    if (vaddr % BIT64(bits) != 0) {
        return KAAL_ERR_ALIGN;
    }
    if (!range_inside(vaddr, (uint64_t)count << bits, seL4_UserTop)) {
        return KAAL_ERR_RANGE;
    }
    if ((how & KAAL_MAP_READ) == 0) {
        return KAAL_ERR_INVALID;
    }
    seL4_CapRights_t rights =
        (how & KAAL_MAP_WRITE) != 0 ? seL4_ReadWrite : seL4_CapRights_new(0, 0, 1, 0);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t address = vaddr + ((uint64_t)i << bits);
        int error = need_tables(vspace, address, bits);
        if (error == KAAL_OK) {
            error = kaal_error_from_sel4(
                vspace_arch_frame_map(first + i, vspace->root, address, rights, how));
        }
        if (error != KAAL_OK) {
            kaal_vspace_unmap(first, i);
            return error;
        }
    }
    return KAAL_OK;
}

void kaal_vspace_unmap(seL4_CPtr first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        seL4_Error error = vspace_arch_frame_unmap(first + i);
        ASSERT(error == seL4_NoError);
    }
}

int kaal_vspace_range_take(struct kaal_vspace *vspace, uint64_t bytes, uint64_t alignment,
                           uint64_t *vaddr)
{
    if (!is_power_of_two(alignment) || alignment < PAGE_BYTES) {
        return KAAL_ERR_ALIGN;
    }
    if (bytes == 0 || bytes > seL4_UserTop) {
        return KAAL_ERR_INVALID;
    }
    /* One page more than asked for stays unmapped: a run over the end faults. */
    uint64_t needed = align_up(bytes, PAGE_BYTES) + PAGE_BYTES;
    for (struct kaal_vspace_hole **link = &vspace->holes; *link != NULL; link = &(*link)->next) {
        struct kaal_vspace_hole *hole = *link;
        uint64_t start = align_up(hole->base, alignment);
        if (!range_inside(start - hole->base, needed, hole->bytes)) {
            continue;
        }
        uint64_t before = start - hole->base;
        uint64_t after = hole->bytes - before - needed;
        if (before != 0 && after != 0) {
            struct kaal_vspace_hole *rest = kaal_record_take(vspace->arena->manager);
            if (rest == NULL) {
                return KAAL_ERR_NO_SPACE;
            }
            *rest = (struct kaal_vspace_hole){
                .next = hole->next, .base = start + needed, .bytes = after};
            hole->next = rest;
            hole->bytes = before;
        } else if (before != 0) {
            hole->bytes = before;
        } else if (after != 0) {
            hole->base = start + needed;
            hole->bytes = after;
        } else {
            *link = hole->next;
            kaal_record_put(vspace->arena->manager, hole);
        }
        *vaddr = start;
        return KAAL_OK;
    }
    return KAAL_ERR_NO_SPACE;
}

int kaal_vspace_range_put(struct kaal_vspace *vspace, uint64_t vaddr, uint64_t bytes)
{
    uint64_t end = vaddr + align_up(bytes, PAGE_BYTES) + PAGE_BYTES;
    struct kaal_vspace_hole *before = NULL;
    struct kaal_vspace_hole *after = vspace->holes;
    while (after != NULL && after->base < vaddr) {
        before = after;
        after = after->next;
    }
    if ((before != NULL && before->base + before->bytes > vaddr) ||
        (after != NULL && after->base < end)) {
        return KAAL_ERR_DOUBLE_FREE;
    }
    bool joins_before = before != NULL && before->base + before->bytes == vaddr;
    bool joins_after = after != NULL && after->base == end;
    if (joins_before && joins_after) {
        before->bytes += end - vaddr + after->bytes;
        before->next = after->next;
        kaal_record_put(vspace->arena->manager, after);
    } else if (joins_before) {
        before->bytes += end - vaddr;
    } else if (joins_after) {
        after->base = vaddr;
        after->bytes += end - vaddr;
    } else {
        struct kaal_vspace_hole *hole = kaal_record_take(vspace->arena->manager);
        if (hole == NULL) {
            return KAAL_ERR_NO_SPACE;
        }
        *hole = (struct kaal_vspace_hole){.next = after, .base = vaddr, .bytes = end - vaddr};
        if (before != NULL) {
            before->next = hole;
        } else {
            vspace->holes = hole;
        }
    }
    return KAAL_OK;
}
