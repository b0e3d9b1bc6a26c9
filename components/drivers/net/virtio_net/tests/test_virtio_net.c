/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The virtio_net driver against a mock device in registers. Source: VIRTIO 1.2, 5.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/testing/net_conformance.h>

#include "virtio_mock.h"

#define RECEIVE      0u
#define TRANSMIT     1u
#define HEADER_BYTES 12u
#define F_MAC        (1u << 5)
#define F_STATUS     (1u << 16)
#define WIRE_MAX     4096u

static const uint8_t own_address[] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

static struct virtio_mock device;
static uint64_t offered = F_MAC | F_STATUS | 0x3; /* and checksums, which nobody wants */
static bool stalled;
static struct {
    uint8_t frames[WIRE_MAX][KAAL_NET_FRAME_MAX];
    uint32_t bytes[WIRE_MAX];
    uint32_t count, taken;
} wire;

static void transmit(void)
{
    struct virtio_mock_chain chain;

    while (!stalled && virtio_mock_take(&device, TRANSMIT, &chain)) {
        assert_int_equal(chain.count, 2);
        assert_int_equal(chain.parts[0].bytes, HEADER_BYTES);
        for (uint32_t i = 0; i < HEADER_BYTES; i++) {
            assert_int_equal(chain.parts[0].memory[i], 0); /* no offload was agreed on */
        }
        assert_false(chain.parts[1].writable);
        assert_true(wire.count < WIRE_MAX && chain.parts[1].bytes <= KAAL_NET_FRAME_MAX);
        memcpy(wire.frames[wire.count], chain.parts[1].memory, chain.parts[1].bytes);
        wire.bytes[wire.count++] = chain.parts[1].bytes;
        virtio_mock_finish(&device, TRANSMIT, chain.head, 0);
    }
}

static void notified(uint32_t queue)
{
    if (queue == TRANSMIT) {
        transmit();
    }
}

static void reset(void)
{
    virtio_mock_reset(&device, 1, offered, net_conformance_memory, notified);
    memcpy(device.config, own_address, sizeof(own_address));
    device.config[6] = 1; /* link up */
    stalled = false;
    memset(&wire, 0, sizeof(wire));
}

static bool arrive(const uint8_t *frame, uint32_t bytes)
{
    struct virtio_mock_chain chain;

    if (!virtio_mock_take(&device, RECEIVE, &chain)) {
        return false;
    }
    assert_int_equal(chain.count, 2);
    assert_true(chain.parts[0].writable && chain.parts[0].bytes == HEADER_BYTES);
    assert_true(chain.parts[1].writable && chain.parts[1].bytes >= KAAL_NET_FRAME_MAX);
    memset(chain.parts[0].memory, 0, HEADER_BYTES);
    chain.parts[0].memory[10] = 1; /* num_buffers */
    memcpy(chain.parts[1].memory, frame, bytes);
    virtio_mock_finish(&device, RECEIVE, chain.head, HEADER_BYTES + bytes);
    return true;
}

static uint32_t sent(uint8_t *frame)
{
    if (wire.taken == wire.count) {
        wire.taken = wire.count = 0;
        return 0;
    }
    memcpy(frame, wire.frames[wire.taken], wire.bytes[wire.taken]);
    return wire.bytes[wire.taken++];
}

static bool interrupting(void)
{
    return device.causes != 0;
}

static void stall(bool stop)
{
    stalled = stop;
    transmit();
}

static void set_link(bool up)
{
    device.config[6] = up;
    virtio_mock_config_changed(&device);
}

static void garbage(uint64_t seed)
{
    device.noise = seed;
    net_conformance_scramble(seed);
}

static int start_alone(void)
{
    static struct net_bench rig;

    net_bench_open(&rig, &kaal_driver_of_this_component, &device.mock);
    return test_bench_start(&rig.bench, &kaal_driver_of_this_component);
}

static void test_another_device_is_not_found(void **state)
{
    (void)state;
    reset();
    device.type = 2;
    assert_int_equal(start_alone(), KAAL_ERR_NOT_FOUND);
}

static void test_device_without_address_is_refused(void **state)
{
    (void)state;
    reset();
    device.features = F_STATUS;
    assert_int_equal(start_alone(), KAAL_ERR_UNSUPPORTED);
}

static void test_reset_without_end_is_an_error(void **state)
{
    (void)state;
    reset();
    device.never_resets = true;
    assert_int_equal(start_alone(), KAAL_ERR_TIMEOUT);
}

int main(void)
{
    struct net_mock mock = {
        .mock = &device.mock,
        .reset = reset,
        .arrive = arrive,
        .sent = sent,
        .interrupting = interrupting,
        .stall = stall,
        .link = set_link,
        .garbage = garbage,
    };
    const struct CMUnitTest own[] = {
        cmocka_unit_test(test_another_device_is_not_found),
        cmocka_unit_test(test_device_without_address_is_refused),
        cmocka_unit_test(test_reset_without_end_is_an_error),
    };

    memcpy(mock.address, own_address, sizeof(own_address));
    return net_conformance_run(&mock, &kaal_driver_of_this_component) +
           cmocka_run_group_tests(own, NULL, NULL);
}
