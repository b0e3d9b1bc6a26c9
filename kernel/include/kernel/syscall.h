/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What system call dispatch, its short ways, invocations and debug calls share. */
#pragma once

#include <kernel/invocation.h>

/*
 * The current thread invokes a capability pointer. Errors and faults are delivered to the thread.
 * Returns KRES_PREEMPTED when the system call must be restarted; any other value means done.
 */
enum kernel_result syscall_invoke(cptr_t cptr, struct syscall_invoke_flags flags);

/* Perform a debug system call that this build has; false if number is not one. */
bool debug_syscall(word_t number);

/* Any system call of the current thread, the normal way: from reading the clock to leaving. */
void syscall_slow(word_t number);

/* The same once the clock was read and the budget suffices; not for debug system calls. */
void syscall_dispatch(word_t number);

/*
 * ---- short ways of frequent system calls (fastpath.c) ----
 * Each does the whole of the call with the same effect as the normal way, or changes nothing and
 * goes that way. Context: entry by a system call, clock not read.
 *   number  the system call's, for the normal way
 */

/*
 * Call on an endpoint whose first receiver offers a reply object, and ReplyRecv that answers a
 * caller on an endpoint where nobody waits, both without capabilities. Both set
 * node()->message_from, from which the thread to run is to load its message registers.
 */
void fastpath_call(void);
void fastpath_reply_recv(void);

/*
 * A fault of the current thread whose handler waits with a reply object. False if nothing was done.
 */
bool fastpath_fault(const struct fault *fault) MUST_CHECK;

/*
 * An interrupt whose handler's thread waits and is more urgent than what runs. False if nothing was
 * done; so too for numbers without a handler, below IRQ_COUNT.
 */
bool fastpath_interrupt(irq_t irq) MUST_CHECK;

/*
 * Send and NBSend on a notification that nobody, or a more urgent thread, waits for; Wait for
 * badges that are there, and NBWait.
 */
void fastpath_notification(word_t number);
