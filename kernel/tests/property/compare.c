/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Model against kernel. compare_step() runs after every entry: every capability in every slot with
 * its neighbours in the tree, every thread, queue, scheduling context and reply object.
 * compare_all() also reads page tables, memory and the scheduler's queues, and checks placement.
 */
#include "machine.h"

#include "fail.h"
#include <arch/cap.h>
#include <arch/paging.h>
#include <kernel/ipc.h>
#include <kernel/node.h>
#include <kernel/table.h>
#include <kernel/timer.h>
#include <stdlib.h>
#include <string.h>

static void *kernel_object(const struct model_object *object)
{
    if (object == NULL) {
        return NULL;
    }
    check(object->live, "model: a dead object of kind %u is referred to", object->kind);
    return (void *)paddr_to_kptr(object->paddr);
}

/* ---- capabilities ---- */

static struct cap expected_frame(const struct model_cap *cap)
{
    static const word_t rights[] = {[MODEL_FRAME_NONE] = FRAME_KERNEL_ONLY,
                                    [MODEL_FRAME_READ] = FRAME_READ_ONLY,
                                    [MODEL_FRAME_WRITE] = FRAME_READ_WRITE};
    struct cap frame = cap_frame((kptr_t)kernel_object(cap->object), cap->object->bits, false);
    word_t aux = frame.aux & ~FRAME_RIGHTS_MASK;
    frame = cap_set_aux(frame, aux | rights[cap->rights] << FRAME_RIGHTS_SHIFT);
    return cap_set_mapping(frame, cap->asid, cap->vaddr);
}

static struct cap expected_cap(const struct model_cap *cap)
{
    kptr_t object = (kptr_t)kernel_object(cap->object);
    switch (cap->kind) {
    case ABI_CAP_NULL:
        return cap_null();
    case ABI_CAP_UNTYPED:
        return cap_make(cap->kind, cap->bits, paddr_to_kptr(cap->paddr),
                        cap->value >> UNTYPED_UNIT_BITS);
    case ABI_CAP_ENDPOINT:
    case ABI_CAP_NOTIFICATION:
        return cap_make(cap->kind, cap->rights, object, cap->value);
    case ABI_CAP_REPLY:
        return cap_make(cap->kind, cap->rights, object, 0);
    case ABI_CAP_CNODE:
        return cap_make(cap->kind, model_cnode_radix(cap), object,
                        cap->value << CNODE_GUARD_SIZE_BITS | cap->bits);
    case ABI_CAP_TCB:
        return cap_make(cap->kind, 0, object, 0);
    case ABI_CAP_SCHED_CONTEXT:
        return cap_make(cap->kind, cap->object->bits, object, 0);
    case ABI_CAP_IRQ_HANDLER:
        return cap_make(cap->kind, 0, cap->value, 0);
    case ABI_CAP_SGI_SIGNAL:
        return cap_sgi_signal(cap->bits, cap->value);
    case ABI_CAP_FRAME:
        return expected_frame(cap);
    case ABI_CAP_PAGE_TABLE:
        return cap_set_mapping(cap_make(CAP_PAGE_TABLE, ABI_CAP_PAGE_TABLE, object, 0), cap->asid,
                               cap->vaddr);
    case ABI_CAP_VSPACE:
        return cap_set_mapping(cap_make(cap->kind, 0, object, 0), cap->asid, 0);
    case ABI_CAP_ASID_POOL:
        return cap_make(cap->kind, 0, object, cap->value);
    default: /* control capabilities */
        return cap_control(cap->kind);
    }
}

