/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Invocations of tables, roots, ASID objects and the secure monitor; those of frames are in
 * frame.c, of interrupts in irq.c. Every decode function checks in the order of the ABI and
 * changes nothing before the last check.
 */
#include "invocation.h"

#include "trap.h"
#include <arch/asid.h>
#include <arch/cache.h>
#include <arch/walk.h>
#include <kernel/arch_hooks.h>
#include <platform.h>

enum kernel_result decode_vspace_argument(struct invocation *inv, pte_t **root, word_t *asid)
{
    struct cap vspace = inv->extra[0]->cap;
    if (!arch_cap_is_vspace(vspace)) {
        return fail_invalid_capability(1);
    }
    *asid = cap_mapped_asid(vspace);
    *root = asid_root(*asid);
    if (*root == NULL) {
        return fail_lookup_invalid_root(false);
    }
    if (*root != cap_ptr(vspace)) {
        return fail_invalid_capability(1);
    }
    return KRES_OK;
}

/* ---- page tables ---- */

static enum kernel_result page_table_map(struct invocation *inv)
{
    if (inv->length < 2 || inv->extra_count < 1) {
        return fail_truncated();
    }
    if (cap_mapped_asid(inv->cap) != 0) {
        return fail_invalid_capability(0);
    }
    if (!arch_cap_is_vspace(inv->extra[0]->cap)) {
        return fail_invalid_capability(1);
    }
    vaddr_t vaddr = inv_word(inv, 0);
    if (vaddr > ABI_USER_VADDR_MAX) {
        return fail_invalid_argument(0);
    }
    pte_t *root;
    word_t asid;
    enum kernel_result result = decode_vspace_argument(inv, &root, &asid);
    if (result != KRES_OK) {
        return result;
    }
    struct walk walk = walk_tables(root, vaddr);
    if (walk.level == LEVEL_LAST || (*walk.entry & PTE_VALID)) {
        return fail_delete_first();
    }
    *walk.entry = kptr_to_paddr(cap_kptr(inv->cap)) | PTE_TABLE;
    barrier_table_written();
    barrier_instruction();
    inv->slot->cap = cap_set_mapping(inv->cap, asid, ALIGN_DOWN(vaddr, walk.level));
    return KRES_OK;
}

static enum kernel_result page_table_unmap_decode(struct invocation *inv)
{
    if (!slot_is_final(inv->slot)) {
        return fail_revoke_first();
    }
    if (cap_mapped_asid(inv->cap) != 0) {
        page_table_unmap(inv->cap);
        __builtin_memset(cap_ptr(inv->cap), 0, BIT(seL4_PageTableBits));
        inv->slot->cap = cap_set_unmapped(inv->cap);
    }
    return KRES_OK;
}

enum kernel_result page_table_decode(struct invocation *inv)
{
    switch (inv->label) {
    case ARMPageTableMap:
        return page_table_map(inv);
    case ARMPageTableUnmap:
        return page_table_unmap_decode(inv);
    default:
        return fail_illegal_operation();
    }
}

/* ---- root tables: cache operations by virtual address ---- */

static bool page_is_ram(paddr_t paddr)
{
    return paddr >= PLATFORM_RAM_BASE && paddr - PLATFORM_RAM_BASE < PLATFORM_RAM_BYTES;
}

enum kernel_result vspace_decode(struct invocation *inv)
{
    if (inv->label < ARMVSpaceClean_Data || inv->label > ARMVSpaceUnify_Instruction) {
        return fail_illegal_operation();
    }
    if (inv->length < 2) {
        return fail_truncated();
    }
    vaddr_t start = inv_word(inv, 0);
    vaddr_t end = inv_word(inv, 1);
    if (end <= start) {
        return fail_invalid_argument(1);
    }
    if (end > ABI_USER_VADDR_MAX) {
        return fail_illegal_operation();
    }
    if (!arch_cap_is_vspace(inv->cap)) {
        return fail_invalid_capability(0);
    }
    pte_t *root = asid_root(cap_mapped_asid(inv->cap));
    if (root == NULL) {
        return fail_lookup_invalid_root(false);
    }
    if (root != cap_ptr(inv->cap)) {
        return fail_invalid_capability(0);
    }
    struct walk walk = walk_tables(root, start);
    if (!(*walk.entry & PTE_VALID)) {
        return KRES_OK;
    }
    vaddr_t page = ALIGN_DOWN(start, walk.level);
    if (ALIGN_DOWN(end - 1, walk.level) != page) {
        return fail_range(start, page + MASK(walk.level));
    }
    enum cache_operation operation = (enum cache_operation)(inv->label - ARMVSpaceClean_Data);
    if (operation == CACHE_INVALIDATE && (*walk.entry & (PTE_USER | PTE_READ_ONLY)) != PTE_USER) {
        return fail_illegal_operation();
    }
    paddr_t paddr = pte_paddr(*walk.entry);
    if (page_is_ram(paddr)) {
        kptr_t base = paddr_to_kptr(paddr) + (start - page);
        cache_operate(operation, base, base + (end - start));
    }
    return KRES_OK;
}

