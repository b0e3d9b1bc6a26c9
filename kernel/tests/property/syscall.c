/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The model's entries: system calls, faults, interrupts; and from a capability to its invocation.
 */
#include "model.h"

#include <stddef.h>

enum {
    BUFFER_MESSAGE = 1,
    BUFFER_CAPS = 122,
    REGISTER_REPLY = 6,
    REGISTER_DEST = 8
};

/* ---- invocations ---- */

uint64_t model_word(const struct model_invocation *inv, unsigned i)
{
    if (i < seL4_FastMessageRegisters) {
        return inv->caller->tcb.x[2 + i];
    }
    return model_buffer(inv->caller, false)[BUFFER_MESSAGE + i];
}

void model_result(struct model_invocation *inv, uint64_t value)
{
    inv->results[inv->result_count++] = value;
}

static bool decode(struct model_invocation *inv)
{
    struct model_object *object = inv->cap.object;
    uint64_t rights = inv->cap.rights;
    switch (inv->cap.kind) {
    case ABI_CAP_REPLY:
        model_reply(inv->caller, object, (rights & seL4_RightGrant) != 0);
        return true;
    case ABI_CAP_NOTIFICATION:
        if ((rights & seL4_RightWrite) == 0) {
            return model_fail_word(seL4_InvalidCapability, 0);
        }
        model_signal(object, inv->cap.value);
        return true;
    case ABI_CAP_UNTYPED:
        return model_untyped(inv);
    case ABI_CAP_CNODE:
        return model_cnode(inv);
    case ABI_CAP_TCB:
        return model_tcb_invocation(inv);
    case ABI_CAP_SCHED_CONTEXT:
        return model_sched_context(inv);
    case ABI_CAP_SCHED_CONTROL:
        return model_sched_control(inv);
    case ABI_CAP_IRQ_CONTROL:
        return model_irq_control(inv);
    case ABI_CAP_IRQ_HANDLER:
        return model_irq_handler(inv);
    case ABI_CAP_SGI_SIGNAL:
        return model_sgi(inv);
    case ABI_CAP_DOMAIN:
        return model_domain(inv);
    case ABI_CAP_NULL:
    case ABI_CAP_ZOMBIE:
        return model_fail_word(seL4_InvalidCapability, 0);
    default:
        return model_memory(inv);
    }
}

static void write_answer(struct model_invocation *inv, uint64_t label, const uint64_t *words,
                         unsigned count)
{
    struct model_tcb *tcb = &inv->caller->tcb;
    uint64_t *buffer = model_buffer(inv->caller, true);
    for (unsigned i = 0; i < count; i++) {
        if (i < seL4_FastMessageRegisters) {
            tcb->x[2 + i] = words[i];
        } else if (buffer != NULL) {
            buffer[BUFFER_MESSAGE + i] = words[i];
        } else {
            count = seL4_FastMessageRegisters;
        }
    }
    tcb->x[0] = 0;
    tcb->x[1] = label << seL4_MsgLabelShift | count;
    tcb->unknown |= inv->unknown_results << 2;
}

static void answer(struct model_invocation *inv, bool done)
{
    const struct model_error *error = &model()->error;
    if (!inv->call) {
        return;
    }
    if (inv->label < MODEL_LABELS) {
        model_counts()->answers[inv->label][done ? seL4_NoError : error->code]++;
    }
    if (!done) {
        inv->unknown_results = 0;
        write_answer(inv, error->code, error->words, error->count);
    } else if (inv->caller->tcb.state == MODEL_RUNNING) {
        write_answer(inv, seL4_NoError, inv->results, inv->result_count);
    }
}

static void cap_fault(struct model_object *tcb, uint64_t address, bool receiving)
{
    struct model_fault fault = {
        .kind = seL4_Fault_CapFault, .words = {address, receiving}, .lookup = model()->lookup};
    model_fault_send(tcb, fault);
}

static bool refused_in_first_phase(uint8_t kind)
{
    return kind == ABI_CAP_TCB || kind == ABI_CAP_CNODE || kind == ABI_CAP_DOMAIN ||
           kind == ABI_CAP_SCHED_CONTROL || kind == ABI_CAP_SCHED_CONTEXT;
}

struct phase {
    bool blocking;
    bool call;
    bool can_donate;
    bool first;
};

static void invoke(struct model_object *tcb, uint64_t cptr, struct phase phase)
{
    uint64_t info = tcb->tcb.x[1];
    struct model_invocation inv = {.caller = tcb,
                                   .label = info >> seL4_MsgLabelShift,
                                   .length = info & 127,
                                   .call = phase.call};
    if (!model_lookup(tcb, cptr, &inv.slot)) {
        if (phase.blocking) {
            cap_fault(tcb, cptr, false);
        }
        return;
    }
    inv.cap = inv.slot->cap;
    const uint64_t *buffer = model_buffer(tcb, false);
    unsigned caps = buffer == NULL ? 0 : (unsigned)(info >> seL4_MsgExtraCapsShift & 3);
    for (; inv.extra_count < caps; inv.extra_count++) {
        uint64_t extra = buffer[BUFFER_CAPS + inv.extra_count];
        if (!model_lookup(tcb, extra, &inv.extra[inv.extra_count])) {
            if (phase.blocking) {
                cap_fault(tcb, extra, false);
            }
            return;
        }
    }
    if (inv.length > seL4_MsgMaxLength) {
        inv.length = seL4_MsgMaxLength;
    }
    if (inv.length > seL4_FastMessageRegisters && buffer == NULL) {
        inv.length = seL4_FastMessageRegisters;
    }
    if (phase.first && refused_in_first_phase(inv.cap.kind)) {
        return;
    }
    if (inv.cap.kind == ABI_CAP_ENDPOINT) {
        if ((inv.cap.rights & seL4_RightWrite) == 0) {
            answer(&inv, model_fail_word(seL4_InvalidCapability, 0));
            return;
        }
        struct model_send how = {.blocking = phase.blocking,
                                 .call = phase.call,
                                 .can_donate = phase.can_donate,
                                 .rights = inv.cap.rights,
                                 .badge = inv.cap.value};
        model_send(inv.cap.object, tcb, how); /* the answer to a call comes from elsewhere */
        return;
    }
    answer(&inv, decode(&inv));
}

