/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A root task in C on runtime/start and libsel4: the start code's promises (thread-local storage, C
 * library, clock) and the stubs' (registers, buffer words, errors, compound calls, faults), on the
 * real kernel. It prints TAP by the debug system calls and switches the machine off.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kaal/clock.h>
#include <kaal/startup.h>

#include "arch.h"

#define CNODE         seL4_CapInitThreadCNode
#define DEPTH         seL4_WordBits
#define CONTEXT_WORDS (sizeof(seL4_UserContext) / sizeof(seL4_Word))

static __thread int initialised = 4711;
static __thread int zeroed;
static __thread _Alignas(32) char aligned[8];

static unsigned checks;
static seL4_CPtr untyped;
static seL4_CPtr next_slot;
static seL4_CPtr endpoint;
static seL4_CPtr fault_endpoint;
static seL4_CPtr notification;
static seL4_CPtr reply;
static seL4_CPtr server_reply;
static seL4_CPtr server_tcb;

static void print(const char *text)
{
    for (; *text != 0; text++) {
        seL4_DebugPutChar(*text);
    }
}

static void check(const char *name, bool good)
{
    char line[160];
    snprintf(line, sizeof(line), "%sok %u - %s\n", good ? "" : "not ", ++checks, name);
    print(line);
}

static seL4_CPtr make(seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr slot = next_slot++;
    if (seL4_Untyped_Retype(untyped, type, size_bits, CNODE, 0, 0, slot, 1) != seL4_NoError) {
        check("retype", false);
        arch_power_off();
    }
    return slot;
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void check_start(void)
{
    char text[80];
    int numbers[] = {5, 3, 9, 1};
    check("initialised thread-local variable", initialised == 4711);
    check("zeroed thread-local variable", zeroed == 0);
    check("aligned thread-local variable", ((uintptr_t)aligned & 31) == 0);
    zeroed = 1;
    errno = ERANGE;
    check("errno is a variable of its own", errno == ERANGE && zeroed == 1 && initialised == 4711);
    snprintf(text, sizeof(text), "%d %s %.3f %#lx", -5, "text", 2.5, 0xbeeful);
    check("snprintf", strcmp(text, "-5 text 2.500 0xbeef") == 0);
    qsort(numbers, 4, sizeof(int), compare);
    check("qsort", numbers[0] == 1 && numbers[3] == 9);
    check("strtol", strtol("-0x1F tail", NULL, 16) == -31);
    uint64_t before = kaal_now_ns();
    uint64_t ticks = kaal_clock_ticks();
    while (kaal_clock_ticks() - ticks < kaal_clock()->hz / 1000) {
    }
    uint64_t passed = kaal_now_ns() - before;
    check("the clock has a frequency and runs", kaal_clock()->hz >= 1000000 && passed >= 1000000);
    check("time 0 was at the first instructions", kaal_now_ns() < 5000000000u);
    check("the boot information is there", seL4_GetBootInfo()->initThreadCNodeSizeBits >= 8);
}

static void find_memory(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_Word best = 0;
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const seL4_UntypedDesc *entry = &info->untypedList[i];
        if (!entry->isDevice && entry->sizeBits > best && entry->sizeBits <= 22) {
            best = entry->sizeBits;
            untyped = info->untyped.start + i;
        }
    }
    next_slot = info->empty.start;
    check("there is an untyped to work with", best >= 16);
}

