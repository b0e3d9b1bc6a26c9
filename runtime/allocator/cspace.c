/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Slots as bits. Three levels of bitmaps (groups with a free slot, words of a group, bits of a
 * word) make taking the lowest free slot three bit scans, whatever is in use. The CNodes behind the
 * bitmaps form a tree of two levels once kaal_cspace_expand() was called: a root CNode indexed by
 * the high bits of a slot's name, and CNodes of the boot CNode's size indexed by the low ones. A
 * guard on the root fills up the rest of a 64-bit CPtr, so a slot's name is the CPtr of what is in
 * it, and the boot CNode at entry 0 keeps all boot CPtrs as they were.
 */
#include <kaal/cspace.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/sel4_error.h>
#include <kaal/untyped.h>

/* Most bits of a CNode: all of its groups must fit into the group bitmap. */
#define NODE_BITS_MAX 18u

static struct kaal_cspace_group *group_of(struct kaal_cspace *cspace, seL4_CPtr slot)
{
    return &cspace->groups[slot >> cspace->group_bits];
}

static uint32_t index_in_group(const struct kaal_cspace *cspace, seL4_CPtr slot)
{
    return (uint32_t)(slot & (BIT64(cspace->group_bits) - 1));
}

static bool slot_is_free(struct kaal_cspace *cspace, seL4_CPtr slot)
{
    uint32_t index = index_in_group(cspace, slot);
    return (group_of(cspace, slot)->free[index / 64] >> (index % 64) & 1) != 0;
}

static void mark_free(struct kaal_cspace *cspace, seL4_CPtr slot)
{
    struct kaal_cspace_group *group = group_of(cspace, slot);
    uint32_t index = index_in_group(cspace, slot);
    group->free[index / 64] |= BIT64(index % 64);
    group->summary |= BIT64(index / 64);
    group->run_max = KAAL_CSPACE_GROUP_SLOTS; /* unknown: the next search finds out */
    cspace->groups_free |= BIT64(slot >> cspace->group_bits);
    cspace->free_count++;
}

/* As mark_free for [first, end), a word of the bitmap at a time where possible. */
static void mark_range_free(struct kaal_cspace *cspace, seL4_CPtr first, seL4_CPtr end)
{
    for (seL4_CPtr slot = first; slot < end;) {
        if (slot % 64 == 0 && end - slot >= 64) {
            struct kaal_cspace_group *group = group_of(cspace, slot);
            uint32_t word = index_in_group(cspace, slot) / 64;
            group->free[word] = UINT64_MAX;
            group->summary |= BIT64(word);
            group->run_max = KAAL_CSPACE_GROUP_SLOTS;
            cspace->groups_free |= BIT64(slot >> cspace->group_bits);
            cspace->free_count += 64;
            slot += 64;
        } else {
            mark_free(cspace, slot++);
        }
    }
}

static void mark_used(struct kaal_cspace *cspace, seL4_CPtr slot)
{
    struct kaal_cspace_group *group = group_of(cspace, slot);
    uint32_t index = index_in_group(cspace, slot);
    group->free[index / 64] &= ~BIT64(index % 64);
    if (group->free[index / 64] == 0) {
        group->summary &= ~BIT64(index / 64);
        if (group->summary == 0) {
            cspace->groups_free &= ~BIT64(slot >> cspace->group_bits);
        }
    }
    cspace->free_count--;
}

int kaal_cspace_init(struct kaal_cspace *cspace, const seL4_BootInfo *bootinfo)
{
    __builtin_memset(cspace, 0, sizeof(*cspace));
    if (bootinfo->initThreadCNodeSizeBits > NODE_BITS_MAX) {
        return KAAL_ERR_RANGE;
    }
    cspace->root = seL4_CapInitThreadCNode;
    cspace->depth = seL4_WordBits;
    cspace->node_bits = (uint8_t)bootinfo->initThreadCNodeSizeBits;
    cspace->group_bits = cspace->node_bits < 12 ? cspace->node_bits : 12;
    cspace->node_count = 1;
    cspace->first_managed = (uint32_t)bootinfo->empty.start;
    mark_range_free(cspace, bootinfo->empty.start, bootinfo->empty.end);
    cspace->total_count = cspace->free_count;
    return KAAL_OK;
}

