/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Random steps that make, move and end capabilities, map memory, and deal with interrupts. */
#include "generate.h"
#include "pick.h"

enum {
    NODE_BITS = 3, /* of small CNodes */
    IRQ_FIRST = 32,
    IRQ_COUNT = 4,
};

/* ---- objects and slots ---- */

/* A long call is preempted now and then. */
static void may_preempt(struct step *step)
{
    if (random_one_in(2)) {
        step->preempt_times = 1 + random_below(6);
        step->preempt_units = random_below(4);
    }
}

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
    uint64_t weight = random_below(51);
    while (weight >= kinds[kind].weight) {
        weight -= kinds[kind++].weight;
    }
    struct step_request request = {
        .slot = random_one_in(3) ? pick_of(ABI_CAP_UNTYPED) : FIELD_POOL,
        .label = UntypedRetype,
        .words = 6,
        .word = {kinds[kind].type, kinds[kind].bits, 0, 0, pick_empty(), 1 + random_below(2)},
        .caps = 1,
        .cap = {FIELD_CNODE}};
    if (random_one_in(12)) {
        request.cap[0] = pick_of(ABI_CAP_CNODE);
        request.word[4] = random_below(1 << NODE_BITS);
    } else if (random_one_in(12)) { /* the destination by index and depth */
        request.word[2] = pick_of(ABI_CAP_CNODE);
        request.word[3] = 64;
        request.word[4] = random_below(1 << NODE_BITS);
    }
    if (random_one_in(60)) {
        request.word[random_below(6)] = random_below(70);
    }
    struct step step = step_call(request);
    may_preempt(&step);
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
    if (random_one_in(8)) {
        uint64_t cnode = pick_of(ABI_CAP_CNODE);
        const struct model_cap *cap = &pick_field()[cnode].cap;
        if (cap->kind == ABI_CAP_CNODE && cnode != FIELD_CNODE) {
            uint64_t depth = model_cnode_radix(cap) + cap->bits;
            return (struct place){cnode, random_below(16),
                                  random_one_in(20) ? random_below(70) : depth};
        }
    }
    return (struct place){FIELD_CNODE, field_slot, random_one_in(200) ? random_below(70) : 64};
}

static uint64_t some_badge(void)
{
    return random_one_in(4) ? 0 : 1 + random_below(6);
}

