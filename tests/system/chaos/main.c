/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One image, several roles: the arguments are the role and names of channels or services.
 */
#include <string.h>

#include <kaal/startup.h>

#include "load.h"

#define WORK_STEPS 400u

uint64_t record_checksum(const struct record *record)
{
    uint64_t sum = record->sequence * UINT64_C(0x9e3779b97f4a7c15) + record->attempt;
    for (unsigned i = 0; i < sizeof(record->payload) / sizeof(record->payload[0]); i++) {
        sum = (sum ^ record->payload[i]) * UINT64_C(0x100000001b3);
    }
    return sum;
}

/* Weak: on the host kernel time does not pass by computing, so there it is another one. */
__attribute__((weak)) void load_work(void)
{
    for (volatile unsigned i = 0; i < WORK_STEPS; i++) {
    }
}

void open_channel(struct kaal_channel *channel, const char *name)
{
    if (kaal_channel_open(channel, kaal_resource_find(name, KAAL_RESOURCE_CHANNEL)) != KAAL_OK) {
        kaal_panic("a channel cannot be opened");
    }
}

bool follow_peer(struct kaal_channel *channel)
{
    return kaal_channel_peer_changed(channel) && kaal_channel_reconnect(channel) == KAAL_OK;
}

void answer_questions(struct kaal_channel *channel, const struct kaal_chaos_report *report)
{
    struct kaal_chaos_report question;
    (void)follow_peer(channel);
    while (kaal_channel_try_recv(channel, &question) == KAAL_OK) {
        struct kaal_chaos_report answer = *report;
        answer.query = question.query;
        (void)!kaal_channel_send(channel, &answer);
    }
}

/* The n-th word of the arguments, from 0, in a buffer of its own; NULL past the last. */
static const char *word(unsigned n)
{
    static char words[3][KAAL_NAME_BYTES];
    const char *at = kaal_startup()->arguments;
    for (unsigned i = 0; i < n; i++) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    size_t bytes = strcspn(at, " ");
    if (bytes == 0 || bytes >= KAAL_NAME_BYTES) {
        return NULL;
    }
    memcpy(words[n], at, bytes);
    words[n][bytes] = '\0';
    return words[n];
}

int main(void)
{
    const char *role = word(0);
    if (role != NULL && strcmp(role, "stream") == 0) {
        play_stream();
    } else if (role != NULL && strcmp(role, "relay") == 0) {
        play_relay(word(1), word(2));
    } else if (role != NULL && strcmp(role, "caller") == 0) {
        play_caller();
    } else if (role != NULL && strcmp(role, "holder") == 0) {
        play_holder();
    } else if (role != NULL && strcmp(role, "server") == 0) {
        play_server(word(1));
    }
    kaal_panic("its arguments name no role");
}
