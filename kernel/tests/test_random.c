/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Random invocations by the root task and random IPC by threads of lower priority, over a window of
 * slots whose content nobody keeps track of; the kernel's invariants are checked every few steps.
 * A failure prints the seed: `kernel_random <seed> [steps]` runs it again.
 */
#include "harness.h"
#include "inspect.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    WINDOW = 96,
    RECEIVED = 16, /* the window's first slots: where capabilities arrive at any time */
    BUFFERS = 8,
    CNODE_BITS = 3,
    STEPS_DEFAULT = 20000,
    STEPS_PER_CHECK = 16,
    ROOT_PRIORITY = 200,
    IRQ_FIRST = 32,
    IRQ_COUNT = 8,
};

static uint64_t random_state;
static seL4_CPtr window; /* first of WINDOW slots */
static seL4_CPtr pool;   /* untyped that things are made of; its own slot is outside the window */
static seL4_CPtr own_endpoint; /* and reply: the root task must not fault, it has no handler */
static seL4_CPtr own_reply;
static seL4_CPtr buffers[BUFFERS];
static long steps = STEPS_DEFAULT;

static seL4_Word random_below(seL4_Word limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

static seL4_CPtr some(void)
{
    return window + random_below(WINDOW);
}

enum tag {
    UNTYPED = 2,
    ENDPOINT = 4,
    NOTIFICATION = 6,
    REPLY = 8,
    TCB = 12,
    IRQ_HANDLER = 16,
    SCHED_CONTEXT = 22,
    FRAME = 1,
};

/* A slot with such a capability, mostly; sometimes any, and any when there seems to be none. */
static seL4_CPtr some_of(enum tag tag)
{
    seL4_CPtr slot = some();
    if (random_below(60) == 0) {
        return slot;
    }
    for (int i = 0; i < 40 && harness_tag(slot) != tag; i++) {
        slot = some();
    }
    return slot;
}

/*
 * What the root task may call: no endpoint, on which it would block; no reply object, through which
 * its own capabilities would leave; and no slot in which one of these may just arrive.
 */
static seL4_CPtr callable(seL4_CPtr slot)
{
    seL4_Word tag = harness_tag(slot);
    return tag == ENDPOINT || tag == REPLY || slot < window + RECEIVED ? seL4_CapNull : slot;
}

static seL4_CPtr target_of(enum tag tag)
{
    return callable(some_of(tag));
}

static seL4_CPtr target(void)
{
    return callable(some());
}

static seL4_CapRights_t some_rights(void)
{
    return seL4_CapRights_new((seL4_Uint64)random_below(2), (seL4_Uint64)random_below(2),
                              (seL4_Uint64)random_below(2), (seL4_Uint64)random_below(2));
}

/* Few, and each the address of a window slot: threads share buffers, and an unwrapped badge may
 * stand where another thread's offered capability stood. */
static seL4_Word some_badge(void)
{
    return random_below(4) == 0 ? 0 : window + random_below(3);
}

static seL4_MessageInfo_t some_message(void)
{
    for (int i = 0; i < 3; i++) {
        seL4_SetCap(i, some());
    }
    seL4_SetCapReceivePath(ROOT, window + random_below(RECEIVED), DEPTH);
    return seL4_MessageInfo_new(random_below(4), 0, random_below(4), random_below(128));
}

/* ---- threads ---- */

static void worker(seL4_Word unused0, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    (void)unused0;
    (void)unused1;
    (void)unused2;
    (void)unused3;
    for (;;) {
        seL4_MessageInfo_t info = some_message();
        switch (random_below(16)) {
        case 10:
        case 11:
            seL4_Send(some_of(REPLY), info);
            break;
        case 0:
            seL4_Send(some_of(ENDPOINT), info);
            break;
        case 1:
            seL4_NBSend(some_of(NOTIFICATION), info);
            break;
        case 2:
        case 3:
            seL4_Call(some_of(ENDPOINT), info);
            break;
        case 4:
        case 5:
        case 12:
        case 13:
            seL4_Recv(some_of(ENDPOINT), NULL, some_of(REPLY));
            break;
        case 6:
        case 14:
            seL4_ReplyRecv(some_of(ENDPOINT), info, NULL, some_of(REPLY));
            break;
        case 7:
            seL4_NBSendRecv(some_of(ENDPOINT), info, some_of(ENDPOINT), NULL, some_of(REPLY));
            break;
        case 8:
            seL4_Wait(some_of(NOTIFICATION), NULL);
            break;
        default:
            kernel_host_advance(random_below(100000));
            break;
        }
    }
}

static void configure_time(seL4_CPtr sc)
{
    seL4_Word period = 20 + random_below(3000);
    seL4_Word budget = random_below(3) == 0 ? period : 20 + random_below(period - 19);
    seL4_SchedControl_ConfigureFlags(harness_bootinfo->schedcontrol.start, sc, budget, period,
                                     random_below(3), 0, random_below(2));
}

/* Start a thread from the beginning of worker(), mostly with time of its own. */
static void start_thread(seL4_CPtr tcb)
{
    seL4_UserContext context = {.pc = (seL4_Word)worker};
    seL4_CPtr buffer = buffers[random_below(BUFFERS)];
    if (seL4_TCB_Configure(tcb, ROOT, 0, seL4_CapInitThreadVSpace, 0, 0x1000, buffer) !=
        seL4_NoError) {
        return;
    }
    seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, random_below(ROOT_PRIORITY / 2));
    if (random_below(3) != 0) {
        seL4_CPtr sc = target_of(SCHED_CONTEXT);
        configure_time(sc);
        seL4_SchedContext_Bind(sc, tcb);
    }
    seL4_TCB_WriteRegisters(tcb, true, 0, sizeof(context) / sizeof(seL4_Word), &context);
}

