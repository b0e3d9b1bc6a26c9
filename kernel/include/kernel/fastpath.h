/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Short cuts for frequent system calls. Each does the whole of the call with the same effect as the
 * normal way, or changes nothing and goes that way. Context: entry by a system call, clock not
 * read.
 *   number  the system call's, for the normal way
 */
#pragma once

#include <kernel/fault.h>

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
