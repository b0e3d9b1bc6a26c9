/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Mapping and unmapping of pages and tables. Every decode function checks in the order of the ABI,
 * which differs between the architectures in what <arch/paging.h> calls ARCH_MAP_*, and changes
 * nothing before its last check.
 */
#include <arch/tlb.h>
#include <kernel/arch_hooks.h>
#include <kernel/vspace.h>

/* ---- walking ---- */

struct walk vspace_walk(struct vspace space, vaddr_t vaddr)
{
    return walk_tables(space.root, LEVEL_TOP, vaddr, WALK_TO_END);
}

struct vspace vspace_of(struct cap cap)
{
    word_t asid = cap.memory.asid;
    return (struct vspace){asid_root(asid), asid};
}

enum kernel_result vspace_check(struct cap root, word_t number, struct vspace *space)
{
    *space = vspace_of(root);
    return LIKELY(space->root == cap_ptr(root)) ? KRES_OK
           : space->root == NULL                ? fail_lookup_invalid_root(false)
                                                : fail_invalid_capability(number);
}

void vspace_unmap(struct cap cap)
{
    if (CONFIG_IOMMU && cap.memory.in_io_space) {
        arch_io_space_unmap(cap);
        return;
    }
    struct vspace space = vspace_of(cap);
    if (space.root == NULL) {
        return;
    }
    paddr_t object = kptr_to_paddr(cap_kptr(cap));
    vaddr_t vaddr = cap.memory.vaddr;
    struct walk walk = walk_tables(space.root, LEVEL_TOP, vaddr, object);
    if (!pte_is_valid(*walk.entry) || pte_paddr(*walk.entry, walk.level) != object) {
        return;
    }
    *walk.entry = 0;
    if (cap.tag == CAP_FRAME) {
        tlb_invalidate_page(space, vaddr);
    } else {
        tlb_invalidate_space(space);
    }
}

/* ---- tables ---- */

enum kernel_result table_decode_map(struct invocation *inv)
{
    struct cap root = inv->extra[0]->cap;
    vaddr_t vaddr = inv_word(inv, 0);
    struct vspace space;
    enum kernel_result result = cap_is_mapped(inv->cap)      ? fail_invalid_capability(0)
                                : !cap_is_vspace(root)       ? fail_invalid_capability(1)
                                : vaddr > ABI_USER_VADDR_MAX ? fail_invalid_argument(0)
                                                             : vspace_check(root, 1, &space);
    if (result != KRES_OK) {
        return result;
    }
    struct walk walk = vspace_walk(space, vaddr);
    word_t level = arch_table_level(inv->cap, walk.level);
    if (walk.level != level || pte_is_valid(*walk.entry)) {
        return walk.level > level ? fail_lookup_missing(false, walk.level) : fail(seL4_DeleteFirst);
    }

    *walk.entry = pte_for_table(kptr_to_paddr(cap_kptr(inv->cap)), inv_word(inv, 1));
    tlb_entry_added();
    inv->slot->cap = cap_set_mapping(inv->cap, space.asid, ALIGN_DOWN(vaddr, level));
    return KRES_OK;
}

enum kernel_result table_decode_unmap(struct invocation *inv)
{
    if (!slot_is_final(inv->slot)) {
        return fail(seL4_RevokeFirst);
    }
    if (cap_is_mapped(inv->cap)) {
        vspace_unmap(inv->cap);
        arch_memory_clear(cap_kptr(inv->cap), BIT(seL4_PageTableBits));
        inv->slot->cap = cap_set_unmapped(inv->cap);
    }
    return KRES_OK;
}

/* ---- pages ---- */

/* Where a frame may go: anywhere in the user's half, and if it is mapped, where it is. */
static enum kernel_result check_place(struct cap frame, vaddr_t vaddr, word_t asid)
{
    bool is_mapped = cap_is_mapped(frame);
    word_t start_max = ARCH_MAP_END_MAX - BIT(frame.memory.bits);
    return is_mapped && frame.memory.asid != asid ? fail_invalid_capability(1)
           : CONFIG_IOMMU && is_mapped && frame.memory.in_io_space
               ? fail(seL4_IllegalOperation) /* of a device whose request id is the same number */
           : (is_mapped ? frame.memory.vaddr != vaddr : vaddr > start_max)
               ? fail_invalid_argument(0)
               : KRES_OK;
}

static void map_page(struct walk walk, pte_t pte, struct vspace space, vaddr_t vaddr)
{
    if (pte_is_valid(*walk.entry)) {
        /* Break before make: address or attributes may differ. */
        *walk.entry = 0;
        tlb_invalidate_page(space, vaddr);
    }
    *walk.entry = pte;
    tlb_entry_added();
}

enum kernel_result page_decode_map(struct invocation *inv)
{
    struct cap frame = inv->cap;
    struct cap root = inv->extra[0]->cap;
    vaddr_t vaddr = inv_word(inv, 0);
    word_t asid = root.memory.asid;
    struct vspace space;
    enum kernel_result result = KRES_OK;
    if (!cap_is_vspace(root)) {
        return fail_invalid_capability(1);
    }
    if (ARCH_MAP_CHECKS_PLACE_FIRST) {
        result = check_place(frame, vaddr, asid);
    }
    result = result
        ?: vspace_check(root, 1, &space)
        ?: !IS_ALIGNED(vaddr, frame.memory.bits) ? fail(seL4_AlignmentError) : KRES_OK;
    if (result == KRES_OK && !ARCH_MAP_CHECKS_PLACE_FIRST) {
        result = check_place(frame, vaddr, asid);
    }
    if (result != KRES_OK) {
        return result;
    }
    struct walk walk = vspace_walk(space, vaddr);
    if (ARCH_MAP_OVER_TABLE_IS_DELETE_FIRST && walk.level < frame.memory.bits) {
        return fail(seL4_DeleteFirst);
    }
    if (walk.level != frame.memory.bits) {
        return fail_lookup_missing(false, walk.level);
    }

    pte_t pte = pte_for_page(kptr_to_paddr(cap_kptr(frame)), walk.level,
                             cap_frame_masked_rights(frame, inv_word(inv, 1)), inv_word(inv, 2));
    map_page(walk, pte, space, vaddr);
    inv->slot->cap = cap_set_mapping(frame, asid, vaddr);
    return KRES_OK;
}

enum kernel_result page_decode_unmap(struct invocation *inv)
{
    vspace_unmap(inv->cap);
    inv->slot->cap = cap_set_unmapped(inv->cap);
    return KRES_OK;
}

enum kernel_result page_decode_get_address(struct invocation *inv)
{
    inv_set_result(inv, 0, kptr_to_paddr(cap_kptr(inv->cap)));
    return KRES_OK;
}
