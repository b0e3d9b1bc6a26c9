/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Tables of address spaces, alike on every architecture, and where the kernel sees memory. */
#pragma once

#include <arch/direct_map.h>

typedef uint64_t pte_t;

#define TABLE_ENTRIES    512
#define TABLE_INDEX_BITS 9
/* A level is named by log2 of what one of its entries covers. */
#define LEVEL_TOP  39u
#define LEVEL_LAST 12u

static inline word_t table_index(vaddr_t vaddr, word_t level)
{
    return vaddr >> level & MASK(TABLE_INDEX_BITS);
}

/* The direct map covers RAM; addresses of devices follow the same arithmetic but are not mapped. */
static inline kptr_t paddr_to_kptr(paddr_t paddr)
{
    return paddr + DIRECT_MAP_BASE;
}

static inline paddr_t kptr_to_paddr(kptr_t kptr)
{
    return kptr - DIRECT_MAP_BASE;
}
