/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A component of many roles, chosen by its arguments: it ends in a given way, or asks the broker
 * for things and logs whether the answers are the promised ones ("good" or "BAD").
 */
#include <stdbool.h>
#include <string.h>

#include <sel4/sel4.h>

#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/broker_protocol.h>
#include <kaal/channel.h>
#include <kaal/event.h>
#include <kaal/inspect.h>
#include <kaal/startup.h>

#define NS_PER_US    UINT64_C(1000)
#define NS_PER_MS    UINT64_C(1000000)
#define DELAY_NS     (10 * NS_PER_MS)
#define POWER_OFF_NS (400 * NS_PER_MS)
#define ROUNDS       5u
#define PAGE_BYTES   4096u
#define MEMORY_BYTES (16u * PAGE_BYTES)

#define FUZZ_LIVES    6u
#define FUZZ_MESSAGES 5000u
#define FUZZ_LABELS   20u

static void say(const char *what, bool good)
{
    kaal_log("%s: %s", good ? "good" : "BAD", what);
}

/* Volatile, so that no compiler can know that nothing is there. */
static volatile uintptr_t unmapped_address = 8;

static _Noreturn void fault(void)
{
    *(volatile uint32_t *)unmapped_address = 0;
    kaal_panic("a write to address 8 came back");
}

/* Waits for the timer's bit; returns when it came. */
static uint64_t wait_for_timer(void)
{
    seL4_Word badge = 0;
    while ((badge & BIT64(kaal_startup()->timer_badge_bit)) == 0) {
        seL4_Wait(kaal_startup()->notification, &badge);
    }
    return kaal_now_ns();
}

static void play_timer(void)
{
    uint64_t worst_ns = 0;
    bool early = false;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t deadline = kaal_now_ns() + DELAY_NS;
        if (kaal_timer_arm(deadline) != KAAL_OK) {
            say("a deadline can be armed", false);
            return;
        }
        uint64_t came = wait_for_timer();
        early = early || came < deadline;
        worst_ns = !early && came - deadline > worst_ns ? came - deadline : worst_ns;
    }
    say("no deadline comes early", !early);
    kaal_log("deadlines of 10 ms came at most %llu us late",
             (unsigned long long)(worst_ns / NS_PER_US));

    uint64_t start = kaal_now_ns();
    bool armed = kaal_timer_arm(start + 1000 * NS_PER_MS) == KAAL_OK &&
                 kaal_timer_arm(start + DELAY_NS) == KAAL_OK;
    uint64_t came = wait_for_timer();
    say("an earlier deadline replaces a later one",
        armed && came >= start + DELAY_NS && came < start + 900 * NS_PER_MS);

    armed = kaal_timer_arm(1) == KAAL_OK;
    (void)wait_for_timer();
    say("a past deadline fires at once", armed);

    armed = kaal_timer_arm(kaal_now_ns() + DELAY_NS) == KAAL_OK &&
            kaal_timer_arm(UINT64_MAX) == KAAL_OK;
    uint64_t until = kaal_now_ns() + 2 * DELAY_NS;
    while (kaal_now_ns() < until) {
    }
    seL4_Word badge = 0;
    (void)seL4_Poll(kaal_startup()->notification, &badge);
    say("a disarmed deadline does not fire",
        armed && (badge & BIT64(kaal_startup()->timer_badge_bit)) == 0);
}

/* Is ready, and faults a little later. */
static _Noreturn void play_short(void)
{
    uint64_t until_ns = kaal_now_ns() + DELAY_NS;
    while (kaal_event_sleep(until_ns) == KAAL_OK) {
    }
    fault();
}

/* Gives the others time, then ends everything. */
static void play_power_off(void)
{
    if (kaal_timer_arm(kaal_now_ns() + POWER_OFF_NS) == KAAL_OK) {
        (void)wait_for_timer();
        int error = kaal_power_off();
        kaal_log("BAD: power-off: %s", kaal_error_name(error));
    }
}

