/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Register accesses on the host: every one goes to a mock device, ports and memory alike. Included
 * by <kaal/registers.h>.
 */
#pragma once

#include <stdbool.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/window.h>

/** A device played by a test. Embed it and find the outer structure by casting (first member). */
struct kaal_mock {
    /** Plays a read of `width` bytes at `offset` of the window. */
    uint64_t (*read)(struct kaal_mock *mock, uint64_t offset, unsigned width);
    /** Plays a write. */
    void (*write)(struct kaal_mock *mock, uint64_t offset, unsigned width, uint64_t value);
    /** Plays a read of configuration space; NULL: the device is not on PCI. */
    uint32_t (*config)(struct kaal_mock *mock, uint32_t offset, unsigned width);
    uint64_t absent;   /**< bit i: the device lacks the declaration's optional resource i */
    uint64_t accesses; /**< reads and writes so far: lets a test bound a driver's polling */
};

/** True if this architecture has I/O ports: a mock plays them too. */
static inline bool kaal_arch_has_ports(void)
{
    return true;
}

/** Moves the start of a window; its length is the caller's. offset  inside it */
static inline void kaal_arch_window_move(struct kaal_window *window, uint64_t offset)
{
    window->base += offset;
}

/** Reads one register of the mock device that the window's address points to. */
static inline uint64_t kaal_window_read(const struct kaal_window *window, uint64_t offset,
                                        unsigned width)
{
    struct kaal_mock *mock = (struct kaal_mock *)window->address;

    ASSERT(range_inside(offset, width, window->bytes));
    mock->accesses++;
    return mock->read(mock, window->base + offset, width);
}

/** Writes one register of the mock device that the window's address points to. */
static inline void kaal_window_write(const struct kaal_window *window, uint64_t offset,
                                     unsigned width, uint64_t value)
{
    struct kaal_mock *mock = (struct kaal_mock *)window->address;

    ASSERT(range_inside(offset, width, window->bytes));
    mock->accesses++;
    mock->write(mock, window->base + offset, width, value);
}
