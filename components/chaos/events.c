/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One harm at a time. A corrupted component may end by itself, hang, or go on as if nothing had
 * happened: after a while it is killed.
 */
#include <inttypes.h>
#include <string.h>

#include <kaal/bits.h>
#include <kaal/broker.h>

#include "chaos.h"

#define POLL_NS       (100 * NS_PER_US)
#define RECOVERY_NS   (3000 * NS_PER_MS) /* two watchdog periods and the longest back-off */
#define SUFFER_NS     (5 * NS_PER_MS)    /* how long a corrupted component may go on */
#define WORDS_MAX     6u
#define PAGE_WORDS    512u
#define STACK_TOP     7u /* page of kaal_chaos_act() that has the live part of the stack */
#define STACK_LIVE    96u
#define REGISTER_IP   0u                 /* first word of every seL4_UserContext */
#define NOWHERE       UINT64_C(0x200000) /* nothing is mapped there in any component */
#define WARM_UP_ROUND 2u

const char *chaos_kind_name(enum chaos_kind kind)
{
    static const char *const names[CHAOS_KINDS] = {[CHAOS_KILL] = "kill",
                                                   [CHAOS_SUSPEND] = "suspend",
                                                   [CHAOS_SPIN] = "spin",
                                                   [CHAOS_CORRUPT] = "corrupt"};
    return names[kind];
}

static bool look(const struct chaos *chaos, uint32_t index, struct kaal_component_record *record)
{
    (void)chaos;
    return kaal_inspect_component(index, record) == KAAL_OK;
}

/* Waits until the victim was started again. */
static bool wait_for_restart(struct chaos *chaos, uint32_t index, uint64_t limit_ns)
{
    struct kaal_component_record record;
    uint64_t end_ns = kaal_now_ns() + limit_ns;
    while (look(chaos, index, &record)) {
        bool again = record.restarts != chaos->components[index].restarts;
        if (again && record.state == KAAL_COMPONENT_RUNNING) {
            return true;
        }
        if (kaal_now_ns() >= end_ns) {
            return false;
        }
        chaos_sleep_until(kaal_now_ns() + POLL_NS);
    }
    return false;
}

/* Whether the present instance has ended, or does within a time. */
static bool ends_within(struct chaos *chaos, uint32_t index, uint64_t limit_ns)
{
    struct kaal_component_record record;
    uint64_t end_ns = kaal_now_ns() + limit_ns;
    while (look(chaos, index, &record)) {
        if (record.restarts != chaos->components[index].restarts ||
            record.state != KAAL_COMPONENT_RUNNING) {
            return true;
        }
        if (kaal_now_ns() >= end_ns) {
            return false;
        }
        chaos_sleep_until(kaal_now_ns() + POLL_NS);
    }
    return true;
}

/* A word that is often small or near something real. */
static uint64_t bad_word(struct chaos *chaos)
{
    uint64_t word = chaos_random(chaos);
    return word >> (chaos_random(chaos) % 64);
}

/* Changes some words of a component's registers, memory and regions. */
static void corrupt(struct chaos *chaos, const char *name)
{
    uint64_t words = 1 + chaos_below(chaos, WORDS_MAX);
    for (uint64_t i = 0; i < words; i++) {
        static const enum kaal_chaos_action actions[] = {KAAL_CHAOS_REGISTER, KAAL_CHAOS_MEMORY,
                                                         KAAL_CHAOS_MEMORY, KAAL_CHAOS_REGION};
        enum kaal_chaos_action action = actions[chaos_below(chaos, ARRAY_COUNT(actions))];
        uint64_t argument = chaos_random(chaos) >> 1;
        uint64_t value = bad_word(chaos);
        uint64_t where;
        if (action == KAAL_CHAOS_MEMORY && chaos_below(chaos, 2) == 0) {
            argument = STACK_TOP * PAGE_WORDS + PAGE_WORDS - 1 - chaos_below(chaos, STACK_LIVE);
        } else if (action == KAAL_CHAOS_REGION) {
            argument = chaos_below(chaos, 4) * PAGE_WORDS + chaos_below(chaos, 64);
        }
        int error = kaal_chaos_act(name, action, argument, value, &where);
        if (error == KAAL_ERR_STATE) {
            return; /* it has ended meanwhile */
        }
        if (error != KAAL_OK && error != KAAL_ERR_UNSUPPORTED) {
            chaos_broken(chaos, "%s cannot be corrupted: %s", name, kaal_error_name(error));
        }
    }
}