static bool all_zero(const unsigned char *bytes, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void play_memory(void)
{
    struct kaal_memory first = {0};
    struct kaal_memory second = {0};
    bool got = kaal_allocate_memory(MEMORY_BYTES - 1, &first) == KAAL_OK;
    say("memory is given, whole pages", got && first.bytes == MEMORY_BYTES);
    if (!got) {
        return;
    }
    say("it is zero", all_zero(first.address, first.bytes));
    memset(first.address, 0xa5, first.bytes);
    got = kaal_allocate_memory(MEMORY_BYTES, &second) == KAAL_OK;
    say("a second block is another one",
        got && second.address != first.address && all_zero(second.address, second.bytes));
    struct kaal_memory large;
    say("more than the quota is refused",
        kaal_allocate_memory(UINT64_C(2) << 20, &large) == KAAL_ERR_QUOTA_MEMORY);
    say("nothing is refused too", kaal_allocate_memory(0, &large) == KAAL_ERR_INVALID);
    say("memory is taken back", kaal_release(first.handle) == KAAL_OK);
    say("but not twice", kaal_release(first.handle) == KAAL_ERR_DOUBLE_FREE);
    say("a made-up handle is foreign", kaal_release(UINT64_MAX) == KAAL_ERR_FOREIGN);
    bool zero = true;
    for (unsigned round = 0; round < 100 && got; round++) {
        got = kaal_allocate_memory(MEMORY_BYTES, &first) == KAAL_OK;
        zero = zero && got && all_zero(first.address, first.bytes);
        if (got) {
            memset(first.address, 0xa5, first.bytes);
            got = kaal_release(first.handle) == KAAL_OK;
        }
    }
    say("a hundred times again, always zero", got && zero);
}

static void play_device(void)
{
    struct kaal_bundle bundle;
    struct kaal_resource resource;
    say("a device outside the ceiling is refused",
        kaal_request_device(kaal_serial(0), &bundle) == KAAL_ERR_DENIED);
    say("a device that does not exist is not found",
        kaal_request_device(kaal_pci(0xffff, 0xffff), &bundle) == KAAL_ERR_NOT_FOUND);
    say("an interrupt outside the ceiling is refused",
        kaal_request_irq(4, &resource) == KAAL_ERR_DENIED ||
            kaal_request_irq(33, &resource) == KAAL_ERR_DENIED);
}

#define TALK_LINES    10u
#define TALK_MESSAGES 3u
#define SCRIBBLE      0x12345678u

/* The first life talks and faults; the second one writes nonsense into its region, and faults. */
static _Noreturn void play_talker(void)
{
    struct kaal_channel channel;
    if (kaal_channel_open(&channel, kaal_resource_find("gossip", KAAL_RESOURCE_CHANNEL)) !=
        KAAL_OK) {
        kaal_panic("no channel");
    }
    for (uint32_t i = 0; kaal_startup()->generation == 1 && i < TALK_MESSAGES; i++) {
        (void)!kaal_channel_send_blocking(&channel, &i, KAAL_NO_DEADLINE);
    }
    for (unsigned i = 0; kaal_startup()->generation == 1 && i < TALK_LINES; i++) {
        kaal_log("talk %u", i);
    }
    if (kaal_startup()->generation != 1) {
        atomic_store(&channel.own->produced, SCRIBBLE);
    }
    fault();
}

/* Takes every message; sleeps for the next one. */
static _Noreturn void play_listener(void)
{
    struct kaal_channel channel;
    uint32_t message;
    if (kaal_channel_open(&channel, kaal_resource_find("gossip", KAAL_RESOURCE_CHANNEL)) !=
        KAAL_OK) {
        kaal_panic("no channel");
    }
    while (kaal_channel_recv_blocking(&channel, &message, KAAL_NO_DEADLINE) == KAAL_OK) {
    }
    for (;;) {
        (void)!kaal_event_sleep(KAAL_NO_DEADLINE); /* answers the watchdog */
    }
}

/* xorshift64*: the same numbers in each life. */
static uint64_t random_word(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* A word that is often small, sometimes huge: lengths, indices, handles and counts of all kinds. */
static uint64_t fuzz_word(uint64_t *state)
{
    uint64_t word = random_word(state);
    return word >> (word % 64);
}

/* Sends messages of any label, length and contents to the broker. */
static void play_fuzz(void)
{
    uint64_t state = 0x4b61614c;
    uint64_t refused = 0;
    for (unsigned i = 0; i < FUZZ_MESSAGES; i++) {
        uint64_t label = random_word(&state) % FUZZ_LABELS;
        uint64_t length = random_word(&state) % (seL4_MsgMaxLength + 1);
        for (uint64_t word = 0; word < length; word++) {
            seL4_SetMR((int)word, fuzz_word(&state));
        }
        if (label == KAAL_BROKER_EXIT || (label == KAAL_BROKER_LOG_WRITE && i % 16 != 0)) {
            continue; /* the log is where the test reads the outcome */
        }
        seL4_Call(kaal_startup()->broker_endpoint, seL4_MessageInfo_new(label, 0, 0, length));
        refused += (int64_t)seL4_GetMR(0) < 0;
    }
    (void)kaal_timer_arm(UINT64_MAX);
    kaal_log("fuzz: %u messages, %llu refused", FUZZ_MESSAGES, (unsigned long long)refused);
}

static void log_memory(void)
{
    struct kaal_memory_record record;
    if (kaal_inspect_memory(&record) == KAAL_OK) {
        kaal_log("memory: %llu free, %llu largest, %llu slots",
                 (unsigned long long)record.untyped_free_bytes,
                 (unsigned long long)record.largest_free_bytes,
                 (unsigned long long)record.broker_slots_free);
    }
}

int main(void)
{
    const struct kaal_startup *startup = kaal_startup();
    const char *role = startup->arguments;
    kaal_log("life %llu at %llu us", (unsigned long long)startup->generation,
             (unsigned long long)(kaal_now_ns() / NS_PER_US));
    if (strcmp(role, "exit 1") == 0) {
        return 1;
    } else if (strcmp(role, "exit 3 times") == 0 && startup->generation <= 3) {
        return 0;
    } else if (strncmp(role, "fault", strlen("fault")) == 0) {
        fault();
    } else if (strcmp(role, "timer") == 0) {
        play_timer();
    } else if (strcmp(role, "memory") == 0) {
        play_memory();
    } else if (strcmp(role, "short") == 0) {
        play_short();
    } else if (strcmp(role, "power off") == 0) {
        play_power_off();
    } else if (strcmp(role, "talk") == 0) {
        play_talker();
    } else if (strcmp(role, "spin") == 0) {
        while (unmapped_address != 0) { /* volatile: for ever */
        }
    } else if (strcmp(role, "listen") == 0) {
        play_listener();
    } else if (strcmp(role, "device") == 0) {
        play_device();
    } else if (strcmp(role, "fuzz") == 0) {
        log_memory();
        if (startup->generation <= FUZZ_LIVES) {
            play_fuzz();
            return 0;
        }
    } else if (strcmp(role, "exit 0") == 0) {
        return 0;
    }
    kaal_log("done");
    for (;;) {
        (void)!kaal_event_sleep(KAAL_NO_DEADLINE);
    }
}
