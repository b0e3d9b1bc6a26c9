/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Short cuts for the two system calls of a remote procedure call. Each does the whole of the call
 * with the same effect as the normal way, or changes nothing and returns false: then the normal way
 * must be gone. Context: entry by a system call, after the clock was read and the budget checked.
 */
#pragma once

#include <kernel/types.h>

/* Call on an endpoint whose first receiver offers a reply object, without capabilities. */
bool fastpath_call(void);

/* ReplyRecv that answers a caller, without capabilities, and finds no sender waiting. */
bool fastpath_reply_recv(void);
