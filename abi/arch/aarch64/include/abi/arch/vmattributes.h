/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Page attributes of aarch64.
 */
#pragma once

typedef enum {
    seL4_ARM_PageCacheable = 1, /* clear: device memory, nGnRnE */
    seL4_ARM_ParityEnabled = 2, /* no effect */
    seL4_ARM_Default_VMAttributes = 3,
    seL4_ARM_ExecuteNever = 4,
    seL4_ARM_VMAttributes_force_long = 0x7fffffffffffffff,
} seL4_ARM_VMAttributes;
