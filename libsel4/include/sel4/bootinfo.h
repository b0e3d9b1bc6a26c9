/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where the initial thread keeps the address of its boot information.
 */
#pragma once

#include <sel4/bootinfo_types.h>

/* Remembers the boot information; the start code of an initial thread calls it once. */
void seL4_InitBootInfo(seL4_BootInfo *bi);

/* The boot information, or a null pointer before seL4_InitBootInfo(). */
seL4_BootInfo *seL4_GetBootInfo(void);
