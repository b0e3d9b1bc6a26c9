/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The root task's CSpace: an allocator of empty slots that grows.
 *
 * A slot is named by its CPtr, a plain number. At first these are the free slots of the CNode that
 * the kernel made. kaal_cspace_expand() then builds a root CNode of KAAL_CSPACE_NODES_MAX entries
 * whose entry 0 is that first CNode (so every old CPtr keeps its meaning), and each further call
 * puts another CNode of the same size behind it. Invocations that want a destination slot get
 * (cspace->root, slot, cspace->depth).
 *
 * Life cycle: kaal_cspace_init -> kaal_untyped_init -> kaal_cspace_expand -> allocate and free.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/error.h>
#include <sel4/sel4.h>

struct kaal_untyped_manager;

/** log2 of the most CNodes below the root CNode. */
#define KAAL_CSPACE_NODE_COUNT_BITS 6
/** Most CNodes below the root CNode. */
#define KAAL_CSPACE_NODES_MAX (1u << KAAL_CSPACE_NODE_COUNT_BITS)
/** Slots of a bitmap group; a CNode of more slots has several. */
#define KAAL_CSPACE_GROUP_SLOTS 4096u
/** Words of a group's bitmap. */
#define KAAL_CSPACE_GROUP_WORDS (KAAL_CSPACE_GROUP_SLOTS / 64u)
/** Arenas expand the CSpace before fewer slots than this are left: expanding needs some itself. */
#define KAAL_CSPACE_RESERVE 64u

/** The bitmap of up to 4096 slots. A set bit is a free slot. */
struct kaal_cspace_group {
    uint32_t run_max;                       /**< no longer run of free slots is here */
    uint64_t summary;                       /**< bit w set: free[w] is not 0 */
    uint64_t free[KAAL_CSPACE_GROUP_WORDS]; /**< bit per slot */
};

/** The CSpace; fields are the allocator's, except that anyone may read root and depth. */
struct kaal_cspace {
    seL4_CPtr root;         /**< CNode capability from which slots are resolved */
    uint8_t depth;          /**< bits of a slot's name below root */
    uint8_t node_bits;      /**< log2 slots of each CNode */
    uint8_t group_bits;     /**< log2 slots of a group: at most 12 */
    bool two_level;         /**< the root CNode exists */
    uint32_t node_count;    /**< CNodes in use */
    uint32_t first_managed; /**< slots below are the kernel's, never allocated or freed */
    uint64_t total_count;   /**< slots under management */
    uint64_t free_count;    /**< of them, free */
    uint64_t groups_free;   /**< bit g set: group g has a free slot */
    struct kaal_cspace_group groups[KAAL_CSPACE_NODES_MAX]; /**< bitmaps */
};

/**
 * Starts with the free slots of the CNode that the kernel made.
 *   cspace  caller's storage;  bootinfo  checked by kaal_bootinfo_open
 * Returns KAAL_OK; KAAL_ERR_RANGE if that CNode is too large for the bitmaps.
 */
MUST_CHECK int kaal_cspace_init(struct kaal_cspace *cspace, const seL4_BootInfo *bootinfo);

/**
 * Adds a CNode of slots; the first call also builds the root CNode and installs it in the calling
 * thread (seL4_CapInitThreadTCB).
 *   untyped  where the memory comes from
 * Returns KAAL_OK; KAAL_ERR_NO_SPACE (all KAAL_CSPACE_NODES_MAX in use), KAAL_ERR_NO_MEMORY,
 * KAAL_ERR_NO_SLOT, KAAL_ERR_KERNEL; on failure nothing changed.
 */
MUST_CHECK int kaal_cspace_expand(struct kaal_cspace *cspace, struct kaal_untyped_manager *untyped);

/**
 * Takes one empty slot, the same in constant time however many are in use.
 *   slot  out
 * Returns KAAL_OK or KAAL_ERR_NO_SLOT. Ownership: the slot is the caller's until kaal_cspace_free.
 */
MUST_CHECK int kaal_cspace_allocate(struct kaal_cspace *cspace, seL4_CPtr *slot);

/**
 * Takes a run of empty slots that lie in one CNode, as Retype needs them.
 *   count  1..256;  first  out
 * Returns KAAL_OK, KAAL_ERR_INVALID, or KAAL_ERR_NO_SLOT if no such run is left.
 */
MUST_CHECK int kaal_cspace_allocate_run(struct kaal_cspace *cspace, uint32_t count,
                                        seL4_CPtr *first);

/**
 * Gives back a slot that is empty again; the caller has deleted what was in it.
 * Returns KAAL_OK; KAAL_ERR_DOUBLE_FREE if it is free already; KAAL_ERR_FOREIGN if this allocator
 * never hands it out (the kernel's own slots, numbers past the end).
 */
MUST_CHECK int kaal_cspace_free(struct kaal_cspace *cspace, seL4_CPtr slot);

/** Gives back a run. Results as kaal_cspace_free(); on an error no slot of the run changes. */
MUST_CHECK int kaal_cspace_free_run(struct kaal_cspace *cspace, seL4_CPtr first, uint32_t count);

/** Deletes the capability in a slot and gives the slot back. Results as kaal_cspace_free(). */
MUST_CHECK int kaal_cspace_delete(struct kaal_cspace *cspace, seL4_CPtr slot);

/**
 * Retypes an untyped into a run of slots.
 *   untyped  capability;  type, size_bits  as seL4_Untyped_Retype;  first, count  from
 *   kaal_cspace_allocate_run
 * Returns KAAL_OK or the translated error of the kernel.
 */
MUST_CHECK int kaal_cspace_retype(const struct kaal_cspace *cspace, seL4_CPtr untyped,
                                  seL4_Word type, seL4_Word size_bits, seL4_CPtr first,
                                  uint32_t count);
