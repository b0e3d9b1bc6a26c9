/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The peer: answers on two channels from one event loop, and misbehaves on request.
 */
#include <kaal/event.h>
#include <kaal/startup.h>

#include "protocol.h"

static struct numbers_channel numbers;
static struct kaal_channel bytes;

static void lie(void)
{
    atomic_store(&numbers.channel.own->produced, kaal_channel_produced(&numbers.channel) + 5000);
}

static void answer_numbers(void *argument)
{
    (void)argument;
    const struct number *question;
    while (numbers_channel_room(&numbers) > 0 &&
           (question = numbers_channel_peek(&numbers, 1)) != NULL) {
        struct number *answer = numbers_channel_reserve(&numbers, 1);
        uint64_t value = question->value;
        *answer = (struct number){.value = value, .life = kaal_startup()->generation};
        numbers_channel_commit(&numbers, 1);
        numbers_channel_consume(&numbers, 1);
        if (value == NUMBER_DIE) {
            kaal_panic("told to die"); /* before anybody was told of the answer */
        }
        if (value == NUMBER_LIE) {
            lie();
        }
    }
    numbers_channel_notify(&numbers);
}

static void answer_bytes(void *argument)
{
    (void)argument;
    uint32_t there;
    uint32_t free;
    const uint8_t *question;
    uint8_t *answer;
    while ((answer = kaal_channel_reserve(&bytes, &free)) != NULL &&
           (question = kaal_channel_peek(&bytes, &there)) != NULL) {
        uint32_t count = there < free ? there : free;
        bool end = false;
        for (uint32_t i = 0; i < count; i++) {
            answer[i] = question[i];
            end = end || question[i] == '\4';
        }
        kaal_channel_commit(&bytes, count);
        kaal_channel_consume(&bytes, count);
        if (end) {
            kaal_panic("end of text");
        }
    }
    kaal_channel_notify(&bytes);
}

/* Sleeps only if neither channel has a question with room for its answer. */
static bool more_to_do(void *argument)
{
    (void)argument;
    bool idle = kaal_channel_prepare_receive(&numbers.channel) ||
                kaal_channel_prepare_send(&numbers.channel, 1);
    idle = (kaal_channel_prepare_receive(&bytes) || kaal_channel_prepare_send(&bytes, 1)) && idle;
    if (!idle) {
        answer_numbers(NULL);
        answer_bytes(NULL);
    }
    return !idle;
}

int main(void)
{
    const struct kaal_resource *resource = kaal_resource_find("numbers", KAAL_RESOURCE_CHANNEL);
    int error = numbers_channel_open(&numbers, resource);
    if (error == KAAL_OK) {
        error = kaal_event_add(resource->channel.badge_bit, answer_numbers, NULL);
    }
    resource = kaal_resource_find("bytes", KAAL_RESOURCE_CHANNEL);
    if (error == KAAL_OK) {
        error = kaal_channel_open(&bytes, resource);
    }
    if (error == KAAL_OK) {
        error = kaal_event_add(resource->channel.badge_bit, answer_bytes, NULL);
    }
    if (error != KAAL_OK) {
        kaal_panic(kaal_error_name(error));
    }
    kaal_event_before_sleep(more_to_do, NULL);
    kaal_event_run();
}
