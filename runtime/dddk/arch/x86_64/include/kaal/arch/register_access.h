/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Register accesses on x86_64: memory-mapped, or I/O ports through an invocation of the window's
 * IOPort capability. Included by <kaal/registers.h>.
 */
#pragma once

#include <stdbool.h>

#include <sel4/sel4.h>

#include <kaal/mmio.h>
#include <kaal/window.h>

/** True if this architecture has I/O ports. */
static inline bool kaal_arch_has_ports(void)
{
    return true;
}

/** Moves the start of a window; its length is the caller's. offset  inside it */
static inline void kaal_arch_window_move(struct kaal_window *window, uint64_t offset)
{
    if (window->ports != 0) {
        window->port = (uint16_t)(window->port + offset);
    } else {
        window->address += offset;
    }
}

/**
 * Reads a register that is an I/O port. The kernel checks the port against the capability; a
 * refused access reads as all ones, as an absent device does.
 *   window  an open port window;  offset  inside it;  width  1, 2 or 4 bytes
 */
static inline uint64_t kaal_port_read(const struct kaal_window *window, uint64_t offset,
                                      unsigned width)
{
    seL4_Uint16 port = (seL4_Uint16)(window->port + offset);

    if (width == 1) {
        seL4_X86_IOPort_In8_t in = seL4_X86_IOPort_In8(window->ports, port);
        return in.error != 0 ? UINT8_MAX : in.result;
    }
    if (width == 2) {
        seL4_X86_IOPort_In16_t in = seL4_X86_IOPort_In16(window->ports, port);
        return in.error != 0 ? UINT16_MAX : in.result;
    }
    seL4_X86_IOPort_In32_t in = seL4_X86_IOPort_In32(window->ports, port);
    return in.error != 0 ? UINT32_MAX : in.result;
}

/** Writes a register that is an I/O port; a refused access has no effect. */
static inline void kaal_port_write(const struct kaal_window *window, uint64_t offset,
                                   unsigned width, uint64_t value)
{
    seL4_Word port = window->port + offset;

    if (width == 1) {
        (void)seL4_X86_IOPort_Out8(window->ports, port, (uint8_t)value);
    } else if (width == 2) {
        (void)seL4_X86_IOPort_Out16(window->ports, port, (uint16_t)value);
    } else {
        (void)seL4_X86_IOPort_Out32(window->ports, port, (uint32_t)value);
    }
}

/**
 * Reads one register.
 *   window  an open window;  offset  inside it;  width  1, 2, 4 or 8 bytes (ports: at most 4)
 */
static inline uint64_t kaal_window_read(const struct kaal_window *window, uint64_t offset,
                                        unsigned width)
{
    if (window->ports != 0) {
        return kaal_port_read(window, offset, width);
    }
    return mmio_read((const volatile void *)(window->address + offset), width);
}

/** Writes one register; parameters as kaal_window_read(), bits of value above the width dropped. */
static inline void kaal_window_write(const struct kaal_window *window, uint64_t offset,
                                     unsigned width, uint64_t value)
{
    if (window->ports != 0) {
        kaal_port_write(window, offset, width, value);
        return;
    }
    mmio_write((volatile void *)(window->address + offset), width, value);
}
