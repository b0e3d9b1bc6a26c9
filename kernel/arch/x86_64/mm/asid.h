/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Address space identifiers: the only way from a capability to the root table it was mapped in. */
#pragma once

#include <arch/cap.h>

/* A pool object: the root table of each of its ASIDs, null where the ASID is free. */
struct asid_pool {
    uint64_t *roots[BIT(ASID_POOL_BITS)];
};
static_assert(sizeof(struct asid_pool) == 4096, "memory.md: a pool is one 4 KiB object");

extern struct asid_pool *asid_pools[ASID_POOL_COUNT];

/* The root table that an ASID stands for; null if it stands for none (any more). */
static inline uint64_t *asid_root(word_t asid)
{
    struct asid_pool *pool = asid_pools[asid >> ASID_POOL_BITS];
    return pool ? pool->roots[asid & MASK(ASID_POOL_BITS)] : 0;
}
