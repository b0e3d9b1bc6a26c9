/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Four-level address spaces. A walk starts at the root that an ASID stands for and goes down to the
 * level it wants; what it finds missing becomes the level word of the lookup failure. A table at
 * level n (1..4) has entries that cover 2^(12 + 9 * (n - 1)) bytes each.
 *
 * User entries are never global and PCIDs are not used, so only the loaded address space can have
 * TLB entries and flushing others is never needed. Source: Intel SDM vol. 3A 4.5 (4-level
 * paging), 4.10.4 (invalidation), 11.12 (PAT).
 */
#include "mm/vspace.h"

#include "mm/asid.h"
#include "mm/iommu.h"

#include <abi/arch/invocation.h>
#include <arch/cpu.h>
#include <arch/vspace.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>

#define TABLE_ENTRIES    512
#define PTE_ADDRESS_MASK 0x000ffffffffff000
#define KERNEL_SLOT      511 /* of every PML4 */

/* Attribute word of Map = index into the page attribute table. */
#define ATTRIBUTE_WRITE_THROUGH BIT(0)
#define ATTRIBUTE_CACHE_DISABLE BIT(1)
#define ATTRIBUTE_PAT           BIT(2)

extern uint64_t kernel_pml4[TABLE_ENTRIES];

static paddr_t loaded_root;

static word_t level_shift(unsigned int level)
{
    return 12 + 9 * ((word_t)level - 1);
}

static uint64_t *level_entry(uint64_t *table, unsigned int level, vaddr_t vaddr)
{
    return &table[(vaddr >> level_shift(level)) & MASK(9)];
}

static bool is_table(uint64_t entry)
{
    return (entry & (PTE_PRESENT | PTE_LARGE)) == PTE_PRESENT;
}

/*
 * Walk down to the table of the given level. On a missing table returns null and sets *missing to
 * log2 of what the entry that should name it covers.
 */
static uint64_t *walk(uint64_t *root, unsigned int level, vaddr_t vaddr, word_t *missing)
{
    uint64_t *table = root;
    for (unsigned int at = 4; at > level; at--) {
        uint64_t entry = *level_entry(table, at, vaddr);
        if (!is_table(entry)) {
            *missing = level_shift(at);
            return 0;
        }
        table = (uint64_t *)paddr_to_kptr(entry & PTE_ADDRESS_MASK);
    }
    return table;
}

void vspace_load(paddr_t root)
{
    if (root != loaded_root) {
        loaded_root = root;
        cpu_write_cr3(root);
    }
}

/* Out of line, or the compiler computes it on the way to every thread switch. */
NOINLINE static paddr_t kernel_root(void)
{
    return (paddr_t)kernel_pml4 - KERNEL_BASE;
}

paddr_t vspace_root_of(struct cap cap)
{
    if (LIKELY(cap_tag(cap) == ABI_CAP_PML4)) {
        const uint64_t *root = asid_root(cap_pml4_asid(cap));
        if (LIKELY(root == cap_ptr(cap))) {
            return kptr_to_paddr((kptr_t)root); /* null is not the root of any capability */
        }
    }
    return kernel_root();
}

static bool is_loaded(const uint64_t *root)
{
    return kptr_to_paddr((kptr_t)root) == loaded_root;
}

/* Everything cached for the root: entries of pages and of tables. */
static void flush_all(const uint64_t *root)
{
    if (is_loaded(root)) {
        cpu_write_cr3(loaded_root);
    }
}

static void flush_page(const uint64_t *root, vaddr_t vaddr)
{
    if (is_loaded(root)) {
        cpu_invalidate_page(vaddr);
    }
}

void vspace_init_root(uint64_t *root)
{
    root[KERNEL_SLOT] = kernel_pml4[KERNEL_SLOT];
}

