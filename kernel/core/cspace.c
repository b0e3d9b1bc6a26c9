/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Resolution of capability pointers, level by level (objects.md calls it "address resolution"). */
#include <kernel/cspace.h>

/*
 * Resolve a capability pointer.
 *   root   capability to start from
 *   depth  number of significant low bits of cptr, 0..64
 * Returns KRES_OK with *slot and the bits that were left over; KRES_LOOKUP with node()->lookup.
 */
static enum kernel_result resolve(struct cap root, cptr_t cptr, word_t depth, struct slot **slot,
                                  word_t *bits_left)
{
    if (UNLIKELY(root.tag != CAP_CNODE)) {
        return lookup_invalid_root();
    }
    word_t bits = cptr << (WORD_BITS - depth) % WORD_BITS; /* the significant ones, from the top */
    for (;;) {
        word_t radix = root.cnode.radix;
        word_t guard_size = root.cnode.guard_size;
        word_t guard = root.cnode.guard;
        if (guard_size > 0 && (guard_size > depth || bits >> (WORD_BITS - guard_size) != guard)) {
            return lookup_fails(
                (struct lookup_failure){4, {seL4_GuardMismatch, depth, guard, guard_size}});
        }
        if (UNLIKELY(radix + guard_size > depth)) {
            return lookup_fails(
                (struct lookup_failure){3, {seL4_DepthMismatch, depth, radix + guard_size}});
        }
        depth -= radix + guard_size;
        bits <<= guard_size;
        *slot = (struct slot *)cap_ptr(root) + (bits >> (WORD_BITS - radix));
        *bits_left = depth;
        if (LIKELY(depth == 0) || (*slot)->cap.tag != CAP_CNODE) {
            return KRES_OK;
        }
        bits <<= radix;
        root = (*slot)->cap;
    }
}

/* Work out tcb->cspace anew. */
static void cspace_remember(struct tcb *tcb)
{
    struct cap root = tcb->slots[TCB_CSPACE].cap;
    tcb->cspace = (struct cspace_shortcut){.key = root.w0};
    if (root.tag == CAP_CNODE && root.cnode.guard == 0 &&
        root.cnode.radix + root.cnode.guard_size == WORD_BITS) {
        tcb->cspace.slots = cap_ptr(root);
        tcb->cspace.count = BIT(root.cnode.radix);
    }
}

/* Out of line, so that the short way needs no registers saved, and fits into its callers. */
NOINLINE static enum kernel_result lookup_any(struct tcb *tcb, cptr_t cptr, struct slot **slot)
{
    word_t bits_left;
    if (tcb->cspace.key != tcb->slots[TCB_CSPACE].cap.w0) {
        cspace_remember(tcb);
    }
    return resolve(tcb->slots[TCB_CSPACE].cap, cptr, WORD_BITS, slot, &bits_left);
}

enum kernel_result cspace_lookup(struct tcb *tcb, cptr_t cptr, struct slot **slot)
{
    *slot = cspace_lookup_short(tcb, cptr);
    return LIKELY(*slot != NULL) ? KRES_OK : lookup_any(tcb, cptr, slot);
}

enum kernel_result cspace_lookup_slot(struct cap root, word_t index, word_t depth, bool source,
                                      struct slot **slot)
{
    word_t bits_left;
    if (root.tag == CAP_CNODE && (depth < 1 || depth > WORD_BITS)) {
        return fail_range(1, WORD_BITS);
    }
    enum kernel_result result = resolve(root, index, depth, slot, &bits_left);
    if (result == KRES_OK && bits_left != 0) {
        result = lookup_fails((struct lookup_failure){3, {seL4_DepthMismatch, bits_left, 0}});
    }
    return result == KRES_OK ? KRES_OK : fail_lookup(source);
}

enum kernel_result cspace_lookup_empty_slot(struct cap root, word_t index, word_t depth,
                                            struct slot **slot)
{
    enum kernel_result result = cspace_lookup_slot(root, index, depth, false, slot);
    return result == KRES_OK && !slot_is_empty(*slot) ? fail(seL4_DeleteFirst) : result;
}
