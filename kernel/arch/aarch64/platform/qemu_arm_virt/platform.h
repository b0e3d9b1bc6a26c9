/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The platform table: what the kernel knows about the machine at build time, QEMU's `virt` machine.
 * The addresses are those of its own device tree (`-M virt,dumpdtb=file`): intc@8000000, timer.
 */
#pragma once

#include <board.h> /* loader/platform/qemu_arm_virt: RAM and UART */

/*
 * Interrupt controller: distributor, and CPU interface (GICv2: one page each) or redistributor
 * frames (GICv3: reserved up to 0x81a0000, of which the first CPU has two frames of 64 KiB).
 */
#define PLATFORM_GIC_DISTRIBUTOR       0x08000000
#define PLATFORM_GIC_DISTRIBUTOR_BYTES (CONFIG_ARM_GIC_V3_SUPPORT ? 0x10000 : 0x1000)
#define PLATFORM_GIC_CPU               (CONFIG_ARM_GIC_V3_SUPPORT ? 0x080a0000 : 0x08010000)
#define PLATFORM_GIC_CPU_BYTES         (CONFIG_ARM_GIC_V3_SUPPORT ? 0x20000 : 0x1000)
#define PLATFORM_GIC_ALL_CPUS_BYTES    (CONFIG_ARM_GIC_V3_SUPPORT ? 0x100000 : 0x1000)

/* Virtual timer: interrupt number and frequency (CNTFRQ is not consulted). */
#define PLATFORM_TIMER_IRQ 27
#define PLATFORM_TIMER_KHZ 62500
