/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Registers, table entries and feature bits that the architecture defines; preprocessor constants,
 * for .S files include this header. Source: Intel SDM (order number 325462), sections as named.
 */
#pragma once

/* Entries of translation tables: SDM vol. 3A 4.5. */
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

/* Control registers, RW: SDM vol. 3A 2.5. */
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
#define CR4_SMEP       0x00100000
#define CR4_SMAP       0x00200000

/* Model-specific registers, RW: SDM vol. 4, 2.1. */
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

/* RFLAGS: SDM vol. 1, 3.4.3. */
#define RFLAGS_RESERVED        0x00002 /* always one */
#define RFLAGS_TRAP            0x00100
#define RFLAGS_INTERRUPT       0x00200
#define RFLAGS_DIRECTION       0x00400
#define RFLAGS_NESTED          0x04000
#define RFLAGS_RESUME          0x10000
#define RFLAGS_ALIGNMENT_CHECK 0x40000

/* Debug registers, RW: SDM vol. 3B 17.2. DR7's field is access in two bits, length in two. */
#define DR6_CLEAR       0xffff0ff0
#define DR6_SINGLE_STEP 0x4000
#define DR7_RESERVED    0x400
#define DR7_LOCAL(n)    (1u << 2 * (n))
#define DR7_FIELD(n)    (16 + 4 * (n))

/* Exceptions: SDM vol. 3A 6.3.1, table 6-1. */
#define EXCEPTION_DEBUG         1
#define EXCEPTION_NMI           2
#define EXCEPTION_BREAKPOINT    3
#define EXCEPTION_NO_FPU        7
#define EXCEPTION_DOUBLE_FAULT  8
#define EXCEPTION_PAGE_FAULT    14
#define EXCEPTION_MACHINE_CHECK 18

/* Error code of a page fault: SDM vol. 3A 4.7. */
#define PAGE_FAULT_FETCH 0x10
#define PAGE_FAULT_MASK  0x1f

/* CPUID, RO: SDM vol. 2A, CPUID; the hypervisor's leaves as KVM and VMware have them. */
#define CPUID_1_ECX_TSC_DEADLINE   (1u << 24)
#define CPUID_1_ECX_HYPERVISOR     (1u << 31)
#define CPUID_1_EDX_APIC           (1u << 9)
#define CPUID_1_EDX_PAT            (1u << 16)
#define CPUID_1_EDX_FXSR           (1u << 24)
#define CPUID_1_EDX_SSE2           (1u << 26)
#define CPUID_7_EBX_FSGSBASE       (1u << 0)
#define CPUID_7_EBX_SMEP           (1u << 7)
#define CPUID_7_EBX_SMAP           (1u << 20)
#define CPUID_EXTENDED_EDX_SYSCALL (1u << 11)
#define CPUID_HYPERVISOR           0x40000000
#define CPUID_HYPERVISOR_TIMING    0x40000010
