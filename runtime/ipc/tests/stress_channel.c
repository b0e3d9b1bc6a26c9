/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two real threads, one at each end, that sleep and wake each other for real. Built with
 * ThreadSanitizer; a lost wake-up shows as a timeout, a wrong order as a failed comparison.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <kaal/channel.h>

#include "bells.h"

#define CAPACITY 16u
#define MESSAGES 200000u

#define REGION_BYTES 4096u
static _Alignas(4096) unsigned char regions[2][REGION_BYTES];
static struct kaal_resource resources[2];

/* Sends numbers and receives the other thread's, sleeping whenever neither goes. */
static void *run_end(void *argument)
{
    unsigned end = (unsigned)(uintptr_t)argument;
    static const struct kaal_startup page = {.generation = 1};
    bells_enter(&page);
    struct kaal_channel channel;
    if (kaal_channel_open(&channel, &resources[end]) != KAAL_OK) {
        exit(1);
    }
    uint64_t sent = 0;
    uint64_t received = 0;
    uint64_t number;
    while (sent < MESSAGES || received < MESSAGES) {
        bool moved = false;
        if (sent < MESSAGES && kaal_channel_send(&channel, &sent) == KAAL_OK) {
            sent++;
            moved = true;
        }
        if (kaal_channel_try_recv(&channel, &number) == KAAL_OK) {
            if (number != received++) {
                fprintf(stderr, "stress: got %llu\n", (unsigned long long)number);
                exit(1);
            }
            moved = true;
        }
        if (moved) {
            continue;
        }
        bool may_sleep = kaal_channel_prepare_receive(&channel);
        if (sent < MESSAGES) {
            may_sleep = kaal_channel_prepare_send(&channel, 1) && may_sleep;
        }
        if (may_sleep) {
            bells_sleep(end);
        }
    }
    printf("end %u: %llu doorbells for %u messages\n", end, (unsigned long long)channel.doorbells,
           MESSAGES);
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    for (unsigned end = 0; end < 2; end++) {
        resources[end].kind = KAAL_RESOURCE_CHANNEL;
        resources[end].channel =
            (struct kaal_channel_resource){.own_vaddr = (uint64_t)regions[end],
                                           .peer_vaddr = (uint64_t)regions[1 - end],
                                           .region_bytes = REGION_BYTES,
                                           .message_bytes = sizeof(uint64_t),
                                           .capacity = CAPACITY,
                                           .doorbell = BELL_OF(1 - end),
                                           .generation = 1};
    }
    for (uintptr_t end = 0; end < 2; end++) {
        if (pthread_create(&threads[end], NULL, run_end, (void *)end) != 0) {
            return 1;
        }
    }
    for (unsigned end = 0; end < 2; end++) {
        pthread_join(threads[end], NULL);
    }
    return 0;
}
