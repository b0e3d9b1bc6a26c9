/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The generic kernel as entry code sees it. Before each call the architecture has saved the user's
 * registers in node()->current->context; after it, it restores node()->current, which may be
 * another thread in another address space (arch_switch_to_thread() has been called for it).
 * On entry by a system call REG_FAULT_IP is the address of the system call instruction and
 * REG_NEXT_IP the one behind it; on entry by an interrupt or exception both are the interrupted IP.
 * Interrupts stay off inside; none of these functions blocks.
 */
#pragma once

#include <kernel/fault.h>

/*
 * A system call of the current thread. number is the whole register, as signed 64 bits. Entry code
 * that wants to be quick may itself go to fastpath_call() and fastpath_reply_recv().
 */
void kernel_handle_syscall(word_t number);

/* A pending interrupt: asks arch_irq_get_active() which. */
void kernel_handle_interrupt(void);

/* A fault of the current thread. */
void kernel_handle_fault(struct fault fault);