static void check_objects(void)
{
    endpoint = make(seL4_EndpointObject, 0);
    fault_endpoint = make(seL4_EndpointObject, 0);
    notification = make(seL4_NotificationObject, 0);
    reply = make(seL4_ReplyObject, 0);
    server_reply = make(seL4_ReplyObject, 0);

    seL4_Error error = seL4_Untyped_Retype(untyped, 9999, 0, CNODE, 0, 0, next_slot, 1);
    check("a bad type is argument 0", error == seL4_InvalidArgument && seL4_GetMR(0) == 0);
    error = seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, CNODE, 0, 0, endpoint, 1);
    check("an occupied slot", error == seL4_DeleteFirst);
    error = seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, CNODE, 0, 0, next_slot, 300);
    check("too many objects: the range is in the buffer",
          error == seL4_RangeError && seL4_GetMR(0) == 1 && seL4_GetMR(1) == 256);

    seL4_CPtr badged = next_slot++;
    error = seL4_CNode_Mint(CNODE, badged, DEPTH, CNODE, notification, DEPTH, seL4_CanWrite, 0x30);
    check("mint", error == seL4_NoError);
    seL4_Word badge = 1;
    (void)seL4_Poll(notification, &badge);
    check("an idle notification polls 0", badge == 0);
    seL4_SetMR(2, 1234);
    seL4_Signal(badged);
    (void)seL4_Wait(notification, &badge);
    check("a signal brings its badge", badge == 0x30);
    check("a notification leaves the buffer alone", seL4_GetMR(2) == 1234);
    seL4_CPtr moved = next_slot++;
    error = seL4_CNode_Move(CNODE, moved, DEPTH, CNODE, badged, DEPTH);
    seL4_Signal(moved);
    (void)seL4_NBSendWait(moved, seL4_MessageInfo_new(0, 0, 0, 0), notification, &badge);
    check("move, and NBSendWait", error == seL4_NoError && badge == 0x30);
    error = seL4_CNode_Revoke(CNODE, notification, DEPTH);
    check("revoke deletes the minted one",
          error == seL4_NoError && seL4_CNode_Delete(CNODE, moved, DEPTH) == seL4_NoError &&
              seL4_CNode_Move(CNODE, badged, DEPTH, CNODE, moved, DEPTH) == seL4_FailedLookup);

    seL4_CPtr frame = make(arch_page_type(), 0);
    seL4_Word vaddr = (seL4_Word)seL4_GetBootInfo() & ~0xfffful;
    vaddr = (vaddr & ~0x1ffffful) + 0x1ff000; /* last page under the image's last table */
    error = arch_map_page(frame, vaddr);
    volatile seL4_Word *word = (volatile seL4_Word *)vaddr;
    check("map", error == seL4_NoError);
    *word = 42;
    check("the page is zeroed and writable", *word == 42 && word[1] == 0);
    check("its physical address",
          (arch_page_address(frame) & 0xfff) == 0 && arch_page_address(frame) != 0);
    check("unmap", arch_unmap_page(frame) == seL4_NoError);
    check("delete", seL4_CNode_Delete(CNODE, frame, DEPTH) == seL4_NoError);
}

static _Alignas(16) char server_stack[16384];
static _Alignas(1024) char server_buffer_page[4096] __attribute__((aligned(4096)));
static volatile seL4_Word server_sp;
static volatile seL4_Word server_result;

/*
 * The second thread has no thread-local storage of its own, so it uses only stubs with words in
 * registers. It answers calls (sum of the words, in registers or buffer), then faults.
 */
static void server(void)
{
    seL4_IPCBuffer *buffer = (seL4_IPCBuffer *)server_buffer_page;
    seL4_Word words[4] = {0};
    seL4_Word badge = 0;
#if defined(CONFIG_ARCH_X86_64) && CONFIG_ARCH_X86_64
    seL4_MessageInfo_t info = seL4_RecvWithMRs(endpoint, &badge, &words[0], &words[1], &words[2],
                                               &words[3], server_reply);
#else
    seL4_MessageInfo_t info = seL4_RecvWithMRs(endpoint, &badge, server_reply, &words[0], &words[1],
                                               &words[2], &words[3]);
#endif
    while (seL4_MessageInfo_get_label(info) != 99) {
        seL4_Word sum = 0;
        for (seL4_Word i = 0; i < seL4_MessageInfo_get_length(info); i++) {
            sum += i < 4 ? words[i] : buffer->msg[i];
        }
        words[0] = sum;
        words[1] = badge;
        info = seL4_ReplyRecvWithMRs(endpoint, seL4_MessageInfo_new(7, 0, 0, 2), &badge, &words[0],
                                     &words[1], &words[2], &words[3], server_reply);
    }
    server_sp = arch_stack_pointer();
    server_result = arch_unknown_syscall();
    volatile int *volatile nowhere = (volatile int *)0x10;
    *nowhere = 1;
    for (;;) {
    }
}

