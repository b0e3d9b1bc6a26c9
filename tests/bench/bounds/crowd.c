/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Hundreds of threads, each with a scheduling context of its own, that wait at one object. When
 * that goes, each repeats its system call, faults, and stays inactive until it is set up again.
 */
#include "bounds.h"
#include "watch.h"

#define CROWD_UNTYPED_BITS 21
#define BUDGET_US          10000
#define SHORT_BUDGET_US    40
#define STACK_BYTES        128

static seL4_CPtr untyped;
static seL4_CPtr tcbs; /* first of consecutive slots */
static seL4_CPtr contexts;
static bool made;
_Alignas(16) static uint8_t stacks[CROWD_COUNT][STACK_BYTES];

static struct thread sweeper;
static seL4_CPtr ask_sweeper;
static seL4_CPtr swept;

/* The programs of the crowd: no thread-local storage, next to no stack. */
static void send_for_ever(uint64_t capability)
{
    for (;;) {
        seL4_SendWithMRs(capability, seL4_MessageInfo_new(0, 0, 0, 0), NULL, NULL, NULL, NULL);
    }
}

static void wait_for_ever(uint64_t capability)
{
    for (;;) {
        seL4_WaitWithMRs(capability, NULL, NULL, NULL, NULL, NULL);
    }
}

static void make_thread(unsigned i)
{
    must(seL4_SchedControl_Configure(seL4_GetBootInfo()->schedcontrol.start, contexts + i,
                                     BUDGET_US, BUDGET_US, 0, 0),
         "a crowd's budget");
    must(seL4_TCB_Configure(tcbs + i, CNODE, 0, seL4_CapInitThreadVSpace, 0, 0,
                            seL4_CapInitThreadIPCBuffer),
         "a crowd's thread");
    must(seL4_TCB_SetSchedParams(tcbs + i, seL4_CapInitThreadTCB, seL4_MinPrio, CROWD_PRIORITY,
                                 contexts + i, seL4_CapNull),
         "a crowd's priority");
}

static void crowd_make(void)
{
    if (untyped == 0) {
        untyped = world_object(seL4_UntypedObject, CROWD_UNTYPED_BITS);
        tcbs = world_slot();
        for (unsigned i = 1; i < CROWD_COUNT; i++) {
            (void)world_slot();
        }
        contexts = world_slot();
        for (unsigned i = 1; i < CROWD_COUNT; i++) {
            (void)world_slot();
        }
    }
    make_many(untyped, seL4_TCBObject, 0, CNODE, tcbs, CROWD_COUNT);
    make_many(untyped, seL4_SchedContextObject, seL4_MinSchedContextBits, CNODE, contexts,
              CROWD_COUNT);
    for (unsigned i = 0; i < CROWD_COUNT; i++) {
        make_thread(i);
    }
    made = true;
}

void crowd_revoke(void)
{
    revoke_slot(untyped);
    made = false;
}

seL4_CPtr crowd_tcb(unsigned i)
{
    return tcbs + i;
}

seL4_CPtr crowd_sched_context(unsigned i)
{
    return contexts + i;
}

static void ensure_made(void)
{
    if (!made) {
        crowd_make();
    }
}

static void start(unsigned i, void (*program)(uint64_t), uint64_t argument)
{
    seL4_UserContext context = {0};
    arch_thread_context(&context, (uint64_t)program, (uint64_t)&stacks[i][STACK_BYTES], argument);
    must(seL4_TCB_WriteRegisters(tcbs + i, true, 0, sizeof(context) / sizeof(seL4_Word), &context),
         "a crowd's start");
}

static void start_all(void (*program)(uint64_t), uint64_t argument)
{
    ensure_made();
    for (unsigned i = 0; i < CROWD_COUNT; i++) {
        must(seL4_TCB_Suspend(tcbs + i), "suspend");
        start(i, program, argument);
    }
    others_block();
}

void crowd_send(seL4_CPtr capability)
{
    start_all(send_for_ever, capability);
}

void crowd_wait(seL4_CPtr capability)
{
    start_all(wait_for_ever, capability);
}

/* ---- released at the same time ---- */

static void yield_for_ever(uint64_t argument)
{
    (void)argument;
    for (;;) {
        seL4_Yield();
    }
}

/* A Yield ends the budget, which comes back one period after the thread was started. */
void crowd_release_at(uint64_t when)
{
    ensure_made();
    for (unsigned i = 0; i < CROWD_COUNT; i++) {
        must(seL4_TCB_Suspend(tcbs + i), "suspend");
        must(seL4_SchedControl_ConfigureFlags(seL4_GetBootInfo()->schedcontrol.start, contexts + i,
                                              SHORT_BUDGET_US, watch_us(when - arch_counter()), 0,
                                              0, seL4_SchedContext_Sporadic),
             "a crowd's period");
        start(i, yield_for_ever, 0);
    }
    others_block();
}

/* ---- calling each other ---- */

static struct link {
    seL4_CPtr from; /* endpoint to receive on; the first thread only calls */
    seL4_CPtr reply;
    seL4_CPtr to;
} links[CROWD_COUNT];

static void pass_on(uint64_t argument)
{
    const struct link *link = (const struct link *)argument;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, 0);
    if (link->from != 0) {
        seL4_ReplyRecvWithMRs(link->from, info, NULL, NULL, NULL, NULL, NULL, link->reply);
    }
    seL4_CallWithMRs(link->to, info, NULL, NULL, NULL, NULL);
    for (;;) {
        seL4_Yield();
    }
}

/* All but the first lose their contexts once they wait; then its call goes through them all. */
void crowd_call_each_other(unsigned depth)
{
    for (unsigned i = 0; i <= depth && links[i].to == 0; i++) {
        links[i].from = i == 0 ? 0 : links[i - 1].to;
        links[i].reply = i == 0 ? 0 : world_object(seL4_ReplyObject, 0);
        links[i].to = world_object(seL4_EndpointObject, 0);
    }
    if (made) {
        crowd_revoke();
    }
    crowd_make();
    for (unsigned i = 1; i <= depth; i++) {
        start(i, pass_on, (uint64_t)&links[i]);
    }
    others_block();
    for (unsigned i = 1; i <= depth; i++) {
        must(seL4_SchedContext_Unbind(contexts + i), "unbind");
    }
    start(0, pass_on, (uint64_t)&links[0]);
    others_block();
}

/* ---- everybody else ---- */

static void sweep(uint64_t argument)
{
    (void)argument;
    for (;;) {
        seL4_WaitWithMRs(ask_sweeper, NULL, NULL, NULL, NULL, NULL);
        seL4_Signal(swept);
    }
}

void others_block(void)
{
    if (swept == 0) {
        ask_sweeper = world_object(seL4_NotificationObject, 0);
        swept = world_object(seL4_NotificationObject, 0);
        world_thread_start(&sweeper, seL4_CapInitThreadVSpace, sweep, 0, SWEEPER_PRIORITY);
    }
    seL4_Signal(ask_sweeper);
    seL4_Wait(swept, NULL);
}
