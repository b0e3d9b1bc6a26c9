/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What must be as it was: the broker's memory and slots, what each component holds, who was started
 * how often, and the generations of the channels.
 */
#include <inttypes.h>
#include <string.h>

#include <kaal/broker.h>
#include <kaal/startup.h>

#include "chaos.h"

#define POLL_NS   (100 * NS_PER_US)
#define SETTLE_NS (10 * NS_PER_MS)

static bool note_components(struct chaos *chaos)
{
    struct kaal_component_record record;
    chaos->component_count = 0;
    chaos->victim_count = 0;
    for (uint32_t i = 0; kaal_inspect_component(i, &record) == KAAL_OK; i++) {
        if (i == CHAOS_COMPONENTS_MAX) {
            kaal_log("error: more than %u components", CHAOS_COMPONENTS_MAX);
            return false;
        }
        bool mine = strcmp(record.name, kaal_startup()->name) == 0;
        struct chaos_component *component = &chaos->components[i];
        *component = (struct chaos_component){.before = record, .restarts = record.restarts};
        component->victim = !mine && record.state == KAAL_COMPONENT_RUNNING &&
                            !chaos_options_spare(&chaos->options, record.name);
        if (component->victim) {
            chaos->victims[chaos->victim_count++] = i;
        }
        chaos->component_count++;
    }
    if (chaos->victim_count == 0) {
        kaal_log("error: there is nobody to do harm to; try: another system, or sparing fewer");
    }
    return chaos->victim_count != 0;
}

static bool note_channels(struct chaos *chaos)
{
    struct kaal_channel_record record;
    chaos->channel_count = 0;
    while (kaal_inspect_channel(chaos->channel_count, &record) == KAAL_OK) {
        if (chaos->channel_count == CHAOS_CHANNELS_MAX) {
            kaal_log("error: more than %u channels", CHAOS_CHANNELS_MAX);
            return false;
        }
        chaos->channels[chaos->channel_count++] = record;
    }
    return true;
}

bool chaos_check_begin(struct chaos *chaos)
{
    int error = kaal_inspect_memory(&chaos->memory);
    if (error != KAAL_OK) {
        kaal_log("error: its line does not allow it to inspect: %s", kaal_error_name(error));
        return false;
    }
    return note_components(chaos) && note_channels(chaos);
}

static bool holds_the_same(const struct kaal_component_record *now,
                           const struct kaal_component_record *before)
{
    return now->frames == before->frames && now->slots == before->slots &&
           now->interrupts == before->interrupts;
}

/* A component may ask for things at its start: gives it time to have them all. */
static void settle(const struct chaos *chaos, const struct chaos_event *event)
{
    const struct kaal_component_record *before = &chaos->components[event->victim].before;
    struct kaal_component_record now;
    uint64_t end_ns = kaal_now_ns() + SETTLE_NS;
    while (kaal_inspect_component(event->victim, &now) == KAAL_OK &&
           !holds_the_same(&now, before) && kaal_now_ns() < end_ns) {
        chaos_sleep_until(kaal_now_ns() + POLL_NS);
    }
}

static void check_memory(struct chaos *chaos)
{
    struct kaal_memory_record now;
    if (kaal_inspect_memory(&now) != KAAL_OK || memcmp(&now, &chaos->memory, sizeof(now)) != 0) {
        chaos_broken(chaos,
                     "the broker has %" PRIu64 " bytes free (largest %" PRIu64 ") and %" PRIu64
                     " slots; it had %" PRIu64 " (%" PRIu64 ") and %" PRIu64,
                     now.untyped_free_bytes, now.largest_free_bytes, now.broker_slots_free,
                     chaos->memory.untyped_free_bytes, chaos->memory.largest_free_bytes,
                     chaos->memory.broker_slots_free);
        chaos->memory = now; /* say it once */
    }
}

static void check_component(struct chaos *chaos, uint32_t index, bool victim)
{
    struct kaal_component_record now;
    struct chaos_component *component = &chaos->components[index];
    const struct kaal_component_record *before = &component->before;
    if (kaal_inspect_component(index, &now) != KAAL_OK) {
        chaos_broken(chaos, "%s is gone", before->name);
        return;
    }
    if (now.state != before->state) {
        chaos_broken(chaos, "%s has state %" PRIu32 "; it had %" PRIu32, before->name, now.state,
                     before->state);
    }
    if (!holds_the_same(&now, before)) {
        chaos_broken(chaos,
                     "%s holds %" PRIu32 " frames, %" PRIu32 " slots, %" PRIu32
                     " interrupts; it held %" PRIu32 ", %" PRIu32 ", %" PRIu32,
                     before->name, now.frames, now.slots, now.interrupts, before->frames,
                     before->slots, before->interrupts);
    }
    if (now.restarts != component->restarts + (victim ? 1 : 0)) {
        chaos_broken(chaos, "%s was started %" PRIu32 " times by this event", before->name,
                     now.restarts - component->restarts);
    }
    component->restarts = now.restarts;
}

/* The generation of an end goes up once for each start of its component, and never else. */
static void check_channel(struct chaos *chaos, uint32_t index, const char *victim)
{
    struct kaal_channel_record now;
    struct kaal_channel_record *before = &chaos->channels[index];
    if (kaal_inspect_channel(index, &now) != KAAL_OK) {
        chaos_broken(chaos, "channel '%s' is gone", before->name);
        return;
    }
    for (unsigned end = 0; end < 2; end++) {
        uint32_t starts = strcmp(now.ends[end], victim) == 0 ? 1 : 0;
        if (now.generation[end] != before->generation[end] + starts) {
            chaos_broken(chaos,
                         "channel '%s': the generation of %s went from %" PRIu32 " to %" PRIu32,
                         now.name, now.ends[end], before->generation[end], now.generation[end]);
        }
        if (now.fill[end] < 0) {
            chaos_broken(chaos, "channel '%s': the indices of %s are impossible", now.name,
                         now.ends[end]);
        }
    }
    *before = now;
}

void chaos_check(struct chaos *chaos, const struct chaos_event *event)
{
    settle(chaos, event);
    for (uint32_t i = 0; i < chaos->component_count; i++) {
        check_component(chaos, i, i == event->victim);
    }
    for (uint32_t i = 0; i < chaos->channel_count; i++) {
        check_channel(chaos, i, chaos->components[event->victim].before.name);
    }
    check_memory(chaos);
}
