/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Registers of the local APIC and the IOAPIC, as offsets: each is 32 bits wide on a 16-byte
 * boundary. Source: Intel SDM vol. 3A 10.4.1 (table 10-1), 10.5; 82093AA IOAPIC data sheet, 3.1
 * and 3.2.
 */
#pragma once

#define LAPIC_ID            0x020                   /* RO, bits 24..31 */
#define LAPIC_TASK_PRIORITY 0x080                   /* RW */
#define LAPIC_EOI           0x0b0                   /* WO, write 0 */
#define LAPIC_SPURIOUS      0x0f0                   /* RW */
#define LAPIC_REQUEST(word) (0x200 + 0x10 * (word)) /* RO, one bit per vector */
#define LAPIC_LVT_TIMER     0x320                   /* RW */
#define LAPIC_LVT_LINT0     0x350                   /* RW */
#define LAPIC_LVT_LINT1     0x360                   /* RW */
#define LAPIC_LVT_ERROR     0x370                   /* RW */
#define LAPIC_TIMER_INITIAL 0x380                   /* RW */
#define LAPIC_TIMER_CURRENT 0x390                   /* RO */
#define LAPIC_TIMER_DIVIDE  0x3e0                   /* RW */

/* Words of LAPIC_REQUEST that hold the vectors the kernel uses, 32..159. */
#define LAPIC_FIRST_REQUEST 1
#define LAPIC_LAST_REQUEST  4

#define LAPIC_SPURIOUS_ENABLE     0x100
#define LAPIC_LVT_MASKED          0x10000
#define LAPIC_LVT_TSC_DEADLINE    0x40000
#define LAPIC_TIMER_DIVIDE_BY_ONE 0xb

#define APIC_BASE_ENABLE 0x800 /* of MSR_APIC_BASE */
#define APIC_BASE_X2APIC 0x400
#define APIC_BASE_MASK   0x000ffffffffff000

#define IOAPIC_SELECT 0x00 /* RW, index of the register behind the window */
#define IOAPIC_WINDOW 0x10 /* RW */

#define IOAPIC_VERSION        0x01 /* RO, bits 16..23: last pin */
#define IOAPIC_PIN_LOW(pin)   (0x10 + 2 * (uint32_t)(pin))
#define IOAPIC_PIN_HIGH(pin)  (0x11 + 2 * (uint32_t)(pin))
#define IOAPIC_PIN_MASKED     0x10000
#define IOAPIC_PIN_LEVEL      0x08000
#define IOAPIC_PIN_ACTIVE_LOW 0x02000
#define IOAPIC_DEST_SHIFT     24