static void compare_slot(struct model_slot *slot, const char *where, unsigned index)
{
    const struct slot *kernel_slot = slot->kernel_slot;
    struct cap cap = expected_cap(&slot->cap);
    check(kernel_slot->cap.w0 == cap.w0 && kernel_slot->cap.w1 == cap.w1,
          "%s, slot %u: tag %d words %lx %lx, expected tag %d words %lx %lx", where, index,
          kernel_slot->cap.tag, kernel_slot->cap.w0, kernel_slot->cap.w1, cap.tag, cap.w0, cap.w1);
    if (slot->cap.kind == ABI_CAP_NULL) {
        check(kernel_slot->prev == NULL && kernel_slot->next_flags == 0,
              "%s, slot %u: empty, but linked", where, index);
        return;
    }
    bool original = (kernel_slot->next_flags & MDB_REVOCABLE) != 0;
    check(original == slot->original, "%s, slot %u: %s an original", where, index,
          original ? "is" : "is not");
    const struct model_slot *next = model_slot_successor(slot);
    if (next != NULL) {
        const struct slot *kernel_next = next->kernel_slot;
        check(slot_next(kernel_slot) == kernel_next && kernel_next->prev == kernel_slot,
              "%s, slot %u: something else follows in the tree", where, index);
    }
}

/* Where the kernel has the slots of an object. */
static void locate_slots(struct model_object *object)
{
    struct slot *slots = object->kind == ABI_CAP_TCB ? ((struct tcb *)kernel_object(object))->slots
                                                     : kernel_object(object);
    for (unsigned i = 0; i < object->slot_count; i++) {
        object->slots[i].kernel_slot = &slots[i];
    }
}

static void locate_new_slots(void)
{
    for (unsigned i = 0; i < model()->object_count; i++) {
        struct model_object *object = model()->objects[i];
        if (object->slot_count > 0 && object->slots[0].kernel_slot == NULL) {
            locate_slots(object);
        }
    }
    for (unsigned irq = 0; irq < MODEL_IRQS; irq++) {
        model()->irqs[irq].slot.kernel_slot = &kernel_state.irq_slots[irq];
    }
}

/* ---- threads ---- */

void compare_adopt_times(void)
{
    for (unsigned i = 0; i < model()->object_count; i++) {
        struct model_object *object = model()->objects[i];
        if (object->kind != ABI_CAP_TCB || !object->live || object->tcb.unknown == 0) {
            continue;
        }
        const struct tcb *tcb = kernel_object(object);
        for (unsigned reg = 0; reg < MODEL_REGISTERS; reg++) {
            if ((object->tcb.unknown >> reg & 1) != 0) {
                object->tcb.x[reg] = tcb->context.regs[reg];
            }
        }
        object->tcb.unknown = 0;
    }
}

static void compare_registers(const struct model_tcb *expected, const word_t *regs)
{
    for (unsigned i = 0; i < MODEL_REGISTERS; i++) {
        check(regs[i] == expected->x[i], "a thread's x%u is %lx, expected %lx", i, regs[i],
              expected->x[i]);
    }
    static const uint8_t rest[MODEL_REST] = {16, 17, 18, 29, 30, 9,  10,           11,
                                             12, 13, 14, 15, 19, 20, 21,           22,
                                             23, 24, 25, 26, 27, 28, REG_TLS_BASE, REG_TPIDRRO};
    for (unsigned i = 0; i < MODEL_REST; i++) {
        check(regs[rest[i]] == expected->rest[i], "a thread's register %u is %lx, expected %lx",
              rest[i], regs[rest[i]], expected->rest[i]);
    }
    check(regs[REG_SP] == expected->sp && regs[REG_FLAGS] == expected->spsr,
          "a thread's stack pointer or flags differ");
    check(regs[REG_FAULT_IP] == expected->fault_ip && regs[REG_NEXT_IP] == expected->next_ip,
          "a thread's IPs are %lx %lx, expected %lx %lx", regs[REG_FAULT_IP], regs[REG_NEXT_IP],
          expected->fault_ip, expected->next_ip);
}