/* ---- receiving ---- */

static void receive_fault(struct model_object *tcb, uint64_t cptr, bool resolves)
{
    if (resolves) {
        model_lookup_missing(0);
    }
    cap_fault(tcb, cptr, true);
}

static void receive_on_endpoint(struct model_object *tcb, struct model_object *endpoint,
                                bool blocking, bool with_reply)
{
    struct model_object *reply = NULL;
    if (with_reply) {
        uint64_t cptr = tcb->tcb.x[REGISTER_REPLY];
        struct model_slot *slot;
        if (!model_lookup(tcb, cptr, &slot)) {
            receive_fault(tcb, cptr, false);
            return;
        }
        if (slot->cap.kind != ABI_CAP_REPLY) {
            receive_fault(tcb, cptr, true);
            return;
        }
        reply = slot->cap.object;
    }
    model_receive(endpoint, tcb, reply, blocking);
}

static void receive(struct model_object *tcb, bool blocking, bool with_reply)
{
    uint64_t cptr = tcb->tcb.x[0];
    struct model_slot *slot;
    if (!model_lookup(tcb, cptr, &slot)) {
        receive_fault(tcb, cptr, false);
        return;
    }
    struct model_cap cap = slot->cap;
    bool readable = (cap.rights & seL4_RightRead) != 0;
    if (cap.kind == ABI_CAP_ENDPOINT && readable) {
        receive_on_endpoint(tcb, cap.object, blocking, with_reply);
    } else if (cap.kind == ABI_CAP_NOTIFICATION && readable &&
               (cap.object->queue.bound == NULL || cap.object->queue.bound == tcb)) {
        model_wait(cap.object, tcb, blocking);
    } else {
        receive_fault(tcb, cptr, true);
    }
}

/* ---- entries ---- */

/* True if the thread may go on. A used-up budget ends its slice, and it will repeat itself. */
static bool may_go_on(struct model_object *tcb, bool expired)
{
    if (!expired) {
        return true;
    }
    const struct model_object *sc = tcb->tcb.sc;
    if (!sc->sc.round_robin && model_has_timeout_handler(tcb)) {
        model_timeout(tcb);
    }
    if (model_runnable(tcb)) {
        tcb->tcb.state = MODEL_RESTART;
    }
    return false;
}

static void send_and_receive(struct model_object *tcb, unsigned reg, bool with_reply)
{
    invoke(tcb, tcb->tcb.x[reg], (struct phase){.can_donate = true, .first = true});
    receive(tcb, true, with_reply);
}

void model_syscall(struct model_object *tcb, bool expired)
{
    if (!may_go_on(tcb, expired)) {
        return;
    }
    uint64_t cptr = tcb->tcb.x[0];
    uint64_t number = tcb->tcb.x[7];
    model()->entered = tcb;
    switch ((int64_t)number) {
    case seL4_SysCall:
        invoke(tcb, cptr, (struct phase){.blocking = true, .call = true, .can_donate = true});
        break;
    case seL4_SysSend:
        invoke(tcb, cptr, (struct phase){.blocking = true});
        break;
    case seL4_SysNBSend:
        invoke(tcb, cptr, (struct phase){0});
        break;
    case seL4_SysReplyRecv:
        send_and_receive(tcb, REGISTER_REPLY, true);
        break;
    case seL4_SysNBSendRecv:
        send_and_receive(tcb, REGISTER_DEST, true);
        break;
    case seL4_SysNBSendWait:
        send_and_receive(tcb, REGISTER_REPLY, false);
        break;
    case seL4_SysRecv:
    case seL4_SysNBRecv:
        receive(tcb, (int64_t)number == seL4_SysRecv, true);
        break;
    case seL4_SysWait:
    case seL4_SysNBWait:
        receive(tcb, (int64_t)number == seL4_SysWait, false);
        break;
    case seL4_SysYield:
        break;
    default:
        model_fault_send(
            tcb, (struct model_fault){.kind = seL4_Fault_UnknownSyscall, .words = {number}});
        break;
    }
}

void model_raise_fault(struct model_object *tcb, struct model_fault fault, bool expired)
{
    if (may_go_on(tcb, expired)) {
        model_fault_send(tcb, fault);
    }
}

void model_interrupt(struct model_object *tcb, unsigned number, bool expired)
{
    if (number != MODEL_IRQ_TIMER) {
        struct model_irq *irq = &model()->irqs[number];
        const struct model_cap *cap = &irq->slot.cap;
        irq->pending = false;
        irq->enabled = false;
        if (irq->issued && cap->kind == ABI_CAP_NOTIFICATION) {
            model_signal(cap->object, cap->value);
        }
    }
    if (tcb != NULL && model_runnable(tcb) && expired && !tcb->tcb.sc->sc.round_robin &&
        model_has_timeout_handler(tcb)) {
        model_timeout(tcb);
    }
}

void model_activate(struct model_object *tcb)
{
    if (tcb->tcb.state == MODEL_RESTART) {
        tcb->tcb.next_ip = tcb->tcb.fault_ip;
        tcb->tcb.state = MODEL_RUNNING;
    } else if (tcb->tcb.yield_to != NULL) {
        model_yield_complete(tcb);
    }
}
