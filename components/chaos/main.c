/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Harm, wait, check, and again, until the time is over; then the figures, and power off. All
 * randomness comes from the seed and all time from the machine, so that with counted instructions
 * one seed gives one log.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <kaal/broker.h>
#include <kaal/event.h>
#include <kaal/startup.h>

#include "chaos.h"

#define SETTLE_NS    (20 * NS_PER_MS) /* after the start, and after the warm-up */
#define BROKEN_MAX   40u              /* lines about broken promises */
#define PLANT_EVENTS 4u               /* how many events go well before a planted leak */

static struct chaos chaos;

/* xorshift64*. */
uint64_t chaos_random(struct chaos *state)
{
    state->random ^= state->random >> 12;
    state->random ^= state->random << 25;
    state->random ^= state->random >> 27;
    return state->random * UINT64_C(2685821657736338717);
}

uint64_t chaos_below(struct chaos *state, uint64_t limit)
{
    return (chaos_random(state) >> 33) % limit;
}

void chaos_sleep_until(uint64_t when_ns)
{
    while (kaal_event_sleep(when_ns) == KAAL_OK) {
    }
}

void chaos_broken(struct chaos *state, const char *format, ...)
{
    char text[160];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (state->broken++ < BROKEN_MAX) {
        kaal_log("BROKEN after %" PRIu32 " events: %s", state->event_count, text);
    }
}

static int compare_numbers(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return a < b ? -1 : a > b ? 1 : 0;
}

static void say_figures(void)
{
    for (unsigned kind = 0; kind < CHAOS_KINDS; kind++) {
        uint32_t count = chaos.counts[kind];
        uint64_t *times = chaos.recoveries[kind];
        const char *name = chaos_kind_name((enum chaos_kind)kind);
        if (count == 0) {
            kaal_log("%s: 0 events", name);
            continue;
        }
        qsort(times, count, sizeof(*times), compare_numbers);
        kaal_log("%s: %" PRIu32 " events, recovery %" PRIu64 " instructions median, %" PRIu64
                 " worst",
                 name, count, times[count / 2], times[count - 1]);
    }
}

/* One event and everything that follows from it. False: no use going on. */
static bool step(void)
{
    struct chaos_event event;
    uint64_t where;
    chaos_sleep_until(kaal_now_ns() + (1 + chaos_below(&chaos, chaos.options.gap_us)) * NS_PER_US);
    chaos_loads_ask(&chaos);
    if (!chaos_event_happen(&chaos, &event)) {
        return false;
    }
    chaos_loads_check(&chaos, &event);
    if (chaos.options.plant_leak && chaos.event_count == PLANT_EVENTS) {
        int error = kaal_chaos_act("", KAAL_CHAOS_LEAK, 0, 0, &where);
        kaal_log("a leak is planted: %s", kaal_error_name(error));
    }
    chaos_check(&chaos, &event);
    uint64_t recovery_ns = event.recovered_ns - event.ended_ns;
    if (chaos.counts[event.kind] < CHAOS_EVENTS_MAX) {
        chaos.recoveries[event.kind][chaos.counts[event.kind]++] = recovery_ns;
    }
    chaos.event_count++;
    kaal_log("%" PRIu32 " at %" PRIu64 " us: %s %s, noticed after %" PRIu64
             " instructions, recovered after %" PRIu64,
             chaos.event_count, event.harmed_ns / NS_PER_US, chaos_kind_name(event.kind),
             chaos.components[event.victim].before.name,
             event.ended_ns > event.harmed_ns ? event.ended_ns - event.harmed_ns : 0, recovery_ns);
    return true;
}

static bool prepare(void)
{
    const char *problem;
    if (!chaos_options_parse(kaal_startup()->arguments, &chaos.options, &problem)) {
        kaal_log("error: its arguments are not understood from '%s' on; try: docs/supervision.md",
                 problem);
        return false;
    }
    chaos.random = chaos.options.seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    chaos_loads_open(&chaos);
    chaos_sleep_until(kaal_now_ns() + SETTLE_NS);
    if (!chaos_check_begin(&chaos)) {
        return false;
    }
    chaos_event_warm_up(&chaos);
    chaos_sleep_until(kaal_now_ns() + SETTLE_NS);
    if (!chaos_check_begin(&chaos)) {
        return false;
    }
    chaos_loads_ask(&chaos);
    uint32_t interrupts = 0;
    for (uint32_t i = 0; i < chaos.component_count; i++) {
        interrupts += chaos.components[i].before.interrupts;
    }
    kaal_log("seed %" PRIu64 ", %" PRIu64 " ms, %" PRIu32 " components to harm, %" PRIu32
             " loads, %" PRIu32 " channels, %" PRIu32 " interrupts",
             chaos.options.seed, chaos.options.run_ms, chaos.victim_count, chaos.load_count,
             chaos.channel_count, interrupts);
    return true;
}

int main(void)
{
    if (prepare()) {
        uint64_t end_ns = kaal_now_ns() + chaos.options.run_ms * NS_PER_MS;
        bool going = true;
        while (going && kaal_now_ns() < end_ns && chaos.event_count < CHAOS_EVENTS_MAX) {
            going = step();
        }
        say_figures();
        kaal_log("done: %" PRIu32 " events, %" PRIu32 " promises broken", chaos.event_count,
                 chaos.broken);
    }
    int error = kaal_power_off();
    kaal_log("error: it cannot power off: %s", kaal_error_name(error));
    return 1;
}
