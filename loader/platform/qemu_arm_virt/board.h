/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the loader knows about the machine at build time, and the kernel's platform table begins
 * with: QEMU's `virt` machine with 1 GiB of RAM. The loader must build without kernel/, because it
 * also starts other kernels. The addresses are those of the machine's own device tree
 * (`-M virt,dumpdtb=file`): memory@40000000, pl011@9000000.
 */
#pragma once

/* RAM: everything else below PLATFORM_PHYS_TOP is device memory. */
#define PLATFORM_RAM_BASE  0x40000000
#define PLATFORM_RAM_BYTES 0x40000000

/* PL011 used for messages of loader and printing kernels; user level gets it all the same. */
#define PLATFORM_UART_BASE 0x09000000