/* Most waits never end by themselves: set half of the threads going again. */
static void start_threads(void)
{
    for (seL4_CPtr slot = window + RECEIVED; slot < window + WINDOW; slot++) {
        if (random_below(2) == 0 && harness_tag(slot) == TCB) {
            start_thread(slot);
        }
    }
}

/* ---- the root task's steps ---- */

static void make_objects(void)
{
    static const struct {
        seL4_Word type;
        seL4_Word bits;
    } kinds[] = {
        {seL4_UntypedObject, 12},      {seL4_UntypedObject, 8},
        {seL4_TCBObject, 0},           {seL4_TCBObject, 0},
        {seL4_TCBObject, 0},           {seL4_TCBObject, 0},
        {seL4_TCBObject, 0},           {seL4_TCBObject, 0},
        {seL4_EndpointObject, 0},      {seL4_NotificationObject, 0},
        {seL4_SchedContextObject, 8},  {seL4_SchedContextObject, 7},
        {seL4_SchedContextObject, 8},  {seL4_SchedContextObject, 7},
        {seL4_SchedContextObject, 8},  {seL4_SchedContextObject, 7},
        {seL4_ReplyObject, 0},         {seL4_ReplyObject, 0},
        {seL4_ReplyObject, 0},         {seL4_CapTableObject, CNODE_BITS},
        {seL4_ARM_SmallPageObject, 0}, {seL4_ARM_PageTableObject, 0},
        {seL4_ARM_VSpaceObject, 0},    {seL4_CapTableObject, CNODE_BITS},
    };
    seL4_Word kind = random_below(sizeof(kinds) / sizeof(kinds[0]));
    seL4_CPtr untyped = random_below(3) == 0 ? target() : pool;
    seL4_Untyped_Retype(untyped, kinds[kind].type, kinds[kind].bits, ROOT, 0, 0, some(),
                        1 + random_below(3));
}

