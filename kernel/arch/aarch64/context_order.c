/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Orders in which the ABI lists registers. */
#include <kernel/tcb.h>

/* seL4_UserContext: pc sp spsr x0..x8 x16 x17 x18 x29 x30 | x9..x15 x19..x28 and the TLS pair. */
const uint8_t context_order[ABI_CONTEXT_WORDS] = {
    REG_FAULT_IP, REG_SP,      REG_FLAGS,   REG_X0,      REG_X0 + 1,   REG_X0 + 2,
    REG_X0 + 3,   REG_X0 + 4,  REG_X0 + 5,  REG_X0 + 6,  REG_X0 + 7,   REG_X0 + 8,
    REG_X0 + 16,  REG_X0 + 17, REG_X0 + 18, REG_X0 + 29, REG_X0 + 30,  REG_X0 + 9,
    REG_X0 + 10,  REG_X0 + 11, REG_X0 + 12, REG_X0 + 13, REG_X0 + 14,  REG_X0 + 15,
    REG_X0 + 19,  REG_X0 + 20, REG_X0 + 21, REG_X0 + 22, REG_X0 + 23,  REG_X0 + 24,
    REG_X0 + 25,  REG_X0 + 26, REG_X0 + 27, REG_X0 + 28, REG_TLS_BASE, REG_TPIDRRO,
};

/* Words of an unknown system call's message and reply; "LR" is the next IP. */
const uint8_t unknown_syscall_order[ABI_UNKNOWN_SYSCALL_REPLY_WORDS] = {
    REG_X0,     REG_X0 + 1, REG_X0 + 2,   REG_X0 + 3, REG_X0 + 4,  REG_X0 + 5,
    REG_X0 + 6, REG_X0 + 7, REG_FAULT_IP, REG_SP,     REG_NEXT_IP, REG_FLAGS,
};
