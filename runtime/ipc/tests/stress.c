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
#include <time.h>

#include <sel4/sel4.h>

#include <kaal/broker.h>
#include <kaal/channel.h>
#include <kaal/event.h>

#define CAPACITY 16u
#define MESSAGES 200000u

#define REGION_BYTES 4096u
static _Alignas(4096) unsigned char regions[2][REGION_BYTES];
static struct kaal_resource resources[2];
static __thread seL4_IPCBuffer ipc_buffer;

/* Notification objects 1 and 2: a word each. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uint64_t words[2];

void kernel_host_syscall(struct kernel_host_regs *regs)
{
    unsigned index = (unsigned)regs->x[0] - 1;
    pthread_mutex_lock(&lock);
    if ((int64_t)regs->x[7] == seL4_SysSend) {
        words[index] = 1;
        pthread_cond_broadcast(&changed);
    } else {
        struct timespec limit;
        clock_gettime(CLOCK_REALTIME, &limit);
        limit.tv_sec += 20;
        while (words[index] == 0) {
            if (pthread_cond_timedwait(&changed, &lock, &limit) != 0) {
                fprintf(stderr, "stress: a wake-up was lost\n");
                exit(1);
            }
        }
        regs->x[0] = words[index];
        words[index] = 0;
    }
    pthread_mutex_unlock(&lock);
}

int kaal_timer_arm(uint64_t deadline_ns)
{
    (void)deadline_ns;
    return KAAL_ERR_NO_SPACE;
}

static void sleep_on(unsigned end)
{
    seL4_Word badge;
    seL4_Wait(end + 1, &badge);
}

/* Sends numbers and receives the other thread's, sleeping whenever neither goes. */
static void *run_end(void *argument)
{
    unsigned end = (unsigned)(uintptr_t)argument;
    seL4_SetIPCBuffer(&ipc_buffer);
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
            sleep_on(end);
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
                                           .doorbell = 2 - end,
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
