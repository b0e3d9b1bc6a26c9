/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* I/O ports: each port is in at most one issued range; users reach theirs by invocation only. */
#pragma once

#include <kernel/invocation.h>

/* Issue, of the control capability; In and Out of every width, of a range's. */
enum kernel_result ioport_decode_issue(struct invocation *inv) MUST_CHECK;
enum kernel_result ioport_decode(struct invocation *inv) MUST_CHECK;

/* The last capability of a range is gone: its ports may be issued again. */
void ioport_release(struct cap cap);
