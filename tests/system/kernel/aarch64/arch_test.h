/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the files of the aarch64 kernel tests share. */
#pragma once

#include "../kernel_test.h"

#define TEST_VADDR UINT64_C(0x600000000000) /* nothing of the program is below this top entry */
#define PAGE_BYTES UINT64_C(0x1000)
#define SPSR_NZCV  UINT64_C(0xf0000000)

/* Syndromes: class, instruction length, and the reason in the low bits. */
#define ESR_UNDEFINED     UINT64_C(0x02000000)
#define ESR_FP_DISABLED   UINT64_C(0x1fe00000)
#define ESR_BRK           UINT64_C(0xf2000000)
#define ESR_CNTPCT_TO_X0  UINT64_C(0x6232f801)
#define ESR_DATA          UINT64_C(0x92000000)
#define ESR_FETCH         UINT64_C(0x82000000)
#define ESR_WRITE         UINT64_C(0x40)
#define ESR_TRANSLATION   UINT64_C(0x04) /* + level */
#define ESR_PERMISSION_L3 UINT64_C(0x0f)

/* Code with a label on the instruction that faults. */
#define FAULTING(name, setup, instruction)                                                   \
    extern const char name[], name##_ip[];                                                   \
    __asm__(".text\n.balign 4\n.globl " #name ", " #name "_ip\n" #name ": " setup "\n" #name \
            "_ip: " instruction "\nudf #1\n")

/* Jumps to its argument. */
extern const char code_jump[];

/* Start a victim with the code and wait for its fault; returns the label. */
seL4_Word start_code(struct victim *victim, const char *code, uint64_t argument);

/* The code, or a read or write of the address, faults there in this way. */
void expect_vm_fault(const char *code, seL4_Word ip, seL4_Word address, seL4_Word fetch,
                     seL4_Word esr, const char *name);
void expect_read_fault(seL4_Word vaddr, seL4_Word reason, const char *name);
void expect_write_fault(seL4_Word vaddr, seL4_Word reason, const char *name);

/* Map a frame of any size in the test's own address space. */
static inline seL4_Error page_map(seL4_CPtr frame, seL4_Word vaddr, seL4_CapRights_t rights,
                                  seL4_ARM_VMAttributes attributes)
{
    return seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, rights, attributes);
}

void test_exceptions(void);
void test_unknown_syscall(void);
void test_exception_reply(void);
void test_debug_syscalls(void);
void test_preemption(void);
void test_fpu(void);
void test_tls(void);
void test_pages(void);
void test_large_pages(void);
void test_asids(void);
void test_caches(void);
void test_irq_errors(void);
void test_uart_interrupt(void);
void test_sgi(void);
void test_smc(void);
