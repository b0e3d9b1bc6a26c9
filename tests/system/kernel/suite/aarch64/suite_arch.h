/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the shared kernel tests need to know of aarch64. */
#pragma once

#include <sel4/sel4.h>

#define HARNESS_PAGE          seL4_ARM_SmallPageObject
#define HARNESS_TABLE         seL4_ARM_PageTableObject
#define HARNESS_VSPACE        seL4_ARM_VSpaceObject
#define HARNESS_CONTEXT_TLS   34
#define HARNESS_FLAGS_WRITTEN 0xf0000040 /* the condition flags, and a debug kernel's default */

static inline seL4_Error harness_assign_asid(seL4_CPtr root)
{
    return seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, root);
}

static inline seL4_Word harness_page_address(seL4_CPtr frame)
{
    return seL4_ARM_Page_GetAddress(frame).paddr;
}

static inline seL4_Error suite_map(seL4_CPtr frame, seL4_Word vaddr)
{
    return seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_ReadWrite,
                             seL4_ARM_Default_VMAttributes);
}

static inline seL4_Word suite_thread_pointer(void)
{
    seL4_Word pointer;
    __asm__("mrs %0, tpidr_el0" : "=r"(pointer));
    return pointer;
}

static inline void suite_tls_finish(seL4_Word pointer)
{
    (void)pointer;
}

static inline void suite_context(seL4_UserContext *context, seL4_Word function, seL4_Word sp,
                                 seL4_Word thread_pointer, const seL4_Word arguments[3])
{
    *context = (seL4_UserContext){.pc = function,
                                  .sp = sp,
                                  .tpidr_el0 = thread_pointer,
                                  .x0 = arguments[0],
                                  .x1 = arguments[1],
                                  .x2 = arguments[2]};
}

/* The longest time in us: of a fixed 62.5 MHz. */
static inline seL4_Word suite_us_max(seL4_Word mhz)
{
    (void)mhz;
    return 36893488147419;
}
