/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The host's platform table. Cache operations are no-ops, so all memory may count as RAM. */
#pragma once

#define PLATFORM_RAM_BASE  0x40000000ul
#define PLATFORM_RAM_BYTES (1ul << 40)
#define PLATFORM_TIMER_KHZ 62500
