/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The e1000 driver against a mock of both parts: rings as sections 3.2 and 3.4 of the manual
 * describe them, causes that reading clears (82540EM) or does not (82574L with MSI-X).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/testing/net_conformance.h>

enum {
    CTRL = 0x0000,
    STATUS = 0x0008,
    ICR = 0x00c0,
    IMS = 0x00d0,
    IMC = 0x00d8,
    IVAR = 0x00e4,
    RCTL = 0x0100,
    TCTL = 0x0400,
    RDBAL = 0x2800,
    RDBAH = 0x2804,
    RDLEN = 0x2808,
    RDH = 0x2810,
    RDT = 0x2818,
    TDBAL = 0x3800,
    TDBAH = 0x3804,
    TDLEN = 0x3808,
    TDH = 0x3810,
    TDT = 0x3818,
    RAL = 0x5400,
    RAH = 0x5404,
    LAST = 0x5408,
};

#define WIRE_MAX 4096u

struct descriptor {
    uint64_t bus;
    uint16_t bytes;
    uint16_t first, second, third;
};

static const uint8_t own_address[] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

static struct {
    struct kaal_mock mock;
    uint32_t regs[LAST / 4];
    bool is_82574;
    bool stalled, absent;
    unsigned resetting; /* reads of CTRL until the reset is done */
    bool never_resets;
    uint64_t noise; /* 0 = none */
    uint8_t wire[WIRE_MAX][KAAL_NET_FRAME_MAX];
    uint32_t wire_bytes[WIRE_MAX];
    uint32_t on_wire, taken;
} nic;

static uint32_t *reg(uint64_t offset)
{
    assert_true(offset < LAST && offset % 4 == 0);
    return &nic.regs[offset / 4];
}

static uint64_t pair(uint64_t low)
{
    return *reg(low) | (uint64_t)*reg(low + 4) << 32;
}

static void power_on(void)
{
    memset(nic.regs, 0, sizeof(nic.regs));
    memcpy(reg(RAL), own_address, 4);
    memcpy(reg(RAH), own_address + 4, 2);
    *reg(RAH) |= UINT32_C(1) << 31;
    *reg(STATUS) = 0x80000083; /* link up, 1000 Mbit/s */
}

static void raise_cause(uint32_t causes)
{
    *reg(ICR) |= causes;
}

static struct descriptor *descriptor(uint64_t base, uint32_t index)
{
    struct descriptor *at =
        net_conformance_memory(pair(base) + 16 * (uint64_t)index, sizeof(struct descriptor));

    assert_non_null(at); /* rings lie in the driver's own memory */
    return at;
}

static uint32_t entries(uint64_t length)
{
    assert_true(*reg(length) > 0 && *reg(length) % 128 == 0);
    return *reg(length) / 16;
}

/* 3.4: sends what lies between head and tail. */
static void transmit(void)
{
    while (!nic.stalled && (*reg(TCTL) & 2) && *reg(TDH) != *reg(TDT)) {
        struct descriptor *next = descriptor(TDBAL, *reg(TDH));
        const void *frame = net_conformance_memory(next->bus, next->bytes);

        assert_non_null(frame);
        assert_int_equal(next->first >> 8 & 0x0b, 0x0b); /* end, checksum, report */
        assert_true(nic.on_wire < WIRE_MAX && next->bytes <= KAAL_NET_FRAME_MAX);
        memcpy(nic.wire[nic.on_wire], frame, next->bytes);
        nic.wire_bytes[nic.on_wire++] = next->bytes;
        next->second |= 1;
        *reg(TDH) = (*reg(TDH) + 1) % entries(TDLEN);
        raise_cause(1 | (nic.is_82574 ? 1u << 22 : 0));
    }
}

static uint64_t mock_read(struct kaal_mock *mock, uint64_t offset, unsigned width)
{
    uint32_t value;

    (void)mock;
    assert_int_equal(width, 4);
    if (nic.noise != 0) {
        nic.noise = nic.noise * 6364136223846793005u + 1442695040888963407u;
        return nic.noise >> 32;
    }
    value = *reg(offset);
    if (offset == CTRL && nic.resetting > 0 && !nic.never_resets && --nic.resetting == 0) {
        *reg(CTRL) &= ~(UINT32_C(1) << 26);
    }
    if (offset == ICR && !nic.is_82574) {
        *reg(ICR) = 0;
    }
    return value;
}

