/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Access to memory-mapped device registers: one access of exactly the stated width, in program
 * order with other mmio_* calls. dma_wmb/dma_rmb order memory shared with a device.
 */
#pragma once

#include <stdint.h>

/** Reads an 8-bit register. */
static inline uint8_t mmio_read8(const volatile void *address)
{
    return *(const volatile uint8_t *)address;
}

/** Reads a 16-bit register; address is 2-byte aligned. */
static inline uint16_t mmio_read16(const volatile void *address)
{
    return *(const volatile uint16_t *)address;
}

/** Reads a 32-bit register; address is 4-byte aligned. */
static inline uint32_t mmio_read32(const volatile void *address)
{
    return *(const volatile uint32_t *)address;
}

/** Reads a 64-bit register; address is 8-byte aligned. */
static inline uint64_t mmio_read64(const volatile void *address)
{
    return *(const volatile uint64_t *)address;
}

/** Writes an 8-bit register. */
static inline void mmio_write8(volatile void *address, uint8_t value)
{
    *(volatile uint8_t *)address = value;
}

/** Writes a 16-bit register; address is 2-byte aligned. */
static inline void mmio_write16(volatile void *address, uint16_t value)
{
    *(volatile uint16_t *)address = value;
}

/** Writes a 32-bit register; address is 4-byte aligned. */
static inline void mmio_write32(volatile void *address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

/** Writes a 64-bit register; address is 8-byte aligned. */
static inline void mmio_write64(volatile void *address, uint64_t value)
{
    *(volatile uint64_t *)address = value;
}

/**
 * Reads a register of a width that is a constant at the call, so that it is one load.
 *   address  aligned to width;  width  1, 2, 4 or 8 bytes
 */
static inline uint64_t mmio_read(const volatile void *address, unsigned width)
{
    switch (width) {
    case 1:
        return mmio_read8(address);
    case 2:
        return mmio_read16(address);
    case 4:
        return mmio_read32(address);
    default:
        return mmio_read64(address);
    }
}

/** Writes a register; parameters as mmio_read(), bits of value above the width dropped. */
static inline void mmio_write(volatile void *address, unsigned width, uint64_t value)
{
    switch (width) {
    case 1:
        mmio_write8(address, (uint8_t)value);
        break;
    case 2:
        mmio_write16(address, (uint16_t)value);
        break;
    case 4:
        mmio_write32(address, (uint32_t)value);
        break;
    default:
        mmio_write64(address, value);
        break;
    }
}

/** Earlier writes to shared memory are visible to a device before later register writes. */
static inline void dma_wmb(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/** Later reads of shared memory see what a device wrote before an earlier read. */
static inline void dma_rmb(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
