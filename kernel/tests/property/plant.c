/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Faults planted into the kernel's data, as if the kernel had made them. */
#include "machine.h"

#include <kernel/arch_hooks.h>
#include <kernel/ipc.h>
#include <kernel/node.h>

static enum plant planted;

void machine_plant(enum plant plant)
{
    planted = plant;
}

static bool is_call(const struct step *step, word_t label)
{
    const word_t *regs = node()->current->context.regs;
    return (int64_t)step->x[7] == seL4_SysCall && step->x[1] >> seL4_MsgLabelShift == label &&
           regs[REG_INFO] == 0;
}

/* The field's slot that the step's first word names, as far as it is one. */
static struct slot *named_slot(const struct step *step)
{
    const struct model_object *field = machine_warden()->slots[MODEL_CSPACE].cap.object;
    return field->slots[step->x[2] % FIELD_SLOTS].kernel_slot;
}

static void plant_queue(void)
{
    for (const struct tcb *tcb = kernel_state.debug_tcbs.head; tcb != NULL;
         tcb = tcb->links[LINK_DEBUG].next) {
        if (tcb->state == THREAD_BLOCKED_RECEIVE) {
            ((struct endpoint *)tcb->blocked_on)->queue.head = NULL;
            return;
        }
    }
}

void machine_plant_after(const struct step *step)
{
    struct slot *slot = named_slot(step);
    switch (planted) {
    case PLANT_BADGE:
        if (is_call(step, CNodeMint) && slot->cap.tag == CAP_ENDPOINT) {
            slot->cap.w1 &= ~1ul;
        }
        break;
    case PLANT_WATERMARK:
        if (is_call(step, UntypedRetype) && step->x[0] == FIELD_POOL) {
            slot = named_slot(&(struct step){.x = {[2] = FIELD_POOL}});
            slot->cap.w1 -= slot->cap.tag == CAP_UNTYPED ? 1 : 0;
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
