/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The decode functions of what only aarch64 has; which label goes where: invocation.c. */
#pragma once

#include <kernel/invocation.h>

/* Clean, Invalidate, CleanInvalidate, Unify: of a frame by offset, of a root by virtual address. */
decode_function cache_decode_page, cache_decode_vspace;

/* A call of the secure monitor, whose function number the capability's badge may restrict. */
decode_function smc_decode;

/* IRQControl: IssueSGISignal; the others: arch_decode_irq_get(). */
decode_function irq_decode_issue_sgi;
