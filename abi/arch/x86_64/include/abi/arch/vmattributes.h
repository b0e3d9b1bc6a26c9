/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Page attributes of x86_64: the value is the index into the page attribute table.
 */
#pragma once

typedef enum {
    seL4_X86_Default_VMAttributes = 0,
    seL4_X86_WriteBack = 0,
    seL4_X86_WriteThrough = 1,
    seL4_X86_CacheDisabled = 2, /* UC-: a memory type range register may override it */
    seL4_X86_Uncacheable = 3,
    seL4_X86_WriteCombining = 4,
    seL4_X86_VMAttributes_force_long = 0x7fffffffffffffff,
} seL4_X86_VMAttributes;
