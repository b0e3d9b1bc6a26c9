/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Takes the place of the host kernel's entry: keeps the registers of the last system call and gives
 * back what the test prepared.
 */
#include "fake_kernel.h"

struct kernel_host_regs fake_kernel_in;
struct kernel_host_regs fake_kernel_out;

void kernel_host_syscall(struct kernel_host_regs *regs)
{
    fake_kernel_in = *regs;
    *regs = fake_kernel_out;
}
