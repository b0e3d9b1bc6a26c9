/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Capability tags: what DebugCapIdentify answers. Even numbers are generic, odd ones belong to the
 * architecture.
 */
#pragma once

#include <abi/arch/cap_tags.h>

enum abi_cap_tag {
    ABI_CAP_NULL = 0,
    ABI_CAP_UNTYPED = 2,
    ABI_CAP_ENDPOINT = 4,
    ABI_CAP_NOTIFICATION = 6,
    ABI_CAP_REPLY = 8,
    ABI_CAP_CNODE = 10,
    ABI_CAP_TCB = 12,
    ABI_CAP_IRQ_CONTROL = 14,
    ABI_CAP_IRQ_HANDLER = 16,
    ABI_CAP_ZOMBIE = 18,
    ABI_CAP_DOMAIN = 20,
    ABI_CAP_SCHED_CONTEXT = 22,
    ABI_CAP_SCHED_CONTROL = 24,
};
