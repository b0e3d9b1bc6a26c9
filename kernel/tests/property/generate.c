/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first thread, of the highest priority, never blocks: it makes objects, starts threads, and
 * yields. The others mostly send and receive. What is named is mostly of the right kind, sometimes
 * anything. The generator reads the model only.
 */
#include "generate.h"

#include "machine.h"
#include <string.h>

enum {
    PLANNED_MAX = 8,
    NODE_BITS = 3, /* of small CNodes */
    PRIORITIES = 100,
    IRQ_FIRST = 32,
    IRQ_COUNT = 4,
    OTHER_GUARD = FIELD_GUARD_BITS - 4, /* leaves four bits for a CNode within the field */
};

static struct {
    uint64_t random;
    struct step planned[PLANNED_MAX]; /* of the first thread, one after the other */
    unsigned planned_count;
} generator;

void generate_seed(uint64_t seed)
{
    memset(&generator, 0, sizeof(generator));
    generator.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static uint64_t below(uint64_t limit)
{
    generator.random ^= generator.random << 13;
    generator.random ^= generator.random >> 7;
    generator.random ^= generator.random << 17;
    return (generator.random >> 11) % limit;
}

static bool one_in(uint64_t count)
{
    return below(count) == 0;
}

/* ---- slots of the field ---- */

static const struct model_slot *field(void)
{
    return machine_warden()->slots[MODEL_CSPACE].cap.object->slots;
}

static uint64_t any_slot(void)
{
    return FIELD_FIRST + below(FIELD_SLOTS - FIELD_FIRST);
}

typedef bool (*predicate)(const struct model_object *object);

/* A slot with such a capability, whose object fulfils the condition; 0 if there is none. */
static uint64_t find_slot(uint8_t kind, predicate fulfils, uint64_t start)
{
    for (uint64_t i = 0; i < FIELD_SLOTS; i++) {
        uint64_t slot = (start + i) % FIELD_SLOTS;
        const struct model_cap *cap = &field()[slot].cap;
        if (slot >= FIELD_FIRST && cap->kind == kind && (fulfils == NULL || fulfils(cap->object))) {
            return slot;
        }
    }
    return 0;
}

/*
 * A slot that holds such a capability; any when there is none, and now and then. The first of its
 * kind comes often, so that threads meet.
 */
static uint64_t slot_of(uint8_t kind)
{
    uint64_t found = find_slot(kind, NULL, one_in(3) ? FIELD_FIRST : any_slot());
    /* Not the authority over priorities, which shall keep its own. */
    for (uint64_t slot = 1; found == 0 && slot < FIELD_FIRST && kind != ABI_CAP_TCB; slot++) {
        found = field()[slot].cap.kind == kind ? slot : 0;
    }
    return found == 0 || one_in(50) ? any_slot() : found;
}

/* As above, mostly one that fulfils the condition. */
static uint64_t slot_where(uint8_t kind, predicate fulfils)
{
    uint64_t found = one_in(4) ? 0 : find_slot(kind, fulfils, any_slot());
    return found != 0 ? found : slot_of(kind);
}

static bool has_senders(const struct model_object *object)
{
    return object->queue.head != NULL && !object->queue.receivers;
}

static bool has_receivers(const struct model_object *object)
{
    return object->queue.head != NULL && object->queue.receivers;
}

static bool is_free_reply(const struct model_object *object)
{
    return object->reply.tcb == NULL;
}

static bool has_caller(const struct model_object *object)
{
    return object->reply.tcb != NULL && object->reply.tcb->tcb.state == MODEL_BLOCKED_REPLY;
}

static bool is_free_sc(const struct model_object *object)
{
    return object->sc.tcb == NULL;
}

static bool needs_start(const struct model_object *object)
{
    return object->tcb.state == MODEL_INACTIVE || object->tcb.sc == NULL;
}

static uint64_t empty_slot(void)
{
    uint64_t slot = any_slot();
    for (unsigned i = 0; i < FIELD_SLOTS && !model_slot_empty(&field()[slot]); i++) {
        slot = slot + 1 == FIELD_SLOTS ? FIELD_FIRST : slot + 1;
    }
    return slot;
}

static uint64_t full_slot(void)
{
    uint64_t slot = any_slot();
    for (unsigned i = 0; i < 20 && model_slot_empty(&field()[slot]); i++) {
        slot = any_slot();
    }
    return slot;
}

/* ---- one message ---- */

static bool is_warden(void)
{
    return machine_current() == machine_warden();
}

/* The pointer by which the running thread names a slot of the field. */
static uint64_t pointer(uint64_t slot)
{
    const struct model_cap *root = &machine_current()->slots[MODEL_CSPACE].cap;
    if (root->kind == ABI_CAP_CNODE && root->bits == OTHER_GUARD) {
        return slot << (FIELD_GUARD_BITS - OTHER_GUARD) | below(16);
    }
    return slot;
}

static struct step message(int64_t number, uint64_t slot, uint64_t label, unsigned words,
                           unsigned caps)
{
    struct step step = {.kind = STEP_SYSCALL};
    step.x[0] = pointer(slot);
    step.x[1] = label << seL4_MsgLabelShift | caps << seL4_MsgExtraCapsShift | words;
    step.x[7] = (uint64_t)number;
    step.path[0] = pointer(FIELD_CNODE);
    step.path[1] = FIELD_FIRST + below(FIELD_RECEIVE - FIELD_FIRST);
    step.path[2] = 64;
    return step;
}

static void set_word(struct step *step, unsigned i, uint64_t word)
{
    if (i < seL4_FastMessageRegisters) {
        step->x[2 + i] = word;
    } else {
        step->words[i - seL4_FastMessageRegisters] = word;
    }
}

struct request {
    uint64_t slot;
    uint64_t label;
    unsigned words;
    uint64_t word[12];
    unsigned caps;
    uint64_t cap[3];
};

/* A call of the kernel; sometimes too short. */
static struct step call(struct request request)
{
    unsigned words = request.words;
    unsigned caps = request.caps;
    if (one_in(100)) {
        words = (unsigned)below(words + 1);
        caps = (unsigned)below(caps + 1);
    }
    struct step step = message(seL4_SysCall, request.slot, request.label, words, caps);
    for (unsigned i = 0; i < words; i++) {
        set_word(&step, i, request.word[i]);
    }
    for (unsigned i = 0; i < caps; i++) {
        step.caps[i] = pointer(request.cap[i]);
    }
    return step;
}

/* ---- objects and slots ---- */

static struct step retype(void)
{
    static const struct {
        uint8_t type;
        uint8_t bits;
        uint8_t weight;
    } kinds[] = {
        {seL4_TCBObject, 0, 6},
        {seL4_EndpointObject, 0, 5},
        {seL4_NotificationObject, 0, 4},
        {seL4_ReplyObject, 0, 6},
        {seL4_SchedContextObject, 8, 6},
        {seL4_SchedContextObject, 7, 2},
        {seL4_CapTableObject, NODE_BITS, 2},
        {seL4_CapTableObject, 6, 1},
        {seL4_UntypedObject, 12, 3},
        {seL4_UntypedObject, 15, 2},
        {seL4_UntypedObject, 8, 1},
        {seL4_ARM_SmallPageObject, 0, 6},
        {seL4_ARM_PageTableObject, 0, 4},
        {seL4_ARM_VSpaceObject, 0, 2},
        {seL4_ARM_LargePageObject, 0, 1},
    };
    unsigned kind = 0;
    uint64_t weight = below(51);
    while (weight >= kinds[kind].weight) {
        weight -= kinds[kind++].weight;
    }
    struct request request = {
        .slot = one_in(3) ? slot_of(ABI_CAP_UNTYPED) : FIELD_POOL,
        .label = UntypedRetype,
        .words = 6,
        .word = {kinds[kind].type, kinds[kind].bits, 0, 0, empty_slot(), 1 + below(2)},
        .caps = 1,
        .cap = {FIELD_CNODE}};
    if (one_in(12)) {
        request.cap[0] = slot_of(ABI_CAP_CNODE);
        request.word[4] = below(1 << NODE_BITS);
    } else if (one_in(12)) { /* the destination by index and depth */
        request.word[2] = slot_of(ABI_CAP_CNODE);
        request.word[3] = 64;
        request.word[4] = below(1 << NODE_BITS);
    }
    if (one_in(60)) {
        request.word[below(6)] = below(70);
    }
    struct step step = call(request);
    step.preempt = one_in(4) ? 1 + below(3) : 0;
    return step;
}

/* A CNode, and where in it: the field mostly, else one within it. */
struct place {
    uint64_t cnode;
    uint64_t index;
    uint64_t depth;
};

static struct place place(uint64_t field_slot)
{
    if (one_in(8)) {
        uint64_t cnode = slot_of(ABI_CAP_CNODE);
        const struct model_cap *cap = &field()[cnode].cap;
        if (cap->kind == ABI_CAP_CNODE && cnode != FIELD_CNODE) {
            uint64_t depth = model_cnode_radix(cap) + cap->bits;
            return (struct place){cnode, below(16), one_in(20) ? below(70) : depth};
        }
    }
    return (struct place){FIELD_CNODE, field_slot, one_in(200) ? below(70) : 64};
}

static uint64_t some_badge(void)
{
    return one_in(4) ? 0 : 1 + below(6);
}

static struct step copy_or_move(void)
{
    static const uint64_t labels[] = {CNodeCopy, CNodeCopy, CNodeMint,
                                      CNodeMint, CNodeMove, CNodeMutate};
    struct place dest = place(one_in(20) ? any_slot() : empty_slot());
    struct place source = place(full_slot());
    uint64_t label = labels[below(6)];
    uint64_t data = one_in(10) ? FIELD_GUARD_BITS : some_badge();
    uint64_t rights = one_in(2) ? seL4_RightAll : below(16);
    struct request request = {
        .slot = dest.cnode,
        .label = label,
        .words = label == CNodeMint   ? 6
                 : label == CNodeMove ? 4
                                      : 5,
        .word = {dest.index, dest.depth, source.index, source.depth, rights, data},
        .caps = 1,
        .cap = {source.cnode}};
    if (label == CNodeMutate) {
        request.word[4] = data;
    }
    return call(request);
}

static struct step rotate(void)
{
    struct place pivot = place(full_slot());
    struct place source = place(full_slot());
    struct place dest = one_in(3) ? source : place(empty_slot());
    return call((struct request){.slot = dest.cnode,
                                 .label = CNodeRotate,
                                 .words = 8,
                                 .word = {dest.index, dest.depth, one_in(6) ? below(8) : 0,
                                          pivot.index, pivot.depth, one_in(6) ? below(8) : 0,
                                          source.index, source.depth},
                                 .caps = 2,
                                 .cap = {pivot.cnode, source.cnode}});
}

static struct step end_capability(void)
{
    static const uint64_t labels[] = {CNodeDelete, CNodeDelete, CNodeDelete, CNodeRevoke,
                                      CNodeCancelBadgedSends};
    uint64_t label = labels[below(5)];
    struct place at =
        place(label == CNodeCancelBadgedSends ? slot_of(ABI_CAP_ENDPOINT) : full_slot());
    if (label == CNodeRevoke && at.cnode == FIELD_CNODE) {
        at.index = one_in(60) ? FIELD_POOL : at.index;
    }
    struct step step = call((struct request){
        .slot = at.cnode, .label = label, .words = 2, .word = {at.index, at.depth}});
    step.preempt = one_in(3) ? 1 + below(3) : 0;
    return step;
}

static struct step slots(void)
{
    switch (below(8)) {
    case 0:
    case 1:
    case 2:
        return retype();
    case 3:
        return end_capability();
    case 4:
        return rotate();
    default:
        return copy_or_move();
    }
}

/* ---- threads ---- */

static struct step configure_space(uint64_t tcb)
{
    uint64_t guard = one_in(4) ? OTHER_GUARD : FIELD_GUARD_BITS;
    uint64_t address = one_in(10) ? 0 : 0x10000 + below(4) * 1024;
    if (one_in(3)) {
        return call(
            (struct request){.slot = tcb,
                             .label = TCBSetSpace,
                             .words = 2,
                             .word = {guard, 0},
                             .caps = 3,
                             .cap = {slot_of(ABI_CAP_ENDPOINT), FIELD_CNODE, FIELD_VSPACE}});
    }
    return call((struct request){.slot = tcb,
                                 .label = TCBConfigure,
                                 .words = 3,
                                 .word = {guard, 0, address},
                                 .caps = 3,
                                 .cap = {one_in(12) ? slot_of(ABI_CAP_CNODE) : FIELD_CNODE,
                                         one_in(4) ? slot_of(ABI_CAP_VSPACE) : FIELD_VSPACE,
                                         slot_of(ABI_CAP_FRAME)}});
}

static struct step set_parameters(uint64_t tcb, uint64_t sc)
{
    return call((struct request){.slot = tcb,
                                 .label = TCBSetSchedParams,
                                 .words = 2,
                                 .word = {one_in(8) ? 254 : below(PRIORITIES), below(PRIORITIES)},
                                 .caps = 3,
                                 .cap = {one_in(8) ? slot_of(ABI_CAP_TCB) : FIELD_AUTHORITY, sc,
                                         slot_of(ABI_CAP_ENDPOINT)}});
}

static struct step configure_time(uint64_t sc)
{
    uint64_t period = 20 + below(3000);
    uint64_t budget = one_in(3) ? period : 20 + below(period - 19);
    if (one_in(30)) {
        budget = below(5000);
    }
    return call(
        (struct request){.slot = FIELD_SCHED_CONTROL,
                         .label = SchedControlConfigureFlags,
                         .words = 5,
                         .word = {budget, period, below(one_in(10) ? 12 : 3), below(100), below(2)},
                         .caps = 1,
                         .cap = {sc}});
}

static struct step write_registers(uint64_t tcb)
{
    return call((struct request){.slot = tcb,
                                 .label = TCBWriteRegisters,
                                 .words = 4,
                                 .word = {one_in(4) ? 0 : 1, 1 + below(2), 0x4000, below(100)}});
}

static struct step simple_tcb(uint64_t tcb)
{
    static const uint64_t labels[] = {
        TCBSuspend,          TCBResume,        TCBResume,        TCBUnbindNotification,
        TCBBindNotification, TCBSetPriority,   TCBSetMCPriority, TCBSetTimeoutEndpoint,
        TCBSetIPCBuffer,     TCBReadRegisters, TCBSetFlags,      TCBSetTLSBase,
        TCBCopyRegisters};
    struct request request = {.slot = tcb,
                              .label = labels[below(13)],
                              .words = 2,
                              .word = {below(PRIORITIES), below(2)},
                              .caps = 1,
                              .cap = {FIELD_AUTHORITY}};
    switch (request.label) {
    case TCBBindNotification:
        request.cap[0] = slot_of(ABI_CAP_NOTIFICATION);
        break;
    case TCBSetTimeoutEndpoint:
        request.cap[0] = slot_of(ABI_CAP_ENDPOINT);
        break;
    case TCBSetIPCBuffer:
        request.cap[0] = slot_of(ABI_CAP_FRAME);
        request.word[0] = below(8) * (one_in(20) ? 512 : 1024);
        break;
    case TCBCopyRegisters:
        request.word[0] = below(16);
        request.cap[0] = slot_of(ABI_CAP_TCB);
        break;
    case TCBReadRegisters:
        request.word[0] = one_in(10);
        request.word[1] = one_in(20) ? below(40) : 1 + below(4);
        break;
    default:
        break;
    }
    return call(request);
}

static struct step change_sc(uint64_t sc)
{
    static const uint64_t labels[] = {SchedContextBind,     SchedContextBind,
                                      SchedContextUnbind,   SchedContextUnbindObject,
                                      SchedContextConsumed, SchedContextYieldTo};
    bool to_thread = !one_in(4);
    return call((struct request){.slot = sc,
                                 .label = labels[below(6)],
                                 .caps = 1,
                                 .cap = {slot_of(to_thread ? ABI_CAP_TCB : ABI_CAP_NOTIFICATION)}});
}

static void plan(struct step step)
{
    if (generator.planned_count < PLANNED_MAX) {
        generator.planned[generator.planned_count++] = step;
    }
}

/* All that a thread needs to run. */
static struct step start_thread(void)
{
    uint64_t tcb = slot_where(ABI_CAP_TCB, needs_start);
    uint64_t sc = slot_where(ABI_CAP_SCHED_CONTEXT, is_free_sc);
    if (tcb == FIELD_AUTHORITY || field()[tcb].cap.kind != ABI_CAP_TCB) {
        return retype();
    }
    const struct model_tcb *thread = &field()[tcb].cap.object->tcb;
    if (thread->sc == NULL && !one_in(4)) {
        plan(configure_time(sc));
        plan(set_parameters(tcb, sc));
    }
    if (thread->state == MODEL_INACTIVE || one_in(3)) {
        plan(write_registers(tcb));
    }
    return configure_space(tcb);
}

static struct step threads(void)
{
    switch (below(8)) {
    case 0:
        return configure_space(slot_of(ABI_CAP_TCB));
    case 1:
        return set_parameters(slot_of(ABI_CAP_TCB), one_in(4) ? 0 : slot_of(ABI_CAP_SCHED_CONTEXT));
    case 2:
        return configure_time(slot_of(ABI_CAP_SCHED_CONTEXT));
    case 3:
        return write_registers(slot_of(ABI_CAP_TCB));
    case 4:
    case 5:
        return change_sc(slot_of(ABI_CAP_SCHED_CONTEXT));
    default:
        return simple_tcb(slot_of(ABI_CAP_TCB));
    }
}

/* ---- memory and interrupts ---- */

static uint64_t some_address(void)
{
    uint64_t address = 0;
    for (unsigned level = 12; level <= 39; level += 9) {
        address |= (one_in(6) ? UINT64_C(3) : 1) << level; /* few, so that tables meet pages */
    }
    if (one_in(40)) {
        address = one_in(2) ? address + below(4096) : UINT64_C(0x800000000000) - below(2) * 4096;
    }
    return address;
}

/* Cache operations: the bounds of one page, or beyond. */
static struct step clean(uint64_t address)
{
    bool whole_space = one_in(2);
    uint64_t start = (whole_space ? address : 0) + below(4096);
    return call((struct request){.slot = slot_of(whole_space ? ABI_CAP_VSPACE : ABI_CAP_FRAME),
                                 .label = (whole_space ? ARMVSpaceClean_Data : ARMPageClean_Data) +
                                          below(4),
                                 .words = 2,
                                 .word = {start, start + below(4096)}});
}

static struct step memory(void)
{
    uint64_t address = some_address();
    uint64_t vspace = one_in(2) ? FIELD_VSPACE : slot_of(ABI_CAP_VSPACE);
    switch (below(10)) {
    case 9:
        return clean(address);
    case 0:
        return call((struct request){.slot = FIELD_ASID_POOL,
                                     .label = ARMASIDPoolAssign,
                                     .caps = 1,
                                     .cap = {slot_of(ABI_CAP_VSPACE)}});
    case 1:
        return call((struct request){.slot = slot_of(ABI_CAP_ASID_POOL),
                                     .label = ARMASIDPoolAssign,
                                     .caps = 1,
                                     .cap = {slot_of(ABI_CAP_VSPACE)}});
    case 2:
        return call((struct request){.slot = FIELD_ASID_CONTROL,
                                     .label = ARMASIDControlMakePool,
                                     .words = 2,
                                     .word = {empty_slot(), 64},
                                     .caps = 2,
                                     .cap = {slot_of(ABI_CAP_UNTYPED), FIELD_CNODE}});
    case 3:
    case 4:
        return call((struct request){.slot = slot_of(ABI_CAP_PAGE_TABLE),
                                     .label = ARMPageTableMap,
                                     .words = 2,
                                     .word = {address, 3},
                                     .caps = 1,
                                     .cap = {vspace}});
    case 5:
        return call(
            (struct request){.slot = slot_of(ABI_CAP_PAGE_TABLE), .label = ARMPageTableUnmap});
    case 6:
        return call((struct request){.slot = slot_of(ABI_CAP_FRAME),
                                     .label = one_in(2) ? ARMPageUnmap : ARMPageGetAddress});
    default:
        return call((struct request){.slot = slot_of(ABI_CAP_FRAME),
                                     .label = ARMPageMap,
                                     .words = 3,
                                     .word = {address, below(4), below(8)},
                                     .caps = 1,
                                     .cap = {vspace}});
    }
}

static struct step strike(void)
{
    return (struct step){.kind = STEP_INTERRUPT, .x = {IRQ_FIRST + below(IRQ_COUNT)}};
}

static struct step software_interrupt(void)
{
    if (one_in(2)) {
        return message(seL4_SysCall, slot_of(ABI_CAP_SGI_SIGNAL), below(3), 0, 0);
    }
    return call((struct request){.slot = FIELD_IRQ_CONTROL,
                                 .label = ARMIRQIssueSGISignal,
                                 .words = 4,
                                 .word = {below(17), below(9), empty_slot(), 64},
                                 .caps = 1,
                                 .cap = {FIELD_CNODE}});
}

static struct step issue_interrupt(uint64_t irq)
{
    if (one_in(10)) {
        irq = below(170);
    }
    struct request request = {.slot = FIELD_IRQ_CONTROL,
                              .label = IRQIssueIRQHandler,
                              .words = 3,
                              .word = {irq, empty_slot(), 64},
                              .caps = 1,
                              .cap = {FIELD_CNODE}};
    if (one_in(3)) {
        request.label = ARMIRQIssueIRQHandlerTrigger;
        request.words = 4;
        request.word[3] = request.word[2];
        request.word[2] = request.word[1];
        request.word[1] = below(2);
    }
    return call(request);
}

static struct step interrupts(void)
{
    uint64_t irq = IRQ_FIRST + below(IRQ_COUNT);
    static const uint64_t labels[] = {IRQAckIRQ, IRQSetIRQHandler, IRQSetIRQHandler,
                                      IRQClearIRQHandler};
    switch (below(6)) {
    case 4:
        return software_interrupt();
    case 5:
        return call((struct request){.slot = FIELD_DOMAIN,
                                     .label = DomainSetSet + below(3),
                                     .words = 3,
                                     .word = {below(3) / 2, below(3) / 2, below(3)},
                                     .caps = 1,
                                     .cap = {slot_of(ABI_CAP_TCB)}});
    case 0:
        return issue_interrupt(irq);
    case 1:
        return strike();
    default:
        return call((struct request){.slot = slot_of(ABI_CAP_IRQ_HANDLER),
                                     .label = labels[below(4)],
                                     .caps = 1,
                                     .cap = {slot_of(ABI_CAP_NOTIFICATION)}});
    }
}

/* ---- messages ---- */

/* What the call would be made on: where somebody waits for it, mostly. */
static uint64_t target_of(int64_t number)
{
    switch (number) {
    case seL4_SysWait:
    case seL4_SysNBWait:
    case seL4_SysNBSendWait:
        return one_in(2) ? slot_of(ABI_CAP_NOTIFICATION)
                         : slot_where(ABI_CAP_ENDPOINT, has_senders);
    case seL4_SysSend:
    case seL4_SysNBSend:
        if (one_in(2)) {
            return one_in(3) ? slot_of(ABI_CAP_NOTIFICATION)
                             : slot_where(ABI_CAP_REPLY, has_caller);
        }
        return slot_where(ABI_CAP_ENDPOINT, has_receivers);
    case seL4_SysCall:
        return slot_where(ABI_CAP_ENDPOINT, has_receivers);
    default:
        return one_in(8) ? slot_of(ABI_CAP_NOTIFICATION)
                         : slot_where(ABI_CAP_ENDPOINT, has_senders);
    }
}

/* The reply register: it answers or signals something, or is offered. */
static uint64_t reply_of(int64_t number)
{
    switch (number) {
    case seL4_SysNBSendWait:
        return slot_of(one_in(2) ? ABI_CAP_NOTIFICATION : ABI_CAP_ENDPOINT);
    case seL4_SysReplyRecv:
        return slot_where(ABI_CAP_REPLY, has_caller);
    default:
        return slot_where(ABI_CAP_REPLY, is_free_reply);
    }
}

static struct step communicate(void)
{
    static const int64_t numbers[] = {
        seL4_SysCall,      seL4_SysCall,       seL4_SysSend,       seL4_SysNBSend,
        seL4_SysRecv,      seL4_SysRecv,       seL4_SysReplyRecv,  seL4_SysReplyRecv,
        seL4_SysReplyRecv, seL4_SysNBRecv,     seL4_SysNBSendRecv, seL4_SysWait,
        seL4_SysNBWait,    seL4_SysNBSendWait, seL4_SysSend,       seL4_SysNBSend};
    int64_t number = numbers[below(16)];
    uint64_t target = target_of(number);
    uint64_t words = one_in(4) ? below(128) : below(6);
    struct step step = message(number, target, one_in(2) ? 0 : below(100), (unsigned)words,
                               one_in(3) ? (unsigned)below(4) : 0);
    for (unsigned i = 0; i < 8; i++) {
        set_word(&step, i, below(1000));
    }
    for (unsigned i = 0; i < STEP_CAPS; i++) {
        step.caps[i] = pointer(one_in(4) ? slot_of(ABI_CAP_ENDPOINT) : full_slot());
    }
    step.x[6] = pointer(reply_of(number));
    step.x[8] = pointer(slot_of(one_in(2) ? ABI_CAP_ENDPOINT : ABI_CAP_NOTIFICATION));
    if (one_in(100)) {
        step.x[below(9)] = below(UINT64_C(1) << below(63));
    }
    return step;
}

/* What the first thread may send: nothing that blocks. */
static struct step poll_something(void)
{
    struct step step = communicate();
    bool is_endpoint = field()[step.x[0] % FIELD_SLOTS].cap.kind == ABI_CAP_ENDPOINT;
    step.x[7] = (uint64_t)(one_in(2) || is_endpoint ? seL4_SysNBSend : seL4_SysCall);
    step.x[0] %= FIELD_SLOTS;
    for (unsigned i = 0; i < STEP_CAPS; i++) {
        step.caps[i] %= FIELD_SLOTS;
    }
    return step;
}

static struct step go_wrong(void)
{
    struct step step = {.kind = one_in(2) ? STEP_VM_FAULT : STEP_EXCEPTION};
    step.x[0] = below(1u << 20);
    step.x[1] = below(2);
    step.x[2] = below(64);
    if (one_in(3)) {
        step.kind = STEP_SYSCALL;
        step.x[7] = one_in(2) ? below(1000) : -(100 + below(50));
    }
    return step;
}

static struct step spend_time(uint64_t ticks)
{
    return (struct step){.kind = STEP_COMPUTE, .x = {below(ticks)}};
}

/* ---- who does what ---- */

/* A call on what has turned out to be an endpoint would block the first thread for ever. */
static bool would_block(const struct step *step)
{
    uint8_t kind = field()[step->x[0] % FIELD_SLOTS].cap.kind;
    return step->kind == STEP_SYSCALL && (int64_t)step->x[7] == seL4_SysCall &&
           kind == ABI_CAP_ENDPOINT;
}

static bool others_can_run(void)
{
    for (unsigned i = 0; i < model()->object_count; i++) {
        const struct model_object *object = model()->objects[i];
        if (object->kind == ABI_CAP_TCB && object != machine_warden() && model_runnable(object) &&
            object->tcb.sc != NULL && object->tcb.sc->sc.configured) {
            return true;
        }
    }
    return false;
}

static struct step choose_for_warden(void)
{
    if (generator.planned_count > 0) {
        struct step step = generator.planned[0];
        generator.planned_count--;
        memmove(generator.planned, generator.planned + 1,
                generator.planned_count * sizeof(generator.planned[0]));
        return step;
    }
    uint64_t choice = below(32);
    if (choice > 17 && !others_can_run() && !one_in(8)) {
        return start_thread();
    }
    if (choice < 6) {
        return slots();
    }
    if (choice < 10) {
        return start_thread();
    }
    switch (choice) {
    case 10:
    case 11:
    case 12:
        return threads();
    case 13:
    case 14:
        return memory();
    case 15:
        return interrupts();
    case 16:
        return poll_something();
    case 17:
        return spend_time(20000);
    default:
        return message(seL4_SysYield, 0, 0, 0, 0);
    }
}

static struct step choose_for_others(void)
{
    switch (below(32)) {
    case 0:
        return slots();
    case 1:
        return threads();
    case 2:
        return memory();
    case 3:
        return interrupts();
    case 4:
    case 5:
        return go_wrong();
    case 6:
        return message(seL4_SysYield, 0, 0, 0, 0);
    case 7:
    case 8:
        return spend_time(60000);
    default:
        return communicate();
    }
}

struct step generate_step(void)
{
    if (machine_current() == NULL) {
        return one_in(20) ? strike() : spend_time(1);
    }
    if (!is_warden()) {
        return choose_for_others();
    }
    struct step step = choose_for_warden();
    while (would_block(&step)) {
        step = choose_for_warden();
    }
    return step;
}
