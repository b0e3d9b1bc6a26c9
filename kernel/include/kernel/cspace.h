/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Resolution of capability pointers. */
#pragma once

#include <kernel/slot.h>

struct tcb;

/*
 * Resolve a capability pointer.
 *   root   capability to start from
 *   depth  number of significant low bits of cptr, 0..64
 * Returns KRES_OK with *slot and the bits that were left over; KRES_LOOKUP with node()->lookup.
 */
enum kernel_result cspace_resolve(struct cap root, cptr_t cptr, word_t depth, struct slot **slot,
                                  word_t *bits_left) MUST_CHECK;

/*
 * The slot of a pointer of 64 bits that the first CNode, guard and radix together, resolves
 * completely; null in every other case, for which cspace_resolve() has the answer.
 */
static inline struct slot *cspace_lookup_one_level(struct cap root, cptr_t cptr)
{
    word_t radix = cap_cnode_radix(root);
    if (cap_tag(root) != CAP_CNODE || radix + cap_cnode_guard_size(root) != WORD_BITS ||
        cptr >> radix != cap_cnode_guard(root)) {
        return NULL;
    }
    struct slot *slot = (struct slot *)cap_ptr(root) + (cptr & MASK(radix));
    if (slot == NULL) {
        __builtin_unreachable(); /* saves the callers' check a comparison */
    }
    return slot;
}

/*
 * Resolve a pointer in a thread's CSpace with 64 bits, ignoring left-over bits. The slot may be
 * empty. Returns KRES_OK or KRES_LOOKUP.
 */
enum kernel_result cspace_lookup(const struct tcb *tcb, cptr_t cptr, struct slot **slot) MUST_CHECK;

/*
 * Find the slot that a CNode-style operation names: explicit root, explicit depth, no bits left.
 *   source  which side an error is reported for
 * Returns KRES_OK or KRES_ERROR (FailedLookup, RangeError(1, 64)).
 */
enum kernel_result cspace_lookup_slot(struct cap root, word_t index, word_t depth, bool source,
                                      struct slot **slot) MUST_CHECK;

/* As cspace_lookup_slot() for a destination, which must also be empty (DeleteFirst). */
enum kernel_result cspace_lookup_empty_slot(struct cap root, word_t index, word_t depth,
                                            struct slot **slot) MUST_CHECK;
