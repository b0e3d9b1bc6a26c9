/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * LOOPS(queue, end_type, bytes) defines the loops of peers.h for one message size from two inline
 * functions of the queue: queue_put_<bytes>(end, messages, count) and queue_take_<bytes>(...),
 * which move as many messages as they can and return how many.
 */
#pragma once

#include <string.h>

#include "peers.h"

static inline void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#define LOOPS(queue, end_type, bytes)                                                  \
    static inline __attribute__((always_inline))                                       \
    uint64_t queue##_send_##bytes(end_type *end, uint64_t messages, uint32_t batch)    \
    {                                                                                  \
        struct message_##bytes out[BATCH];                                             \
        memset(out, 0x5a, sizeof(out));                                                \
        for (uint64_t sent = 0; sent < messages;) {                                    \
            for (uint32_t i = 0; i < batch; i++) {                                     \
                out[i].number = sent + i;                                              \
            }                                                                          \
            uint32_t taken = queue##_put_##bytes(end, out, batch);                     \
            for (; taken == 0; taken = queue##_put_##bytes(end, out, batch)) {         \
                relax();                                                               \
            }                                                                          \
            sent += taken;                                                             \
        }                                                                              \
        return 0;                                                                      \
    }                                                                                  \
    static inline __attribute__((always_inline))                                       \
    uint64_t queue##_receive_##bytes(end_type *end, uint64_t messages, uint32_t batch) \
    {                                                                                  \
        struct message_##bytes in[BATCH];                                              \
        uint64_t wrong = 0;                                                            \
        for (uint64_t received = 0; received < messages;) {                            \
            uint32_t got = queue##_take_##bytes(end, in, batch);                       \
            for (; got == 0; got = queue##_take_##bytes(end, in, batch)) {             \
                relax();                                                               \
            }                                                                          \
            for (uint32_t i = 0; i < got; i++) {                                       \
                wrong += in[i].number != received + i;                                 \
            }                                                                          \
            received += got;                                                           \
        }                                                                              \
        return wrong;                                                                  \
    }                                                                                  \
    static uint64_t queue##_send_single_##bytes(void *end, uint64_t messages)          \
    {                                                                                  \
        return queue##_send_##bytes((end_type *)end, messages, 1);                     \
    }                                                                                  \
    static uint64_t queue##_receive_single_##bytes(void *end, uint64_t messages)       \
    {                                                                                  \
        return queue##_receive_##bytes((end_type *)end, messages, 1);                  \
    }                                                                                  \
    static uint64_t queue##_send_batch_##bytes(void *end, uint64_t messages)           \
    {                                                                                  \
        return queue##_send_##bytes((end_type *)end, messages, BATCH);                 \
    }                                                                                  \
    static uint64_t queue##_receive_batch_##bytes(void *end, uint64_t messages)        \
    {                                                                                  \
        return queue##_receive_##bytes((end_type *)end, messages, BATCH);              \
    }                                                                                  \
    static inline __attribute__((always_inline))                                       \
    uint64_t queue##_bounce_##bytes(end_type *end, uint64_t messages, int first)       \
    {                                                                                  \
        struct message_##bytes message;                                                \
        uint64_t wrong = 0;                                                            \
        memset(&message, 0x5a, sizeof(message));                                       \
        for (uint64_t i = 0; i < messages; i++) {                                      \
            message.number = i;                                                        \
            while (first && queue##_put_##bytes(end, &message, 1) == 0) {              \
                relax();                                                               \
            }                                                                          \
            while (queue##_take_##bytes(end, &message, 1) == 0) {                      \
                relax();                                                               \
            }                                                                          \
            wrong += message.number != i;                                              \
            while (!first && queue##_put_##bytes(end, &message, 1) == 0) {             \
                relax();                                                               \
            }                                                                          \
        }                                                                              \
        return wrong;                                                                  \
    }                                                                                  \
    static uint64_t queue##_ping_##bytes(void *end, uint64_t messages)                 \
    {                                                                                  \
        return queue##_bounce_##bytes((end_type *)end, messages, 1);                   \
    }                                                                                  \
    static uint64_t queue##_pong_##bytes(void *end, uint64_t messages)                 \
    {                                                                                  \
        return queue##_bounce_##bytes((end_type *)end, messages, 0);                   \
    }                                                                                  \
    static const struct loops queue##_loops_##bytes = {                                \
        .message_bytes = bytes,                                                        \
        .send_single = queue##_send_single_##bytes,                                    \
        .receive_single = queue##_receive_single_##bytes,                              \
        .send_batch = queue##_send_batch_##bytes,                                      \
        .receive_batch = queue##_receive_batch_##bytes,                                \
        .ping = queue##_ping_##bytes,                                                  \
        .pong = queue##_pong_##bytes,                                                  \
    }
