/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the shared kernel tests need to know of x86_64. */
#pragma once

#include <sel4/sel4.h>

#define HARNESS_PAGE          seL4_X86_4K
#define HARNESS_TABLE         seL4_X86_PageTableObject
#define HARNESS_VSPACE        seL4_X64_PML4Object
#define HARNESS_CONTEXT_TLS   18
#define HARNESS_FLAGS_WRITTEN 0xed7 /* bits 0-11 without 3, 5 and TF */

static inline seL4_Error harness_assign_asid(seL4_CPtr root)
{
    return seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, root);
}

static inline seL4_Word harness_page_address(seL4_CPtr frame)
{
    return seL4_X86_Page_GetAddress(frame).paddr;
}

static inline seL4_Error suite_map(seL4_CPtr frame, seL4_Word vaddr)
{
    return seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_ReadWrite,
                             seL4_X86_Default_VMAttributes);
}

static inline seL4_Word suite_thread_pointer(void)
{
    seL4_Word pointer;
    __asm__("mov %%fs:0, %0" : "=r"(pointer));
    return pointer;
}

/* The word at the thread pointer is its own address. */
static inline void suite_tls_finish(seL4_Word pointer)
{
    *(seL4_Word *)pointer = pointer;
}

static inline void suite_context(seL4_UserContext *context, seL4_Word function, seL4_Word sp,
                                 seL4_Word thread_pointer, const seL4_Word arguments[3])
{
    *context = (seL4_UserContext){.rip = function,
                                  .rsp = sp - 8,
                                  .fs_base = thread_pointer,
                                  .rdi = arguments[0],
                                  .rsi = arguments[1],
                                  .rdx = arguments[2]};
}

/* The longest time in us for a clock of that many MHz. */
static inline seL4_Word suite_us_max(seL4_Word mhz)
{
    return ~0ul / mhz / 8;
}
