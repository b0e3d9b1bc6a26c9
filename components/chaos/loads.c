/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A load that answers and has got on is not hung.
 */
#include <inttypes.h>

#include "chaos.h"

#define POLL_NS   (100 * NS_PER_US)
#define SETTLE_NS (3 * NS_PER_MS) /* damaged data that was under way has arrived */

void chaos_loads_open(struct chaos *chaos)
{
    const struct kaal_startup *startup = kaal_startup();
    for (uint32_t i = 0; i < startup->resource_count && chaos->load_count < CHAOS_LOADS_MAX; i++) {
        const struct kaal_resource *resource = &startup->resources[i];
        struct chaos_load *load = &chaos->loads[chaos->load_count];
        if (resource->kind != KAAL_RESOURCE_CHANNEL ||
            resource->channel.message_bytes != sizeof(struct kaal_chaos_report) ||
            kaal_channel_open(&load->channel, resource) != KAAL_OK) {
            continue;
        }
        load->name = resource->name;
        chaos->load_count++;
    }
}

/* One question; false if there is no answer in time. */
static bool ask(struct chaos *chaos, struct chaos_load *load, struct kaal_chaos_report *answer,
                uint64_t end_ns)
{
    struct kaal_chaos_report question = {.query = ++chaos->queries};
    if (kaal_channel_peer_changed(&load->channel)) {
        (void)kaal_channel_reconnect(&load->channel);
    }
    if (kaal_channel_send(&load->channel, &question) != KAAL_OK) {
        return false;
    }
    for (;;) {
        int error = kaal_channel_try_recv(&load->channel, answer);
        if (error == KAAL_OK && answer->query == question.query) {
            return true;
        }
        if (error != KAAL_OK) {
            if (error != KAAL_ERR_EMPTY || kaal_now_ns() >= end_ns) {
                return false;
            }
            chaos_sleep_until(kaal_now_ns() + POLL_NS);
        }
    }
}

static void ask_until_it_got_on(struct chaos *chaos, struct chaos_load *load)
{
    struct kaal_chaos_report answer;
    uint64_t end_ns = kaal_now_ns() + chaos->options.hang_ms * NS_PER_MS;
    uint64_t before = load->last.done;
    do {
        if (!ask(chaos, load, &answer, end_ns)) {
            chaos_broken(chaos, "load '%s' does not answer", load->name);
            return;
        }
        load->last = answer;
        if (answer.done > before) {
            return;
        }
        chaos_sleep_until(kaal_now_ns() + POLL_NS);
    } while (kaal_now_ns() < end_ns);
    chaos_broken(chaos, "load '%s' does not get on: %" PRIu64 " steps", load->name, before);
}

void chaos_loads_ask(struct chaos *chaos)
{
    for (uint32_t i = 0; i < chaos->load_count; i++) {
        ask_until_it_got_on(chaos, &chaos->loads[i]);
    }
}

/* Only what a corrupted component has touched may be lost or damaged. */
static void compare(struct chaos *chaos, const struct chaos_load *load,
                    const struct kaal_chaos_report *before, const char *when)
{
    const struct kaal_chaos_report *now = &load->last;
    if (now->lost != before->lost || now->damaged != before->damaged) {
        chaos_broken(chaos, "load '%s': %" PRIu64 " lost, %" PRIu64 " damaged %s", load->name,
                     now->lost - before->lost, now->damaged - before->damaged, when);
    }
    if (now->worst_ns > chaos->options.hang_ms * NS_PER_MS && now->worst_ns != before->worst_ns) {
        chaos_broken(chaos, "load '%s': a step took %" PRIu64 " us", load->name,
                     now->worst_ns / NS_PER_US);
    }
}

void chaos_loads_check(struct chaos *chaos, struct chaos_event *event)
{
    struct kaal_chaos_report before[CHAOS_LOADS_MAX];
    for (uint32_t i = 0; i < chaos->load_count; i++) {
        before[i] = chaos->loads[i].last;
    }
    chaos_loads_ask(chaos);
    if (event->kind == CHAOS_CORRUPT) {
        chaos_sleep_until(kaal_now_ns() + SETTLE_NS);
        chaos_loads_ask(chaos);
    }
    event->recovered_ns = event->started_ns;
    for (uint32_t i = 0; i < chaos->load_count; i++) {
        const struct chaos_load *load = &chaos->loads[i];
        if (event->kind != CHAOS_CORRUPT) {
            compare(chaos, load, &before[i], "though nobody was corrupted");
        }
        if (load->last.recovered_ns > event->recovered_ns) {
            event->recovered_ns = load->last.recovered_ns;
        }
    }
}
