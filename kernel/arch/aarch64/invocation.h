/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The decode functions of what only aarch64 has; which label goes where: invocation.c. */
#pragma once

#include <kernel/invocation.h>

/* Clean, Invalidate, CleanInvalidate, Unify: of a frame by offset, of a root by virtual address. */
enum kernel_result cache_decode_page(struct invocation *inv) MUST_CHECK;
enum kernel_result cache_decode_vspace(struct invocation *inv) MUST_CHECK;

/* A call of the secure monitor, whose function number the capability's badge may restrict. */
enum kernel_result smc_decode(struct invocation *inv) MUST_CHECK;

/* GetTrigger and IssueSGISignal of IRQControl; GetIRQHandler: arch_decode_irq_get(). */
enum kernel_result irq_decode_get_trigger(struct invocation *inv) MUST_CHECK;
enum kernel_result irq_decode_issue_sgi(struct invocation *inv) MUST_CHECK;

/* Send a software interrupt. */
enum kernel_result sgi_signal_decode(struct invocation *inv) MUST_CHECK;
