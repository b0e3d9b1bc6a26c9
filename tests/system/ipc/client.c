/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The client: tests channels between two address spaces and logs one line per result.
 */
#include <kaal/event.h>
#include <kaal/startup.h>

#include "protocol.h"

#define MS            UINT64_C(1000000)
#define ROUND_TRIPS   500
#define STREAM_LENGTH 20000u

static struct numbers_channel numbers;
static struct kaal_channel bytes;
static unsigned reconnects;

static void say(const char *what, bool good)
{
    kaal_log("%s: %s", good ? "good" : "BAD", what);
}

/* Accepts a new instance of the peer at both channels. */
static void reconnect(void)
{
    reconnects++;
    (void)kaal_channel_reconnect(&numbers.channel);
    (void)kaal_channel_reconnect(&bytes);
}

/* Sends or receives whatever becomes of the peer; one second is for ever here. */
static bool put(uint64_t value)
{
    struct number question = {.value = value};
    int error;
    uint64_t deadline = kaal_now_ns() + 1000 * MS;
    while ((error = numbers_channel_send_blocking(&numbers, &question, deadline)) ==
           KAAL_ERR_PEER) {
        if (!kaal_channel_peer_changed(&numbers.channel)) {
            return false;
        }
        reconnect();
    }
    return error == KAAL_OK;
}

static bool get(struct number *answer)
{
    int error;
    uint64_t deadline = kaal_now_ns() + 1000 * MS;
    while ((error = numbers_channel_recv_blocking(&numbers, answer, deadline)) == KAAL_ERR_PEER) {
        if (!kaal_channel_peer_changed(&numbers.channel)) {
            return false;
        }
        reconnect();
    }
    return error == KAAL_OK;
}

static void test_deadline(void)
{
    struct number answer;
    bool good = true;
    uint64_t latest = 0;
    for (int i = 1; i <= 10; i++) {
        uint64_t deadline = kaal_now_ns() + (uint64_t)i * MS;
        good =
            numbers_channel_recv_blocking(&numbers, &answer, deadline) == KAAL_ERR_TIMEOUT && good;
        uint64_t now = kaal_now_ns();
        good = now >= deadline && good;
        latest = now - deadline > latest ? now - deadline : latest;
    }
    say("receiving from a silent peer ends at the deadline", good);
    kaal_log("deadlines: at most %llu us late", (unsigned long long)(latest / 1000));
}

static void test_round_trips(void)
{
    struct number answer;
    bool good = true;
    for (uint64_t i = 1000; i < 1000 + ROUND_TRIPS && good; i++) {
        good = put(i) && get(&answer) && answer.value == i;
    }
    say("round trips bring each number back", good);
}

static void test_stream(void)
{
    uint32_t sent = 0;
    uint32_t received = 0;
    bool good = true;
    while (received < STREAM_LENGTH && good) {
        uint8_t piece[50];
        uint32_t length =
            STREAM_LENGTH - sent < sizeof(piece) ? STREAM_LENGTH - sent : sizeof(piece);
        for (uint32_t i = 0; i < length; i++) {
            piece[i] = (uint8_t)('a' + (sent + i) % 26);
        }
        int taken = kaal_stream_write(&bytes, piece, length);
        int got = kaal_stream_read(&bytes, piece, sizeof(piece));
        good = taken >= 0 && got >= 0;
        for (int i = 0; i < got; i++) {
            good = piece[i] == (uint8_t)('a' + (received + (uint32_t)i) % 26) && good;
        }
        sent += taken > 0 ? (uint32_t)taken : 0;
        received += got > 0 ? (uint32_t)got : 0;
        if (taken == 0 && got == 0) {
            bool idle = kaal_channel_prepare_receive(&bytes);
            idle = (sent == STREAM_LENGTH || kaal_channel_prepare_send(&bytes, 1)) && idle;
            if (idle) {
                good = kaal_event_sleep(kaal_now_ns() + 1000 * MS) == KAAL_OK && good;
            }
        }
    }
    say("a long text streams through a short ring and back", good && received == STREAM_LENGTH);
}

