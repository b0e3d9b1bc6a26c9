/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Keeps a number of frames on their way to the peer and back. Each has a number of its own and is
 * sent once: what the driver's death takes with it is lost, what comes twice is a fault. With the
 * argument "second" it is one of two clients and has an address of its own.
 */
#include <string.h>

#include <sel4/sel4.h>

#include <kaal/class/net_client.h>
#include <kaal/crc32.h>
#include <kaal/event.h>

#include "frame.h"

#define WINDOW      64u
#define REMEMBERED  65536u
#define PATIENCE_NS UINT64_C(10000000000) /* without any echo, frames on their way are lost */
#define DATA_WORDS  ((FRAME_BYTES_MAX - sizeof(struct frame_header)) / sizeof(uint64_t) + 1)

enum fate {
    FATE_UNSENT,
    FATE_ON_ITS_WAY,
    FATE_ECHOED,
    FATE_LOST,
};

static struct kaal_net_client net;
static uint8_t own[KAAL_NET_ADDRESS_BYTES]; /* address, 0: the device's */
static uint8_t fates[REMEMBERED];
static uint32_t next; /* sequence number */
static uint32_t on_their_way;
static bool told; /* the driver's present instance knows the address */
static uint64_t progress_ns;
static bool finishing;
static struct {
    uint64_t echoed, late, lost, bad, twice, restarts, torn;
} seen;

static const uint8_t *address(void)
{
    return own[0] != 0 ? own : net.link.address;
}

static uint32_t length_of(uint32_t sequence)
{
    return FRAME_BYTES_MIN + sequence * 7919u % (FRAME_BYTES_MAX - FRAME_BYTES_MIN + 1);
}

static void make_frame(uint8_t *frame, uint32_t sequence, uint32_t bytes)
{
    uint64_t data[DATA_WORDS];
    uint64_t state = sequence * UINT64_C(0x9E3779B97F4A7C15) + 1;
    uint32_t data_bytes = bytes - (uint32_t)sizeof(struct frame_header);
    struct frame_header header = {
        .to = {2, 0, 0, 0, 0, 1}, .type = FRAME_TYPE, .command = FRAME_DATA, .sequence = sequence};

    for (uint32_t i = 0; i < DATA_WORDS; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        data[i] = state;
    }
    memcpy(header.from, address(), sizeof(header.from));
    header.sum = kaal_crc32(data, data_bytes) ^ sequence;
    memcpy(frame, &header, sizeof(header));
    memcpy(frame + sizeof(header), data, data_bytes);
}

static void send_frames(void)
{
    uint32_t index;
    uint8_t *data;

    if (net.link.up && !told) {
        told = kaal_net_address(&net, address()) == KAAL_OK;
    }
    while (!finishing && told && net.link.up && on_their_way < WINDOW &&
           kaal_net_buffer(&net, &index, &data) == KAAL_OK) {
        uint32_t bytes = length_of(next);
        make_frame(data, next, bytes);
        if (kaal_net_send(&net, index, bytes) != KAAL_OK) {
            kaal_pool_put(&net.pool, index);
            return;
        }
        if (on_their_way == 0) {
            progress_ns = kaal_now_ns();
        }
        fates[next % REMEMBERED] = FATE_ON_ITS_WAY;
        on_their_way++;
        next++;
    }
}

static void give_up_on_frames(void)
{
    for (uint32_t i = 0; i < REMEMBERED; i++) {
        if (fates[i] == FATE_ON_ITS_WAY) {
            fates[i] = FATE_LOST;
            seen.lost++;
        }
    }
    on_their_way = 0;
}

static void take_echo(uint32_t sequence, bool good)
{
    uint8_t *fate = &fates[sequence % REMEMBERED];

    progress_ns = kaal_now_ns();
    if (!good || next - sequence - 1 >= REMEMBERED) {
        seen.bad++;
    } else if (*fate == FATE_ECHOED) {
        seen.twice++;
    } else {
        on_their_way -= *fate == FATE_ON_ITS_WAY;
        seen.echoed += *fate == FATE_ON_ITS_WAY;
        seen.late += *fate == FATE_LOST;
        *fate = FATE_ECHOED;
    }
}

static void report(const char *what)
{
    kaal_log("%s: sent %u, echoed %llu, late %llu, lost %llu, bad %llu, twice %llu, torn %llu, "
             "restarts %llu, buffers %u of %u",
             what, next, (unsigned long long)seen.echoed, (unsigned long long)seen.late,
             (unsigned long long)seen.lost, (unsigned long long)seen.bad,
             (unsigned long long)seen.twice, (unsigned long long)seen.torn,
             (unsigned long long)seen.restarts, net.pool.free, net.pool.memory.count);
}

/* Reads a frame, gives it back, and believes it only then. */
static void take_frame(const struct kaal_net_frame *frame)
{
    struct frame_header header = {0};
    bool good = false;

    if (frame->bytes >= sizeof(header)) {
        memcpy(&header, frame->data, sizeof(header));
        good = frame->bytes == length_of(header.sequence) &&
               memcmp(header.to, address(), sizeof(header.to)) == 0 &&
               (kaal_crc32(frame->data + sizeof(header), frame->bytes - sizeof(header)) ^
                header.sequence) == header.sum;
    }
    if (kaal_net_release(&net, frame) != KAAL_OK) {
        seen.torn++;
    } else if (header.type == FRAME_TYPE && header.command == FRAME_FINISH) {
        finishing = true;
    } else if (header.type == FRAME_TYPE && header.command == FRAME_REPORT) {
        report("report");
    } else {
        take_echo(header.sequence, good && header.command == FRAME_ECHO);
    }
}

static void take_frames(void)
{
    struct kaal_net_frame frame;
    int error;

    while ((error = kaal_net_receive(&net, &frame)) == KAAL_OK) {
        take_frame(&frame);
    }
    if (error == KAAL_ERR_PEER && kaal_net_reconnect(&net) == KAAL_OK) {
        seen.restarts++;
        give_up_on_frames();
        told = false;
    }
}

int main(void)
{
    bool second = strcmp(kaal_startup()->arguments, "second") == 0;
    int error = kaal_net_open(&net, second ? "net2" : "net");
    bool reported = false;

    if (error != KAAL_OK) {
        kaal_log("BAD: no network: %s", kaal_error_name(error));
        return 1;
    }
    if (second) {
        memcpy(own, (const uint8_t[]){2, 0, 0, 0, 0, 2}, sizeof(own));
    }
    for (;;) {
        take_frames();
        send_frames();
        kaal_net_flush(&net);
        if (on_their_way > 0 && kaal_now_ns() - progress_ns > PATIENCE_NS) {
            give_up_on_frames();
        }
        if (finishing && on_their_way == 0 && !reported && net.pool.lent == 0) {
            reported = true;
            report("finish");
        }
        if (kaal_net_prepare_sleep(&net)) {
            error = kaal_event_sleep(kaal_now_ns() + PATIENCE_NS / 2);
        }
    }
}