static void change_slots(void)
{
    seL4_CPtr cnode = random_below(4) == 0 ? target() : ROOT;
    seL4_Word dest = cnode == ROOT ? some() : random_below(1 << CNODE_BITS);
    seL4_Uint8 depth = cnode == ROOT ? DEPTH : CNODE_BITS;
    switch (random_below(9)) {
    case 0:
    case 7:
    case 8:
        seL4_CNode_Copy(cnode, dest, depth, ROOT, some(), DEPTH, some_rights());
        break;
    case 1:
        seL4_CNode_Mint(cnode, dest, depth, ROOT, some(), DEPTH, some_rights(), some_badge());
        break;
    case 2:
        seL4_CNode_Move(cnode, dest, depth, ROOT, some(), DEPTH);
        break;
    case 3:
        seL4_CNode_Mutate(cnode, dest, depth, ROOT, some(), DEPTH, random_below(4));
        break;
    case 4:
        seL4_CNode_Rotate(cnode, dest, depth, 0, ROOT, some(), DEPTH, 0, ROOT, some(), DEPTH);
        break;
    case 5:
        seL4_CNode_Delete(cnode, dest, depth);
        break;
    default:
        seL4_CNode_CancelBadgedSends(cnode, dest, depth);
        break;
    }
}

static void change_threads(void)
{
    switch (random_below(12)) {
    case 0:
        seL4_TCB_Suspend(target_of(TCB));
        break;
    case 1:
        seL4_TCB_Resume(target_of(TCB));
        break;
    case 2:
        seL4_TCB_SetPriority(target_of(TCB), seL4_CapInitThreadTCB, random_below(100));
        break;
    case 3:
        seL4_TCB_BindNotification(target_of(TCB), some_of(NOTIFICATION));
        break;
    case 4:
        seL4_TCB_UnbindNotification(target_of(TCB));
        break;
    case 5:
        seL4_TCB_SetTimeoutEndpoint(target_of(TCB), some_of(ENDPOINT));
        break;
    default:
        start_thread(target_of(TCB));
        break;
    }
}

static void change_time(void)
{
    switch (random_below(9)) {
    case 0:
    case 1:
        configure_time(some_of(SCHED_CONTEXT));
        break;
    case 2:
        seL4_SchedContext_Bind(target_of(SCHED_CONTEXT),
                               some_of(random_below(3) == 0 ? NOTIFICATION : TCB));
        break;
    case 3:
        seL4_SchedContext_UnbindObject(target_of(SCHED_CONTEXT), some_of(TCB));
        break;
    case 4:
        seL4_SchedContext_YieldTo(target_of(SCHED_CONTEXT));
        break;
    default:
        seL4_SchedContext_Unbind(target_of(SCHED_CONTEXT));
        break;
    }
}

static void change_interrupts(void)
{
    seL4_Word irq = IRQ_FIRST + random_below(IRQ_COUNT);
    switch (random_below(4)) {
    case 0:
        seL4_IRQControl_Get(seL4_CapIRQControl, irq, ROOT, some(), DEPTH);
        break;
    case 1:
        seL4_IRQHandler_SetNotification(target_of(IRQ_HANDLER), some_of(NOTIFICATION));
        break;
    case 2:
        seL4_IRQHandler_Ack(target_of(IRQ_HANDLER));
        break;
    default:
        kernel_host_raise_irq((unsigned)irq);
        break;
    }
}

static void change_memory(void)
{
    seL4_Word vaddr = 0x700000000000ul + random_below(4) * 0x1000;
    switch (random_below(5)) {
    case 0:
        seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, some());
        break;
    case 1:
        seL4_ARM_PageTable_Map(target(), some(), vaddr, 3);
        break;
    case 2:
        seL4_ARM_Page_Map(target(), some(), vaddr, some_rights(), 3);
        break;
    case 3:
        seL4_ARM_Page_Unmap(target());
        break;
    default:
        seL4_ARM_PageTable_Unmap(target());
        break;
    }
}

