/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The host's system call instruction: libsel4's host stubs call this instead of executing `svc`.
 * Registers have the aarch64 roles. This header needs no other header of the kernel.
 */
#pragma once

#include <stdint.h>

/* x[0] cap pointer / badge, x[1] message info, x[2..5] MR0..3, x[6] reply, x[7] number, x[8] dest.
 */
struct kernel_host_regs {
    uint64_t x[9];
};

/*
 * Execute a system call of the calling fiber's thread. May switch to other fibers; returns when the
 * thread continues behind its system call, with the registers that it then has.
 */
void kernel_host_syscall(struct kernel_host_regs *regs);
