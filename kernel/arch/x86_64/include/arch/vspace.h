/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The direct map. */
#pragma once

#include <arch/layout.h>
#include <kernel/types.h>

static inline kptr_t paddr_to_kptr(paddr_t paddr)
{
    return paddr + PHYSICAL_BASE;
}

static inline paddr_t kptr_to_paddr(kptr_t kptr)
{
    return kptr - PHYSICAL_BASE;
}