static void step(void)
{
    switch (random_below(24)) {
    case 0:
    case 1:
    case 2:
        make_objects();
        break;
    case 3:
    case 4:
    case 5:
        change_slots();
        break;
    case 6:
    case 7:
        change_threads();
        break;
    case 8:
    case 9:
        change_time();
        break;
    case 10:
        change_interrupts();
        break;
    case 11:
        change_memory();
        break;
    case 12:
        seL4_NBSend(some(), some_message());
        break;
    case 13:
        seL4_CNode_Copy(ROOT, some(), DEPTH, ROOT, own_endpoint, DEPTH, seL4_AllRights);
        seL4_NBRecv(own_endpoint, NULL, own_reply);
        break;
    case 14:
        if (random_below(20) == 0) {
            seL4_CNode_Revoke(ROOT, some(), DEPTH);
        }
        if (random_below(300) == 0) {
            kernel_host_raise_irq_after((unsigned)(IRQ_FIRST + random_below(IRQ_COUNT)), 2);
            assert_ok(harness_revoke(pool));
        }
        break;
    case 15:
        start_threads();
        break;
    default:
        seL4_Yield(); /* the others run until our next period */
        break;
    }
}

static void prepare(void)
{
    pool = harness_untyped(19);
    own_endpoint = harness_object(seL4_EndpointObject, 0);
    own_reply = harness_object(seL4_ReplyObject, 0);
    for (int i = 0; i < BUFFERS; i++) {
        buffers[i] = harness_object(seL4_ARM_SmallPageObject, 0);
    }
    window = harness_slot();
    for (int i = 1; i < WINDOW; i++) {
        harness_slot();
    }
    harness_set_own_priority(ROOT_PRIORITY);
    assert_ok(seL4_SchedControl_Configure(harness_bootinfo->schedcontrol.start,
                                          seL4_CapInitThreadSC, 1000, 5000, 0, 0));
    seL4_Yield();
}

static void run_steps(void)
{
    prepare();
    for (long i = 0; i < steps; i++) {
        step();
        if (i % STEPS_PER_CHECK == 0) {
            inspect_tree();
            inspect_objects();
        }
    }
    /* Everything goes at once, and nothing is left of it. */
    assert_ok(harness_revoke(pool));
    for (int i = 0; i < WINDOW; i++) {
        seL4_Word tag = harness_tag(window + (seL4_Word)i);
        /* Neither interrupt handlers nor copies of our endpoint are made of that memory. */
        if (tag != 0 && tag != IRQ_HANDLER && tag != ENDPOINT) {
            print_error("slot %d still holds a capability with tag %lu\n", i, (unsigned long)tag);
            fail();
        }
    }
    inspect_tree();
    inspect_objects();
}

static void run_seed(uint64_t seed)
{
    struct kernel_host_options options = {.syscall_ticks = 62};
    random_state = seed * 0x9e3779b97f4a7c15ul + 1;
    printf("seed %lu, %ld steps\n", (unsigned long)seed, steps);
    fflush(stdout);
    assert_int_equal(harness_run_with(&options, run_steps), KERNEL_HOST_RETURNED);
}

static void test_invariants_hold_under_random_invocations(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        run_seed(seed);
    }
}

static uint64_t wanted_seed;

static void test_wanted_seed(void **state)
{
    (void)state;
    run_seed(wanted_seed);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_invariants_hold_under_random_invocations)};
    const struct CMUnitTest one[] = {cmocka_unit_test(test_wanted_seed)};
    if (argument_count > 2) {
        steps = strtol(arguments[2], NULL, 10);
    }
    if (argument_count > 1) {
        wanted_seed = strtoull(arguments[1], NULL, 10);
        return cmocka_run_group_tests(one, NULL, NULL);
    }
    return cmocka_run_group_tests(all, NULL, NULL);
}
