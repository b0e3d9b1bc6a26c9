/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Address spaces of users: trees of tables of 512 entries, four levels deep, whose entries have the
 * form that <arch/paging.h> knows. A level is named by log2 of what one of its entries covers: 39,
 * 30, 21, 12; this is also the level word of a failed lookup.
 *
 * An ASID names a root table. Frames and tables remember the ASID they were mapped under, and look
 * everything up again from there: a root or an ASID pool may go away without a visit to what was
 * mapped in it, and a record of a mapping may be stale.
 *
 * Life of an address space: Retype makes a root without ASID -> ASIDPool Assign -> tables and
 * pages are mapped -> the last capability of the root, or of its pool, is deleted.
 */
#pragma once

#include <arch/paging.h>
#include <kernel/invocation.h>

/* ---- ASIDs ---- */

#define ASID_POOL_COUNT   BIT(seL4_NumASIDPoolsBits)
#define ASID_POOL_ENTRIES BIT(seL4_ASIDPoolIndexBits)

/* One 4 KiB object: the root table of each of its ASIDs, null where the ASID is free. */
struct asid_pool {
    pte_t *roots[ASID_POOL_ENTRIES];
};
static_assert(sizeof(struct asid_pool) == BIT(seL4_ASIDPoolBits), "memory.md: ASIDs");

/* The pools by number, null where there is none. */
extern struct asid_pool *asid_pools[ASID_POOL_COUNT];

/* Root table of an ASID, null if it has none (any more). */
static inline pte_t *asid_root(word_t asid)
{
    const struct asid_pool *pool = asid_pools[asid >> seL4_ASIDPoolIndexBits];
    return pool == NULL ? NULL : pool->roots[asid & MASK(seL4_ASIDPoolIndexBits)];
}

/* True if the capability, of a root table, has an ASID that still stands for it. */
static inline bool asid_is_live(struct cap vspace)
{
    return asid_root(vspace.memory.asid) == cap_ptr(vspace);
}

/* The last capability of a root or of a pool is gone. */
void asid_forget_root(struct cap vspace);
void asid_forget_pool(struct cap pool);

/* ---- walking ---- */

/* An address space as a capability names it. */
struct vspace {
    pte_t *root; /* null if the ASID has none (any more) */
    word_t asid;
};

/* Where a walk ended: an entry, and the level that it belongs to. */
struct walk {
    pte_t *entry;
    word_t level;
};

#define WALK_TO_END UINT64_MAX

/*
 * Follow tables down from `table`, whose entries are of level `top`, as far as they go, or until an
 * entry points to `object` (a physical address, or WALK_TO_END).
 */
static ALWAYS_INLINE struct walk walk_tables(pte_t *table, word_t top, vaddr_t vaddr,
                                             paddr_t object)
{
    for (word_t level = top;; level -= TABLE_INDEX_BITS) {
        pte_t *entry = &table[table_index(vaddr, level)];
        paddr_t next = *entry & PTE_ADDRESS;
        if (!pte_is_table(*entry, level) || next == object) {
            return (struct walk){entry, level};
        }
        table = (pte_t *)paddr_to_kptr(next);
    }
}

/* The walk to the end of what is mapped at vaddr. */
struct walk vspace_walk(struct vspace space, vaddr_t vaddr);

/*
 * The address space that a mapped capability records, or that a root has; its checks, in the order
 * of the ABI: FailedLookup if the ASID stands for nothing any more, InvalidCapability(number) if
 * for another root than this one.
 */
struct vspace vspace_of(struct cap cap);
enum kernel_result vspace_check(struct cap root, word_t number, struct vspace *space) MUST_CHECK;

/*
 * Remove the mapping that a frame or table capability records, if there still is one of this object
 * there. The capability stays as it is.
 */
void vspace_unmap(struct cap cap);
