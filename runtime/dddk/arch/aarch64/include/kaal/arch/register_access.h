/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Register accesses on aarch64: memory-mapped only. Included by <kaal/registers.h>; the width is a
 * constant at every call, so each accessor is one load or store.
 */
#pragma once

#include <stdbool.h>

#include <kaal/mmio.h>
#include <kaal/window.h>

/** True if this architecture has I/O ports. */
static inline bool kaal_arch_has_ports(void)
{
    return false;
}

/** Moves the start of a window; its length is the caller's. offset  inside it */
static inline void kaal_arch_window_move(struct kaal_window *window, uint64_t offset)
{
    window->address += offset;
}

/**
 * Reads one register.
 *   window  an open window;  offset  inside it;  width  1, 2, 4 or 8 bytes
 */
static inline uint64_t kaal_window_read(const struct kaal_window *window, uint64_t offset,
                                        unsigned width)
{
    return mmio_read((const volatile void *)(window->address + offset), width);
}

/** Writes one register; parameters as kaal_window_read(), bits of value above the width dropped. */
static inline void kaal_window_write(const struct kaal_window *window, uint64_t offset,
                                     unsigned width, uint64_t value)
{
    mmio_write((volatile void *)(window->address + offset), width, value);
}
