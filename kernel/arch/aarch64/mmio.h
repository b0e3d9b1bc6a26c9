/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Access to device registers that the kernel itself uses. One instruction each: others than plain
 * loads and stores cannot be emulated by a hypervisor.
 */
#pragma once

#include <kernel/types.h>

static inline uint32_t mmio_read32(word_t address)
{
    uint32_t value;
    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static inline void mmio_write32(word_t address, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" ::"rZ"(value), "r"(address) : "memory");
}
