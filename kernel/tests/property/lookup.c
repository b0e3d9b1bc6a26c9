/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Resolution of capability pointers, and errors with their words. */
#include "model.h"

/* ---- errors ---- */

bool model_fail(uint64_t code)
{
    model()->error = (struct model_error){.code = code};
    return false;
}

bool model_fail_word(uint64_t code, uint64_t word)
{
    model()->error = (struct model_error){.code = code, .words = {word}, .count = 1};
    return false;
}

bool model_fail_range(uint64_t minimum, uint64_t maximum)
{
    model()->error =
        (struct model_error){.code = seL4_RangeError, .words = {minimum, maximum}, .count = 2};
    return false;
}

bool model_fail_lookup(bool source)
{
    const struct model_lookup *lookup = &model()->lookup;
    struct model_error *error = &model()->error;
    *error = (struct model_error){
        .code = seL4_FailedLookup, .words = {source, lookup->kind}, .count = 2 + lookup->count};
    for (unsigned i = 0; i < lookup->count; i++) {
        error->words[2 + i] = lookup->words[i];
    }
    return false;
}

bool model_lookup_missing(uint64_t left)
{
    model()->lookup =
        (struct model_lookup){.kind = seL4_MissingCapability, .words = {left}, .count = 1};
    return false;
}

/* ---- pointers ---- */

/* Bits [low, low + count) of value. */
static uint64_t bits_of(uint64_t value, uint64_t low, uint64_t count)
{
    value = low >= 64 ? 0 : value >> low;
    return count >= 64 ? value : value & ((UINT64_C(1) << count) - 1);
}

bool model_resolve(const struct model_cap *root, uint64_t cptr, uint64_t depth,
                   struct model_slot **slot, unsigned *left)
{
    struct model_lookup *lookup = &model()->lookup;
    if (root->kind != ABI_CAP_CNODE) {
        *lookup = (struct model_lookup){.kind = seL4_InvalidRoot};
        return false;
    }
    while (root->kind == ABI_CAP_CNODE && depth > 0) {
        uint64_t guard_bits = root->bits;
        uint64_t radix = model_cnode_radix(root);
        if (guard_bits > depth || bits_of(cptr, depth - guard_bits, guard_bits) != root->value) {
            *lookup = (struct model_lookup){
                .kind = seL4_GuardMismatch, .words = {depth, root->value, guard_bits}, .count = 3};
            return false;
        }
        if (guard_bits + radix > depth) {
            *lookup = (struct model_lookup){
                .kind = seL4_DepthMismatch, .words = {depth, guard_bits + radix}, .count = 2};
            return false;
        }
        depth -= guard_bits + radix;
        *slot = &root->object->slots[bits_of(cptr, depth, radix)];
        root = &(*slot)->cap;
    }
    *left = (unsigned)depth;
    return true;
}

bool model_lookup(const struct model_object *tcb, uint64_t cptr, struct model_slot **slot)
{
    unsigned left;
    return model_resolve(&tcb->slots[MODEL_CSPACE].cap, cptr, 64, slot, &left);
}

bool model_lookup_slot(const struct model_cap *root, uint64_t index, uint64_t depth, bool source,
                       struct model_slot **slot)
{
    unsigned left;
    if (root->kind == ABI_CAP_CNODE && (depth < 1 || depth > 64)) {
        return model_fail_range(1, 64);
    }
    if (!model_resolve(root, index, depth, slot, &left)) {
        return model_fail_lookup(source);
    }
    if (left > 0) {
        model()->lookup =
            (struct model_lookup){.kind = seL4_DepthMismatch, .words = {left, 0}, .count = 2};
        return model_fail_lookup(source);
    }
    return true;
}

bool model_lookup_empty(const struct model_cap *root, uint64_t index, uint64_t depth,
                        struct model_slot **slot)
{
    return model_lookup_slot(root, index, depth, false, slot) &&
           (model_slot_empty(*slot) || model_fail(seL4_DeleteFirst));
}
