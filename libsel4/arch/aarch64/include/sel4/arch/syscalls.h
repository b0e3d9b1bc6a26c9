/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The system call instruction on aarch64.
 *
 * Number in X7, capability in X0 (the badge comes back there), message info in X1, words in X2-X5;
 * reply object in X6, destination of NBSendRecv in X8. Every other register survives.
 */
#pragma once

#include <sel4/syscall.h>
#include <sel4/types.h>

LIBSEL4_INLINE_FUNC void libsel4_send(seL4_Syscall_ID number, seL4_Word dest, seL4_Word info,
                                      seL4_Word mr0, seL4_Word mr1, seL4_Word mr2, seL4_Word mr3)
{
    register seL4_Word x0 __asm__("x0") = dest;
    register seL4_Word x1 __asm__("x1") = info;
    register seL4_Word x2 __asm__("x2") = mr0;
    register seL4_Word x3 __asm__("x3") = mr1;
    register seL4_Word x4 __asm__("x4") = mr2;
    register seL4_Word x5 __asm__("x5") = mr3;
    register seL4_Word x7 __asm__("x7") = (seL4_Word)number;

    /* DebugCapIdentify apart, calls without a delivery leave their registers alone. */
    __asm__ volatile("svc #0"
                     :
                     : "r"(x0), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x7)
                     : "memory");
}

/* A signal sends no words: the message registers are left as they are. */
LIBSEL4_INLINE_FUNC void libsel4_signal(seL4_CPtr dest)
{
    register seL4_Word x0 __asm__("x0") = dest;
    register seL4_Word x1 __asm__("x1") = 0;
    register seL4_Word x7 __asm__("x7") = (seL4_Word)seL4_SysSend;

    __asm__ volatile("svc #0" : : "r"(x0), "r"(x1), "r"(x7) : "memory");
}

LIBSEL4_INLINE_FUNC void libsel4_call(seL4_Syscall_ID number, seL4_Word dest, seL4_Word *badge,
                                      seL4_Word *info, seL4_Word mrs[4])
{
    register seL4_Word x0 __asm__("x0") = dest;
    register seL4_Word x1 __asm__("x1") = *info;
    register seL4_Word x2 __asm__("x2") = mrs[0];
    register seL4_Word x3 __asm__("x3") = mrs[1];
    register seL4_Word x4 __asm__("x4") = mrs[2];
    register seL4_Word x5 __asm__("x5") = mrs[3];
    register seL4_Word x7 __asm__("x7") = (seL4_Word)number;

    __asm__ volatile("svc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                     : "r"(x7)
                     : "memory");
    *badge = x0;
    *info = x1;
    mrs[0] = x2;
    mrs[1] = x3;
    mrs[2] = x4;
    mrs[3] = x5;
}

LIBSEL4_INLINE_FUNC void libsel4_recv(seL4_Syscall_ID number, seL4_Word src, seL4_Word *badge,
                                      seL4_Word *info, seL4_Word mrs[4], seL4_Word reply)
{
    register seL4_Word x0 __asm__("x0") = src;
    register seL4_Word x1 __asm__("x1") = *info;
    register seL4_Word x2 __asm__("x2") = mrs[0];
    register seL4_Word x3 __asm__("x3") = mrs[1];
    register seL4_Word x4 __asm__("x4") = mrs[2];
    register seL4_Word x5 __asm__("x5") = mrs[3];
    register seL4_Word x6 __asm__("x6") = reply;
    register seL4_Word x7 __asm__("x7") = (seL4_Word)number;

    __asm__ volatile("svc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                     : "r"(x6), "r"(x7)
                     : "memory");
    *badge = x0;
    *info = x1;
    mrs[0] = x2;
    mrs[1] = x3;
    mrs[2] = x4;
    mrs[3] = x5;
}

LIBSEL4_INLINE_FUNC void libsel4_nbsend_recv(seL4_Syscall_ID number, seL4_Word src,
                                             seL4_Word *badge, seL4_Word *info, seL4_Word mrs[4],
                                             seL4_Word reply, seL4_Word dest)
{
    register seL4_Word x0 __asm__("x0") = src;
    register seL4_Word x1 __asm__("x1") = *info;
    register seL4_Word x2 __asm__("x2") = mrs[0];
    register seL4_Word x3 __asm__("x3") = mrs[1];
    register seL4_Word x4 __asm__("x4") = mrs[2];
    register seL4_Word x5 __asm__("x5") = mrs[3];
    register seL4_Word x6 __asm__("x6") = reply;
    register seL4_Word x7 __asm__("x7") = (seL4_Word)number;
    register seL4_Word x8 __asm__("x8") = dest;

    __asm__ volatile("svc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                     : "r"(x6), "r"(x7), "r"(x8)
                     : "memory");
    *badge = x0;
    *info = x1;
    mrs[0] = x2;
    mrs[1] = x3;
    mrs[2] = x4;
    mrs[3] = x5;
}
