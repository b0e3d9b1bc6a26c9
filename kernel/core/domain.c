/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Scheduling domains: a run-time table of {domain, duration} that the kernel cycles through. */
#include <kernel/invocation.h>
#include <kernel/node.h>

static void enter(word_t index)
{
    node()->domain_index = index;
    node()->domain = kernel_state.domain_schedule[index].domain;
    node()->domain_time = kernel_state.domain_schedule[index].duration;
    node()->reprogram_timer = true;
    sched_find_highest();
}

void domain_init(void)
{
    kernel_state.domain_schedule[0].duration = MASK(DURATION_BITS);
    enter(0);
}

bool domain_expired(void)
{
    return CONFIG_NUM_DOMAINS > 1 && node()->domain_time < refill_min_budget();
}

void domain_next(void)
{
    word_t index = node()->domain_index + 1;
    if (index >= CONFIG_NUM_DOMAIN_SCHEDULES || kernel_state.domain_schedule[index].duration == 0) {
        index = kernel_state.domain_start;
    }
    enter(index);
}

/* Word 0 domain; capability 0 the thread, not looked for before the word was checked. */
enum kernel_result domain_decode_set(struct invocation *inv)
{
    word_t domain = inv_word(inv, 0);
    enum kernel_result result = domain >= CONFIG_NUM_DOMAINS        ? fail_invalid_argument(0)
                                : inv->extra_count < 1              ? fail(seL4_TruncatedMessage)
                                : inv->extra[0]->cap.tag != CAP_TCB ? fail_invalid_argument(1)
                                                                    : KRES_OK;
    if (result != KRES_OK) {
        return result;
    }
    struct tcb *tcb = cap_ptr(inv->extra[0]->cap);
    bool queued = tcb->in_ready_queue;
    sched_dequeue(tcb);
    tcb->domain = (uint8_t)domain;
    if (queued) {
        sched_enqueue(tcb);
    }
    schedule_needed();
    return KRES_OK;
}

/* Words: index, domain, duration. */
enum kernel_result domain_decode_configure(struct invocation *inv)
{
    word_t index = inv_word(inv, 0);
    word_t domain = inv_word(inv, 1);
    word_t duration = inv_word(inv, 2);
    enum kernel_result result =
        index >= CONFIG_NUM_DOMAIN_SCHEDULES - 1 ? fail_range(0, CONFIG_NUM_DOMAIN_SCHEDULES - 2)
        : domain >= CONFIG_NUM_DOMAINS           ? fail_range(0, CONFIG_NUM_DOMAINS - 1)
        : duration > MASK(DURATION_BITS)         ? fail_invalid_argument(2)
        : duration == 0 && domain != 0           ? fail_invalid_argument(1)
        : duration == 0 && index == kernel_state.domain_start ? fail_invalid_argument(2)
                                                              : KRES_OK;
    if (result == KRES_OK) {
        kernel_state.domain_schedule[index] =
            (struct domain_slice){duration & MASK(DURATION_BITS), (uint8_t)domain};
    }
    return result;
}

/* Word 0: index. */
enum kernel_result domain_decode_set_start(struct invocation *inv)
{
    word_t index = inv_word(inv, 0);
    enum kernel_result result =
        index >= CONFIG_NUM_DOMAIN_SCHEDULES ? fail_range(0, CONFIG_NUM_DOMAIN_SCHEDULES - 1)
        : kernel_state.domain_schedule[index].duration == 0 ? fail_invalid_argument(0)
                                                            : KRES_OK;
    if (result == KRES_OK) {
        kernel_state.domain_start = index;
        enter(index);
        schedule_needed();
    }
    return result;
}
