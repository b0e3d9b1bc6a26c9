/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first thread, of the highest priority, never blocks: it makes objects, starts threads, and
 * yields. The others mostly send and receive. What is named is mostly of the right kind, sometimes
 * anything. The generator reads the model only.
 */
#include "generate.h"

#include "pick.h"
#include <stddef.h>

void generate_seed(uint64_t seed)
{
    random_seed(seed);
    generate_forget_plans();
}

/* ---- messages ---- */

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

/* What the call would be made on: where somebody waits for it, mostly. */
static uint64_t target_of(int64_t number)
{
    switch (number) {
    case seL4_SysWait:
    case seL4_SysNBWait:
    case seL4_SysNBSendWait:
        return random_one_in(2) ? pick_of(ABI_CAP_NOTIFICATION)
                                : pick_where(ABI_CAP_ENDPOINT, has_senders);
    case seL4_SysSend:
    case seL4_SysNBSend:
        if (random_one_in(2)) {
            return random_one_in(3) ? pick_of(ABI_CAP_NOTIFICATION)
                                    : pick_where(ABI_CAP_REPLY, has_caller);
        }
        return pick_where(ABI_CAP_ENDPOINT, has_receivers);
    case seL4_SysCall:
        return pick_where(ABI_CAP_ENDPOINT, has_receivers);
    default:
        return random_one_in(8) ? pick_of(ABI_CAP_NOTIFICATION)
                                : pick_where(ABI_CAP_ENDPOINT, has_senders);
    }
}

/* The reply register: it answers or signals something, or is offered. */
static uint64_t reply_of(int64_t number)
{
    switch (number) {
    case seL4_SysNBSendWait:
        return pick_of(random_one_in(2) ? ABI_CAP_NOTIFICATION : ABI_CAP_ENDPOINT);
    case seL4_SysReplyRecv:
        return pick_where(ABI_CAP_REPLY, has_caller);
    default:
        return pick_where(ABI_CAP_REPLY, is_free_reply);
    }
}

static struct step communicate(void)
{
    static const int64_t numbers[] = {
        seL4_SysCall,      seL4_SysCall,       seL4_SysSend,       seL4_SysNBSend,
        seL4_SysRecv,      seL4_SysRecv,       seL4_SysReplyRecv,  seL4_SysReplyRecv,
        seL4_SysReplyRecv, seL4_SysNBRecv,     seL4_SysNBSendRecv, seL4_SysWait,
        seL4_SysNBWait,    seL4_SysNBSendWait, seL4_SysSend,       seL4_SysNBSend};
    int64_t number = numbers[random_below(16)];
    uint64_t target = target_of(number);
    uint64_t words = random_one_in(4) ? random_below(128) : random_below(6);
    struct step step =
        step_message(number, target, random_one_in(2) ? 0 : random_below(100), (unsigned)words,
                     random_one_in(3) ? (unsigned)random_below(4) : 0);
    for (unsigned i = 0; i < 8; i++) {
        step_set_word(&step, i, random_below(1000));
    }
    for (unsigned i = 0; i < STEP_CAPS; i++) {
        step.caps[i] = step_pointer(random_one_in(4) ? pick_of(ABI_CAP_ENDPOINT) : pick_full());
    }
    step.x[6] = step_pointer(reply_of(number));
    step.x[8] = step_pointer(pick_of(random_one_in(2) ? ABI_CAP_ENDPOINT : ABI_CAP_NOTIFICATION));
    if (random_one_in(100)) {
        step.x[random_below(9)] = random_below(UINT64_C(1) << random_below(63));
    }
    return step;
}

/* What the first thread may send: nothing that blocks. */
static struct step poll_something(void)
{
    struct step step = communicate();
    bool is_endpoint = pick_field()[step.x[0] % FIELD_SLOTS].cap.kind == ABI_CAP_ENDPOINT;
    step.x[7] = (uint64_t)(random_one_in(2) || is_endpoint ? seL4_SysNBSend : seL4_SysCall);
    step.x[0] %= FIELD_SLOTS;
    for (unsigned i = 0; i < STEP_CAPS; i++) {
        step.caps[i] %= FIELD_SLOTS;
    }
    return step;
}

static struct step go_wrong(void)
{
    struct step step = {.kind = random_one_in(2) ? STEP_VM_FAULT : STEP_EXCEPTION};
    step.x[0] = random_below(1u << 20);
    step.x[1] = random_below(2);
    step.x[2] = random_below(64);
    if (random_one_in(3)) {
        step.kind = STEP_SYSCALL;
        step.x[7] = random_one_in(2) ? random_below(1000) : -(100 + random_below(50));
    }
    return step;
}

static struct step spend_time(uint64_t ticks)
{
    return (struct step){.kind = STEP_COMPUTE, .x = {random_below(ticks)}};
}

static bool is_warden(void)
{
    return machine_current() == machine_warden();
}

/* ---- who does what ---- */

/* A call on what has turned out to be an endpoint would block the first thread for ever. */
static bool would_block(const struct step *step)
{
    uint8_t kind = pick_field()[step->x[0] % FIELD_SLOTS].cap.kind;
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
    struct step planned;
    if (generate_planned(&planned)) {
        return planned;
    }
    uint64_t choice = random_below(32);
    if (choice > 17 && !others_can_run() && !random_one_in(8)) {
        return generate_start();
    }
    if (choice < 6) {
        return generate_slots();
    }
    if (choice < 10) {
        return generate_start();
    }
    switch (choice) {
    case 10:
    case 11:
    case 12:
        return generate_threads();
    case 13:
    case 14:
        return generate_memory();
    case 15:
        return generate_interrupts();
    case 16:
        return poll_something();
    case 17:
        return spend_time(20000);
    default:
        return step_message(seL4_SysYield, 0, 0, 0, 0);
    }
}

static struct step choose_for_others(void)
{
    switch (random_below(32)) {
    case 0:
        return generate_slots();
    case 1:
        return generate_threads();
    case 2:
        return generate_memory();
    case 3:
        return generate_interrupts();
    case 4:
    case 5:
        return go_wrong();
    case 6:
        return step_message(seL4_SysYield, 0, 0, 0, 0);
    case 7:
    case 8:
        return spend_time(60000);
    case 9:
        return generate_yield_to();
    default:
        return communicate();
    }
}

struct step generate_step(void)
{
    if (machine_current() == NULL) {
        return random_one_in(20) ? generate_strike() : spend_time(1);
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
