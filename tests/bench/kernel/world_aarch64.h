/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Devices of the aarch64 reference machine (arch_aarch64.c). After arch_console_init().
 */
#pragma once

#include <stdint.h>

#include <sel4/sel4.h>

/*
 * Registers of a device near the UART, by its compatible string in the device tree; spi: its first
 * interrupt's number among the SPIs. NULL if there is none.
 */
volatile uint32_t *arch_device(const char *compatible, uint32_t *spi);

/* Maps the same devices at the same address in another address space. */
void arch_devices_share(seL4_CPtr vspace);
