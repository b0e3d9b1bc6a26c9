/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * User address spaces: tables, pages and the ASIDs that name them. A capability records {ASID,
 * vaddr}; everything found that way is checked again, since roots and pools may be gone by now.
 */
#include <arch/asid.h>
#include <arch/tlb.h>
#include <arch/walk.h>
#include <kernel/arch_hooks.h>
#include <kernel/node.h>

struct asid_pool *asid_pools[ASID_POOL_COUNT];

/* ---- ASIDs ---- */

word_t asid_pool_free_index(void)
{
    word_t index = 0;
    while (index < ASID_POOL_COUNT && asid_pools[index] != NULL) {
        index++;
    }
    return index;
}

void asid_pool_add(struct asid_pool *pool, word_t index)
{
    asid_pools[index] = pool;
}

struct asid_pool *asid_pool_get(word_t first_asid)
{
    return asid_pools[first_asid >> seL4_ASIDPoolIndexBits];
}

word_t asid_find_free(const struct asid_pool *pool, word_t first_asid)
{
    for (word_t i = 0; i < ASID_POOL_ENTRIES; i++) {
        if (pool->roots[i] == NULL && first_asid + i != 0) {
            return first_asid + i;
        }
    }
    return 0;
}

void asid_assign(struct asid_pool *pool, word_t asid, pte_t *root)
{
    pool->roots[asid & MASK(seL4_ASIDPoolIndexBits)] = root;
}

void asid_forget(word_t asid, const pte_t *root)
{
    struct asid_pool *pool = asid_pools[asid >> seL4_ASIDPoolIndexBits];
    if (pool == NULL || pool->roots[asid & MASK(seL4_ASIDPoolIndexBits)] != root) {
        return;
    }
    pool->roots[asid & MASK(seL4_ASIDPoolIndexBits)] = NULL;
    vspace_activate_current();
    tlb_invalidate_asid(asid);
}

void asid_pool_forget(const struct asid_pool *pool, word_t first_asid)
{
    word_t index = first_asid >> seL4_ASIDPoolIndexBits;
    if (asid_pools[index] != pool) {
        return;
    }
    asid_pools[index] = NULL;
    vspace_activate_current();
    tlb_invalidate_all();
}

/* ---- walking ---- */

struct walk walk_tables(pte_t *root, vaddr_t vaddr)
{
    pte_t *table = root;
    word_t level = LEVEL_TOP;
    for (;;) {
        pte_t *entry = &table[table_index(vaddr, level)];
        if (level == LEVEL_LAST || !pte_is_table(*entry)) {
            return (struct walk){entry, level};
        }
        table = pte_table(*entry);
        level -= TABLE_INDEX_BITS;
    }
}

pte_t pte_for_frame(paddr_t paddr, word_t level, word_t rights, word_t attributes)
{
    pte_t pte = paddr | PTE_ACCESSED | PTE_NOT_GLOBAL | PTE_PRIV_XN;
    pte |= level == LEVEL_LAST ? PTE_PAGE : PTE_BLOCK;
    pte |= (attributes & seL4_ARM_PageCacheable) ? PTE_ATTR_NORMAL : PTE_ATTR_DEVICE;
    if (attributes & seL4_ARM_ExecuteNever) {
        pte |= PTE_USER_XN;
    }
    switch (rights) {
    case FRAME_READ_WRITE:
        return pte | PTE_USER;
    case FRAME_READ_ONLY:
        return pte | PTE_USER | PTE_READ_ONLY;
    default:
        return pte | PTE_USER_XN; /* the kernel's alone */
    }
}

void walk_set_page(struct walk walk, pte_t pte, word_t asid, vaddr_t vaddr)
{
    if (*walk.entry & PTE_VALID) {
        /* Break before make: address or attributes may differ. */
        *walk.entry = 0;
        tlb_invalidate_page(asid, vaddr);
    }
    *walk.entry = pte;
    barrier_table_written();
    barrier_instruction();
}

void frame_unmap(struct cap frame)
{
    word_t asid = cap_mapped_asid(frame);
    pte_t *root = asid == 0 ? NULL : asid_root(asid);
    if (root == NULL) {
        return;
    }
    struct walk walk = walk_tables(root, cap_mapped_vaddr(frame));
    if (walk.level == cap_frame_bits(frame) && (*walk.entry & PTE_VALID) &&
        pte_paddr(*walk.entry) == kptr_to_paddr(cap_kptr(frame))) {
        *walk.entry = 0;
        tlb_invalidate_page(asid, cap_mapped_vaddr(frame));
    }
}

void page_table_unmap(struct cap table)
{
    word_t asid = cap_mapped_asid(table);
    pte_t *next = asid == 0 ? NULL : asid_root(asid);
    if (next == NULL) {
        return;
    }
    paddr_t wanted = kptr_to_paddr(cap_kptr(table));
    for (word_t level = LEVEL_TOP; level > LEVEL_LAST; level -= TABLE_INDEX_BITS) {
        pte_t *entry = &next[table_index(cap_mapped_vaddr(table), level)];
        if (!pte_is_table(*entry)) {
            return;
        }
        if (pte_paddr(*entry) == wanted) {
            *entry = 0;
            tlb_invalidate_asid(asid);
            return;
        }
        next = pte_table(*entry);
    }
}
