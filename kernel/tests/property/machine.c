/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Booting, the first state, and entering the kernel. Time passes in STEP_COMPUTE only, so that no
 * timer strikes within a system call; what else interrupts one is asked for by the step.
 */
#include "machine.h"

#include "fail.h"
#include <arch/cap.h>
#include <arch/host_kernel.h>
#include <arch/timer.h>
#include <arch/vspace.h>
#include <kernel/arch_hooks.h>
#include <kernel/entry.h>
#include <kernel/ipc.h>
#include <kernel/node.h>
#include <string.h>

#include "../../arch/host/machine.h"

enum {
    POOL_BITS = 19,
    WARDEN_BUDGET_US = 1000,
    WARDEN_PERIOD_US = 4000,
    AUTHORITY_MCP = 254,
    PREEMPT_IRQ = 100,  /* nobody's: it is lost */
    ENTRIES_MAX = 1000, /* of the kernel in one step */
};

/* Where threads are in their code. */
#define IP_SYSCALL 0x1000
#define IP_BEHIND  0x1004
#define IP_FAULT   0x3000

/* Slots of the root CNode, outside of the field. */
enum outside {
    OUT_FIELD,
    OUT_AUTHORITY,
    OUT_POOL,
    OUT_VSPACE,
    OUT_MADE, /* up to here made by us */
    OUT_SCHED_CONTROL = OUT_MADE,
    OUT_ASID_POOL,
    OUT_ASID_CONTROL,
    OUT_DOMAIN,
    OUT_FRAME,
    OUT_COUNT,
};

static struct {
    void (*function)(void *argument);
    void *argument;
    seL4_BootInfo *bootinfo;
    struct model_slot outside[OUT_COUNT];
    struct model_object *warden;
} machine;

static enum plant planted;

void machine_plant(enum plant plant)
{
    planted = plant;
}

/* ---- set-up: the root task calls the kernel ---- */

struct call {
    word_t cptr;
    word_t label;
    word_t words[8];
    word_t length;
    word_t caps[3];
    word_t cap_count;
};

static void boot_call(struct call call)
{
    struct tcb *tcb = node()->current;
    word_t *regs = tcb->context.regs;
    word_t *buffer = tcb_ipc_buffer(tcb, true);
    regs[REG_CAP] = call.cptr;
    regs[REG_INFO] = message_info(call.label, 0, call.cap_count, call.length);
    for (word_t i = 0; i < call.length; i++) {
        if (i < seL4_FastMessageRegisters) {
            regs[REG_MR0 + i] = call.words[i];
        }
        buffer[IPC_BUFFER_MESSAGE + i] = call.words[i];
    }
    memcpy(&buffer[IPC_BUFFER_CAPS], call.caps, sizeof(call.caps));
    regs[REG_SYSCALL] = (word_t)seL4_SysCall;
    regs[REG_FAULT_IP] = IP_SYSCALL;
    regs[REG_NEXT_IP] = IP_BEHIND;
    kernel_handle_syscall(regs[REG_SYSCALL]);
    check(message_info_label(regs[REG_INFO]) == seL4_NoError, "set-up: label %lu: error %lu",
          call.label, message_info_label(regs[REG_INFO]));
}

static word_t out_slot(unsigned index)
{
    return machine.bootinfo->empty.start + index;
}

static void retype(word_t untyped, word_t type, word_t bits, unsigned out)
{
    boot_call((struct call){.cptr = untyped,
                            .label = UntypedRetype,
                            .words = {type, bits, 0, 0, out_slot(out), 1},
                            .length = 6,
                            .caps = {seL4_CapInitThreadCNode},
                            .cap_count = 1});
}

/* Copy or move a capability from the root CNode into the field. */
static void into_field(word_t label, word_t source, word_t slot)
{
    boot_call((struct call){.cptr = out_slot(OUT_FIELD),
                            .label = label,
                            .words = {slot, FIELD_BITS, source, 64, RIGHT_ALL, FIELD_GUARD_BITS},
                            .length = 6,
                            .caps = {seL4_CapInitThreadCNode},
                            .cap_count = 1});
}

