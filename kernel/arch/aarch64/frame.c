/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Invocations of frames: map, unmap, address, cache operations. */
#include "invocation.h"

#include <arch/asid.h>
#include <arch/cache.h>
#include <arch/walk.h>
#include <kernel/arch_hooks.h>

/* Frame rights reduced by a rights word, by the rule of the ABI. */
static word_t masked_rights(word_t rights, word_t mask)
{
    if (rights == FRAME_READ_WRITE && (mask & RIGHT_READ) && (mask & RIGHT_WRITE)) {
        return FRAME_READ_WRITE;
    }
    if (rights != FRAME_KERNEL_ONLY && (mask & RIGHT_READ)) {
        return FRAME_READ_ONLY;
    }
    return FRAME_KERNEL_ONLY;
}

struct cap arch_cap_mask_rights(struct cap cap, word_t rights)
{
    if (cap_tag(cap) != ABI_CAP_FRAME) {
        return cap;
    }
    return cap_frame_set_rights(cap, masked_rights(cap_frame_rights(cap), rights));
}

static enum kernel_result frame_map(struct invocation *inv)
{
    if (inv->length < 3 || inv->extra_count < 1) {
        return fail_truncated();
    }
    pte_t *root;
    word_t asid;
    enum kernel_result result = decode_vspace_argument(inv, &root, &asid);
    if (result != KRES_OK) {
        return result;
    }
    vaddr_t vaddr = inv_word(inv, 0);
    word_t bits = cap_frame_bits(inv->cap);
    if (!IS_ALIGNED(vaddr, bits)) {
        return fail_alignment();
    }
    word_t mapped_asid = cap_mapped_asid(inv->cap);
    if (mapped_asid != 0) {
        if (mapped_asid != asid) {
            return fail_invalid_capability(1);
        }
        if (cap_mapped_vaddr(inv->cap) != vaddr) {
            return fail_invalid_argument(0);
        }
    } else if (vaddr > ABI_USER_VADDR_MAX || MASK(bits) > ABI_USER_VADDR_MAX - vaddr) {
        return fail_invalid_argument(0);
    }
    struct walk walk = walk_tables(root, vaddr);
    if (walk.level != bits) {
        return fail_lookup_missing(false, walk.level);
    }
    word_t rights = masked_rights(cap_frame_rights(inv->cap), inv_word(inv, 1));
    pte_t pte =
        pte_for_frame(kptr_to_paddr(cap_kptr(inv->cap)), walk.level, rights, inv_word(inv, 2));
    walk_set_page(walk, pte, asid, vaddr);
    inv->slot->cap = cap_set_mapping(inv->cap, asid, vaddr);
    return KRES_OK;
}

static enum kernel_result frame_cache_operation(struct invocation *inv)
{
    if (inv->length < 2) {
        return fail_truncated();
    }
    word_t asid = cap_mapped_asid(inv->cap);
    if (asid == 0) {
        return fail_illegal_operation();
    }
    pte_t *root = asid_root(asid);
    if (root == NULL) {
        return fail_lookup_invalid_root(false);
    }
    word_t start = inv_word(inv, 0);
    word_t end = inv_word(inv, 1);
    word_t bytes = BIT(cap_frame_bits(inv->cap));
    if (end <= start) {
        return fail_invalid_argument(1);
    }
    if (start >= bytes || end > bytes) {
        return fail_invalid_argument(0);
    }
    struct walk walk = walk_tables(root, cap_mapped_vaddr(inv->cap));
    if (walk.level != cap_frame_bits(inv->cap) || !(*walk.entry & PTE_VALID) ||
        pte_paddr(*walk.entry) != kptr_to_paddr(cap_kptr(inv->cap))) {
        return fail_invalid_capability(0);
    }
    enum cache_operation operation = (enum cache_operation)(inv->label - ARMPageClean_Data);
    if (operation == CACHE_INVALIDATE && (*walk.entry & (PTE_USER | PTE_READ_ONLY)) != PTE_USER) {
        return fail_illegal_operation();
    }
    if (!cap_frame_is_device(inv->cap)) {
        kptr_t base = cap_kptr(inv->cap);
        cache_operate(operation, base + start, base + end);
    }
    return KRES_OK;
}

enum kernel_result frame_decode(struct invocation *inv)
{
    switch (inv->label) {
    case ARMPageMap:
        return frame_map(inv);
    case ARMPageUnmap:
        frame_unmap(inv->cap);
        inv->slot->cap = cap_set_unmapped(inv->cap);
        return KRES_OK;
    case ARMPageGetAddress:
        if (inv->call) {
            inv_set_result(inv, 0, kptr_to_paddr(cap_kptr(inv->cap)));
        }
        return KRES_OK;
    case ARMPageClean_Data:
    case ARMPageInvalidate_Data:
    case ARMPageCleanInvalidate_Data:
    case ARMPageUnify_Instruction:
        return frame_cache_operation(inv);
    default:
        return fail_illegal_operation();
    }
}
