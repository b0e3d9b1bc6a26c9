/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The functions that each architecture supplies and generic code calls, except the hot and small
 * ones, which are `static inline` in its own <arch/...> headers (listed in kernel/arch/README.md).
 * Declared here once; an architecture that lacks one does not link.
 */
#pragma once

#include <kernel/invocation.h>
#include <kernel/types.h>

/* ---- invocations ---- */

/* Decode and perform an invocation of an architecture capability (odd tag). */
enum kernel_result arch_decode_invocation(struct invocation *inv) MUST_CHECK;

/* Decode every label of the IRQ control capability; irq_is_taken(), irq_issue() do the rest. */
enum kernel_result arch_decode_irq_control(struct invocation *inv) MUST_CHECK;

/* ---- objects: called with type >= seL4_NonArchObjectTypeCount only ---- */

/* log2 of the object's size in bytes. */
word_t arch_object_bits(word_t type);

/* True if the object may be made from device memory, which only frames may. */
bool arch_object_is_frame(word_t type);

/*
 * Make an object in zeroed memory (device memory: untouched) and return its original capability.
 * Writes what the object needs at birth, e.g. the kernel half of a PML4; cleans caches if needed.
 */
struct cap arch_object_create(word_t type, kptr_t base, bool device);

/* ---- capabilities: called with odd tags only ---- */

/* As cap_derive(): e.g. unmapped copies of frames, refusal of unmapped tables. */
enum kernel_result arch_cap_derive(struct slot *slot, struct cap cap, struct cap *out) MUST_CHECK;

/* Frame rights by the rule of memory.md; other capabilities unchanged. */
struct cap arch_cap_mask_rights(struct cap cap, word_t rights);

/* As cap_update_data(): SMC badge, IO space; others unchanged. */
struct cap arch_cap_update_data(struct cap cap, word_t data, bool preserve);

/* As cap_same_region() / cap_same_object() for two capabilities of which a is the architecture's.
 */
bool arch_same_region(struct cap a, struct cap b);
bool arch_same_object(struct cap a, struct cap b);

/* Memory behind the capability; false if none. */
bool arch_cap_object_region(struct cap cap, kptr_t *base, word_t *size_bits);

/* True if cap, just derived from source (any tag), is revocable ("original"). */
bool arch_cap_is_revocable(struct cap cap, struct cap source);

/*
 * Extra condition of the parent relation when regions match: badge rules of SMC and SGI caps.
 *   child_first_badged  the child's flag
 * Also called with parent = IRQ control when the child is the architecture's. Default: true.
 */
bool arch_is_parent(struct cap parent, struct cap child, bool child_first_badged);

/*
 * A capability is being deleted. Frames: unmap this one's mapping. With final: destroy the object
 * (leave parent table, forget ASID, free ports). Short and never preempted.
 */
void arch_cap_finalise(struct cap cap, bool final);

/* ---- threads and address spaces ---- */

/*
 * The CPU will run `to` from now on: address space, TLS registers, FPU trap, kernel entry stack.
 *   from  thread whose live state (TLS registers) must be saved first; may equal to
 * Also called for the idle thread, whose address space is irrelevant.
 */
void arch_switch_thread(struct tcb *from, struct tcb *to);

/* tcb's VSpace slot has changed or its root was destroyed; matters if tcb is the current thread. */
void arch_vspace_changed(struct tcb *tcb);

/* Write the live registers of tcb that the entry does not save (TLS) into its context, or load
 * them. */
void arch_context_sync(struct tcb *tcb);
void arch_context_reload(struct tcb *tcb);

/* Set the idle thread's context: it waits for interrupts in the kernel. */
void arch_idle_init(struct tcb *idle);

/* FPU: tcb dies or moves (drop ownership without saving); its TCB_FLAG_FPU_DISABLED has changed. */
void arch_fpu_forget(struct tcb *tcb);
void arch_fpu_flags_changed(struct tcb *tcb);
/* Save live FPU state into tcb->fpu if tcb owns the FPU. */
void arch_fpu_sync(struct tcb *tcb);

/* ---- interrupts: numbers are the ABI's ---- */

/* After delivery: EOI and keep quiet until Ack (mask; GICv3: priority drop only). */
void arch_irq_delivered(irq_t irq);
/* The user's Ack: unmask or deactivate. */
void arch_irq_ack(irq_t irq);
/* The handler is gone: mask, and free what issuing took. */
void arch_irq_release(irq_t irq);

/* ---- machine ---- */

/* Memory was zeroed or written by the kernel that users or table walkers will read uncached. */
void arch_memory_written(kptr_t base, word_t bytes);

/* Stop for ever (seL4_DebugHalt, kernel_panic). */
NORETURN void arch_halt(void);

/* One byte to the kernel console; '\n' becomes CR LF here. Only called if CONFIG_PRINTING. */
void arch_console_putchar(char byte);

/* ---- boot, called by kernel_boot() in this order ---- */

/* Initialise the zeroed ASID pool 0; return its capability. */
struct cap arch_boot_create_asid_pool(void *pool);

/* Initialise the zeroed root table, assign ASID 1 in the pool; return its capability. */
struct cap arch_boot_create_vspace(void *root, void *pool);

/*
 * Enter a zeroed table that covers 2^bits bytes at vaddr; the tables above it are there already.
 * Return its capability, which records the mapping.
 */
struct cap arch_boot_map_table(struct cap vspace, void *table, vaddr_t vaddr, word_t bits);

/* Map one 4 KiB page read-write; return the frame capability, which records the mapping. */
struct cap arch_boot_map_frame(struct cap vspace, paddr_t paddr, vaddr_t vaddr, bool executable);

/* Put the architecture's own capabilities into their fixed slots: ASID control, I/O ports, SMC ...
 */
void arch_boot_caps(void);