static void compare_tcb(const struct model_object *object)
{
    const struct tcb *tcb = kernel_object(object);
    const struct model_tcb *expected = &object->tcb;
    check(tcb->state == (unsigned)expected->state, "a thread's state is %u, expected %u",
          tcb->state, expected->state);
    check(tcb->priority == expected->priority && tcb->mcp == expected->mcp,
          "a thread's priority is %u of %u, expected %u of %u", tcb->priority, tcb->mcp,
          expected->priority, expected->mcp);
    check(tcb->flags == expected->flags, "a thread's flags are %u, expected %u", tcb->flags,
          expected->flags);
    check(tcb->ipc_buffer == expected->buffer_address, "a thread's buffer is elsewhere");
    check(tcb->fault.kind == expected->fault.kind, "a thread's fault is %lu, expected %lu",
          tcb->fault.kind, expected->fault.kind);
    check(tcb->sc == kernel_object(expected->sc), "a thread has another scheduling context");
    check(tcb->reply == kernel_object(expected->reply), "a thread has another reply object");
    check(tcb->bound_notification == kernel_object(expected->bound),
          "a thread is bound to another notification");
    check(tcb->yield_to == kernel_object(expected->yield_to), "a thread yields to another");
    if (model_blocked(object) && expected->state != MODEL_BLOCKED_REPLY) {
        check(tcb->blocked_on == kernel_object(expected->blocked_on),
              "a thread waits on another object");
    }
    compare_registers(expected, tcb->context.regs);
}

/* What the scheduler does with a thread that could run. */
static void check_scheduled(const struct model_object *object)
{
    const struct tcb *tcb = kernel_object(object);
    const struct model_object *sc = object->tcb.sc;
    bool could_run = model_runnable(object) && sc != NULL && sc->sc.configured;
    if (!could_run) {
        check(!tcb->in_ready_queue && !tcb->in_release_queue,
              "a thread that cannot run is in a queue of the scheduler");
        return;
    }
    bool ready = tcb->sc->refills[tcb->sc->refill_head].time <= node()->now;
    check(tcb->in_release_queue != ready, "a thread waits for time %s it has",
          ready ? "that" : "not and none");
    check(tcb == node()->current || tcb->in_ready_queue || tcb->in_release_queue,
          "a thread that could run is in no queue");
    check(!ready || node()->current->state == THREAD_IDLE ||
              node()->current->priority >= tcb->priority,
          "a thread of lower priority runs");
    check(!ready || node()->current->state != THREAD_IDLE, "nobody runs though a thread could");
}

/* ---- other objects ---- */

static void compare_queue(const struct model_object *object)
{
    const struct ipc_queue *queue = kernel_object(object);
    const struct tcb *entry = queue->head;
    const struct tcb *last = NULL;
    for (const struct model_object *tcb = object->queue.head; tcb != NULL;
         tcb = tcb->tcb.queue_next) {
        check(entry == kernel_object(tcb), "a queue has another order");
        check(entry->links[LINK_IPC].prev == last, "a queue's links disagree");
        last = entry;
        entry = entry->links[LINK_IPC].next;
    }
    check(entry == NULL && ipc_queue_tail(queue) == last, "a queue is longer");
    word_t state = MODEL_IDLE;
    if (object->queue.head != NULL) {
        state = object->kind == ABI_CAP_NOTIFICATION ? (word_t)NOTIFICATION_WAITING
                : object->queue.receivers            ? (word_t)ENDPOINT_RECEIVERS
                                                     : (word_t)ENDPOINT_SENDERS;
    } else if (object->queue.active) {
        state = NOTIFICATION_ACTIVE;
    }
    check(ipc_queue_state(queue) == state, "a queue's state is %lu, expected %lu",
          ipc_queue_state(queue), state);
    if (object->kind == ABI_CAP_NOTIFICATION) {
        const struct notification *notification = kernel_object(object);
        check(notification->badges == object->queue.badges, "a notification's badges are %lx",
              notification->badges);
        check(notification->bound_tcb == kernel_object(object->queue.bound) &&
                  notification->sc == kernel_object(object->queue.sc),
              "a notification is bound otherwise");
    }
}

static void compare_reply(const struct model_object *object)
{
    const struct reply *reply = kernel_object(object);
    const struct model_object *above = object->reply.above;
    word_t link = (word_t)kernel_object(above);
    if (above != NULL && above->kind == ABI_CAP_SCHED_CONTEXT) {
        link |= REPLY_ABOVE_IS_SC;
    }
    check(reply->tcb == kernel_object(object->reply.tcb), "a reply object has another thread");
    check(reply->below == kernel_object(object->reply.below) && reply->above == link,
          "a reply object stands otherwise in its call stack");
}

