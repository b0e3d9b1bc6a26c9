/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One round makes a world from one untyped: threads that serve, wait and fault, objects of each
 * kind, capabilities copied to and fro, a page mapped. Then it takes the untyped's children back in
 * a way that changes from round to round (revoke at once, or piecemeal before), looks at every
 * slot, and retypes the whole untyped as a proof that nothing of it is in use.
 *
 * Threads have no thread-local storage: they use only stubs with words in registers.
 */
#include "soak.h"

#define CNODE      seL4_CapInitThreadCNode
#define DEPTH      seL4_WordBits
#define ARENA_BITS 18
#define SLOTS      32
#define CALLS      5
#define NODE_BITS  4

static struct soak_result result;
static seL4_CPtr arena;
static seL4_CPtr first_slot;
static seL4_CPtr next_slot;
static seL4_CPtr endpoint;
static seL4_CPtr fault_endpoint;
static seL4_CPtr notification;
static seL4_CPtr server_reply;
static seL4_CPtr own_reply;
static _Alignas(16) char stacks[3][4096];
static volatile uint64_t served;
static volatile uint64_t heard;

static bool good(seL4_Error error, const char *what)
{
    if (error != seL4_NoError && result.problem == NULL) {
        result.problem = what;
    }
    return result.problem == NULL;
}

static seL4_CPtr make(seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr slot = next_slot++;
    (void)good(seL4_Untyped_Retype(arena, type, size_bits, CNODE, 0, 0, slot, 1), "retype");
    return slot;
}

static void server(seL4_Word argument)
{
    seL4_Word word = argument;
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, 1);
    /* The first answer goes to nobody. */
    for (;;) {
        (void)seL4_ReplyRecvWithMRs(endpoint, info, &badge, &word, NULL, NULL, NULL, server_reply);
        word += badge;
        served++;
    }
}

static void waiter(seL4_Word argument)
{
    (void)argument;
    for (;;) {
        (void)seL4_WaitWithMRs(notification, NULL, NULL, NULL, NULL, NULL);
        heard++;
    }
}

static void faulter(seL4_Word argument)
{
    (void)argument;
    for (;;) {
        soak_fault();
    }
}

static seL4_CPtr start(unsigned index, void (*entry)(seL4_Word), seL4_Word priority)
{
    seL4_CPtr tcb = make(seL4_TCBObject, 0);
    seL4_CPtr context = make(seL4_SchedContextObject, seL4_MinSchedContextBits);
    seL4_UserContext regs = {0};
    soak_thread_begin(&regs, entry, (seL4_Word)(stacks[index] + sizeof(stacks[index])), 7);
    (void)(good(seL4_SchedControl_Configure(seL4_GetBootInfo()->schedcontrol.start, context, 300,
                                            index == 0 ? 300 : 900, 0, index),
                "scheduling context") &&
           good(seL4_TCB_Configure(tcb, CNODE, 0, seL4_CapInitThreadVSpace, 0, 0, 0),
                "configure") &&
           good(seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, priority, priority, context,
                                        fault_endpoint),
                "parameters") &&
           good(seL4_TCB_WriteRegisters(tcb, 1, 0, sizeof(regs) / sizeof(seL4_Word), &regs),
                "start"));
    return tcb;
}

/* Copies, mints, moves and rotates within a CNode of the round. */
static void shuffle(void)
{
    seL4_CPtr node = make(seL4_CapTableObject, NODE_BITS);
    (void)(good(seL4_CNode_Copy(node, 1, NODE_BITS, CNODE, endpoint, DEPTH, seL4_CanRead),
                "copy") &&
           good(seL4_CNode_Mint(node, 2, NODE_BITS, CNODE, notification, DEPTH, seL4_AllRights, 5),
                "mint") &&
           good(seL4_CNode_Move(node, 3, NODE_BITS, node, 1, NODE_BITS), "move") &&
           good(seL4_CNode_Copy(node, 4, NODE_BITS, CNODE, node, DEPTH, seL4_AllRights),
                "copy of the CNode into itself") &&
           good(seL4_CNode_Delete(node, 3, NODE_BITS), "delete"));
}

