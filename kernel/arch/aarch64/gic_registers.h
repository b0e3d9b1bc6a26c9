/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Access to the registers of both interrupt controllers. */
#pragma once

#include <kernel/types.h>

/*
 * Register access. One instruction each: MMIO by other means than plain loads and stores cannot be
 * emulated by a hypervisor.
 */
static inline uint32_t gic_read32(word_t address)
{
    uint32_t value;
    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static inline void gic_write32(word_t address, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" ::"rZ"(value), "r"(address) : "memory");
}

static inline void gic_write8(word_t address, uint8_t value)
{
    __asm__ volatile("strb %w0, [%1]" ::"rZ"(value), "r"(address) : "memory");
}

/* Registers with one bit per interrupt: the word's offset and the interrupt's bit. */
static inline word_t gic_word(irq_t irq)
{
    return irq / 32 * 4;
}

static inline uint32_t gic_bit(irq_t irq)
{
    return 1u << (irq % 32);
}