/* ---- ASIDs ---- */

enum kernel_result asid_control_decode(struct invocation *inv)
{
    if (inv->label != ARMASIDControlMakePool) {
        return fail_illegal_operation();
    }
    if (inv->length < 2 || inv->extra_count < 2) {
        return fail_truncated();
    }
    word_t index = asid_pool_free_index();
    if (index == ASID_POOL_COUNT) {
        return fail_delete_first();
    }
    struct cap untyped = inv->extra[0]->cap;
    if (cap_tag(untyped) != CAP_UNTYPED || cap_untyped_bits(untyped) != seL4_ASIDPoolBits ||
        cap_untyped_is_device(untyped)) {
        return fail_invalid_capability(1);
    }
    if (slot_has_children(inv->extra[0])) {
        return fail_revoke_first();
    }
    struct slot *dest;
    enum kernel_result result =
        cspace_lookup_empty_slot(inv->extra[1]->cap, inv_word(inv, 0), inv_word(inv, 1), &dest);
    if (result != KRES_OK) {
        return result;
    }
    kptr_t base = cap_kptr(untyped);
    inv->extra[0]->cap =
        cap_untyped(base, seL4_ASIDPoolBits, false, cap_untyped_max_index(untyped));
    __builtin_memset((void *)base, 0, BIT(seL4_ASIDPoolBits));
    asid_pool_add((struct asid_pool *)base, index);
    slot_insert_original(dest, cap_asid_pool(base, index << seL4_ASIDPoolIndexBits), inv->extra[0]);
    return KRES_OK;
}

enum kernel_result asid_pool_decode(struct invocation *inv)
{
    if (inv->label != ARMASIDPoolAssign) {
        return fail_illegal_operation();
    }
    if (inv->extra_count < 1) {
        return fail_truncated();
    }
    struct slot *root = inv->extra[0];
    if (cap_tag(root->cap) != ABI_CAP_VSPACE || cap_mapped_asid(root->cap) != 0) {
        return fail_invalid_capability(1);
    }
    word_t first = cap_asid_pool_first(inv->cap);
    struct asid_pool *pool = asid_pool_get(first);
    if (pool == NULL) {
        return fail_lookup_invalid_root(false);
    }
    if (pool != cap_ptr(inv->cap)) {
        return fail_invalid_capability(0);
    }
    word_t asid = asid_find_free(pool, first);
    if (asid == 0) {
        return fail_delete_first();
    }
    root->cap = cap_set_mapping(root->cap, asid, 0);
    asid_assign(pool, asid, cap_ptr(root->cap));
    return KRES_OK;
}

/* ---- secure monitor ---- */

enum kernel_result smc_decode(struct invocation *inv)
{
    if (inv->label != ARMSMCCall) {
        return fail_illegal_operation();
    }
    if (inv->length < 8) {
        return fail_truncated();
    }
    word_t badge = cap_smc_badge(inv->cap);
    if (badge != 0 && badge != inv_word(inv, 0)) {
        return fail_illegal_operation();
    }
    word_t registers[8];
    for (word_t i = 0; i < ARRAY_LENGTH(registers); i++) {
        registers[i] = inv_word(inv, i);
    }
    smc_call(registers);
    if (inv->call) {
        for (word_t i = 0; i < ARRAY_LENGTH(registers); i++) {
            inv_set_result(inv, i, registers[i]);
        }
    }
    return KRES_OK;
}

enum kernel_result arch_decode_invocation(struct invocation *inv)
{
    switch (cap_tag(inv->cap)) {
    case ABI_CAP_FRAME:
        return frame_decode(inv);
    case ABI_CAP_PAGE_TABLE:
        return page_table_decode(inv);
    case ABI_CAP_VSPACE:
        return vspace_decode(inv);
    case ABI_CAP_ASID_CONTROL:
        return asid_control_decode(inv);
    case ABI_CAP_ASID_POOL:
        return asid_pool_decode(inv);
    case ABI_CAP_SMC:
        return smc_decode(inv);
    case ABI_CAP_SGI_SIGNAL:
        return sgi_signal_decode(inv);
    default:
        return fail_invalid_capability(0);
    }
}
