/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SchedControl: how much time, how often, a scheduling context gives. */
#include <kernel/invocation.h>
#include <kernel/node.h>
#include <kernel/timer.h>

/* A budget in each period, in ticks, in at most so many refills; the thread, if any, goes on with
 * it. */
static void configure(struct sched_context *sc, ticks_t budget, ticks_t period, word_t max)
{
    struct tcb *tcb = sc->tcb;
    if (tcb != NULL) {
        sched_release_remove(tcb);
        sched_dequeue(tcb);
        if (sc == node()->current_sc) {
            sched_commit_time();
        }
    }
    if (period == budget) {
        refill_round_robin(sc, budget);
    } else if (sc_is_active(sc) && tcb != NULL && tcb_is_runnable(tcb)) {
        refill_update(sc, max, budget, period);
    } else {
        refill_new(sc, max, budget, period);
    }
    if (tcb != NULL) {
        sc_resume(sc);
        if (tcb == node()->current) {
            schedule_needed();
        } else if (sched_is_schedulable(tcb)) {
            schedule_possible_switch(tcb);
        }
    }
    node()->reprogram_timer = true;
}

/* How many refills a context of that size holds. */
static word_t refills_max(struct cap sc)
{
    return (BIT(sc.aux) - sizeof(struct sched_context)) / sizeof(struct refill);
}

/* Words: budget us, period us, extra refills, badge, flags; capability 0 the context. */
enum kernel_result sched_control_decode_configure(struct invocation *inv)
{
    word_t us_max = timer_max_us() / 8;
    word_t budget_us = inv_word(inv, 0);
    word_t period_us = inv_word(inv, 1);
    word_t extra_refills = inv_word(inv, 2);
    struct cap cap = inv->extra[0]->cap;
    bool is_sc = cap.tag == CAP_SCHED_CONTEXT;
    word_t extra_max = is_sc ? refills_max(cap) - 2 : 0;
    enum kernel_result result = budget_us > us_max || period_us > us_max ||
                                        budget_us < MIN_BUDGET_US || period_us < MIN_BUDGET_US
                                    ? fail_range(MIN_BUDGET_US, us_max)
                                : budget_us > period_us     ? fail_range(MIN_BUDGET_US, period_us)
                                : !is_sc                    ? fail_invalid_capability(1)
                                : extra_refills > extra_max ? fail_range(0, extra_max)
                                                            : KRES_OK;
    if (result == KRES_OK) {
        struct sched_context *sc = cap_ptr(cap);
        sc->badge = inv_word(inv, 3);
        sc->sporadic = (inv_word(inv, 4) & seL4_SchedContext_Sporadic) != 0;
        configure(sc, us_to_ticks(budget_us), us_to_ticks(period_us), extra_refills + 2);
    }
    return result;
}