static void check_refills(const struct sched_context *sc, const struct model_sc *expected)
{
    ticks_t sum = 0;
    const struct refill *before = NULL;
    ticks_t budget = us_to_ticks(expected->budget_us);
    word_t max = expected->round_robin ? 2 : expected->refills_max;
    check(sc->refill_max == max && sc->refill_count >= 1 && sc->refill_count <= max &&
              sc->refill_head < max,
          "%lu of %lu refills, expected at most %lu", sc->refill_count, sc->refill_max, max);
    check(sc->period == (expected->round_robin ? 0 : us_to_ticks(expected->period_us)),
          "a scheduling context's period is %lu", sc->period);
    for (word_t i = 0; i < sc->refill_count; i++) {
        const struct refill *refill = &sc->refills[(sc->refill_head + i) % max];
        sum += refill->amount;
        check(before == NULL || expected->round_robin ||
                  before->time + before->amount <= refill->time,
              "refills overlap or are out of order");
        before = refill;
    }
    check(sum == budget, "refills sum up to %lu of %lu", sum, budget);
    check(sc->refills[sc->refill_head].amount >= us_to_ticks(MIN_BUDGET_US),
          "the first refill has %lu only", sc->refills[sc->refill_head].amount);
}

static void compare_sc(const struct model_object *object)
{
    const struct sched_context *sc = kernel_object(object);
    const struct model_sc *expected = &object->sc;
    check(sc->tcb == kernel_object(expected->tcb) &&
              sc->notification == kernel_object(expected->notification),
          "a scheduling context is bound otherwise");
    check(sc->reply == kernel_object(expected->reply), "a call stack has another top");
    check(sc->yield_from == kernel_object(expected->yield_from),
          "a scheduling context owes another thread an answer");
    check(sc->badge == expected->badge && sc->sporadic == expected->sporadic,
          "a scheduling context's badge or kind differs");
    check((sc->refill_max != 0) == expected->configured, "a scheduling context is %sconfigured",
          expected->configured ? "not " : "");
    if (expected->configured) {
        check_refills(sc, expected);
    }
}

static void compare_object(struct model_object *object)
{
    for (unsigned i = 0; i < object->slot_count; i++) {
        compare_slot(&object->slots[i], object->kind == ABI_CAP_TCB ? "TCB" : "CNode", i);
    }
    switch (object->kind) {
    case ABI_CAP_TCB:
        compare_tcb(object);
        check_scheduled(object);
        break;
    case ABI_CAP_ENDPOINT:
    case ABI_CAP_NOTIFICATION:
        compare_queue(object);
        break;
    case ABI_CAP_REPLY:
        compare_reply(object);
        break;
    case ABI_CAP_SCHED_CONTEXT:
        compare_sc(object);
        break;
    default:
        break;
    }
}

void compare_step(void)
{
    locate_new_slots();
    for (unsigned i = 0; i < model()->object_count; i++) {
        compare_object(model()->objects[i]);
    }
}

/* ---- what is looked at less often ---- */

static void compare_table(const struct model_object *object)
{
    const pte_t *table = kernel_object(object);
    unsigned expected = 0;
    unsigned found = 0;
    for (unsigned i = 0; i < MODEL_TABLE_ENTRIES; i++) {
        const struct model_entry *entry = &object->table.entries[i];
        if (entry->target == NULL) {
            continue;
        }
        pte_t pte = table[entry->index];
        expected++;
        check((pte & PTE_VALID) != 0 && pte_paddr(pte, LEVEL_LAST) == entry->target->paddr,
              "a table's entry %u maps something else", entry->index);
        if (entry->target->kind == ABI_CAP_FRAME) {
            bool readable = (pte & PTE_USER) != 0;
            check(readable == (entry->rights >= MODEL_FRAME_READ) &&
                      pte_is_user_writable(pte) == (entry->rights == MODEL_FRAME_WRITE),
                  "a page has other rights");
        }
    }
    for (unsigned i = 0; i < BIT(seL4_PageTableIndexBits); i++) {
        found += table[i] != 0;
    }
    check(found == expected, "a table has %u entries, expected %u", found, expected);
}

