/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Addresses, selectors and control bits shared by assembly and C of the x86_64 kernel.
 * Only preprocessor constants: this header is included from .S files.
 * Source: Intel SDM vol. 3A 2.5 (control registers), 3.4 (segments), 4.5 (paging), vol. 4 (MSRs).
 */
#pragma once

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

#define PTE_PRESENT       0x001
#define PTE_WRITE         0x002
#define PTE_USER          0x004
#define PTE_WRITE_THROUGH 0x008
#define PTE_CACHE_DISABLE 0x010
#define PTE_LARGE         0x080
#define PTE_PAT_SMALL     0x080  /* 4 KiB pages */
#define PTE_PAT_LARGE     0x1000 /* 2 MiB and 1 GiB pages */
#define PTE_GLOBAL        0x100
#define PTE_NO_EXECUTE    0x8000000000000000

#define CR0_PE 0x00000001
#define CR0_MP 0x00000002
#define CR0_TS 0x00000008
#define CR0_ET 0x00000010
#define CR0_NE 0x00000020
#define CR0_WP 0x00010000
#define CR0_PG 0x80000000

#define CR4_PAE        0x00000020
#define CR4_PGE        0x00000080
#define CR4_OSFXSR     0x00000200
#define CR4_OSXMMEXCPT 0x00000400
#define CR4_FSGSBASE   0x00010000
#define CR4_OSXSAVE    0x00040000
#define CR4_SMEP       0x00100000
#define CR4_SMAP       0x00200000

#define MSR_APIC_BASE    0x0000001b
#define MSR_PAT          0x00000277
#define MSR_TSC_DEADLINE 0x000006e0
#define MSR_EFER         0xc0000080
#define MSR_STAR         0xc0000081
#define MSR_LSTAR        0xc0000082
#define MSR_SYSCALL_MASK 0xc0000084

#define EFER_SCE 0x001
#define EFER_LME 0x100
#define EFER_NXE 0x800

#define RFLAGS_RESERVED        0x00002 /* always one */
#define RFLAGS_TRAP            0x00100
#define RFLAGS_INTERRUPT       0x00200
#define RFLAGS_DIRECTION       0x00400
#define RFLAGS_NESTED          0x04000
#define RFLAGS_RESUME          0x10000
#define RFLAGS_ALIGNMENT_CHECK 0x40000
#define RFLAGS_USER_DEFAULT    (RFLAGS_RESERVED | RFLAGS_INTERRUPT)

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

/* Byte offsets in struct user_context: 8 * its register index in context.h. */
#define CONTEXT_RAX           0
#define CONTEXT_RBX           8
#define CONTEXT_RCX           16
#define CONTEXT_RDX           24
#define CONTEXT_RSI           32
#define CONTEXT_RDI           40
#define CONTEXT_RBP           48
#define CONTEXT_R8            56
#define CONTEXT_R9            64
#define CONTEXT_R10           72
#define CONTEXT_R11           80
#define CONTEXT_R12           88
#define CONTEXT_R13           96
#define CONTEXT_R14           104
#define CONTEXT_R15           112
#define CONTEXT_FAULT_IP      120
#define CONTEXT_ERROR         128 /* after a system call: */
#define CONTEXT_ERROR_SYSCALL -1
#define CONTEXT_RIP           136
#define CONTEXT_CS            144
#define CONTEXT_RFLAGS        152
#define CONTEXT_RSP           160
#define CONTEXT_SS            168
#define CONTEXT_FRAME_END     176
#define CONTEXT_FS_BASE       176
#define CONTEXT_GS_BASE       184
#define CONTEXT_BYTES         192
