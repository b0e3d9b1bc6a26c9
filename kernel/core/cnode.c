/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Invocations of CNode capabilities: everything a user does with slots. */
#include <kernel/invocation.h>
#include <kernel/ipc.h>

static enum kernel_result lookup_source(const struct invocation *inv, struct slot **src)
{
    word_t depth = inv_word(inv, 3);
    enum kernel_result result =
        cspace_lookup_slot(inv->extra[0]->cap, inv_word(inv, 2), depth, true, src);
    return result == KRES_OK && slot_is_empty(*src) ? fail_lookup_missing(true, depth) : result;
}

/* Copy, Mint, Move, Mutate: word 4 = rights (Copy, Mint) or data, 5 = badge or guard (Mint). */
static enum kernel_result decode_copy_family(const struct invocation *inv, struct slot *dest)
{
    bool mint = inv->label == CNodeMint;
    bool copy = mint || inv->label == CNodeCopy;
    word_t words = mint ? 6 : inv->label == CNodeMove ? 4 : 5;
    struct slot *src;
    enum kernel_result result = inv->length < 4 || inv->extra_count < 1
                                    ? fail(seL4_TruncatedMessage)
                                : !slot_is_empty(dest) ? fail(seL4_DeleteFirst)
                                                       : lookup_source(inv, &src);
    if (result != KRES_OK) {
        return result;
    }
    if (inv->length < words) {
        return fail(seL4_TruncatedMessage);
    }
    struct cap cap = copy ? cap_mask_rights(src->cap, inv_word(inv, 4)) : src->cap;
    if (words > 4 && inv->label != CNodeCopy) {
        cap = cap_update_data(cap, inv_word(inv, words - 1), !copy);
    }
    if (copy) {
        result = cap_derive(src, cap, &cap);
    }
    if (result != KRES_OK || cap_is_null(cap)) {
        return result ?: fail(seL4_IllegalOperation);
    }
    if (copy) {
        slot_insert(dest, cap, src);
    } else {
        slot_move(dest, cap, src);
    }
    return KRES_OK;
}

static enum kernel_result decode_rotate(const struct invocation *inv, struct slot *dest)
{
    struct slot *src;
    struct slot *pivot;
    if (inv->length < 8 || inv->extra_count < 2) {
        return fail(seL4_TruncatedMessage);
    }
    word_t pivot_depth = inv_word(inv, 4);
    word_t src_depth = inv_word(inv, 7);
    enum kernel_result result =
        cspace_lookup_slot(inv->extra[1]->cap, inv_word(inv, 6), src_depth, true, &src)
            ?: cspace_lookup_slot(inv->extra[0]->cap, inv_word(inv, 3), pivot_depth, true, &pivot);
    if (result != KRES_OK) {
        return result;
    }
    struct cap new_pivot = cap_update_data(src->cap, inv_word(inv, 5), true);
    struct cap new_dest = cap_update_data(pivot->cap, inv_word(inv, 2), true);
    result = pivot == src || pivot == dest         ? fail(seL4_IllegalOperation)
             : src != dest && !slot_is_empty(dest) ? fail(seL4_DeleteFirst)
             : slot_is_empty(src)                  ? fail_lookup_missing(true, src_depth)
             : slot_is_empty(pivot)                ? fail_lookup_missing(false, pivot_depth)
             : cap_is_null(new_pivot) || cap_is_null(new_dest) ? fail(seL4_IllegalOperation)
                                                               : KRES_OK;
    if (result != KRES_OK) {
        return result;
    }
    if (dest == src) {
        slot_swap(src, new_dest, pivot, new_pivot);
    } else {
        slot_move(dest, new_dest, pivot);
        slot_move(pivot, new_pivot, src);
    }
    return KRES_OK;
}

static enum kernel_result decode_cancel_badged(struct slot *slot)
{
    struct cap cap = slot->cap;
    return cap_tag(cap) != CAP_ENDPOINT || cap_rights(cap) != RIGHT_ALL
               ? fail(seL4_IllegalOperation)
           : cap_badge(cap) == 0 ? KRES_OK
                                 : endpoint_cancel_badged(cap_ptr(cap), cap_badge(cap));
}

enum kernel_result cnode_decode(struct invocation *inv)
{
    struct slot *dest;
    enum kernel_result result =
        cspace_lookup_slot(inv->cap, inv_word(inv, 0), inv_word(inv, 1), false, &dest);
    if (result != KRES_OK) {
        return result;
    }
    switch (inv->label) {
    case CNodeRevoke:
        return slot_revoke(dest);
    case CNodeDelete:
        return slot_delete(dest);
    case CNodeCancelBadgedSends:
        return decode_cancel_badged(dest);
    case CNodeRotate:
        return decode_rotate(inv, dest);
    default:
        return decode_copy_family(inv, dest);
    }
}
