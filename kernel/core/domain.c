/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Scheduling domains: a run-time table of {domain, duration} that the kernel cycles through. */
#include <kernel/invocation.h>
#include <kernel/node.h>

#define DURATION_BITS 56

static word_t entry_duration(word_t entry)
{
    return entry & MASK(DURATION_BITS);
}

static word_t entry_domain(word_t entry)
{
    return entry >> DURATION_BITS;
}

static void enter(word_t index)
{
    node()->domain_index = index;
    node()->domain = entry_domain(kernel_state.domain_schedule[index]);
    node()->domain_time = entry_duration(kernel_state.domain_schedule[index]);
    node()->reprogram_timer = true;
    sched_find_highest();
}

void domain_init(void)
{
    kernel_state.domain_schedule[0] = MASK(DURATION_BITS);
    enter(0);
}

bool domain_expired(void)
{
    return CONFIG_NUM_DOMAINS > 1 && node()->domain_time < refill_min_budget();
}

void domain_next(void)
{
    word_t index = node()->domain_index + 1;
    if (index >= CONFIG_NUM_DOMAIN_SCHEDULES ||
        entry_duration(kernel_state.domain_schedule[index]) == 0) {
        index = kernel_state.domain_start;
    }
    enter(index);
}

/* Word 0 domain; capability 0 the thread. */
static enum kernel_result decode_set(struct invocation *inv)
{
    word_t domain = inv_word(inv, 0);
    if (domain >= CONFIG_NUM_DOMAINS) {
        return fail_invalid_argument(0);
    }
    if (inv->extra_count < 1) {
        return fail_truncated(); /* not before the word was checked */
    }
    if (cap_tag(inv->extra[0]->cap) != CAP_TCB) {
        return fail_invalid_argument(1);
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
static enum kernel_result decode_configure(struct invocation *inv)
{
    word_t index = inv_word(inv, 0);
    word_t domain = inv_word(inv, 1);
    word_t duration = inv_word(inv, 2);
    if (index >= CONFIG_NUM_DOMAIN_SCHEDULES - 1) {
        return fail_range(0, CONFIG_NUM_DOMAIN_SCHEDULES - 2);
    }
    if (domain >= CONFIG_NUM_DOMAINS) {
        return fail_range(0, CONFIG_NUM_DOMAINS - 1);
    }
    if (duration > MASK(DURATION_BITS)) {
        return fail_invalid_argument(2);
    }
    if (duration == 0 && domain != 0) {
        return fail_invalid_argument(1);
    }
    if (duration == 0 && index == kernel_state.domain_start) {
        return fail_invalid_argument(2);
    }
    kernel_state.domain_schedule[index] = domain << DURATION_BITS | duration;
    return KRES_OK;
}

/* Word 0: index. */
static enum kernel_result decode_set_start(struct invocation *inv)
{
    word_t index = inv_word(inv, 0);
    if (index >= CONFIG_NUM_DOMAIN_SCHEDULES) {
        return fail_range(0, CONFIG_NUM_DOMAIN_SCHEDULES - 1);
    }
    if (entry_duration(kernel_state.domain_schedule[index]) == 0) {
        return fail_invalid_argument(0);
    }
    kernel_state.domain_start = index;
    enter(index);
    schedule_needed();
    return KRES_OK;
}

#define FIRST DomainSetSet

enum kernel_result domain_decode(struct invocation *inv)
{
    static const struct invocation_rule rules[] = {
        [DomainSetSet - FIRST] = {CAP_DOMAIN, 1, 0, decode_set},
        [DomainScheduleConfigure - FIRST] = {CAP_DOMAIN, 3, 0, decode_configure},
        [DomainScheduleSetStart - FIRST] = {CAP_DOMAIN, 1, 0, decode_set_start},
    };
    return invocation_decode_by(rules, ARRAY_LENGTH(rules), FIRST, inv);
}
