/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The window through which a driver reaches its device's registers; <kaal/registers.h> has the
 * accessors.
 */
#pragma once

#include <stdint.h>

/** Where the registers of a device are. Filled by the kit, read by the accessors only. */
struct kaal_window {
    uintptr_t address; /**< memory-mapped: first byte; on the host: the struct kaal_mock */
    uint64_t bytes;    /**< length in bytes or ports */
    uint64_t ports;    /**< IOPort capability, 0 = memory-mapped */
    uint16_t port;     /**< first port */
    uint64_t base;     /**< on the host: what the mock device adds to offsets; else 0 */
};
