/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The local APIC's registers: see apic_regs.h. */
#pragma once

#include "machine/apic_regs.h"
#include "machine/mmio.h"

#include <arch/layout.h>

#define LAPIC_ADDRESS DEVICE_BASE

static inline uint32_t lapic_read(uint32_t offset)
{
    return mmio_read32(LAPIC_ADDRESS + offset);
}

static inline void lapic_write(uint32_t offset, uint32_t value)
{
    mmio_write32(LAPIC_ADDRESS + offset, value);
}