static struct step copy_or_move(void)
{
    static const uint64_t labels[] = {CNodeCopy, CNodeCopy, CNodeMint,
                                      CNodeMint, CNodeMove, CNodeMutate};
    struct place dest = place(random_one_in(20) ? pick_any() : pick_empty());
    struct place source = place(pick_full());
    uint64_t label = labels[random_below(6)];
    uint64_t data = random_one_in(10) ? FIELD_GUARD_BITS : some_badge();
    uint64_t rights = random_one_in(2) ? seL4_RightAll : random_below(16);
    struct step_request request = {
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
    return step_call(request);
}

static struct step rotate(void)
{
    struct place pivot = place(pick_full());
    struct place source = place(pick_full());
    struct place dest = random_one_in(3) ? source : place(pick_empty());
    return step_call((struct step_request){
        .slot = dest.cnode,
        .label = CNodeRotate,
        .words = 8,
        .word = {dest.index, dest.depth, random_one_in(6) ? random_below(8) : 0, pivot.index,
                 pivot.depth, random_one_in(6) ? random_below(8) : 0, source.index, source.depth},
        .caps = 2,
        .cap = {pivot.cnode, source.cnode}});
}

/* Something whose end takes more than a moment, every other time. */
static uint64_t pick_victim(uint64_t label)
{
    switch (label) {
    case CNodeCancelBadgedSends:
        return pick_of(ABI_CAP_ENDPOINT);
    case CNodeRevoke:
        if (random_one_in(60)) {
            return FIELD_POOL;
        }
        return random_one_in(2) ? pick_of(ABI_CAP_UNTYPED) : pick_full();
    default:
        return random_one_in(4) ? pick_of(random_one_in(2) ? ABI_CAP_CNODE : ABI_CAP_TCB)
                                : pick_full();
    }
}

static struct step end_capability(void)
{
    static const uint64_t labels[] = {CNodeDelete, CNodeDelete, CNodeDelete, CNodeRevoke,
                                      CNodeCancelBadgedSends};
    uint64_t label = labels[random_below(5)];
    struct place at = place(pick_victim(label));
    if (at.cnode == FIELD_CNODE && label == CNodeDelete && at.index < FIELD_FIRST) {
        at.index = pick_full(); /* not the field's foundations */
    }
    struct step step = step_call((struct step_request){
        .slot = at.cnode, .label = label, .words = 2, .word = {at.index, at.depth}});
    may_preempt(&step);
    return step;
}

struct step generate_slots(void)
{
    switch (random_below(8)) {
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

/* ---- memory and interrupts ---- */

static uint64_t some_address(void)
{
    uint64_t address = 0;
    for (unsigned level = 12; level <= 39; level += 9) {
        address |= (random_one_in(6) ? UINT64_C(3) : 1)
                   << level; /* few, so that tables meet pages */
    }
    if (random_one_in(40)) {
        address = random_one_in(2) ? address + random_below(4096)
                                   : UINT64_C(0x800000000000) - random_below(2) * 4096;
    }
    return address;
}

/* Cache operations: the bounds of one page, or beyond. */
static struct step clean(uint64_t address)
{
    bool whole_space = random_one_in(2);
    uint64_t start = (whole_space ? address : 0) + random_below(4096);
    return step_call((struct step_request){
        .slot = pick_of(whole_space ? ABI_CAP_VSPACE : ABI_CAP_FRAME),
        .label = (whole_space ? ARMVSpaceClean_Data : ARMPageClean_Data) + random_below(4),
        .words = 2,
        .word = {start, start + random_below(4096)}});
}

struct step generate_memory(void)
{
    uint64_t address = some_address();
    uint64_t vspace = random_one_in(2) ? FIELD_VSPACE : pick_of(ABI_CAP_VSPACE);
    switch (random_below(10)) {
    case 9:
        return clean(address);
    case 0:
        return step_call((struct step_request){.slot = FIELD_ASID_POOL,
                                               .label = ARMASIDPoolAssign,
                                               .caps = 1,
                                               .cap = {pick_of(ABI_CAP_VSPACE)}});
    case 1:
        return step_call((struct step_request){.slot = pick_of(ABI_CAP_ASID_POOL),
                                               .label = ARMASIDPoolAssign,
                                               .caps = 1,
                                               .cap = {pick_of(ABI_CAP_VSPACE)}});
    case 2:
        return step_call((struct step_request){.slot = FIELD_ASID_CONTROL,
                                               .label = ARMASIDControlMakePool,
                                               .words = 2,
                                               .word = {pick_empty(), 64},
                                               .caps = 2,
                                               .cap = {pick_of(ABI_CAP_UNTYPED), FIELD_CNODE}});
    case 3:
    case 4:
        return step_call((struct step_request){.slot = pick_of(ABI_CAP_PAGE_TABLE),
                                               .label = ARMPageTableMap,
                                               .words = 2,
                                               .word = {address, 3},
                                               .caps = 1,
                                               .cap = {vspace}});
    case 5:
        return step_call(
            (struct step_request){.slot = pick_of(ABI_CAP_PAGE_TABLE), .label = ARMPageTableUnmap});
    case 6:
        return step_call(
            (struct step_request){.slot = pick_of(ABI_CAP_FRAME),
                                  .label = random_one_in(2) ? ARMPageUnmap : ARMPageGetAddress});
    default:
        return step_call((struct step_request){.slot = pick_of(ABI_CAP_FRAME),
                                               .label = ARMPageMap,
                                               .words = 3,
                                               .word = {address, random_below(4), random_below(8)},
                                               .caps = 1,
                                               .cap = {vspace}});
    }
}

struct step generate_strike(void)
{
    return (struct step){.kind = STEP_INTERRUPT, .x = {IRQ_FIRST + random_below(IRQ_COUNT)}};
}

static struct step software_interrupt(void)
{
    if (random_one_in(2)) {
        return step_message(seL4_SysCall, pick_of(ABI_CAP_SGI_SIGNAL), random_below(3), 0, 0);
    }
    return step_call(
        (struct step_request){.slot = FIELD_IRQ_CONTROL,
                              .label = ARMIRQIssueSGISignal,
                              .words = 4,
                              .word = {random_below(17), random_below(9), pick_empty(), 64},
                              .caps = 1,
                              .cap = {FIELD_CNODE}});
}

static struct step issue_interrupt(uint64_t irq)
{
    if (random_one_in(10)) {
        irq = random_below(170);
    }
    struct step_request request = {.slot = FIELD_IRQ_CONTROL,
                                   .label = IRQIssueIRQHandler,
                                   .words = 3,
                                   .word = {irq, pick_empty(), 64},
                                   .caps = 1,
                                   .cap = {FIELD_CNODE}};
    if (random_one_in(3)) {
        request.label = ARMIRQIssueIRQHandlerTrigger;
        request.words = 4;
        request.word[3] = request.word[2];
        request.word[2] = request.word[1];
        request.word[1] = random_below(2);
    }
    return step_call(request);
}

struct step generate_interrupts(void)
{
    uint64_t irq = IRQ_FIRST + random_below(IRQ_COUNT);
    static const uint64_t labels[] = {IRQAckIRQ, IRQSetIRQHandler, IRQSetIRQHandler,
                                      IRQClearIRQHandler};
    switch (random_below(6)) {
    case 4:
        return software_interrupt();
    case 5:
        return step_call((struct step_request){
            .slot = FIELD_DOMAIN,
            .label = DomainSetSet + random_below(3),
            .words = 3,
            .word = {random_below(3) / 2, random_below(3) / 2, random_below(3)},
            .caps = 1,
            .cap = {pick_of(ABI_CAP_TCB)}});
    case 0:
        return issue_interrupt(irq);
    case 1:
        return generate_strike();
    default:
        return step_call((struct step_request){.slot = pick_of(ABI_CAP_IRQ_HANDLER),
                                               .label = labels[random_below(4)],
                                               .caps = 1,
                                               .cap = {pick_of(ABI_CAP_NOTIFICATION)}});
    }
}
