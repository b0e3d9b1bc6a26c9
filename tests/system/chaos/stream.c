/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Records and relays. A relay takes a record out of its ring only when it has passed it on, so a
 * record may come twice but never not at all, however often relays die. A record whose first
 * sending did not arrive is lost; only a corrupted relay may lose or damage any.
 */
#include <kaal/event.h>

#include "load.h"

#define WINDOW   32u /* records under way at most */
#define STALL_NS (60 * NS_PER_MS)

static struct {
    struct kaal_channel up;
    struct kaal_channel down;
    struct kaal_channel report;
    struct kaal_chaos_report state;
    uint64_t next;       /* to be sent */
    uint64_t expected;   /* to come back */
    uint64_t attempt;    /* of records that are sent again */
    uint64_t fresh_from; /* sent after the last disturbance: from here on */
    bool disturbed;
    uint64_t burst_ns; /* time of the next burst */
    uint64_t stall_ns; /* nothing came back by then: send everything again */
} stream;

static bool send(uint64_t sequence, uint64_t attempt)
{
    struct record record = {.sequence = sequence, .attempt = attempt};
    for (unsigned i = 0; i < sizeof(record.payload) / sizeof(record.payload[0]); i++) {
        record.payload[i] = sequence * (i + 1);
    }
    record.checksum = record_checksum(&record);
    return kaal_channel_send(&stream.up, &record) == KAAL_OK;
}

static void take(const struct record *record, uint64_t now_ns)
{
    if (record->checksum != record_checksum(record) || record->sequence >= stream.next) {
        stream.state.damaged++;
        return;
    }
    if (record->sequence < stream.expected) {
        return; /* a second time */
    }
    if (record->sequence > stream.expected || record->attempt != 0) {
        stream.state.lost++;
    }
    if (record->sequence > stream.expected) {
        stream.stall_ns = now_ns; /* go back */
        return;
    }
    stream.expected++;
    stream.state.done++;
    stream.stall_ns = now_ns + STALL_NS;
    if (stream.disturbed && record->sequence >= stream.fresh_from) {
        stream.disturbed = false;
        stream.state.recovered_ns = now_ns;
    }
}

static void receive(uint64_t now_ns)
{
    struct record record;
    while (kaal_channel_try_recv(&stream.down, &record) == KAAL_OK) {
        take(&record, now_ns);
    }
}

static void transmit(uint64_t now_ns)
{
    if (now_ns >= stream.stall_ns) {
        stream.attempt++;
        for (uint64_t i = stream.expected; i < stream.next && send(i, stream.attempt); i++) {
        }
        stream.stall_ns = now_ns + STALL_NS;
    }
    if (now_ns >= stream.burst_ns) {
        while (stream.next < stream.expected + WINDOW && send(stream.next, 0)) {
            stream.next++;
        }
        stream.burst_ns = now_ns + TICK_NS;
    }
}

_Noreturn void play_stream(void)
{
    open_channel(&stream.up, "up");
    open_channel(&stream.down, "down");
    open_channel(&stream.report, "stream_report");
    stream.burst_ns = kaal_now_ns();
    stream.stall_ns = stream.burst_ns + STALL_NS;
    for (;;) {
        bool changed = follow_peer(&stream.up);
        changed = follow_peer(&stream.down) || changed;
        if (changed) {
            stream.disturbed = true;
            stream.fresh_from = stream.next;
            stream.burst_ns = 0;
        }
        uint64_t now_ns = kaal_now_ns();
        receive(now_ns);
        transmit(now_ns);
        answer_questions(&stream.report, &stream.state);
        if (kaal_channel_prepare_receive(&stream.down) &&
            kaal_channel_prepare_receive(&stream.report)) {
            uint64_t until_ns =
                stream.burst_ns < stream.stall_ns ? stream.burst_ns : stream.stall_ns;
            (void)!kaal_event_sleep(until_ns);
        }
    }
}

_Noreturn void play_relay(const char *from, const char *to)
{
    struct kaal_channel in;
    struct kaal_channel out;
    if (from == NULL || to == NULL) {
        kaal_panic("relay: no channels are named");
    }
    open_channel(&in, from);
    open_channel(&out, to);
    for (;;) {
        uint32_t count;
        (void)follow_peer(&in);
        (void)follow_peer(&out);
        const struct record *first = kaal_channel_peek(&in, &count);
        if (first == NULL) {
            if (kaal_channel_prepare_receive(&in)) {
                (void)!kaal_event_sleep(KAAL_NO_DEADLINE);
            }
            continue;
        }
        struct record record = *first;
#ifdef LOAD_PLANTED_BUG
        /* The chaos test's self-test builds this: it lets go of a record before it is passed on. */
        kaal_channel_consume(&in, 1);
        load_work();
        (void)!kaal_channel_send(&out, &record);
        continue;
#endif
        load_work();
        if (kaal_channel_send(&out, &record) == KAAL_OK) {
            kaal_channel_consume(&in, 1);
            kaal_channel_notify(&in);
        } else if (kaal_channel_prepare_send(&out, 1)) {
            (void)!kaal_event_sleep(KAAL_NO_DEADLINE); /* full, or broken until a new peer comes */
        }
    }
}
