/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * System calls. Forms without "WithMRs" take the first four message words from the IPC buffer and
 * put them there; the others take and give them through pointers, of which any may be null.
 *
 * <sel4/arch/syscalls.h> supplies the instruction itself in four forms, by which registers a call
 * uses: libsel4_send (nothing comes back), libsel4_call (words both ways), libsel4_recv (words come
 * back, a reply object is named) and libsel4_nbsend_recv (everything).
 */
#pragma once

#include <sel4/functions.h>
#include <sel4/syscall.h>

#include <sel4/arch/syscalls.h>

/* The value of message word n that a caller gave by pointer: 0 if it has none or sends fewer. */
LIBSEL4_INLINE_FUNC seL4_Word libsel4_mr_in(seL4_MessageInfo_t info, seL4_Word n,
                                            const seL4_Word *mr)
{
    return mr != seL4_Null && seL4_MessageInfo_get_length(info) > n ? *mr : 0;
}

LIBSEL4_INLINE_FUNC void libsel4_out(seL4_Word *pointer, seL4_Word value)
{
    if (pointer != seL4_Null) {
        *pointer = value;
    }
}

LIBSEL4_INLINE_FUNC void libsel4_mrs_out(const seL4_Word mrs[4], seL4_Word *mr0, seL4_Word *mr1,
                                         seL4_Word *mr2, seL4_Word *mr3)
{
    libsel4_out(mr0, mrs[0]);
    libsel4_out(mr1, mrs[1]);
    libsel4_out(mr2, mrs[2]);
    libsel4_out(mr3, mrs[3]);
}

LIBSEL4_INLINE_FUNC void libsel4_mrs_from_buffer(seL4_Word mrs[4])
{
    for (int i = 0; i < 4; i++) {
        mrs[i] = seL4_GetMR(i);
    }
}

LIBSEL4_INLINE_FUNC void libsel4_mrs_to_buffer(const seL4_Word mrs[4])
{
    for (int i = 0; i < 4; i++) {
        seL4_SetMR(i, mrs[i]);
    }
}

/* Sends a message; waits for a receiver. */
LIBSEL4_INLINE_FUNC void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    libsel4_send(seL4_SysSend, dest, msgInfo.words[0], seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2),
                 seL4_GetMR(3));
}

/* Sends a message if somebody waits for it; else nothing happens. */
LIBSEL4_INLINE_FUNC void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    libsel4_send(seL4_SysNBSend, dest, msgInfo.words[0], seL4_GetMR(0), seL4_GetMR(1),
                 seL4_GetMR(2), seL4_GetMR(3));
}

/* As seL4_Send. */
LIBSEL4_INLINE_FUNC void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                          seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                          seL4_Word *mr3)
{
    libsel4_send(seL4_SysSend, dest, msgInfo.words[0], libsel4_mr_in(msgInfo, 0, mr0),
                 libsel4_mr_in(msgInfo, 1, mr1), libsel4_mr_in(msgInfo, 2, mr2),
                 libsel4_mr_in(msgInfo, 3, mr3));
}

/* As seL4_NBSend. */
LIBSEL4_INLINE_FUNC void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                            seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                            seL4_Word *mr3)
{
    libsel4_send(seL4_SysNBSend, dest, msgInfo.words[0], libsel4_mr_in(msgInfo, 0, mr0),
                 libsel4_mr_in(msgInfo, 1, mr1), libsel4_mr_in(msgInfo, 2, mr2),
                 libsel4_mr_in(msgInfo, 3, mr3));
}

/* Sets the capability's badge bits in its notification. */
LIBSEL4_INLINE_FUNC void seL4_Signal(seL4_CPtr dest)
{
    libsel4_signal(dest);
}

/* Gives up the rest of the present budget. */
LIBSEL4_INLINE_FUNC void seL4_Yield(void)
{
    libsel4_send(seL4_SysYield, 0, 0, 0, 0, 0, 0);
}