static void do_harm(struct chaos *chaos, const struct chaos_event *event, const char *name)
{
    uint64_t where;
    int error = KAAL_OK;
    switch (event->kind) {
    case CHAOS_KILL:
        error = kaal_component_kill(name);
        break;
    case CHAOS_SUSPEND:
        error = kaal_chaos_act(name, KAAL_CHAOS_SUSPEND, 0, 0, &where);
        break;
    case CHAOS_SPIN:
        error = kaal_chaos_act(name, KAAL_CHAOS_SPIN, 0, 0, &where);
        break;
    case CHAOS_CORRUPT:
        corrupt(chaos, name);
        if (!ends_within(chaos, event->victim, SUFFER_NS)) {
            error = kaal_component_kill(name);
            error = error == KAAL_ERR_STATE ? KAAL_OK : error;
        }
        break;
    case CHAOS_KINDS:
        break;
    }
    if (error != KAAL_OK) {
        chaos_broken(chaos, "%s: %s is refused: %s", name, chaos_kind_name(event->kind),
                     kaal_error_name(error));
    }
}

/* Without a watchdog nobody would notice that a component hangs. */
static enum chaos_kind choose_kind(struct chaos *chaos, const struct chaos_component *victim)
{
    static const enum chaos_kind kinds[] = {CHAOS_KILL,    CHAOS_KILL,    CHAOS_KILL,
                                            CHAOS_CORRUPT, CHAOS_CORRUPT, CHAOS_CORRUPT,
                                            CHAOS_SUSPEND, CHAOS_SPIN};
    enum chaos_kind kind = kinds[chaos_below(chaos, ARRAY_COUNT(kinds))];
    bool hangs = kind == CHAOS_SUSPEND || kind == CHAOS_SPIN;
    return hangs && victim->before.watchdog_ms == 0 ? CHAOS_KILL : kind;
}

bool chaos_event_happen(struct chaos *chaos, struct chaos_event *event)
{
    struct kaal_component_record record;
    *event =
        (struct chaos_event){.victim = chaos->victims[chaos_below(chaos, chaos->victim_count)]};
    struct chaos_component *victim = &chaos->components[event->victim];
    event->kind = choose_kind(chaos, victim);
    event->harmed_ns = kaal_now_ns();
    do_harm(chaos, event, victim->before.name);
    if (!wait_for_restart(chaos, event->victim, RECOVERY_NS) ||
        !look(chaos, event->victim, &record)) {
        chaos_broken(chaos, "%s: %s: it is not started again within %" PRIu64 " ms",
                     victim->before.name, chaos_kind_name(event->kind), RECOVERY_NS / NS_PER_MS);
        return false;
    }
    event->ended_ns = record.ended_ns;
    event->started_ns = record.started_ns;
    return true;
}

/* Ends a component once, by a jump to nowhere or by a kill. */
static void end_once(struct chaos *chaos, uint32_t index, bool kill)
{
    struct kaal_component_record record;
    const char *name = chaos->components[index].before.name;
    uint64_t where;
    int error = kill ? kaal_component_kill(name)
                     : kaal_chaos_act(name, KAAL_CHAOS_REGISTER, REGISTER_IP, NOWHERE, &where);
    if (error != KAAL_OK || !wait_for_restart(chaos, index, RECOVERY_NS)) {
        chaos_broken(chaos, "%s does not come back: %s", name, kaal_error_name(error));
    }
    if (look(chaos, index, &record)) {
        chaos->components[index].restarts = record.restarts;
    }
}

void chaos_event_warm_up(struct chaos *chaos)
{
    for (uint32_t round = 0; round < WARM_UP_ROUND; round++) {
        for (uint32_t i = 0; i < chaos->victim_count; i++) {
            end_once(chaos, chaos->victims[i], false);
            end_once(chaos, chaos->victims[i], false); /* after a back-off */
            end_once(chaos, chaos->victims[i], true);  /* which forgets the back-off */
        }
    }
}
