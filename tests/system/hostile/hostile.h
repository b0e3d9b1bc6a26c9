/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The part of the hostile component that differs by architecture: addresses that are somebody
 * else's, and one privileged instruction.
 */
#pragma once

#include <stdint.h>

/** An address in the kernel's half. */
extern const uint64_t hostile_kernel_address;
/** Where the reference machine has device registers; here just an unmapped address. */
extern const uint64_t hostile_register_address;
/** What hostile_privileged() tries, in words. */
extern const char *const hostile_privileged_name;

/** Executes an instruction that touches a device or the machine past the kernel. */
void hostile_privileged(void);
