/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Byte streams: channels whose message is one byte, moved by the run instead of one at a time.
 */
#include <string.h>

#include <kaal/assert.h>
#include <kaal/channel.h>

int kaal_stream_write(struct kaal_channel *channel, const void *bytes, uint32_t length)
{
    ASSERT(channel->message_bytes == 1);
    const uint8_t *from = bytes;
    uint32_t done = 0;

    /* Two runs at most: up to the end of the ring, and from its beginning. */
    while (done < length) {
        uint32_t run;
        void *slots = kaal_channel_reserve(channel, &run);
        if (slots == NULL) {
            break;
        }
        run = run < length - done ? run : length - done;
        memcpy(slots, from + done, run);
        kaal_channel_commit(channel, run);
        done += run;
    }
    kaal_channel_notify(channel);
    return channel->broken ? KAAL_ERR_PEER : (int)done;
}

int kaal_stream_read(struct kaal_channel *channel, void *bytes, uint32_t length)
{
    ASSERT(channel->message_bytes == 1);
    uint8_t *to = bytes;
    uint32_t done = 0;

    while (done < length) {
        uint32_t run;
        const void *slots = kaal_channel_peek(channel, &run);
        if (slots == NULL) {
            break;
        }
        run = run < length - done ? run : length - done;
        memcpy(to + done, slots, run);
        kaal_channel_consume(channel, run);
        done += run;
    }
    kaal_channel_notify(channel);
    return channel->broken ? KAAL_ERR_PEER : (int)done;
}

int kaal_stream_write_blocking(struct kaal_channel *channel, const void *bytes, uint32_t length,
                               uint64_t deadline_ns, uint32_t *written)
{
    *written = 0;
    while (*written < length) {
        int taken =
            kaal_stream_write(channel, (const uint8_t *)bytes + *written, length - *written);
        if (taken < 0) {
            return taken;
        }
        *written += (uint32_t)taken;
        if (*written == length) {
            break;
        }
        /* Half the ring at once: fewer wake-ups than one per byte. */
        uint32_t rest = length - *written;
        uint32_t half = channel->capacity / 2;
        int error = kaal_channel_await_room(channel, rest < half ? rest : half, deadline_ns);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return KAAL_OK;
}
