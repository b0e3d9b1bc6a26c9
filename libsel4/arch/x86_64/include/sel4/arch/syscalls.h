/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The system call instruction on x86_64.
 *
 * Number in RDX, capability in RDI (the badge comes back there), message info in RSI, words in R10,
 * R8, R9, R15; reply object in R12, destination of NBSendRecv in R13. The instruction overwrites
 * RCX and R11, and a kernel may return with RSP = 0, so RSP waits in RBX.
 */
#pragma once

#include <sel4/syscall.h>
#include <sel4/types.h>

#define LIBSEL4_SYSCALL     \
    "movq %%rsp, %%rbx\n\t" \
    "syscall\n\t"           \
    "movq %%rbx, %%rsp"
#define LIBSEL4_SYSCALL_CLOBBERS "rbx", "rcx", "r11", "memory"

LIBSEL4_INLINE_FUNC void libsel4_send(seL4_Syscall_ID number, seL4_Word dest, seL4_Word info,
                                      seL4_Word mr0, seL4_Word mr1, seL4_Word mr2, seL4_Word mr3)
{
    register seL4_Word r10 __asm__("r10") = mr0;
    register seL4_Word r8 __asm__("r8") = mr1;
    register seL4_Word r9 __asm__("r9") = mr2;
    register seL4_Word r15 __asm__("r15") = mr3;

    __asm__ volatile(LIBSEL4_SYSCALL
                     :
                     : "d"((seL4_Word)number), "D"(dest), "S"(info), "r"(r10), "r"(r8), "r"(r9),
                       "r"(r15)
                     : LIBSEL4_SYSCALL_CLOBBERS);
}

/* A signal sends no words: the message registers are left as they are. */
LIBSEL4_INLINE_FUNC void libsel4_signal(seL4_CPtr dest)
{
    __asm__ volatile(LIBSEL4_SYSCALL
                     :
                     : "d"((seL4_Word)seL4_SysSend), "D"(dest),
                       "S"(seL4_MessageInfo_new(0, 0, 0, 1).words[0])
                     : LIBSEL4_SYSCALL_CLOBBERS);
}

LIBSEL4_INLINE_FUNC void libsel4_call(seL4_Syscall_ID number, seL4_Word dest, seL4_Word *badge,
                                      seL4_Word *info, seL4_Word mrs[4])
{
    register seL4_Word r10 __asm__("r10") = mrs[0];
    register seL4_Word r8 __asm__("r8") = mrs[1];
    register seL4_Word r9 __asm__("r9") = mrs[2];
    register seL4_Word r15 __asm__("r15") = mrs[3];

    __asm__ volatile(LIBSEL4_SYSCALL
                     : "=D"(*badge), "+S"(*info), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15)
                     : "d"((seL4_Word)number), "D"(dest)
                     : LIBSEL4_SYSCALL_CLOBBERS);
    mrs[0] = r10;
    mrs[1] = r8;
    mrs[2] = r9;
    mrs[3] = r15;
}

LIBSEL4_INLINE_FUNC void libsel4_recv(seL4_Syscall_ID number, seL4_Word src, seL4_Word *badge,
                                      seL4_Word *info, seL4_Word mrs[4], seL4_Word reply)
{
    register seL4_Word r10 __asm__("r10") = mrs[0];
    register seL4_Word r8 __asm__("r8") = mrs[1];
    register seL4_Word r9 __asm__("r9") = mrs[2];
    register seL4_Word r15 __asm__("r15") = mrs[3];
    register seL4_Word r12 __asm__("r12") = reply;

    __asm__ volatile(LIBSEL4_SYSCALL
                     : "=D"(*badge), "+S"(*info), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15)
                     : "d"((seL4_Word)number), "D"(src), "r"(r12)
                     : LIBSEL4_SYSCALL_CLOBBERS);
    mrs[0] = r10;
    mrs[1] = r8;
    mrs[2] = r9;
    mrs[3] = r15;
}

LIBSEL4_INLINE_FUNC void libsel4_nbsend_recv(seL4_Syscall_ID number, seL4_Word src,
                                             seL4_Word *badge, seL4_Word *info, seL4_Word mrs[4],
                                             seL4_Word reply, seL4_Word dest)
{
    register seL4_Word r10 __asm__("r10") = mrs[0];
    register seL4_Word r8 __asm__("r8") = mrs[1];
    register seL4_Word r9 __asm__("r9") = mrs[2];
    register seL4_Word r15 __asm__("r15") = mrs[3];
    register seL4_Word r12 __asm__("r12") = reply;
    register seL4_Word r13 __asm__("r13") = dest;

    __asm__ volatile(LIBSEL4_SYSCALL
                     : "=D"(*badge), "+S"(*info), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15)
                     : "d"((seL4_Word)number), "D"(src), "r"(r12), "r"(r13)
                     : LIBSEL4_SYSCALL_CLOBBERS);
    mrs[0] = r10;
    mrs[1] = r8;
    mrs[2] = r9;
    mrs[3] = r15;
}
