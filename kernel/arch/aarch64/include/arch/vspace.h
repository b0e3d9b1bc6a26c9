/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The direct map. It covers RAM; addresses of device memory follow the same arithmetic but are not
 * mapped.
 */
#pragma once

#include <arch/direct_map.h>
#include <kernel/types.h>

static inline paddr_t kptr_to_paddr(kptr_t kptr)
{
    return kptr - DIRECT_MAP_BASE;
}

static inline kptr_t paddr_to_kptr(paddr_t paddr)
{
    return paddr + DIRECT_MAP_BASE;
}