int kaal_cspace_allocate(struct kaal_cspace *cspace, seL4_CPtr *slot)
{
    if (cspace->groups_free == 0) {
        return KAAL_ERR_NO_SLOT;
    }
    uint32_t group = (uint32_t)__builtin_ctzll(cspace->groups_free);
    uint32_t word = (uint32_t)__builtin_ctzll(cspace->groups[group].summary);
    uint32_t bit = (uint32_t)__builtin_ctzll(cspace->groups[group].free[word]);
    *slot = ((seL4_CPtr)group << cspace->group_bits) + word * 64 + bit;
    mark_used(cspace, *slot);
    return KAAL_OK;
}

/*
 * The first run of count free slots in a group. Words without a free slot are skipped by the
 * summary, and within a word the search goes from one run of equal bits to the next.
 */
static bool find_run(const struct kaal_cspace_group *group, uint32_t count, uint32_t *first)
{
    uint32_t run = 0;
    uint32_t word_after = 0; /* the word in which the run goes on */
    for (uint64_t words = group->summary; words != 0; words &= words - 1) {
        uint32_t word = (uint32_t)__builtin_ctzll(words);
        uint64_t bits = group->free[word];
        run = word == word_after ? run : 0;
        for (uint32_t at = 0; at < 64;) {
            uint64_t rest = bits >> at;
            if ((rest & 1) == 0) {
                run = 0;
                at = rest == 0 ? 64 : at + (uint32_t)__builtin_ctzll(rest);
                continue;
            }
            uint32_t ones = ~rest == 0 ? 64 : (uint32_t)__builtin_ctzll(~rest);
            run += ones;
            at += ones;
            if (run >= count) {
                *first = word * 64 + at - run;
                return true;
            }
        }
        word_after = word + 1;
    }
    return false;
}

int kaal_cspace_allocate_run(struct kaal_cspace *cspace, uint32_t count, seL4_CPtr *first)
{
    if (count == 0 || count > seL4_UntypedRetypeMaxObjects) {
        return KAAL_ERR_INVALID;
    }
    if (count == 1) {
        return kaal_cspace_allocate(cspace, first);
    }
    for (uint64_t groups = cspace->groups_free; groups != 0; groups &= groups - 1) {
        uint32_t group = (uint32_t)__builtin_ctzll(groups);
        uint32_t index;
        /* A search without success is not repeated until something is freed in the group. */
        if (count > cspace->groups[group].run_max) {
            continue;
        }
        if (!find_run(&cspace->groups[group], count, &index)) {
            cspace->groups[group].run_max = count - 1;
        } else {
            *first = ((seL4_CPtr)group << cspace->group_bits) + index;
            for (uint32_t i = 0; i < count; i++) {
                mark_used(cspace, *first + i);
            }
            return KAAL_OK;
        }
    }
    return KAAL_ERR_NO_SLOT;
}

/* True if the allocator could have handed out this slot. */
static bool is_managed(const struct kaal_cspace *cspace, seL4_CPtr slot)
{
    return slot >= cspace->first_managed && slot < (seL4_CPtr)cspace->node_count
                                                       << cspace->node_bits;
}

int kaal_cspace_free_run(struct kaal_cspace *cspace, seL4_CPtr first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!is_managed(cspace, first + i)) {
            return KAAL_ERR_FOREIGN;
        }
        if (slot_is_free(cspace, first + i)) {
            return KAAL_ERR_DOUBLE_FREE;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        mark_free(cspace, first + i);
    }
    return KAAL_OK;
}

int kaal_cspace_free(struct kaal_cspace *cspace, seL4_CPtr slot)
{
    return kaal_cspace_free_run(cspace, slot, 1);
}

int kaal_cspace_delete(struct kaal_cspace *cspace, seL4_CPtr slot)
{
    if (!is_managed(cspace, slot)) {
        return KAAL_ERR_FOREIGN;
    }
    if (slot_is_free(cspace, slot)) {
        return KAAL_ERR_DOUBLE_FREE;
    }
    int error = kaal_error_from_sel4(seL4_CNode_Delete(cspace->root, slot, cspace->depth));
    if (error != KAAL_OK) {
        return error;
    }
    mark_free(cspace, slot);
    return KAAL_OK;
}

