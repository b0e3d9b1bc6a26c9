/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The registers that a stub gave to the kernel entry, and those that it finds on return.
 */
#pragma once

#include <arch/host_entry.h>

extern struct kernel_host_regs fake_kernel_in;
extern struct kernel_host_regs fake_kernel_out;