/* Sends a message and waits for the reply; also how objects of the kernel are invoked. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    seL4_Word mrs[4];
    seL4_Word badge;
    libsel4_mrs_from_buffer(mrs);
    libsel4_call(seL4_SysCall, dest, &badge, &msgInfo.words[0], mrs);
    libsel4_mrs_to_buffer(mrs);
    return msgInfo;
}

/* As seL4_Call. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_Word mrs[4] = {libsel4_mr_in(msgInfo, 0, mr0), libsel4_mr_in(msgInfo, 1, mr1),
                        libsel4_mr_in(msgInfo, 2, mr2), libsel4_mr_in(msgInfo, 3, mr3)};
    seL4_Word badge;
    libsel4_call(seL4_SysCall, dest, &badge, &msgInfo.words[0], mrs);
    libsel4_mrs_out(mrs, mr0, mr1, mr2, mr3);
    return msgInfo;
}

/* Receiving a notification delivers no words, so the buffer then keeps what it had. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t libsel4_recv_to_buffer(seL4_Syscall_ID number, seL4_CPtr src,
                                                              seL4_Word *sender, seL4_CPtr reply)
{
    seL4_Word mrs[4];
    seL4_MessageInfo_t info = {{0}};
    seL4_Word badge;
    libsel4_mrs_from_buffer(mrs);
    libsel4_recv(number, src, &badge, &info.words[0], mrs, reply);
    libsel4_mrs_to_buffer(mrs);
    libsel4_out(sender, badge);
    return info;
}

/* Waits for a message or a signal. sender: out, the badge; reply: answers the caller later. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word *sender, seL4_CPtr reply)
{
    return libsel4_recv_to_buffer(seL4_SysRecv, src, sender, reply);
}

/* As seL4_Recv without waiting: badge 0 means nothing. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word *sender,
                                                   seL4_CPtr reply)
{
    return libsel4_recv_to_buffer(seL4_SysNBRecv, src, sender, reply);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t libsel4_wait_to_buffer(seL4_Syscall_ID number, seL4_CPtr src,
                                                              seL4_Word *sender)
{
    seL4_Word mrs[4];
    seL4_MessageInfo_t info = {{0}};
    seL4_Word badge;
    libsel4_mrs_from_buffer(mrs);
    libsel4_call(number, src, &badge, &info.words[0], mrs);
    libsel4_mrs_to_buffer(mrs);
    libsel4_out(sender, badge);
    return info;
}

/* Waits for a signal, or for a message that needs no reply. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Wait(seL4_CPtr src, seL4_Word *sender)
{
    return libsel4_wait_to_buffer(seL4_SysWait, src, sender);
}

/* As seL4_Wait without waiting: badge 0 means nothing. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBWait(seL4_CPtr src, seL4_Word *sender)
{
    return libsel4_wait_to_buffer(seL4_SysNBWait, src, sender);
}

/* Another name of seL4_NBWait. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word *sender)
{
    return seL4_NBWait(src, sender);
}

/* As seL4_Wait. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_WaitWithMRs(seL4_CPtr src, seL4_Word *sender,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_Word mrs[4] = {0, 0, 0, 0};
    seL4_MessageInfo_t info = {{0}};
    seL4_Word badge;
    libsel4_call(seL4_SysWait, src, &badge, &info.words[0], mrs);
    libsel4_mrs_out(mrs, mr0, mr1, mr2, mr3);
    libsel4_out(sender, badge);
    return info;
}

/* Answers the caller that reply holds, then receives. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr src, seL4_MessageInfo_t msgInfo,
                                                      seL4_Word *sender, seL4_CPtr reply)
{
    seL4_Word mrs[4];
    seL4_Word badge;
    libsel4_mrs_from_buffer(mrs);
    libsel4_recv(seL4_SysReplyRecv, src, &badge, &msgInfo.words[0], mrs, reply);
    libsel4_mrs_to_buffer(mrs);
    libsel4_out(sender, badge);
    return msgInfo;
}

/* As seL4_ReplyRecv. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr src,
                                                             seL4_MessageInfo_t msgInfo,
                                                             seL4_Word *sender, seL4_Word *mr0,
                                                             seL4_Word *mr1, seL4_Word *mr2,
                                                             seL4_Word *mr3, seL4_CPtr reply)
{
    seL4_Word mrs[4] = {libsel4_mr_in(msgInfo, 0, mr0), libsel4_mr_in(msgInfo, 1, mr1),
                        libsel4_mr_in(msgInfo, 2, mr2), libsel4_mr_in(msgInfo, 3, mr3)};
    seL4_Word badge;
    libsel4_recv(seL4_SysReplyRecv, src, &badge, &msgInfo.words[0], mrs, reply);
    libsel4_mrs_out(mrs, mr0, mr1, mr2, mr3);
    libsel4_out(sender, badge);
    return msgInfo;
}

/* Sends to dest without waiting, then receives on src. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendRecv(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                       seL4_CPtr src, seL4_Word *sender,
                                                       seL4_CPtr reply)
{
    seL4_Word mrs[4];
    seL4_Word badge;
    libsel4_mrs_from_buffer(mrs);
    libsel4_nbsend_recv(seL4_SysNBSendRecv, src, &badge, &msgInfo.words[0], mrs, reply, dest);
    libsel4_mrs_to_buffer(mrs);
    libsel4_out(sender, badge);
    return msgInfo;
}

/* As seL4_NBSendRecv. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendRecvWithMRs(
    seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src, seL4_Word *sender, seL4_Word *mr0,
    seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3, seL4_CPtr reply)
{
    seL4_Word mrs[4] = {libsel4_mr_in(msgInfo, 0, mr0), libsel4_mr_in(msgInfo, 1, mr1),
                        libsel4_mr_in(msgInfo, 2, mr2), libsel4_mr_in(msgInfo, 3, mr3)};
    seL4_Word badge;
    libsel4_nbsend_recv(seL4_SysNBSendRecv, src, &badge, &msgInfo.words[0], mrs, reply, dest);
    libsel4_mrs_out(mrs, mr0, mr1, mr2, mr3);
    libsel4_out(sender, badge);
    return msgInfo;
}

/* NBSendWait names the capability that it sends on in the reply register. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendWait(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                       seL4_CPtr src, seL4_Word *sender)
{
    seL4_Word mrs[4];
    seL4_Word badge;
    libsel4_mrs_from_buffer(mrs);
    libsel4_recv(seL4_SysNBSendWait, src, &badge, &msgInfo.words[0], mrs, dest);
    libsel4_mrs_to_buffer(mrs);
    libsel4_out(sender, badge);
    return msgInfo;
}

/* As seL4_NBSendWait. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendWaitWithMRs(seL4_CPtr dest,
                                                              seL4_MessageInfo_t msgInfo,
                                                              seL4_CPtr src, seL4_Word *sender,
                                                              seL4_Word *mr0, seL4_Word *mr1,
                                                              seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_Word mrs[4] = {libsel4_mr_in(msgInfo, 0, mr0), libsel4_mr_in(msgInfo, 1, mr1),
                        libsel4_mr_in(msgInfo, 2, mr2), libsel4_mr_in(msgInfo, 3, mr3)};
    seL4_Word badge;
    libsel4_recv(seL4_SysNBSendWait, src, &badge, &msgInfo.words[0], mrs, dest);
    libsel4_mrs_out(mrs, mr0, mr1, mr2, mr3);
    libsel4_out(sender, badge);
    return msgInfo;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t libsel4_recv_with_mrs(seL4_CPtr src, seL4_Word *sender,
                                                             seL4_Word *mr0, seL4_Word *mr1,
                                                             seL4_Word *mr2, seL4_Word *mr3,
                                                             seL4_CPtr reply)
{
    seL4_Word mrs[4] = {0, 0, 0, 0};
    seL4_MessageInfo_t info = {{0}};
    seL4_Word badge;
    libsel4_recv(seL4_SysRecv, src, &badge, &info.words[0], mrs, reply);
    libsel4_mrs_out(mrs, mr0, mr1, mr2, mr3);
    libsel4_out(sender, badge);
    return info;
}

#include <sel4/arch/recv_with_mrs.h>

#if defined(CONFIG_PRINTING) && CONFIG_PRINTING
/* Prints one character on the kernel's console. */
LIBSEL4_INLINE_FUNC void seL4_DebugPutChar(char c)
{
    libsel4_send(seL4_SysDebugPutChar, (seL4_Word)(unsigned char)c, 0, 0, 0, 0, 0);
}

