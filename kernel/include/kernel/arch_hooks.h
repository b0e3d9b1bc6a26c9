/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The functions that each architecture supplies and generic code calls, except the hot and small
 * ones, which are `static inline` in its own <arch/...> headers (listed in kernel/arch/README.md).
 * Declared here once; an architecture that lacks one does not link.
 */
#pragma once

#include <kernel/invocation.h>

/* ---- invocations ---- */

/* Get, of the IRQ control capability; irq_check_issue() and irq_issue() do most of it. */
decode_function arch_decode_irq_get;

/* ---- objects ---- */

/* What Retype makes of an object type: cap_identify() of its capability, and log2 of its bytes. */
struct arch_object {
    uint8_t tag; /* CAP_NULL: the build has no such object */
    uint8_t bits;
};

/* By type, from seL4_NonArchObjectTypeCount on: frames, tables and root tables. */
extern const struct arch_object arch_objects[seL4_ObjectTypeCount];

/* Write what a zeroed root table needs at birth: the kernel's half. */
void arch_vspace_init(void *root);

/* Remove a frame or table from the device's space that its capability records; if CONFIG_IOMMU. */
void arch_io_space_unmap(struct cap cap);

/* ---- threads ---- */

/* Set the idle thread's context: it waits for interrupts in the kernel. */
void arch_idle_init(struct tcb *idle);

/* ---- interrupts: numbers are the ABI's ---- */

/* The pending interrupt to handle, taken from the CPU; IRQ_NONE if none is for generic code. */
irq_t arch_irq_get_active(void);
/* After delivery: EOI and keep quiet until Ack (mask; GICv3: priority drop only). */
void arch_irq_delivered(irq_t irq);
/* The user's Ack: unmask or deactivate. */
void arch_irq_ack(irq_t irq);
/* The handler is gone: mask, and free what issuing took. */
void arch_irq_release(irq_t irq);

/* ---- machine ---- */

/* Memory was zeroed or written by the kernel that users or table walkers will read uncached. */
void arch_memory_written(kptr_t base, word_t bytes);

/* Zero untyped memory (base, bytes: multiples of 16), as arch_memory_written() wants it. */
void arch_memory_clear(kptr_t base, word_t bytes);

/* Stop for ever (seL4_DebugHalt, kernel_panic). */
NORETURN void arch_halt(void);

/* One byte to the console, as it is. Only called if CONFIG_PRINTING. */
void arch_console_putchar(char byte);

/* ---- boot ---- */

/* Put the architecture's own capabilities into their fixed slots: I/O ports, SMC ... */
void arch_boot_caps(void);