/* All tables that are reachable from a root. Those that lost it may refer to what is gone. */
static void compare_space(const struct model_object *table)
{
    check(table->live, "a table is gone, but reachable");
    compare_table(table);
    for (unsigned i = 0; i < MODEL_TABLE_ENTRIES; i++) {
        const struct model_object *target = table->table.entries[i].target;
        if (target != NULL && target->kind == ABI_CAP_PAGE_TABLE) {
            compare_space(target); /* four levels at most */
        }
    }
}

static void compare_spaces(void)
{
    const struct model_object *boot_root = model()->asid_pools[0]->roots[1];
    for (unsigned pool = 0; pool < MODEL_ASID_POOLS; pool++) {
        const struct model_object *object = model()->asid_pools[pool];
        for (unsigned i = 0; object != NULL && i < MODEL_ASID_POOL_ENTRIES; i++) {
            if (object->roots[i] != NULL && object->roots[i] != boot_root) {
                compare_space(object->roots[i]);
            }
        }
    }
}

static void compare_irqs(void)
{
    for (unsigned irq = 0; irq < MODEL_IRQS; irq++) {
        struct model_irq *expected = &model()->irqs[irq];
        compare_slot(&expected->slot, "interrupt", irq);
        check((kernel_state.irq_states[irq] == 1) == expected->issued,
              "interrupt %u is in another state", irq);
    }
}

static int by_address(const void *a, const void *b)
{
    const struct model_object *const *left = a;
    const struct model_object *const *right = b;
    return ((*left)->paddr > (*right)->paddr) - ((*left)->paddr < (*right)->paddr);
}

static void check_placement(void)
{
    static const struct model_object *sorted[MODEL_OBJECTS_MAX];
    unsigned count = model()->object_count;
    for (unsigned i = 0; i < count; i++) {
        sorted[i] = model()->objects[i];
    }
    qsort(sorted, count, sizeof(sorted[0]), by_address);
    for (unsigned i = 1; i < count; i++) {
        check(sorted[i - 1]->paddr + BIT(sorted[i - 1]->bits) <= sorted[i]->paddr,
              "objects of kinds %u and %u overlap", sorted[i - 1]->kind, sorted[i]->kind);
    }
}

static void check_ready_queues(void)
{
    for (word_t priority = 0; priority < CONFIG_NUM_PRIORITIES; priority++) {
        const struct tcb_queue *queue = &node()->ready[0][priority];
        bool marked = (node()->priority_bits[0][priority / 64] >> priority % 64 & 1) != 0;
        check(marked == (queue->head != NULL), "priority %lu is marked wrongly", priority);
        const struct tcb *last = NULL;
        for (const struct tcb *tcb = queue->head; tcb != NULL; tcb = tcb->links[LINK_SCHED].next) {
            check(tcb->in_ready_queue && tcb->priority == priority &&
                      tcb->links[LINK_SCHED].prev == last,
                  "the ready queue of priority %lu is damaged", priority);
            last = tcb;
        }
        check(queue->tail == last || queue->head == NULL, "a ready queue's tail is wrong");
    }
    const struct tcb *last = NULL;
    for (const struct tcb *tcb = node()->release.head; tcb != NULL;
         tcb = tcb->links[LINK_SCHED].next) {
        check(tcb->in_release_queue && tcb->links[LINK_SCHED].prev == last,
              "the release queue is damaged");
        check(last == NULL || refill_head(last->sc)->time <= refill_head(tcb->sc)->time,
              "the release queue is out of order");
        last = tcb;
    }
}

void compare_all(void)
{
    compare_step();
    for (unsigned i = 0; i < model()->object_count; i++) {
        const struct model_object *object = model()->objects[i];
        check(object->kind != ABI_CAP_FRAME || object->bits != seL4_PageBits ||
                  memcmp(object->page, kernel_object(object), BIT(seL4_PageBits)) == 0,
              "a page's content differs");
    }
    compare_spaces();
    compare_irqs();
    check_placement();
    check_ready_queues();
}
