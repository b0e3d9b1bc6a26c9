/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One program per short way through the kernel. They have no thread-local storage. */
#include "accounting.h"

/* An address that nothing is mapped at. A variable, for compilers warn of such constants. */
static volatile seL4_Word nowhere = 0x10;

seL4_CPtr subject_endpoint;
seL4_CPtr subject_reply;
seL4_CPtr subject_notification;

static seL4_MessageInfo_t words(seL4_Word count)
{
    return seL4_MessageInfo_new(0, 0, 0, count);
}

static void call(uint64_t argument)
{
    (void)argument;
    for (;;) {
        seL4_CallWithMRs(subject_endpoint, words(0), NULL, NULL, NULL, NULL);
    }
}

static void call_long(uint64_t argument)
{
    (void)argument;
    seL4_Word mr0 = 0, mr1 = 1, mr2 = 2, mr3 = 3;
    for (;;) {
        seL4_CallWithMRs(subject_endpoint, words(10), &mr0, &mr1, &mr2, &mr3);
    }
}

static void serve(uint64_t argument)
{
    (void)argument;
    for (;;) {
        seL4_ReplyRecvWithMRs(subject_endpoint, words(0), NULL, NULL, NULL, NULL, NULL,
                              subject_reply);
    }
}

static void signal(uint64_t argument)
{
    (void)argument;
    for (;;) {
        seL4_Signal(subject_notification);
    }
}

static void wait(uint64_t argument)
{
    (void)argument;
    for (;;) {
        seL4_WaitWithMRs(subject_notification, NULL, NULL, NULL, NULL, NULL);
    }
}

/* seL4_NBWait() copies message registers to the IPC buffer, which it finds by thread-local storage.
 */
static void poll(uint64_t argument)
{
    (void)argument;
    seL4_Word registers[4] = {0};
    seL4_Word badge, info = 0;
    for (;;) {
        libsel4_call(seL4_SysNBWait, subject_notification, &badge, &info, registers);
    }
}

static void send_to_nobody(uint64_t argument)
{
    (void)argument;
    for (;;) {
        seL4_NBSendWithMRs(subject_endpoint, words(0), NULL, NULL, NULL, NULL);
    }
}

static void touch_nothing(uint64_t argument)
{
    (void)argument;
    *(volatile int *)nowhere = 1;
}

static void call_nothing(uint64_t argument)
{
    (void)argument;
    for (;;) {
        arch_unknown_syscall();
    }
}

static void compute(uint64_t argument)
{
    (void)argument;
    for (;;) {
        __asm__ volatile("");
    }
}

const struct subject subjects[] = {
    {"computing", compute, NULL, false, false, true},
    {"calls to a passive server", call, serve, true, false, true},
    {"long calls to a passive server", call_long, serve, true, false, true},
    {"calls to an active server", call, serve, false, false, false},
    {"long calls to an active server", call_long, serve, false, false, false},
    {"signals that nobody waits for", signal, NULL, false, false, true},
    {"signals to a more urgent waiter", signal, wait, false, false, false},
    {"polls of an idle notification", poll, NULL, false, false, true},
    {"sends that nobody receives", send_to_nobody, NULL, false, false, true},
    {"VM faults to a passive handler", touch_nothing, serve, true, true, true},
    {"VM faults to an active handler", touch_nothing, serve, false, true, false},
    {"unknown system calls to a passive handler", call_nothing, serve, true, true, true},
    {"unknown system calls to an active handler", call_nothing, serve, false, true, false},
};
const unsigned subject_count = sizeof(subjects) / sizeof(subjects[0]);