int kaal_cspace_retype(const struct kaal_cspace *cspace, seL4_CPtr untyped, seL4_Word type,
                       seL4_Word size_bits, seL4_CPtr first, uint32_t count)
{
    /* The destination is a whole CNode: the boot CNode itself, or entry `node` of the root. */
    seL4_Word node = first >> cspace->node_bits;
    seL4_Word offset = first & (BIT64(cspace->node_bits) - 1);
    seL4_Word node_depth = cspace->two_level ? KAAL_CSPACE_NODE_COUNT_BITS : 0;
    return kaal_error_from_sel4(seL4_Untyped_Retype(untyped, type, size_bits, cspace->root, node,
                                                    node_depth, offset, count));
}

/* Builds the root CNode, puts the boot CNode at its entry 0 and makes it the thread's CSpace. */
static int build_root(struct kaal_cspace *cspace, struct kaal_untyped_manager *manager)
{
    struct kaal_untyped *memory;
    int error =
        kaal_untyped_allocate(manager, KAAL_CSPACE_NODE_COUNT_BITS + seL4_SlotBits, &memory);
    if (error != KAAL_OK) {
        return error;
    }
    seL4_CPtr root;
    error = kaal_cspace_allocate(cspace, &root);
    if (error != KAAL_OK) {
        goto out_free_memory;
    }
    error = kaal_cspace_retype(cspace, memory->cap, seL4_CapTableObject,
                               KAAL_CSPACE_NODE_COUNT_BITS, root, 1);
    if (error != KAAL_OK) {
        goto out_free_slot;
    }
    /* Data 0: the boot CNode below the root has no guard; the root's guard takes its place. */
    error = kaal_error_from_sel4(seL4_CNode_Mint(root, 0, KAAL_CSPACE_NODE_COUNT_BITS, cspace->root,
                                                 seL4_CapInitThreadCNode, cspace->depth,
                                                 seL4_AllRights, 0));
    if (error != KAAL_OK) {
        goto out_free_slot;
    }
    seL4_Word guard_bits = seL4_WordBits - KAAL_CSPACE_NODE_COUNT_BITS - cspace->node_bits;
    error = kaal_error_from_sel4(seL4_TCB_SetSpace(seL4_CapInitThreadTCB, seL4_CapNull, root,
                                                   seL4_CNode_CapData_new(0, guard_bits).words[0],
                                                   seL4_CapInitThreadVSpace, 0));
    if (error != KAAL_OK) {
        goto out_free_slot;
    }
    cspace->root = root;
    cspace->depth = (uint8_t)(KAAL_CSPACE_NODE_COUNT_BITS + cspace->node_bits);
    cspace->two_level = true;
    return KAAL_OK;

out_free_slot:
    (void)kaal_cspace_delete(cspace, root);
out_free_memory:
    (void)kaal_untyped_free(manager, memory);
    return error;
}

static int add_node(struct kaal_cspace *cspace, struct kaal_untyped_manager *manager)
{
    struct kaal_untyped *memory;
    int error =
        kaal_untyped_allocate(manager, cspace->node_bits + (uint32_t)seL4_SlotBits, &memory);
    if (error != KAAL_OK) {
        return error;
    }
    seL4_Word node = cspace->node_count;
    error = kaal_error_from_sel4(seL4_Untyped_Retype(
        memory->cap, seL4_CapTableObject, cspace->node_bits, cspace->root, 0, 0, node, 1));
    if (error != KAAL_OK) {
        (void)kaal_untyped_free(manager, memory);
        return error;
    }
    cspace->node_count++;
    uint64_t slot_count = BIT64(cspace->node_bits);
    mark_range_free(cspace, node << cspace->node_bits, (node + 1) << cspace->node_bits);
    cspace->total_count += slot_count;
    return KAAL_OK;
}

int kaal_cspace_expand(struct kaal_cspace *cspace, struct kaal_untyped_manager *untyped)
{
    uint64_t slots_after = (uint64_t)(cspace->node_count + 1) << cspace->node_bits;
    if (cspace->node_count >= KAAL_CSPACE_NODES_MAX || slots_after > (uint64_t)KAAL_CSPACE_NODES_MAX
                                                                         << cspace->group_bits) {
        return KAAL_ERR_NO_SPACE;
    }
    if (!cspace->two_level) {
        int error = build_root(cspace, untyped);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return add_node(cspace, untyped);
}