/* Prints a text on the kernel's console. */
LIBSEL4_INLINE_FUNC void seL4_DebugPutString(char *str)
{
    for (char *s = str; *s != 0; s++) {
        seL4_DebugPutChar(*s);
    }
}

/* Prints the threads. */
LIBSEL4_INLINE_FUNC void seL4_DebugDumpScheduler(void)
{
    libsel4_send(seL4_SysDebugDumpScheduler, 0, 0, 0, 0, 0, 0);
}
#endif

#if defined(CONFIG_DEBUG_BUILD) && CONFIG_DEBUG_BUILD
/* Stops the machine. */
LIBSEL4_INLINE_FUNC void seL4_DebugHalt(void)
{
    libsel4_send(seL4_SysDebugHalt, 0, 0, 0, 0, 0, 0);
}

/* Prints a description of the system. */
LIBSEL4_INLINE_FUNC void seL4_DebugSnapshot(void)
{
    libsel4_send(seL4_SysDebugSnapshot, 0, 0, 0, 0, 0, 0);
}

/* The type tag of a capability; 0 for an empty slot. */
LIBSEL4_INLINE_FUNC seL4_Uint32 seL4_DebugCapIdentify(seL4_CPtr cap)
{
    seL4_Word mrs[4] = {0, 0, 0, 0};
    seL4_Word info = 0;
    seL4_Word tag;
    libsel4_call(seL4_SysDebugCapIdentify, cap, &tag, &info, mrs);
    return (seL4_Uint32)tag;
}

/* The name is cut to what the kernel accepts: 959 bytes and the terminating zero. */
LIBSEL4_INLINE_FUNC void seL4_DebugNameThread(seL4_CPtr tcb, const char *name)
{
    char *text = (char *)seL4_GetIPCBuffer()->msg;
    seL4_Word i = 0;
    for (; i < sizeof(seL4_GetIPCBuffer()->msg) - 1 && name[i] != 0; i++) {
        text[i] = name[i];
    }
    text[i] = 0;
    libsel4_send(seL4_SysDebugNameThread, tcb, 0, 0, 0, 0, 0);
}
#endif
