/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Calls servers that die at every point of a call, round after round, and logs whether each call
 * ended as promised. Every step that kills ends with a call that the next instance answers.
 */
#include <stdbool.h>
#include <string.h>

#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/inspect.h>

#include "protocol.h"

#define ROUNDS       8u
#define ROUNDS_FIRST 3u
#define PAUSE_NS     UINT64_C(2000000)
#define BLOCKED_NS   UINT64_C(1000000) /* a call that took longer has waited */
#define ATTEMPTS_MAX 2000u             /* longer than the longest back-off */

static unsigned broken;

static void expect(const char *what, bool good)
{
    if (!good) {
        kaal_log("BAD: %s", what);
        broken++;
    }
}

static void pause(void)
{
    seL4_Word badge = 0;
    expect("a deadline can be armed", kaal_timer_arm(kaal_now_ns() + PAUSE_NS) == KAAL_OK);
    while ((badge & BIT64(kaal_startup()->timer_badge_bit)) == 0) {
        seL4_Wait(kaal_startup()->notification, &badge);
    }
}

/* A death is over when the next instance answers; until then, back-off included, it is PEER. */
static bool answers(const char *name)
{
    for (unsigned attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        seL4_Word value = 1234 + attempt;
        int error = service_call(name, REQUEST_ECHO, &value);
        if (error != KAAL_ERR_PEER) {
            return error == KAAL_OK && value == 1234 + attempt;
        }
        pause();
    }
    return false;
}

static void meet_deaths(void)
{
    seL4_Word value = 0;
    expect("before receive: the call ends with PEER",
           service_call("deaf", REQUEST_ECHO, &value) == KAAL_ERR_PEER);
    expect("during back-off: the call ends with PEER",
           service_call("deaf", REQUEST_ECHO, &value) == KAAL_ERR_PEER);
    expect("between receive and reply: the call ends with PEER",
           service_call("backend", REQUEST_DIE, &value) == KAAL_ERR_PEER);
    expect("backend answers again", answers("backend"));

    value = REQUEST_DIE;
    expect("nested, the inner server dies: the outer one answers",
           service_call("middle", REQUEST_NEST, &value) == KAAL_OK);
    expect("nested, the inner server dies: the outer one got PEER",
           (int)(int64_t)value == KAAL_ERR_PEER);
    expect("backend answers after the nested call", answers("backend"));

    value = REQUEST_KILL_MIDDLE;
    expect("nested, the outer server dies: the call ends with PEER",
           service_call("middle", REQUEST_NEST, &value) == KAAL_ERR_PEER);
    expect("the outer server answers again", answers("middle"));
    expect("the inner server goes on", answers("backend"));
}

/* The broker's memory at a moment when `deaf` has just died and everybody else lives. */
static struct kaal_memory_record memory(void)
{
    struct kaal_memory_record record = {0};
    uint64_t start_ns;
    do {
        seL4_Word value = 0;
        pause(); /* calls in a row would use up the budget for answers, and wait for that */
        start_ns = kaal_now_ns();
        expect("the death is met", service_call("deaf", REQUEST_ECHO, &value) == KAAL_ERR_PEER);
    } while (kaal_now_ns() - start_ns < BLOCKED_NS);
    expect("the broker's memory is known", kaal_inspect_memory(&record) == KAAL_OK);
    return record;
}

static void meet_the_end(void)
{
    seL4_Word value = 0;
    expect("a server is alive", answers("mortal"));
    expect("its end is PEER", service_call("mortal", REQUEST_DIE, &value) == KAAL_ERR_PEER);
    for (unsigned i = 0; i < 3; i++) {
        expect("a server that has ended for ever is PEER",
               service_call("mortal", REQUEST_ECHO, &value) == KAAL_ERR_PEER);
    }
}

int main(void)
{
    meet_the_end();
    for (unsigned round = 0; round < ROUNDS_FIRST; round++) {
        meet_deaths(); /* afterwards init and the broker have whatever they make once and keep */
    }
    struct kaal_memory_record before = memory();
    for (unsigned round = ROUNDS_FIRST; round < ROUNDS; round++) {
        meet_deaths();
    }
    struct kaal_memory_record after = memory();
    kaal_log("memory: %llu/%llu KiB free, %llu/%llu slots",
             (unsigned long long)before.untyped_free_bytes / 1024,
             (unsigned long long)after.untyped_free_bytes / 1024,
             (unsigned long long)before.broker_slots_free,
             (unsigned long long)after.broker_slots_free);
    expect("no frame and no slot is lost", memcmp(&before, &after, sizeof(before)) == 0);
    kaal_log("done: %u rounds, %u promises broken", ROUNDS, broken);
    return 0;
}