static void talk(void)
{
    for (seL4_Word i = 0; i < CALLS && result.problem == NULL; i++) {
        seL4_Word word = i;
        (void)seL4_CallWithMRs(endpoint, seL4_MessageInfo_new(i, 0, 0, 1), &word, NULL, NULL, NULL);
        seL4_Signal(notification);
    }
    result.calls += served;
    result.signals += heard;
    if (served != CALLS || heard == 0) {
        result.problem = result.problem == NULL ? "a thread did not answer" : result.problem;
    }
}

static void handle_faults(void)
{
    seL4_Word badge;
    for (unsigned i = 0; i < 3 && result.problem == NULL; i++) {
        seL4_MessageInfo_t tag = seL4_Recv(fault_endpoint, &badge, own_reply);
        if (seL4_MessageInfo_get_label(tag) != seL4_Fault_VMFault) {
            result.problem = "not the fault that was expected";
        }
        result.faults++;
        seL4_Send(own_reply, seL4_MessageInfo_new(0, 0, 0, 0)); /* it faults again */
    }
}

/* Everything of the round is gone, and the memory is whole. */
static void check_empty(void)
{
    for (seL4_CPtr slot = first_slot; slot < first_slot + SLOTS; slot++) {
        if (seL4_DebugCapIdentify(slot) != 0 && result.problem == NULL) {
            result.problem = "leak: a capability survived";
        }
    }
    if (good(seL4_Untyped_Retype(arena, seL4_UntypedObject, ARENA_BITS, CNODE, 0, 0, first_slot, 1),
             "leak: the memory is not whole again")) {
        (void)good(seL4_CNode_Delete(CNODE, first_slot, DEPTH), "delete");
    }
}

static void one_round(bool plant)
{
    next_slot = first_slot;
    served = 0;
    heard = 0;
    endpoint = make(seL4_EndpointObject, 0);
    fault_endpoint = make(seL4_EndpointObject, 0);
    notification = make(seL4_NotificationObject, 0);
    server_reply = make(seL4_ReplyObject, 0);
    own_reply = make(seL4_ReplyObject, 0);
    if (result.problem != NULL) {
        return;
    }
    seL4_CPtr server_tcb = start(0, server, 90);
    (void)start(1, waiter, 80);
    (void)start(2, faulter, 70);
    seL4_CPtr frame = make(soak_page_type(), 0);
    (void)good(soak_map_page(frame), "map");
    shuffle();
    talk();
    handle_faults();
    switch (result.rounds % 3) {
    case 0: /* all at once */
        break;
    case 1: /* a server dies with a caller's reply object, a page is unmapped */
        (void)good(seL4_CNode_Delete(CNODE, server_tcb, DEPTH), "deleting a thread");
        (void)good(soak_unmap_page(frame), "unmap");
        break;
    default: /* what threads block on goes first */
        (void)good(seL4_CNode_Revoke(CNODE, endpoint, DEPTH), "revoking an endpoint");
        (void)good(seL4_CNode_Delete(CNODE, notification, DEPTH), "deleting a notification");
        break;
    }
    if (plant && result.rounds % 100 == 99) {
        /* The mistake to be found: not the arena but only one of its children is taken back. */
        (void)good(seL4_CNode_Delete(CNODE, frame, DEPTH), "delete");
    } else {
        (void)good(seL4_CNode_Revoke(CNODE, arena, DEPTH), "revoke");
    }
    check_empty();
    result.rounds++;
}

/* The largest untyped gives the arena; a round begins at each period of our scheduling context. */
static void set_up(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_CPtr memory = 0;
    seL4_Word bits = 0;
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (!info->untypedList[i].isDevice && info->untypedList[i].sizeBits > bits) {
            bits = info->untypedList[i].sizeBits;
            memory = info->untyped.start + i;
        }
    }
    arena = info->empty.start;
    first_slot = arena + 1;
    (void)(good(seL4_Untyped_Retype(memory, seL4_UntypedObject, ARENA_BITS, CNODE, 0, 0, arena, 1),
                "arena") &&
           good(seL4_SchedControl_Configure(info->schedcontrol.start, seL4_CapInitThreadSC, 900,
                                            soak_period_us, 0, 0),
                "our own scheduling context") &&
           good(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 60),
                "our own priority"));
}

struct soak_result soak_run(uint64_t until_ns, bool plant)
{
    result = (struct soak_result){0};
    set_up();
    while (result.problem == NULL && soak_now_ns() < until_ns) {
        one_round(plant);
        seL4_Yield(); /* until the next period */
    }
    (void)seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio);
    return result;
}