static word_t largest_untyped(void)
{
    const seL4_BootInfo *info = machine.bootinfo;
    word_t best = 0;
    for (word_t i = 1; i < info->untyped.end - info->untyped.start; i++) {
        const seL4_UntypedDesc *desc = &info->untypedList[i];
        if (!desc->isDevice && (info->untypedList[best].isDevice ||
                                desc->sizeBits > info->untypedList[best].sizeBits)) {
            best = i;
        }
    }
    return info->untyped.start + best;
}

static void make_field(void)
{
    word_t untyped = largest_untyped();
    retype(untyped, seL4_CapTableObject, FIELD_BITS, OUT_FIELD);
    retype(untyped, seL4_TCBObject, 0, OUT_AUTHORITY);
    retype(untyped, seL4_UntypedObject, POOL_BITS, OUT_POOL);
    retype(untyped, seL4_ARM_VSpaceObject, 0, OUT_VSPACE);
    boot_call((struct call){.cptr = seL4_CapInitThreadASIDPool,
                            .label = ARMASIDPoolAssign,
                            .caps = {out_slot(OUT_VSPACE)},
                            .cap_count = 1});
    into_field(CNodeMint, out_slot(OUT_FIELD), FIELD_CNODE);
    into_field(CNodeCopy, machine.bootinfo->schedcontrol.start, FIELD_SCHED_CONTROL);
    into_field(CNodeMove, seL4_CapIRQControl, FIELD_IRQ_CONTROL);
    into_field(CNodeCopy, seL4_CapInitThreadASIDPool, FIELD_ASID_POOL);
    into_field(CNodeCopy, seL4_CapASIDControl, FIELD_ASID_CONTROL);
    into_field(CNodeCopy, seL4_CapDomain, FIELD_DOMAIN);
    into_field(CNodeCopy, out_slot(OUT_VSPACE), FIELD_VSPACE);
    into_field(CNodeCopy, out_slot(OUT_AUTHORITY), FIELD_AUTHORITY);
    into_field(CNodeMove, out_slot(OUT_POOL), FIELD_POOL);
}

static void configure_warden(void)
{
    word_t address = node()->current->ipc_buffer;
    boot_call((struct call){.cptr = out_slot(OUT_AUTHORITY),
                            .label = TCBSetMCPriority,
                            .words = {AUTHORITY_MCP},
                            .length = 1,
                            .caps = {seL4_CapInitThreadTCB},
                            .cap_count = 1});
    boot_call((struct call){.cptr = machine.bootinfo->schedcontrol.start,
                            .label = SchedControlConfigureFlags,
                            .words = {WARDEN_BUDGET_US, WARDEN_PERIOD_US, 0, 0, 0},
                            .length = 5,
                            .caps = {seL4_CapInitThreadSC},
                            .cap_count = 1});
    boot_call((struct call){
        .cptr = seL4_CapInitThreadTCB,
        .label = TCBConfigure,
        .words = {FIELD_GUARD_BITS, 0, address},
        .length = 3,
        .caps = {out_slot(OUT_FIELD), out_slot(OUT_VSPACE), seL4_CapInitThreadIPCBuffer},
        .cap_count = 3});
}

/* ---- the model's first state ---- */

static struct slot *root_slots;

static uint64_t paddr_of(struct cap cap)
{
    return kptr_to_paddr(cap_kptr(cap));
}

static struct model_object *object_of(word_t index, uint8_t kind, uint8_t bits)
{
    return model_object_create(kind, bits, paddr_of(root_slots[index].cap));
}

static struct model_slot *original(struct model_slot *slot, struct model_cap cap)
{
    model_slot_insert_original(slot, cap, NULL);
    return slot;
}

