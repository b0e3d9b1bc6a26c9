/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Access to device registers that the kernel itself uses, mapped uncached at DEVICE_BASE. */
#pragma once

#include <kernel/types.h>

static inline uint32_t mmio_read32(uintptr_t address)
{
    return *(volatile uint32_t *)address;
}

static inline void mmio_write32(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

static inline uint64_t mmio_read64(uintptr_t address)
{
    return *(volatile uint64_t *)address;
}

static inline void mmio_write64(uintptr_t address, uint64_t value)
{
    *(volatile uint64_t *)address = value;
}
