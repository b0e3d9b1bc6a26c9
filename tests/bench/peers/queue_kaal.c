/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A channel between two threads: as a queue that both ends poll, and with the look for a sleeping
 * peer that sending and receiving do outside of benchmarks. Nobody sleeps here, so nobody is rung.
 */
#include <stdio.h>
#include <stdlib.h>

#include <sel4/sel4.h>

#include <kaal/broker.h>
#include <kaal/channel.h>

#include "loops.h"

#define PAGE_BYTES 4096u

struct made {
    struct {
        _Alignas(128) struct kaal_channel channel; /* private: on cache lines of its own */
    } ends[2];
    struct kaal_resource resources[2];
    void *regions[2];
};

static __thread seL4_IPCBuffer ipc_buffer;

/* Only opening a channel rings. */
void kernel_host_syscall(struct kernel_host_regs *regs)
{
    if ((int64_t)regs->x[7] != seL4_SysSend) {
        abort();
    }
}

int kaal_timer_arm(uint64_t deadline_ns)
{
    (void)deadline_ns;
    abort();
}

static void *make(uint32_t message_bytes)
{
    struct made *made = aligned_alloc(_Alignof(struct made), sizeof(*made));
    uint64_t bytes = kaal_channel_region_bytes(message_bytes, QUEUE_SLOTS);
    bytes = (bytes + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    for (unsigned end = 0; end < 2; end++) {
        made->regions[end] = aligned_alloc(PAGE_BYTES, bytes);
        memset(made->regions[end], 0, bytes);
    }
    seL4_SetIPCBuffer(&ipc_buffer);
    for (unsigned end = 0; end < 2; end++) {
        made->resources[end] = (struct kaal_resource){
            .kind = KAAL_RESOURCE_CHANNEL,
            .channel = {.own_vaddr = (uint64_t)made->regions[end],
                        .peer_vaddr = (uint64_t)made->regions[1 - end],
                        .region_bytes = (uint32_t)bytes,
                        .message_bytes = message_bytes,
                        .capacity = QUEUE_SLOTS,
                        .doorbell = 1,
                        .generation = 1},
        };
        if (kaal_channel_open(&made->ends[end].channel, &made->resources[end]) != KAAL_OK) {
            abort();
        }
        /* A fresh region reads as a wish to be woken; whoever polls has no such wish. */
        atomic_store(&made->ends[end].channel.own->wake_data, UINT32_MAX);
        atomic_store(&made->ends[end].channel.own->wake_room, UINT32_MAX);
    }
    return made;
}

static void *end_of(void *made, unsigned which)
{
    return &((struct made *)made)->ends[which].channel;
}

static void destroy(void *argument)
{
    struct made *made = argument;
    free(made->regions[0]);
    free(made->regions[1]);
    free(made);
}

#define FUNCTIONS(bytes)                                                                        \
    static inline uint32_t kaal_put_##bytes(struct kaal_channel *end,                           \
                                            const struct message_##bytes *messages, uint32_t n) \
    {                                                                                           \
        return kaal_channel_put(end, messages, n, bytes, QUEUE_SLOTS);                          \
    }                                                                                           \
    static inline uint32_t kaal_take_##bytes(struct kaal_channel *end,                          \
                                             struct message_##bytes *messages, uint32_t n)      \
    {                                                                                           \
        return kaal_channel_take(end, messages, n, bytes, QUEUE_SLOTS);                         \
    }                                                                                           \
    static inline uint32_t sleepers_put_##bytes(                                                \
        struct kaal_channel *end, const struct message_##bytes *messages, uint32_t n)           \
    {                                                                                           \
        uint32_t taken = kaal_put_##bytes(end, messages, n);                                    \
        kaal_channel_notify(end);                                                               \
        return taken;                                                                           \
    }                                                                                           \
    static inline uint32_t sleepers_take_##bytes(struct kaal_channel *end,                      \
                                                 struct message_##bytes *messages, uint32_t n)  \
    {                                                                                           \
        uint32_t taken = kaal_take_##bytes(end, messages, n);                                   \
        kaal_channel_notify(end);                                                               \
        return taken;                                                                           \
    }                                                                                           \
    LOOPS(kaal, struct kaal_channel, bytes);                                                    \
    LOOPS(sleepers, struct kaal_channel, bytes)

FUNCTIONS(8);
FUNCTIONS(64);
FUNCTIONS(1024);

const struct queue queue_kaal = {
    .name = "kaal",
    .make = make,
    .end = end_of,
    .destroy = destroy,
    .loops = {&kaal_loops_8, &kaal_loops_64, &kaal_loops_1024},
};

const struct queue queue_kaal_sleepers = {
    .name = "kaal+notify",
    .make = make,
    .end = end_of,
    .destroy = destroy,
    .loops = {&sleepers_loops_8, &sleepers_loops_64, &sleepers_loops_1024},
};