static void model_first_caps(struct model_slot *field, struct model_slot *tcb_slots)
{
    struct model_slot *out = machine.outside;
    struct model_cap cap = out[OUT_FIELD].cap;
    cap.bits = FIELD_GUARD_BITS;
    model_slot_copy(&field[FIELD_CNODE], cap, &out[OUT_FIELD]);
    cap = (struct model_cap){.kind = ABI_CAP_SCHED_CONTROL};
    model_slot_copy(&field[FIELD_SCHED_CONTROL], cap, original(&out[OUT_SCHED_CONTROL], cap));
    original(&field[FIELD_IRQ_CONTROL], (struct model_cap){.kind = ABI_CAP_IRQ_CONTROL});
    cap = (struct model_cap){
        .kind = ABI_CAP_ASID_POOL,
        .object = object_of(seL4_CapInitThreadASIDPool, ABI_CAP_ASID_POOL, seL4_ASIDPoolBits)};
    cap.object->roots[1] = object_of(seL4_CapInitThreadVSpace, ABI_CAP_VSPACE, seL4_VSpaceBits);
    model()->asid_pools[0] = cap.object;
    model_slot_copy(&field[FIELD_ASID_POOL], cap, original(&out[OUT_ASID_POOL], cap));
    cap = (struct model_cap){.kind = ABI_CAP_ASID_CONTROL};
    model_slot_copy(&field[FIELD_ASID_CONTROL], cap, original(&out[OUT_ASID_CONTROL], cap));
    cap = (struct model_cap){.kind = ABI_CAP_DOMAIN};
    model_slot_copy(&field[FIELD_DOMAIN], cap, original(&out[OUT_DOMAIN], cap));
    cap = (struct model_cap){.kind = ABI_CAP_VSPACE,
                             .object =
                                 object_of(out_slot(OUT_VSPACE), ABI_CAP_VSPACE, seL4_VSpaceBits),
                             .asid = 2};
    model()->asid_pools[0]->roots[2] = cap.object;
    model_slot_copy(&field[FIELD_VSPACE], cap, original(&out[OUT_VSPACE], cap));
    cap =
        (struct model_cap){.kind = ABI_CAP_TCB,
                           .object = object_of(out_slot(OUT_AUTHORITY), ABI_CAP_TCB, seL4_TCBBits)};
    cap.object->tcb.mcp = AUTHORITY_MCP;
    model_slot_copy(&field[FIELD_AUTHORITY], cap, original(&out[OUT_AUTHORITY], cap));
    struct slot *pool = (struct slot *)cap_ptr(root_slots[out_slot(OUT_FIELD)].cap) + FIELD_POOL;
    original(&field[FIELD_POOL], (struct model_cap){.kind = ABI_CAP_UNTYPED,
                                                    .bits = POOL_BITS,
                                                    .paddr = paddr_of(pool->cap)});
    cap = out[OUT_FIELD].cap;
    cap.bits = FIELD_GUARD_BITS;
    model_slot_copy(&tcb_slots[MODEL_CSPACE], cap, &out[OUT_FIELD]);
    model_slot_copy(&tcb_slots[MODEL_VSPACE], out[OUT_VSPACE].cap, &out[OUT_VSPACE]);
    cap = (struct model_cap){
        .kind = ABI_CAP_FRAME,
        .rights = MODEL_FRAME_WRITE,
        .object = object_of(seL4_CapInitThreadIPCBuffer, ABI_CAP_FRAME, seL4_PageBits)};
    memcpy(cap.object->page, (void *)paddr_to_kptr(cap.object->paddr), BIT(seL4_PageBits));
    model_slot_copy(&tcb_slots[MODEL_BUFFER], cap, original(&out[OUT_FRAME], cap));
}

