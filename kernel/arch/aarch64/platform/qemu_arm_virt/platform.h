/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The platform table: what the kernel knows about the machine at build time, QEMU's `virt` machine.
 * The addresses are those of its own device tree (`-M virt,dumpdtb=file`): intc@8000000, timer.
 */
#pragma once

#include <board.h> /* loader/platform/qemu_arm_virt: RAM and UART */

/* GICv2: distributor and CPU interface, one page each is reserved. */
#define PLATFORM_GICV2_DISTRIBUTOR 0x08000000
#define PLATFORM_GICV2_CPU         0x08010000

/* GICv3: distributor (64 KiB) and the redistributor frames (reserved up to 0x81a0000). */
#define PLATFORM_GICV3_DISTRIBUTOR         0x08000000
#define PLATFORM_GICV3_DISTRIBUTOR_BYTES   0x10000
#define PLATFORM_GICV3_REDISTRIBUTOR       0x080a0000
#define PLATFORM_GICV3_REDISTRIBUTOR_BYTES 0x100000

/* Highest interrupt number offered to users. */
#define PLATFORM_IRQ_MAX 159

/* Virtual timer: interrupt number and frequency (CNTFRQ is not consulted). */
#define PLATFORM_TIMER_IRQ 27
#define PLATFORM_TIMER_KHZ 62500
