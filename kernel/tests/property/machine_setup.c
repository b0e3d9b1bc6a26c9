/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Booting the kernel under test, the field and the first thread, and the model of that. */
#include "machine.h"

#include "fail.h"
#include <arch/host_kernel.h>
#include <kernel/arch_hooks.h>
#include <kernel/entry.h>
#include <kernel/ipc.h>
#include <kernel/irq.h>
#include <kernel/node.h>
#include <kernel/table.h>
#include <kernel/timer.h>
#include <string.h>

enum {
    POOL_BITS = 19,
    WARDEN_BUDGET_US = 1000,
    WARDEN_PERIOD_US = 4000,
    AUTHORITY_MCP = 254,
};

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
    regs[REG_FAULT_IP] = MACHINE_IP_SYSCALL;
    regs[REG_NEXT_IP] = MACHINE_IP_BEHIND;
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
    struct model_object *sc = object_of(seL4_CapInitThreadSC, ABI_CAP_SCHED_CONTEXT,
                                        (uint8_t)root_slots[seL4_CapInitThreadSC].cap.aux);
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
    model()->irqs[MACHINE_PREEMPT_IRQ].reserved = true;
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
    arch_irq_ack(MACHINE_PREEMPT_IRQ); /* which unmasks it */
    irq_reserve(MACHINE_PREEMPT_IRQ);  /* no step may have it bound: it only interrupts */
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

struct model_object *machine_warden(void)
{
    return machine.warden;
}