static void model_warden(struct model_object *tcb)
{
    const struct tcb *kernel_tcb = node()->current;
    struct model_object *sc =
        object_of(seL4_CapInitThreadSC, ABI_CAP_SCHED_CONTEXT,
                  (uint8_t)cap_sched_context_bits(root_slots[seL4_CapInitThreadSC].cap));
    const word_t *regs = kernel_tcb->context.regs;
    sc->sc = (struct model_sc){.configured = true,
                               .budget_us = WARDEN_BUDGET_US,
                               .period_us = WARDEN_PERIOD_US,
                               .refills_max = 2,
                               .tcb = tcb};
    sc->refs = 1;
    tcb->refs = 1;
    tcb->tcb.state = MODEL_RUNNING;
    tcb->tcb.priority = kernel_tcb->priority;
    tcb->tcb.mcp = kernel_tcb->mcp;
    tcb->tcb.buffer_address = kernel_tcb->ipc_buffer;
    tcb->tcb.sc = sc;
    memcpy(tcb->tcb.x, regs, sizeof(tcb->tcb.x));
    tcb->tcb.sp = regs[REG_SP];
    tcb->tcb.spsr = regs[REG_FLAGS];
    tcb->tcb.fault_ip = regs[REG_FAULT_IP];
    tcb->tcb.next_ip = regs[REG_NEXT_IP];
}

static bool sc_ready(const struct model_object *sc)
{
    const struct sched_context *kernel_sc = (const void *)paddr_to_kptr(sc->paddr);
    return kernel_sc->refills[kernel_sc->refill_head].time <= arch_timer_now();
}

static void make_model(void)
{
    model_reset((struct model_clock){.ready = sc_ready});
    memset(machine.outside, 0, sizeof(machine.outside));
    struct model_object *tcb = object_of(seL4_CapInitThreadTCB, ABI_CAP_TCB, seL4_TCBBits);
    struct model_object *field =
        object_of(out_slot(OUT_FIELD), ABI_CAP_CNODE, FIELD_BITS + seL4_SlotBits);
    static const unsigned boot_slots[] = {seL4_CapInitThreadASIDPool, seL4_CapASIDControl,
                                          seL4_CapDomain, seL4_CapInitThreadIPCBuffer};
    for (unsigned i = 0; i < OUT_COUNT; i++) {
        word_t index = i < OUT_MADE             ? out_slot(i)
                       : i == OUT_SCHED_CONTROL ? machine.bootinfo->schedcontrol.start
                                                : boot_slots[i - OUT_ASID_POOL];
        machine.outside[i].kernel_slot = &root_slots[index];
    }
    original(&machine.outside[OUT_FIELD],
             (struct model_cap){.kind = ABI_CAP_CNODE, .object = field});
    model_first_caps(field->slots, tcb->slots);
    model_warden(tcb);
    machine.warden = tcb;
}

static void root(void *bootinfo, void *argument)
{
    (void)argument;
    machine.bootinfo = bootinfo;
    root_slots = cap_ptr(node()->current->slots[TCB_CSPACE].cap);
    make_field();
    configure_warden();
    arch_irq_ack(PREEMPT_IRQ); /* which unmasks it */
    make_model();
    compare_all();
    machine.function(machine.argument);
}

void machine_run(void (*function)(void *argument), void *argument)
{
    struct kernel_host_options options = {.quiet = true, .memory_bytes = 8u << 20};
    machine.function = function;
    machine.argument = argument;
    kernel_host_run(&options, root, NULL);
}

/* ---- steps ---- */

struct model_object *machine_current(void)
{
    struct tcb *tcb = node()->current;
    return tcb == node()->idle ? NULL : model_object_at(kptr_to_paddr((kptr_t)tcb));
}

struct model_object *machine_warden(void)
{
    return machine.warden;
}

/* True if the current thread's budget does not suffice for an entry now. */
static bool budget_is_used_up(void)
{
    const struct node *self = node();
    const struct sched_context *sc = self->current_sc;
    ticks_t used = self->consumed + arch_timer_now() - self->now;
    if (sc->refill_max == 0) {
        return false;
    }
    ticks_t amount = sc->refills[sc->refill_head].amount;
    return amount < used + arch_us_to_ticks(MIN_BUDGET_US);
}

static void compare_after_entry(void)
{
    struct model_object *tcb = machine_current();
    if (tcb != NULL) {
        model_activate(tcb);
    }
    compare_adopt_times();
    model_objects_sweep();
    compare_step();
}