static void check_threads(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    extern const char __ehdr_start[];
    seL4_CPtr buffer_frame = info->userImageFrames.start +
                             ((seL4_Word)server_buffer_page - (seL4_Word)__ehdr_start) / 4096;
    seL4_CPtr context = make(seL4_SchedContextObject, seL4_MinSchedContextBits);
    server_tcb = make(seL4_TCBObject, 0);

    seL4_CPtr badged = next_slot++;
    seL4_Error error =
        seL4_CNode_Mint(CNODE, badged, DEPTH, CNODE, endpoint, DEPTH, seL4_AllRights, 0x55);
    seL4_CPtr handler = next_slot++;
    error |=
        seL4_CNode_Mint(CNODE, handler, DEPTH, CNODE, fault_endpoint, DEPTH, seL4_AllRights, 0x66);
    check("badged endpoints", error == seL4_NoError);
    check("configure a scheduling context",
          seL4_SchedControl_Configure(info->schedcontrol.start, context, 1000, 1000, 0, 0) ==
              seL4_NoError);
    check("a budget above its period",
          seL4_SchedControl_Configure(info->schedcontrol.start, context, 1000, 100, 0, 0) ==
                  seL4_RangeError &&
              seL4_GetMR(0) == 20);
    check("configure a thread",
          seL4_TCB_Configure(server_tcb, CNODE, 0, seL4_CapInitThreadVSpace, 0,
                             (seL4_Word)server_buffer_page, buffer_frame) == seL4_NoError);
    check("its scheduling parameters",
          seL4_TCB_SetSchedParams(server_tcb, seL4_CapInitThreadTCB, 100, 100, context, handler) ==
              seL4_NoError);
    seL4_UserContext regs;
    arch_thread_begin(&regs, server, (seL4_Word)(server_stack + sizeof(server_stack)));
    check("start it",
          seL4_TCB_WriteRegisters(server_tcb, 1, 0, CONTEXT_WORDS, &regs) == seL4_NoError);

    seL4_Word words[4] = {1, 2, 3, 4};
    seL4_MessageInfo_t answer = seL4_CallWithMRs(badged, seL4_MessageInfo_new(1, 0, 0, 4),
                                                 &words[0], &words[1], &words[2], &words[3]);
    check("call with words in registers", seL4_MessageInfo_get_label(answer) == 7 &&
                                              seL4_MessageInfo_get_length(answer) == 2 &&
                                              words[0] == 10 && words[1] == 0x55);
    check("words that did not come stay", words[2] == 3 && words[3] == 4);
    seL4_Word expected = 0;
    for (int i = 0; i < 20; i++) {
        seL4_SetMR(i, 100 + (seL4_Word)i);
        expected += 100 + (seL4_Word)i;
    }
    (void)seL4_Call(badged, seL4_MessageInfo_new(1, 0, 0, 20));
    check("call with words in the buffer", seL4_GetMR(0) == expected && seL4_GetMR(1) == 0x55);

    seL4_Send(badged, seL4_MessageInfo_new(99, 0, 0, 0));
    seL4_Word sender = 0;
    seL4_MessageInfo_t tag = seL4_Recv(fault_endpoint, &sender, reply);
    seL4_Fault_t fault = seL4_getFault(tag);
    check("an unknown system call arrives as a fault",
          seL4_isUnknownSyscall_tag(tag) && sender == 0x66 &&
              seL4_Fault_UnknownSyscall_get_Syscall(fault) == 12345);
    seL4_Word difference = server_sp - arch_unknown_syscall_sp(fault);
    check("with a truthful stack pointer", difference + 64 <= 128);
    tag = seL4_ReplyRecv(fault_endpoint, arch_answer_unknown_syscall(fault), &sender, reply);
    fault = seL4_getFault(tag);
    check("the answer reaches its registers", server_result == 777);
    check("a bad write arrives as a fault", seL4_isVMFault_tag(tag) &&
                                                seL4_Fault_VMFault_get_Addr(fault) == 0x10 &&
                                                !seL4_Fault_VMFault_get_PrefetchFault(fault));
    seL4_UserContext faulted;
    memset(&faulted, 0xff, sizeof(faulted));
    check("read its registers",
          seL4_TCB_ReadRegisters(server_tcb, 1, 0, CONTEXT_WORDS, &faulted) == seL4_NoError &&
              *(seL4_Word *)&faulted == seL4_Fault_VMFault_get_IP(fault));
    seL4_SchedContext_Consumed_t consumed = seL4_SchedContext_Consumed(context);
    check("consumed time", consumed.error == seL4_NoError && consumed.consumed < 10000000);
    seL4_TCB_SetFlags_t flags = seL4_TCB_SetFlags(server_tcb, 0, seL4_TCBFlag_fpuDisabled);
    check("thread flags", flags.error == seL4_NoError && flags.flags == seL4_TCBFlag_fpuDisabled);
    check("delete it", seL4_CNode_Delete(CNODE, server_tcb, DEPTH) == seL4_NoError);
    check("CapIdentify",
          seL4_DebugCapIdentify(endpoint) == 4 && seL4_DebugCapIdentify(server_tcb) == 0);
}

int main(void)
{
    check_start();
    find_memory();
    check_objects();
    check_threads();
    char line[32];
    snprintf(line, sizeof(line), "1..%u\n", checks);
    print(line);
    arch_power_off();
}
