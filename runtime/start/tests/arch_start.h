/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A counter that the test moves.
 */
#pragma once

#include <stdint.h>

extern uint64_t test_ticks;

static inline uint64_t arch_ticks(void)
{
    return test_ticks;
}