unsigned int vspace_table_level(word_t tag)
{
    switch (tag) {
    case ABI_CAP_PAGE_TABLE:
        return 1;
    case ABI_CAP_PAGE_DIRECTORY:
        return 2;
    case ABI_CAP_PDPT:
        return 3;
    default:
        return 4;
    }
}

/* ---- removing ---- */

void vspace_unmap_frame(struct cap cap)
{
    if (CONFIG_IOMMU && cap_frame_mapped(cap) == FRAME_IN_IOSPACE) {
        iommu_unmap_frame(cap);
    }
    if (cap_frame_mapped(cap) != FRAME_IN_VSPACE) {
        return;
    }
    uint64_t *root = asid_root(cap_mapping_asid(cap));
    vaddr_t vaddr = cap_mapping_vaddr(cap);
    unsigned int level = 1 + (unsigned int)cap_frame_size(cap);
    word_t missing = 0;
    uint64_t *table = root ? walk(root, level, vaddr, &missing) : 0;
    if (!table) {
        return;
    }
    uint64_t *entry = level_entry(table, level, vaddr);
    uint64_t address = *entry & PTE_ADDRESS_MASK & ~MASK(cap_frame_bits(cap));
    bool page = level == 1 || (*entry & PTE_LARGE);
    if ((*entry & PTE_PRESENT) && page && address == kptr_to_paddr(cap_kptr(cap))) {
        *entry = 0;
        flush_page(root, vaddr);
    }
}

void vspace_unmap_table(struct cap cap)
{
    if (!cap_table_is_mapped(cap)) {
        return;
    }
    uint64_t *root = asid_root(cap_mapping_asid(cap));
    vaddr_t vaddr = cap_mapping_vaddr(cap);
    unsigned int level = vspace_table_level(cap_tag(cap)) + 1;
    word_t missing = 0;
    uint64_t *parent = root ? walk(root, level, vaddr, &missing) : 0;
    if (!parent) {
        return;
    }
    uint64_t *entry = level_entry(parent, level, vaddr);
    if (is_table(*entry) && (*entry & PTE_ADDRESS_MASK) == kptr_to_paddr(cap_kptr(cap))) {
        *entry = 0;
        flush_all(root);
    }
}

/* ---- tables ---- */

/* The root that ec0 stands for; the checks that every Map makes of it, in their order. */
static enum kernel_result check_root(struct cap cap, uint64_t **root)
{
    *root = asid_root(cap_pml4_asid(cap));
    if (!*root) {
        return fail_lookup_invalid_root(false);
    }
    if (*root != cap_ptr(cap)) {
        return fail_invalid_capability(1);
    }
    return KRES_OK;
}

static enum kernel_result decode_table_map(struct invocation *inv)
{
    if (inv->length < 2 || inv->extra_count < 1) {
        return fail_truncated();
    }
    if (cap_table_is_mapped(inv->cap)) {
        return fail_invalid_capability(0);
    }
    struct cap vspace = inv->extra[0]->cap;
    if (!arch_cap_is_vspace(vspace)) {
        return fail_invalid_capability(1);
    }
    unsigned int parent_level = vspace_table_level(cap_tag(inv->cap)) + 1;
    vaddr_t vaddr = ALIGN_DOWN(inv_word(inv, 0), level_shift(parent_level));
    if (vaddr > ABI_USER_VADDR_MAX) {
        return fail_invalid_argument(0);
    }
    uint64_t *root;
    enum kernel_result result = check_root(vspace, &root);
    if (result != KRES_OK) {
        return result;
    }
    word_t missing = 0;
    uint64_t *parent = walk(root, parent_level, vaddr, &missing);
    if (!parent) {
        return fail_lookup_missing(false, missing);
    }
    uint64_t *entry = level_entry(parent, parent_level, vaddr);
    if (*entry & PTE_PRESENT) {
        return fail_delete_first();
    }

