/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The host kernel as the tests' machine, see harness.h: cmocka, and the kernel inside the process.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arch/host_kernel.h>
#include <sel4/sel4.h>

typedef void (*harness_test)(void);

/* Boot a kernel, run the test as its root task, and check that it returned. */
void harness_run(harness_test test);

/* As above with options of the test's own; returns how the run ended. */
enum kernel_host_end harness_run_with(const struct kernel_host_options *options, harness_test test);

/* One row of a cmocka table for a function of type harness_test. */
#define HARNESS_TEST(function)                                   \
    {                                                            \
#function, harness_entry, NULL, NULL, (void *)(function) \
    }
void harness_entry(void **state);

/* The host kernel has the objects and registers of aarch64. */
#define HARNESS_PAGE                   seL4_ARM_SmallPageObject
#define HARNESS_TABLE                  seL4_ARM_PageTableObject
#define HARNESS_VSPACE                 seL4_ARM_VSpaceObject
#define HARNESS_CONTEXT_TLS            34
#define HARNESS_FLAGS_WRITTEN          0xf0000040
#define HARNESS_UNKNOWN_SYSCALL_LENGTH seL4_UnknownSyscall_Length

static inline seL4_Error harness_assign_asid(seL4_CPtr root)
{
    return seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, root);
}

static inline seL4_Word harness_page_address(seL4_CPtr frame)
{
    return seL4_ARM_Page_GetAddress(frame).paddr;
}
