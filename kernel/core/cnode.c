/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Invocations of CNode capabilities: everything a user does with slots. */
#include <kernel/invocation.h>
#include <kernel/ipc.h>

/* The slot that the invoked CNode, word 0 (index) and word 1 (depth) name. */
static enum kernel_result lookup_dest(const struct invocation *inv, struct slot **dest)
{
    return cspace_lookup_slot(inv->cap, inv_word(inv, 0), inv_word(inv, 1), false, dest);
}

/* The slot that capability 0, word 2 (index) and word 3 (depth) name; to be moved into dest. */
static enum kernel_result lookup_source(const struct invocation *inv, const struct slot *dest,
                                        struct slot **src)
{
    word_t depth = inv_word(inv, 3);
    enum kernel_result result =
        inv->length < 4 || inv->extra_count < 1 ? fail(seL4_TruncatedMessage)
        : !slot_is_empty(dest)
            ? fail(seL4_DeleteFirst)
            : cspace_lookup_slot(inv->extra[0]->cap, inv_word(inv, 2), depth, true, src);
    return result == KRES_OK && slot_is_empty(*src) ? fail_lookup_missing(true, depth) : result;
}

/* Copy, Mint, Move, Mutate: word 4 = rights (Copy, Mint) or data, 5 = badge or guard (Mint). */
enum kernel_result cnode_decode_copy(struct invocation *inv)
{
    bool mint = inv->label == CNodeMint;
    bool copy = mint || inv->label == CNodeCopy;
    word_t words = mint ? 6 : inv->label == CNodeMove ? 4 : 5;
    struct slot *dest;
    struct slot *src;
    enum kernel_result result = lookup_dest(inv, &dest)
        ?: lookup_source(inv, dest, &src)
        ?: (inv->length < words ? fail(seL4_TruncatedMessage) : KRES_OK);
    if (result != KRES_OK) {
        return result;
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

enum kernel_result cnode_decode_rotate(struct invocation *inv)
{
    struct slot *dest;
    struct slot *src;
    struct slot *pivot;
    bool truncated = inv->length < 8 || inv->extra_count < 2;
    enum kernel_result result =
        lookup_dest(inv, &dest) ?: (truncated ? fail(seL4_TruncatedMessage) : KRES_OK);
    if (result != KRES_OK) {
        return result;
    }
    word_t pivot_depth = inv_word(inv, 4);
    word_t src_depth = inv_word(inv, 7);
    result =
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

enum kernel_result cnode_decode_cancel_badged_sends(struct invocation *inv)
{
    struct slot *slot;
    enum kernel_result result = lookup_dest(inv, &slot);
    if (result != KRES_OK) {
        return result;
    }
    struct cap cap = slot->cap;
    if (cap.tag != CAP_ENDPOINT || cap.rights != RIGHT_ALL) {
        return fail(seL4_IllegalOperation);
    }
    struct endpoint *endpoint = cap_ptr(cap);
    return cap.badge == 0 || ipc_queue_state(&endpoint->queue) != ENDPOINT_SENDERS ||
                   ipc_queue_cancel(&endpoint->queue, &cap.badge)
               ? KRES_OK
               : KRES_PREEMPTED;
}

enum kernel_result cnode_decode_revoke(struct invocation *inv)
{
    struct slot *slot;
    return lookup_dest(inv, &slot) ?: slot_revoke(slot);
}

enum kernel_result cnode_decode_delete(struct invocation *inv)
{
    struct slot *slot;
    return lookup_dest(inv, &slot) ?: slot_delete(slot);
}
