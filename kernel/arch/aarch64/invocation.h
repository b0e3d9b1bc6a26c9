/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The decode functions of aarch64 capabilities, one per capability type; see invocation.c. */
#pragma once

#include <arch/paging.h>
#include <kernel/invocation.h>

enum kernel_result frame_decode(struct invocation *inv) MUST_CHECK;
enum kernel_result page_table_decode(struct invocation *inv) MUST_CHECK;
enum kernel_result vspace_decode(struct invocation *inv) MUST_CHECK;
enum kernel_result asid_control_decode(struct invocation *inv) MUST_CHECK;
enum kernel_result asid_pool_decode(struct invocation *inv) MUST_CHECK;
enum kernel_result smc_decode(struct invocation *inv) MUST_CHECK;
enum kernel_result sgi_signal_decode(struct invocation *inv) MUST_CHECK;

/*
 * Check that extra capability 0 is a live root table (InvalidCapability(1), FailedLookup) and
 * return it.
 */
enum kernel_result decode_vspace_argument(struct invocation *inv, pte_t **root,
                                          word_t *asid) MUST_CHECK;
