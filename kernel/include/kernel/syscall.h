/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What system call dispatch, invocations and debug calls share. */
#pragma once

#include <kernel/tcb.h>

struct syscall_invoke_flags {
    bool blocking;
    bool call;
    bool can_donate;
    bool first_phase; /* of ReplyRecv, NBSendRecv, NBSendWait: fewer capabilities allowed */
};

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
