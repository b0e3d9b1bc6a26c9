/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "bells.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <sel4/sel4.h>

#include <kaal/broker.h>

#define ENDS 2u

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uint64_t words[ENDS];
static __thread seL4_IPCBuffer ipc_buffer;
static __thread const struct kaal_startup *startup_page;

const struct kaal_startup *kaal_startup(void)
{
    return startup_page;
}

uint64_t kaal_bus_address(const void *address, uint64_t bytes)
{
    (void)address;
    (void)bytes;
    return UINT64_MAX;
}

int kaal_timer_arm(uint64_t deadline_ns)
{
    (void)deadline_ns;
    return KAAL_ERR_NO_SPACE;
}

void bells_enter(const struct kaal_startup *page)
{
    startup_page = page;
    seL4_SetIPCBuffer(&ipc_buffer);
}

void bells_ring(unsigned end)
{
    pthread_mutex_lock(&lock);
    words[end] = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static uint64_t wait_for(unsigned end)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 20;
    pthread_mutex_lock(&lock);
    while (words[end] == 0) {
        if (pthread_cond_timedwait(&changed, &lock, &limit) != 0) {
            fprintf(stderr, "stress: a wake-up was lost\n");
            exit(1);
        }
    }
    uint64_t word = words[end];
    words[end] = 0;
    pthread_mutex_unlock(&lock);
    return word;
}

void bells_sleep(unsigned end)
{
    seL4_Word badge;
    seL4_Wait(BELL_OF(end), &badge);
}

void kernel_host_syscall(struct kernel_host_regs *regs)
{
    unsigned end = (unsigned)regs->x[0] - BELL_OF(0);
    if ((int64_t)regs->x[7] == seL4_SysSend) {
        bells_ring(end);
    } else {
        regs->x[0] = wait_for(end);
    }
}