static void test_death(void)
{
    struct number answer;
    bool good = true;
    uint64_t lives[2] = {0, 0};
    unsigned before = reconnects;
    /* The peer dies with questions in the ring, answers in the ring, and nobody told of the last.
     */
    for (uint64_t i = 0; i < NUMBERS_CAPACITY; i++) {
        good = put(i == 3 ? NUMBER_DIE : i) && good;
    }
    for (uint64_t i = 0; i < NUMBERS_CAPACITY; i++) {
        good = get(&answer) && answer.value == (i == 3 ? NUMBER_DIE : i) && good;
        lives[i > 3] = answer.life;
    }
    say("each number is answered once across a death", good);
    say("by two instances", lives[0] == 1 && lives[1] == 2);
    say("and the death is seen",
        reconnects > before || kaal_channel_peer_changed(&numbers.channel));
    if (kaal_channel_peer_changed(&numbers.channel)) {
        reconnect();
    }
}

static void test_lie(void)
{
    struct number answer;
    uint8_t byte = 0;
    int error;
    bool good = put(NUMBER_LIE);
    do {
        error = numbers_channel_recv_blocking(&numbers, &answer, kaal_now_ns() + 1000 * MS);
    } while (error == KAAL_OK);
    say("an impossible index breaks the channel",
        good && error == KAAL_ERR_PEER && numbers_channel_count(&numbers) == KAAL_ERR_PEER);
    say("which stays broken", kaal_channel_reconnect(&numbers.channel) == KAAL_ERR_PEER);
    good = kaal_stream_write(&bytes, "x", 1) == 1 &&
           kaal_channel_recv_blocking(&bytes, &byte, kaal_now_ns() + 1000 * MS) == KAAL_OK;
    say("the other channel of the same peer goes on", good && byte == 'x');
    good = kaal_stream_write(&bytes, "\4", 1) == 1;
    while (good && !kaal_channel_peer_changed(&numbers.channel)) {
        good = kaal_event_sleep(kaal_now_ns() + 1000 * MS) == KAAL_OK;
    }
    /* The new instance mends its region when it opens it, and rings. */
    while (good && kaal_channel_reconnect(&numbers.channel) != KAAL_OK) {
        good = kaal_event_sleep(kaal_now_ns() + 1000 * MS) == KAAL_OK;
    }
    (void)kaal_channel_reconnect(&bytes);
    say("a new instance of the peer mends it",
        good && put(5) && get(&answer) && answer.value == 5 && answer.life == 3);
}

/* A peer that answers LAST_WORDS in each of its lives, then is never started again; no call here
 * has a deadline. */
static void test_end(const char *name, unsigned lives, const char *what)
{
    static struct numbers_channel last;
    struct number number;
    unsigned heard = 0;
    int error = numbers_channel_open(&last, kaal_resource_find(name, KAAL_RESOURCE_CHANNEL));
    bool good = error == KAAL_OK;
    for (unsigned i = 0; i < lives; i++) {
        good = good && numbers_channel_send(&last, &(struct number){.value = i}) == KAAL_OK;
    }
    while (good && (error != KAAL_ERR_PEER || !kaal_channel_peer_gone(&last.channel) ||
                    kaal_channel_peer_changed(&last.channel))) {
        error = numbers_channel_recv_blocking(&last, &number, KAAL_NO_DEADLINE);
        if (error == KAAL_OK) {
            heard++;
            good = number.value == LAST_WORDS && number.life == heard;
        } else {
            good = error == KAAL_ERR_PEER;
            (void)kaal_channel_reconnect(&last.channel);
        }
    }
    say(what, good && heard == lives);
}

int main(void)
{
    int error =
        numbers_channel_open(&numbers, kaal_resource_find("numbers", KAAL_RESOURCE_CHANNEL));
    if (error == KAAL_OK) {
        error = kaal_channel_open(&bytes, kaal_resource_find("bytes", KAAL_RESOURCE_CHANNEL));
    }
    say("both channels open", error == KAAL_OK);
    if (error == KAAL_OK) {
        test_deadline();
        test_round_trips();
        test_stream();
        test_death();
        test_lie();
        test_end("mortal", 1, "receiving from a peer that is never started again ends at once");
        test_end("limited", 3, "and from one whose restart limit is reached");
    }
    kaal_log("done");
    return 0;
}
