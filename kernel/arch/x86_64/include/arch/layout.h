/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Addresses, selectors and vectors as this kernel chooses them, for assembly and C.
 * Only preprocessor constants: this header is included from .S files.
 */
#pragma once

#include <arch/cpu_regs.h>

/* Kernel half of every address space (PML4 slot 511). */
#define PHYSICAL_BASE      0xffffff8000000000 /* direct map of physical memory */
#define PHYSICAL_MAP_BYTES 0x7f80000000       /* 510 GiB */
#define KERNEL_BASE        0xffffffff80000000 /* the kernel image, at KERNEL_BASE + physical */
#define DEVICE_BASE        0xffffffffc0000000 /* uncached windows on interrupt controllers and timers */
#define KERNEL_STACK_BYTES 16384

/* Segment selectors. SYSRET wants user data directly below user code. */
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_SYSRET_BASE 0x1b /* user data - 8, user code - 16 */
#define SELECTOR_USER_DATA   0x23
#define SELECTOR_USER_CODE   0x2b
#define SELECTOR_TSS         0x30
#define GDT_ENTRIES          8

#define RFLAGS_USER_DEFAULT (RFLAGS_RESERVED | RFLAGS_INTERRUPT)

/*
 * Interrupt vectors. Users choose n in 0..107, which is CPU vector 48 + n; `int n` from user level
 * with n in 158..254 is an unknown system call.
 */
#define VECTOR_ISA_BASE     32 /* where the masked legacy PICs point */
#define VECTOR_USER_BASE    48
#define VECTOR_IOMMU        156
#define VECTOR_TIMER        157
#define VECTOR_SOFTWARE_MIN 158
#define VECTOR_SOFTWARE_MAX 254
#define VECTOR_SPURIOUS     255

/*
 * The user registers in struct user_context, in groups that trap.S saves and loads together; from
 * the error code to SS it is the CPU's interrupt frame. For assembly CONTEXT(register) is the byte
 * offset.
 */
#define REG_RAX      0
#define REG_RBX      1
#define REG_RDX      2
#define REG_RSI      3
#define REG_RDI      4
#define REG_RBP      5
#define REG_R12      6
#define REG_R13      7
#define REG_R14      8
#define REG_R10      9 /* message registers */
#define REG_R8       10
#define REG_R9       11
#define REG_R15      12
#define REG_RCX      13 /* of the `syscall` instruction */
#define REG_R11      14
#define REG_FAULT_IP 15
#define REG_ERROR    16 /* ERROR_SYSCALL after a system call */
#define REG_RIP      17
#define REG_CS       18
#define REG_RFLAGS   19
#define REG_RSP      20
#define REG_SS       21
#define REG_FS_BASE  22
#define REG_GS_BASE  23
#define CONTEXT_REGS 24

#define CONTEXT(reg)  (8 * (reg))
#define ERROR_SYSCALL -1
