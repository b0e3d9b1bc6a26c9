/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Access to device registers that the kernel itself uses, mapped uncached at DEVICE_BASE. */
#pragma once

#include "machine/apic_regs.h"

#include <arch/layout.h>
#include <kernel/types.h>

/* mmio_readBITS() and mmio_writeBITS() */
#define MMIO_ACCESS(bits)                                                        \
    static inline uint##bits##_t mmio_read##bits(uintptr_t address)              \
    {                                                                            \
        return *(volatile uint##bits##_t *)address;                              \
    }                                                                            \
    static inline void mmio_write##bits(uintptr_t address, uint##bits##_t value) \
    {                                                                            \
        *(volatile uint##bits##_t *)address = value;                             \
    }

MMIO_ACCESS(32)
MMIO_ACCESS(64)

/* The local APIC. */
#define LAPIC_ADDRESS DEVICE_BASE

static inline uint32_t lapic_read(uint32_t offset)
{
    return mmio_read32(LAPIC_ADDRESS + offset);
}

static inline void lapic_write(uint32_t offset, uint32_t value)
{
    mmio_write32(LAPIC_ADDRESS + offset, value);
}