static void set_ips(struct model_object *tcb, uint64_t fault_ip, uint64_t next_ip)
{
    word_t *regs = node()->current->context.regs;
    regs[REG_FAULT_IP] = fault_ip;
    regs[REG_NEXT_IP] = next_ip;
    tcb->tcb.fault_ip = fault_ip;
    tcb->tcb.next_ip = next_ip;
}

/* Serve interrupts as the CPU does while user code would run. */
static void take_interrupts(void)
{
    for (unsigned i = 0; arch_irq_pending(); i++) {
        struct model_object *tcb = machine_current();
        unsigned irq = MODEL_IRQ_TIMER;
        check(i < ENTRIES_MAX, "interrupts without end");
        if (!machine_timer_due()) {
            irq = 0;
            while (!model()->irqs[irq].pending || !model()->irqs[irq].enabled) {
                irq++;
                check(irq < MODEL_IRQS, "an interrupt strikes that is not pending or masked");
            }
        }
        if (tcb != NULL) {
            set_ips(tcb, tcb->tcb.next_ip, tcb->tcb.next_ip);
        }
        model_interrupt(tcb, irq, tcb != NULL && budget_is_used_up());
        kernel_handle_interrupt();
        compare_after_entry();
    }
}

/* Time passes: for the thread that runs up to the timer, when nobody runs to it. */
static void compute(uint64_t ticks)
{
    ticks_t left = machine_timer_deadline() - arch_timer_now();
    if (node()->current != node()->idle) {
        machine_advance(ticks < left ? ticks : left);
    } else if (machine_timer_deadline() != UINT64_MAX) {
        machine_advance(left);
    }
}

static void raise_interrupt(uint64_t number)
{
    if (number < MODEL_IRQS && number != PREEMPT_IRQ && number != MODEL_IRQ_TIMER) {
        kernel_host_raise_irq((unsigned)number);
        model()->irqs[number].pending = true;
    }
}

/* The thread writes its registers and its buffer, in the machine's memory and in the model's. */
static void write_user_state(const struct step *step, struct model_object *tcb)
{
    struct tcb *kernel_tcb = node()->current;
    word_t *buffer = tcb_ipc_buffer(kernel_tcb, false);
    uint64_t *copy = model_buffer(tcb, false);
    memcpy(kernel_tcb->context.regs, step->x, sizeof(step->x));
    memcpy(tcb->tcb.x, step->x, sizeof(step->x));
    check((buffer == NULL) == (copy == NULL), "one of kernel and model sees an IPC buffer");
    if (buffer == NULL) {
        return;
    }
    for (uint64_t *to = buffer;; to = copy) {
        memcpy(&to[IPC_BUFFER_MESSAGE + seL4_FastMessageRegisters], step->words,
               sizeof(step->words));
        memcpy(&to[IPC_BUFFER_CAPS], step->caps, sizeof(step->caps));
        memcpy(&to[IPC_BUFFER_RECEIVE], step->path, sizeof(step->path));
        if (to == copy) {
            break;
        }
    }
}

/* Enter the kernel; a call that an interrupt preempted is repeated until it is done. */
static void enter_syscall(const struct step *step, bool expired)
{
    const struct tcb *tcb = node()->current;
    bool preempts = step->preempt != 0 && tcb->priority == seL4_MaxPrio && !expired;
    if (preempts) {
        kernel_host_raise_irq_after(PREEMPT_IRQ, (unsigned)(step->preempt & 0xff) + 1);
    }
    kernel_handle_syscall(step->x[7]);
    for (unsigned i = 0;
         preempts && node()->current == tcb && tcb->context.regs[REG_NEXT_IP] == IP_SYSCALL; i++) {
        check(i < ENTRIES_MAX, "a preempted call never ends");
        kernel_handle_interrupt();
        arch_irq_ack(PREEMPT_IRQ);
        node()->current->context.regs[REG_NEXT_IP] = IP_BEHIND;
        kernel_handle_syscall(step->x[7]);
    }
    if (preempts) {
        kernel_host_raise_irq_after(PREEMPT_IRQ, UINT32_MAX);
    }
}

static void plant_after(const struct step *step);

