/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * System calls to the kernel that is linked into this process: a function call with the registers
 * of aarch64 in a structure.
 */
#pragma once

#include <arch/host_entry.h>
#include <sel4/syscall.h>
#include <sel4/types.h>

LIBSEL4_INLINE_FUNC void libsel4_nbsend_recv(seL4_Syscall_ID number, seL4_Word src,
                                             seL4_Word *badge, seL4_Word *info, seL4_Word mrs[4],
                                             seL4_Word reply, seL4_Word dest)
{
    struct kernel_host_regs regs = {
        .x = {src, *info, mrs[0], mrs[1], mrs[2], mrs[3], reply, (seL4_Word)number, dest}};
    kernel_host_syscall(&regs);
    *badge = regs.x[0];
    *info = regs.x[1];
    mrs[0] = regs.x[2];
    mrs[1] = regs.x[3];
    mrs[2] = regs.x[4];
    mrs[3] = regs.x[5];
}

LIBSEL4_INLINE_FUNC void libsel4_recv(seL4_Syscall_ID number, seL4_Word src, seL4_Word *badge,
                                      seL4_Word *info, seL4_Word mrs[4], seL4_Word reply)
{
    libsel4_nbsend_recv(number, src, badge, info, mrs, reply, 0);
}

LIBSEL4_INLINE_FUNC void libsel4_call(seL4_Syscall_ID number, seL4_Word dest, seL4_Word *badge,
                                      seL4_Word *info, seL4_Word mrs[4])
{
    libsel4_nbsend_recv(number, dest, badge, info, mrs, 0, 0);
}

LIBSEL4_INLINE_FUNC void libsel4_send(seL4_Syscall_ID number, seL4_Word dest, seL4_Word info,
                                      seL4_Word mr0, seL4_Word mr1, seL4_Word mr2, seL4_Word mr3)
{
    seL4_Word mrs[4] = {mr0, mr1, mr2, mr3};
    seL4_Word badge;
    libsel4_nbsend_recv(number, dest, &badge, &info, mrs, 0, 0);
}

LIBSEL4_INLINE_FUNC void libsel4_signal(seL4_CPtr dest)
{
    libsel4_send(seL4_SysSend, dest, 0, 0, 0, 0, 0);
}
