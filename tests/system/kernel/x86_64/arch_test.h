/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the files of the x86_64 kernel tests share. */
#pragma once

#include "../kernel_test.h"

#define TEST_VADDR  UINT64_C(0x600000000000)
#define RFLAGS_USER UINT64_C(0x202)
#define RFLAGS_MASK UINT64_C(0x202) /* arithmetic flags are whatever they were */

/* Bits of a page fault's error code. */
#define FAULT_WRITE 2
#define FAULT_USER  4
#define FAULT_FETCH 16

/* Code with a label on the instruction that faults. */
#define FAULTING(name, setup, instruction)                                        \
    extern const char name[], name##_ip[], name##_next[];                         \
    __asm__(".text\n.globl " #name ", " #name "_ip\n" #name ": " setup "\n" #name \
            "_ip: " instruction "\n" #name "_next: mov $-1000, %rdx; syscall; ud2\n")

/* Reads from, writes to and jumps to the first bytes at TEST_VADDR. */
extern const char code_read[], code_read_ip[];
extern const char code_write[], code_write_ip[];

/* Start a victim with the code and wait for its fault; returns the label. */
seL4_Word start_code(struct victim *victim, const char *code);

/* The code faults there in this way, and nothing else. */
void expect_vm_fault(const char *code, seL4_Word ip, seL4_Word address, seL4_Word fetch,
                     seL4_Word status, const char *name);

void test_exceptions(void);
void test_unknown_syscall(void);
void test_exception_reply(void);
void test_debug_syscalls(void);
void test_preemption(void);
void test_fpu(void);
void test_tls(void);
void test_pages(void);
void test_page_map_order(void);
void test_table_map_order(void);
void test_huge_page(void);
void test_identify(void);
void test_asids(void);
void test_ports(void);
void test_interrupts(void);
void test_iommu_labels(void);

/* For a machine with `-device intel-iommu -device edu,addr=05.0`. */
void iommu_tests(void);