static void system_call(const struct step *step, struct model_object *tcb)
{
    bool expired = budget_is_used_up();
    write_user_state(step, tcb);
    set_ips(tcb, IP_SYSCALL, IP_BEHIND);
    model_syscall(tcb, expired);
    enter_syscall(step, expired);
    plant_after(step);
}

static void fault(const struct step *step, struct model_object *tcb)
{
    bool expired = budget_is_used_up();
    const uint64_t *x = step->x;
    set_ips(tcb, IP_FAULT, IP_FAULT);
    if (step->kind == STEP_VM_FAULT) {
        struct model_fault model_fault = {.kind = seL4_Fault_VMFault,
                                          .words = {x[0], x[1] & 1, x[2]}};
        model_raise_fault(tcb, model_fault, expired);
        kernel_handle_fault(fault_vm(x[0], (x[1] & 1) != 0, x[2]));
    } else {
        struct model_fault model_fault = {.kind = seL4_Fault_UserException, .words = {x[0], x[1]}};
        model_raise_fault(tcb, model_fault, expired);
        kernel_handle_fault(fault_user_exception(x[0], x[1]));
    }
}

void machine_step(const struct step *step)
{
    struct model_object *tcb = machine_current();
    check(tcb != NULL || node()->current == node()->idle, "a thread runs that is not alive");
    if (step->kind == STEP_INTERRUPT) {
        raise_interrupt(step->x[0]);
    } else if (step->kind == STEP_COMPUTE || tcb == NULL) {
        compute(step->x[0]);
    } else {
        if (step->kind == STEP_SYSCALL) {
            system_call(step, tcb);
        } else {
            fault(step, tcb);
        }
        compare_after_entry();
    }
    take_interrupts();
}

/* ---- planted faults ---- */

static bool is_call(const struct step *step, word_t label)
{
    const word_t *regs = node()->current->context.regs;
    return (int64_t)step->x[7] == seL4_SysCall && step->x[1] >> seL4_MsgLabelShift == label &&
           regs[REG_INFO] == 0;
}

/* The field's slot that the step's first word names, as far as it is one. */
static struct slot *named_slot(const struct step *step)
{
    struct slot *slots =
        cap_ptr(((const struct slot *)machine.outside[OUT_FIELD].kernel_slot)->cap);
    return &slots[step->x[2] % FIELD_SLOTS];
}

static void plant_queue(void)
{
    for (const struct tcb *tcb = kernel_state.debug_tcbs; tcb != NULL; tcb = tcb->debug_next) {
        if (tcb->state == THREAD_BLOCKED_RECEIVE) {
            ((struct endpoint *)tcb->blocked_on)->queue.head = NULL;
            return;
        }
    }
}

static void plant_after(const struct step *step)
{
    struct slot *slot = named_slot(step);
    switch (planted) {
    case PLANT_BADGE:
        if (is_call(step, CNodeMint) && cap_tag(slot->cap) == CAP_ENDPOINT) {
            slot->cap.w1 &= ~1ul;
        }
        break;
    case PLANT_WATERMARK:
        if (is_call(step, UntypedRetype) && step->x[0] == FIELD_POOL) {
            slot = named_slot(&(struct step){.x = {[2] = FIELD_POOL}});
            slot->cap.w1 -= cap_tag(slot->cap) == CAP_UNTYPED ? 1 : 0;
        }
        break;
    case PLANT_TREE:
        if (is_call(step, CNodeCopy) && !slot_is_empty(slot)) {
            slot->next_flags ^= MDB_REVOCABLE;
        }
        break;
    case PLANT_QUEUE:
        if (is_call(step, CNodeCancelBadgedSends) || is_call(step, TCBSetPriority)) {
            plant_queue();
        }
        break;
    case PLANT_REFILL:
        if (is_call(step, SchedContextConsumed) || is_call(step, SchedControlConfigureFlags)) {
            refill_head(node()->current_sc)->amount++;
        }
        break;
    case PLANT_HALT:
        if (is_call(step, CNodeRotate)) {
            arch_halt();
        }
        break;
    default:
        break;
    }
}
