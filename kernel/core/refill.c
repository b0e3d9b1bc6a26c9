/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Refills: the sporadic-server bookkeeping of scheduling contexts. The refills of a context are a
 * ring, ordered by time and not overlapping; the head of an active context always holds at least
 * the minimum budget. A period of 0 means round robin: exactly two refills, whose sum is the
 * budget.
 */
#include <kernel/node.h>
#include <kernel/timer.h>

static struct refill *refill_at(struct sched_context *sc, word_t i)
{
    word_t index = sc->refill_head + i;
    return &sc->refills[index >= sc->refill_max ? index - sc->refill_max : index];
}

struct refill *refill_head(struct sched_context *sc)
{
    return &sc->refills[sc->refill_head];
}

static struct refill *refill_tail(struct sched_context *sc)
{
    return refill_at(sc, sc->refill_count - 1);
}

static struct refill pop_head(struct sched_context *sc)
{
    struct refill head = *refill_head(sc);
    KERNEL_ASSERT(sc->refill_count > 1);
    sc->refill_head = sc->refill_head + 1 == sc->refill_max ? 0 : sc->refill_head + 1;
    sc->refill_count--;
    return head;
}

static void append_tail(struct sched_context *sc, struct refill refill)
{
    KERNEL_ASSERT(sc->refill_count < sc->refill_max);
    sc->refill_count++;
    *refill_tail(sc) = refill;
}

ticks_t refill_min_budget(void)
{
    return us_to_ticks(MIN_BUDGET_US);
}

bool refill_ready(const struct sched_context *sc)
{
    return sc->refills[sc->refill_head].time <= node()->now;
}

bool refill_sufficient(const struct sched_context *sc, ticks_t usage)
{
    ticks_t amount = sc->refills[sc->refill_head].amount;
    return amount >= usage && amount - usage >= refill_min_budget();
}

void refill_new(struct sched_context *sc, word_t max, ticks_t budget, ticks_t period)
{
    sc->period = period;
    sc->refill_max = max;
    sc->refill_head = 0;
    sc->refill_count = 1;
    sc->refills[0] = (struct refill){.time = node()->now, .amount = budget};
}

void refill_round_robin(struct sched_context *sc, ticks_t budget)
{
    refill_new(sc, 2, budget, 0);
    append_tail(sc, (struct refill){.time = node()->now, .amount = 0});
}

void refill_update(struct sched_context *sc, word_t max, ticks_t budget, ticks_t period)
{
    struct refill old = *refill_head(sc);
    refill_new(sc, max, old.amount < budget ? old.amount : budget, period);
    struct refill *head = &sc->refills[0];
    head->time = old.time > head->time ? old.time : head->time;
    if (old.amount < budget) {
        append_tail(sc, (struct refill){head->time + period, budget - old.amount});
    }
}

/* Add a refill for later use, merging it into the tail when it touches that or nothing is free. */
static void schedule_refill(struct sched_context *sc, struct refill refill)
{
    struct refill *tail = refill_tail(sc);
    if (tail->time + tail->amount >= refill.time) {
        tail->amount += refill.amount;
    } else if (sc->refill_count < sc->refill_max) {
        append_tail(sc, refill);
    } else {
        tail->time = refill.time - tail->amount;
        tail->amount += refill.amount;
    }
}

/* Its two refills are always the first two, see refill_round_robin(). */
void refill_charge_round(struct sched_context *sc, ticks_t used)
{
    if (used > sc->refills[0].amount) {
        used = sc->refills[0].amount;
    }
    sc->refills[0].amount -= used;
    sc->refills[1].amount += used;
}

/* Use up whole refills at the head while `used` covers them; returns what is left of it. */
static ticks_t charge_whole_refills(struct sched_context *sc, ticks_t used)
{
    while (refill_head(sc)->amount <= used) {
        used -= refill_head(sc)->amount;
        if (sc->refill_count == 1) {
            refill_head(sc)->time += sc->period;
        } else {
            struct refill old = pop_head(sc);
            old.time += sc->period;
            schedule_refill(sc, old);
        }
    }
    return used;
}

void refill_charge(struct sched_context *sc, ticks_t used)
{
    used = charge_whole_refills(sc, used);
    if (used > 0) {
        struct refill *head = refill_head(sc);
        struct refill later = {.time = head->time + sc->period, .amount = used};
        head->time += used;
        head->amount -= used;
        schedule_refill(sc, later);
    }
    while (refill_head(sc)->amount < refill_min_budget()) {
        struct refill old = pop_head(sc);
        struct refill *head = refill_head(sc);
        head->amount += old.amount;
        head->time -= old.amount;
    }
}

void refill_end_round(struct sched_context *sc)
{
    refill_head(sc)->amount += refill_tail(sc)->amount;
    refill_tail(sc)->amount = 0;
}

void refill_unblock_check(struct sched_context *sc)
{
    if (sc->period == 0 || !refill_ready(sc)) {
        return;
    }
    refill_head(sc)->time = node()->now;
    node()->reprogram_timer = true;
    while (sc->refill_count > 1 &&
           refill_at(sc, 1)->time <= refill_head(sc)->time + refill_head(sc)->amount) {
        struct refill old = pop_head(sc);
        refill_head(sc)->time = old.time;
        refill_head(sc)->amount += old.amount;
    }
}
