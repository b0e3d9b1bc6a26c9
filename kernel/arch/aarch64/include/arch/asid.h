/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Address space identifiers: 128 pools of 512, used as hardware ASIDs as they are. ASID 0 stays
 * free: it stands for "none" and for the empty address space.
 */
#pragma once

#include <arch/paging.h>

#define ASID_POOL_COUNT   BIT(seL4_NumASIDPoolsBits)
#define ASID_POOL_ENTRIES BIT(seL4_ASIDPoolIndexBits)

/* One 4 KiB object: the root tables of its ASIDs, null where free. */
struct asid_pool {
    pte_t *roots[ASID_POOL_ENTRIES];
};

/* The pools by number, null where there is none; here for the two functions below. */
extern struct asid_pool *asid_pools[ASID_POOL_COUNT];

/* Root table of an ASID, null if it has none (any more). */
static inline pte_t *asid_root(word_t asid)
{
    const struct asid_pool *pool = asid_pools[asid >> seL4_ASIDPoolIndexBits];
    return pool == NULL ? NULL : pool->roots[asid & MASK(seL4_ASIDPoolIndexBits)];
}

/* True if the capability, of a root table, has an ASID that still stands for it. ASID 0 has none.
 */
static inline bool asid_cap_is_live(struct cap vspace)
{
    return asid_root(cap_mapped_asid(vspace)) == cap_ptr(vspace);
}

/* Number of the first pool that does not exist; ASID_POOL_COUNT if all do. */
word_t asid_pool_free_index(void);

/* Enter a zeroed pool under an unused number. */
void asid_pool_add(struct asid_pool *pool, word_t index);

/* The pool of a capability if it still exists under that capability's ASIDs, else null. */
struct asid_pool *asid_pool_get(word_t first_asid);

/* First free ASID of the pool; 0 if it is full. */
word_t asid_find_free(const struct asid_pool *pool, word_t first_asid);

void asid_assign(struct asid_pool *pool, word_t asid, pte_t *root);

/* The root table dies: forget it if the ASID still stands for it. */
void asid_forget(word_t asid, const pte_t *root);

/* The pool dies, with all of its ASIDs. */
void asid_pool_forget(const struct asid_pool *pool, word_t first_asid);

/* Load the address space of the current thread again, if it may have changed. */
void vspace_activate_current(void);