static void mock_write(struct kaal_mock *mock, uint64_t offset, unsigned width, uint64_t value)
{
    uint32_t word = (uint32_t)value;

    (void)mock;
    assert_int_equal(width, 4);
    if (nic.noise != 0) {
        return;
    }
    switch (offset) {
    case CTRL:
        if (word & UINT32_C(1) << 26) {
            power_on();
            nic.resetting = 3;
        }
        *reg(CTRL) = word;
        break;
    case ICR:
        *reg(ICR) &= ~word;
        break;
    case IMS:
        *reg(IMS) |= word;
        break;
    case IMC:
        *reg(IMS) &= ~word;
        break;
    case IVAR:
        assert_true(nic.is_82574); /* reserved on the other */
        *reg(IVAR) = word;
        break;
    case TDT:
        *reg(TDT) = word;
        transmit();
        break;
    default:
        *reg(offset) = word;
    }
}

static uint32_t mock_config(struct kaal_mock *mock, uint32_t offset, unsigned width)
{
    (void)mock;
    return offset == 2 && width == 2 ? (nic.is_82574 ? 0x10d3 : 0x100e) : 0x8086;
}

static void reset(void)
{
    bool is_82574 = nic.is_82574;

    memset(&nic, 0, sizeof(nic));
    nic.is_82574 = is_82574;
    nic.mock = (struct kaal_mock){.read = mock_read, .write = mock_write, .config = mock_config};
    memset(nic.regs, 0xa5, sizeof(nic.regs)); /* an earlier driver's */
    *reg(STATUS) = 0x80000083;
}

/* 3.2: into the next buffer of the ring, if its head has not reached the tail. */
static bool arrive(const uint8_t *frame, uint32_t bytes)
{
    struct descriptor *next;
    void *buffer;

    if (!(*reg(RCTL) & 2) || *reg(RDH) == *reg(RDT)) {
        return false;
    }
    next = descriptor(RDBAL, *reg(RDH));
    buffer = net_conformance_memory(next->bus, 2048);
    assert_non_null(buffer);
    memcpy(buffer, frame, bytes);
    next->bytes = (uint16_t)bytes;
    next->second = 3; /* done, end; no error */
    *reg(RDH) = (*reg(RDH) + 1) % entries(RDLEN);
    raise_cause(1u << 7 | (nic.is_82574 ? 1u << 20 : 0));
    return true;
}

static uint32_t sent(uint8_t *frame)
{
    if (nic.taken == nic.on_wire) {
        nic.taken = nic.on_wire = 0;
        return 0;
    }
    memcpy(frame, nic.wire[nic.taken], nic.wire_bytes[nic.taken]);
    return nic.wire_bytes[nic.taken++];
}

static bool interrupting(void)
{
    return (*reg(ICR) & *reg(IMS)) != 0;
}

static void stall(bool stalled)
{
    nic.stalled = stalled;
    transmit();
}

static void set_link(bool up)
{
    *reg(STATUS) = (*reg(STATUS) & ~2u) | (up ? 2u : 0);
    raise_cause(4 | (nic.is_82574 ? 1u << 24 : 0));
}

static void garbage(uint64_t seed)
{
    nic.noise = seed;
    net_conformance_scramble(seed);
}

static void test_reset_without_end_is_an_error(void **state)
{
    static struct net_bench rig;

    (void)state;
    reset();
    nic.never_resets = true;
    net_bench_open(&rig, &kaal_driver_of_this_component, &nic.mock);
    assert_int_equal(test_bench_start(&rig.bench, &kaal_driver_of_this_component),
                     KAAL_ERR_TIMEOUT);
    assert_int_equal(rig.bench.instance.state, KAAL_DRIVER_OFF);
}

int main(void)
{
    struct net_mock mock = {
        .mock = &nic.mock,
        .reset = reset,
        .arrive = arrive,
        .sent = sent,
        .interrupting = interrupting,
        .stall = stall,
        .link = set_link,
        .garbage = garbage,
    };
    const struct CMUnitTest own[] = {cmocka_unit_test(test_reset_without_end_is_an_error)};
    int failed = 0;

    memcpy(mock.address, own_address, sizeof(own_address));
    for (unsigned part = 0; part < 2; part++) {
        nic.is_82574 = part == 1;
        failed += net_conformance_run(&mock, &kaal_driver_of_this_component);
    }
    return failed + cmocka_run_group_tests(own, NULL, NULL);
}
