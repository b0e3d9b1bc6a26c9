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

/* Something to invoke by Call: not an endpoint, on which the root task would block. */
static seL4_CPtr target(void)
{
    seL4_CPtr slot = some();
    return harness_tag(slot) == 4 ? seL4_CapNull : slot;
}

static seL4_CapRights_t some_rights(void)
{
    return seL4_CapRights_new((seL4_Uint64)random_below(2), (seL4_Uint64)random_below(2),
                              (seL4_Uint64)random_below(2), (seL4_Uint64)random_below(2));
}

static seL4_MessageInfo_t some_message(void)
{
    for (int i = 0; i < 3; i++) {
        seL4_SetCap(i, some());
    }
    seL4_SetCapReceivePath(ROOT, some(), DEPTH);
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
        switch (random_below(10)) {
        case 0:
            seL4_Send(some(), info);
            break;
        case 1:
            seL4_NBSend(some(), info);
            break;
        case 2:
        case 3:
            seL4_Call(some(), seL4_MessageInfo_new(0, 0, 0, 0));
            break;
        case 4:
        case 5:
            seL4_Recv(some(), NULL, some());
            break;
        case 6:
            seL4_ReplyRecv(some(), info, NULL, some());
            break;
        case 7:
            seL4_NBSendRecv(some(), info, some(), NULL, some());
            break;
        case 8:
            seL4_Wait(some(), NULL);
            break;
        default:
            kernel_host_advance(random_below(100000));
            break;
        }
    }
}

static void start_thread(seL4_CPtr tcb)
{
    seL4_UserContext context = {.pc = (seL4_Word)worker};
    seL4_CPtr buffer = buffers[random_below(BUFFERS)];
    if (seL4_TCB_Configure(tcb, ROOT, 0, seL4_CapInitThreadVSpace, 0, 0x1000, buffer) ==
        seL4_NoError) {
        seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, 100, random_below(100), some(), some());
        seL4_TCB_WriteRegisters(tcb, true, 0, sizeof(context) / sizeof(seL4_Word), &context);
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
        {seL4_EndpointObject, 0},      {seL4_EndpointObject, 0},
        {seL4_NotificationObject, 0},  {seL4_CapTableObject, CNODE_BITS},
        {seL4_SchedContextObject, 8},  {seL4_SchedContextObject, 7},
        {seL4_ReplyObject, 0},         {seL4_ReplyObject, 0},
        {seL4_ARM_SmallPageObject, 0}, {seL4_ARM_PageTableObject, 0},
        {seL4_ARM_VSpaceObject, 0},
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
    switch (random_below(7)) {
    case 0:
        seL4_CNode_Copy(cnode, dest, depth, ROOT, some(), DEPTH, some_rights());
        break;
    case 1:
        seL4_CNode_Mint(cnode, dest, depth, ROOT, some(), DEPTH, some_rights(), random_below(4));
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
    switch (random_below(9)) {
    case 0:
        seL4_TCB_Suspend(target());
        break;
    case 1:
        seL4_TCB_Resume(target());
        break;
    case 2:
        seL4_TCB_SetPriority(target(), seL4_CapInitThreadTCB, random_below(100));
        break;
    case 3:
        seL4_TCB_BindNotification(target(), some());
        break;
    case 4:
        seL4_TCB_UnbindNotification(target());
        break;
    case 5:
        seL4_TCB_SetTimeoutEndpoint(target(), some());
        break;
    default:
        start_thread(target());
        break;
    }
}

static void change_time(void)
{
    seL4_Word period = 20 + random_below(5000);
    switch (random_below(6)) {
    case 0:
    case 1:
        seL4_SchedControl_ConfigureFlags(harness_bootinfo->schedcontrol.start, some(),
                                         20 + random_below(period), period, random_below(3), 0,
                                         random_below(2));
        break;
    case 2:
        seL4_SchedContext_Bind(target(), some());
        break;
    case 3:
        seL4_SchedContext_UnbindObject(target(), some());
        break;
    case 4:
        seL4_SchedContext_YieldTo(target());
        break;
    default:
        seL4_SchedContext_Unbind(target());
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
        seL4_IRQHandler_SetNotification(target(), some());
        break;
    case 2:
        seL4_IRQHandler_Ack(target());
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
    switch (random_below(16)) {
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
        assert_true(tag == 0 || tag == 16 || tag == 4);
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