    word_t cache = inv_word(inv, 1) & (ATTRIBUTE_WRITE_THROUGH | ATTRIBUTE_CACHE_DISABLE);
    *entry = kptr_to_paddr(cap_kptr(inv->cap)) | PTE_PRESENT | PTE_WRITE | PTE_USER | cache << 3;
    inv->slot->cap =
        cap_table_set_mapped(inv->cap, true, cap_mapping(vaddr, cap_pml4_asid(vspace)));
    /* The CPU may remember that the entry was not present in its paging-structure caches. */
    flush_page(root, vaddr);
    return KRES_OK;
}

static enum kernel_result decode_table_unmap(struct invocation *inv)
{
    if (!slot_is_final(inv->slot)) {
        return fail_revoke_first();
    }
    if (cap_table_is_mapped(inv->cap)) {
        vspace_unmap_table(inv->cap);
        __builtin_memset(cap_ptr(inv->cap), 0, BIT(seL4_PageTableBits));
        inv->slot->cap = cap_table_set_mapped(inv->cap, false, 0);
    }
    return KRES_OK;
}

enum kernel_result vspace_decode_table(struct invocation *inv)
{
    static const struct {
        uint8_t map;
        uint8_t unmap;
    } labels[] = {
        [1] = {X86PageTableMap, X86PageTableUnmap},
        [2] = {X86PageDirectoryMap, X86PageDirectoryUnmap},
        [3] = {X86PDPTMap, X86PDPTUnmap},
    };
    unsigned int level = vspace_table_level(cap_tag(inv->cap));
    if (level > 3) {
        return fail_illegal_operation();
    }
    if (inv->label == labels[level].map) {
        return decode_table_map(inv);
    }
    if (inv->label == labels[level].unmap) {
        return decode_table_unmap(inv);
    }
    return fail_illegal_operation();
}

/* ---- pages ---- */

static uint64_t page_entry(struct cap frame, word_t rights, word_t attributes)
{
    enum frame_size size = cap_frame_size(frame);
    struct cap masked = arch_cap_mask_rights(frame, rights);
    uint64_t entry = kptr_to_paddr(cap_kptr(frame)) | PTE_PRESENT |
                     (attributes & (ATTRIBUTE_WRITE_THROUGH | ATTRIBUTE_CACHE_DISABLE)) << 3;
    if (cap_frame_rights(masked) == FRAME_READ_WRITE) {
        entry |= PTE_WRITE | PTE_USER;
    } else if (cap_frame_rights(masked) == FRAME_READ_ONLY) {
        entry |= PTE_USER;
    }
    if (size == FRAME_4K) {
        entry |= attributes & ATTRIBUTE_PAT ? PTE_PAT_SMALL : 0;
    } else {
        entry |= PTE_LARGE;
        entry |= size == FRAME_2M && (attributes & ATTRIBUTE_PAT) ? PTE_PAT_LARGE : 0;
    }
    return entry;
}

/* Checks of Map that depend on whether this capability is mapped already. */
static enum kernel_result check_place(struct cap frame, vaddr_t vaddr, word_t asid)
{
    if (cap_frame_mapped(frame) == FRAME_UNMAPPED) {
        if (vaddr > ABI_USER_VADDR_MAX || vaddr + BIT(cap_frame_bits(frame)) > ABI_USER_VADDR_MAX) {
            return fail_invalid_argument(0);
        }
        return KRES_OK;
    }
    if (cap_frame_mapped(frame) == FRAME_IN_IOSPACE) {
        /* The device's request id stands where an ASID would. */
        return (frame.w1 & MASK(16)) == asid ? fail_illegal_operation()
                                             : fail_invalid_capability(1);
    }
    if (cap_mapping_asid(frame) != asid) {
        return fail_invalid_capability(1);
    }
    return cap_mapping_vaddr(frame) == vaddr ? KRES_OK : fail_invalid_argument(0);
}

