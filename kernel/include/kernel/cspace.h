/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Resolution of capability pointers. */
#pragma once

#include <kernel/tcb.h>

/*
 * The slot of a capability pointer that the thread's root CNode, without a guard, resolves
 * completely; null in every other case, for which cspace_lookup() has the answer.
 */
ALWAYS_INLINE static struct slot *cspace_lookup_short(const struct tcb *tcb, cptr_t cptr)
{
    const struct cspace_shortcut *known = &tcb->cspace;
    if (UNLIKELY(tcb->slots[TCB_CSPACE].cap.w0 != known->key || cptr >= known->count)) {
        return NULL;
    }
    struct slot *slot = known->slots + cptr;
    if (slot == NULL) {
        __builtin_unreachable(); /* saves the callers' check a comparison */
    }
    return slot;
}

/*
 * Resolve a pointer in a thread's CSpace with 64 bits, ignoring left-over bits. The slot may be
 * empty. Returns KRES_OK or KRES_LOOKUP.
 */
enum kernel_result cspace_lookup(struct tcb *tcb, cptr_t cptr, struct slot **slot) MUST_CHECK;

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