static enum kernel_result decode_frame_map(struct invocation *inv)
{
    if (inv->length < 3 || inv->extra_count < 1) {
        return fail_truncated();
    }
    vaddr_t vaddr = inv_word(inv, 0);
    struct cap vspace = inv->extra[0]->cap;
    if (!arch_cap_is_vspace(vspace)) {
        return fail_invalid_capability(1);
    }
    word_t asid = cap_pml4_asid(vspace);
    enum kernel_result result = check_place(inv->cap, vaddr, asid);
    if (result != KRES_OK) {
        return result;
    }
    uint64_t *root;
    result = check_root(vspace, &root);
    if (result != KRES_OK) {
        return result;
    }
    if (!IS_ALIGNED(vaddr, cap_frame_bits(inv->cap))) {
        return fail_alignment();
    }
    unsigned int level = 1 + (unsigned int)cap_frame_size(inv->cap);
    word_t missing = 0;
    uint64_t *table = walk(root, level, vaddr, &missing);
    if (!table) {
        return fail_lookup_missing(false, missing);
    }
    uint64_t *entry = level_entry(table, level, vaddr);
    if (level > 1 && is_table(*entry)) {
        return fail_delete_first();
    }

    bool replaced = *entry & PTE_PRESENT;
    *entry = page_entry(inv->cap, inv_word(inv, 1), inv_word(inv, 2));
    inv->slot->cap = cap_frame_set_mapped(inv->cap, FRAME_IN_VSPACE, cap_mapping(vaddr, asid));
    if (replaced) {
        flush_page(root, vaddr);
    }
    return KRES_OK;
}

enum kernel_result vspace_decode_frame(struct invocation *inv)
{
    switch (inv->label) {
    case X86PageMap:
        return decode_frame_map(inv);
    case X86PageUnmap:
        vspace_unmap_frame(inv->cap);
        inv->slot->cap = cap_frame_set_mapped(inv->cap, FRAME_UNMAPPED, 0);
        return KRES_OK;
    case X86PageGetAddress:
        inv_set_result(inv, 0, kptr_to_paddr(cap_kptr(inv->cap)));
        return KRES_OK;
    default:
        if (CONFIG_IOMMU && inv->label == X86PageMap + 2) {
            return iommu_decode_map_page(inv);
        }
        return fail_illegal_operation();
    }
}

/* ---- boot ---- */

BOOT_CODE struct cap arch_boot_map_table(struct cap vspace, void *table, vaddr_t vaddr, word_t bits)
{
    static const uint8_t tags[] = {0, 0, ABI_CAP_PAGE_TABLE, ABI_CAP_PAGE_DIRECTORY, ABI_CAP_PDPT};
    unsigned int level = (unsigned int)(bits - level_shift(1)) / 9 + 1;
    word_t missing = 0;
    uint64_t *parent = walk(cap_ptr(vspace), level, vaddr, &missing);
    KERNEL_ASSERT(parent);
    *level_entry(parent, level, vaddr) =
        kptr_to_paddr((kptr_t)table) | PTE_PRESENT | PTE_WRITE | PTE_USER;
    return cap_table_set_mapped(cap_make(tags[level], 0, (kptr_t)table, 0), true,
                                cap_mapping(vaddr, cap_pml4_asid(vspace)));
}

BOOT_CODE struct cap arch_boot_map_frame(struct cap vspace, paddr_t paddr, vaddr_t vaddr,
                                         bool executable)
{
    (void)executable; /* every page of a user is executable on x86_64 */
    struct cap frame = cap_frame(paddr_to_kptr(paddr), FRAME_4K, false, FRAME_READ_WRITE);
    word_t missing = 0;
    uint64_t *table = walk(cap_ptr(vspace), 1, vaddr, &missing);
    KERNEL_ASSERT(table);
    *level_entry(table, 1, vaddr) = page_entry(frame, RIGHT_ALL, 0);
    return cap_frame_set_mapped(frame, FRAME_IN_VSPACE, cap_mapping(vaddr, cap_pml4_asid(vspace)));
}
