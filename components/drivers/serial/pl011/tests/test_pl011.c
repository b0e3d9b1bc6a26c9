/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The pl011 driver against a mock of the part: FIFOs that empty when LCR_H.FEN changes, interrupts
 * that latch when a level is passed (DDI 0183G 2.8), and a transmitter that can be stalled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/testing/serial_conformance.h>

#define FIFO_BYTES 16u

enum {
    DR = 0x0,
    FR = 0x18,
    LCR_H = 0x2c,
    CR = 0x30,
    IFLS = 0x34,
    IMSC = 0x38,
    ICR = 0x44
};

static struct {
    struct kaal_mock mock;
    uint32_t lcr_h, cr, ifls, imsc, latched; /* latched: the transmit interrupt */
    uint8_t receive[FIFO_BYTES], transmit[FIFO_BYTES], sent[65536];
    unsigned receive_count, transmit_count, sent_count;
    bool stalled, absent;
    uint64_t noise; /* 0 = none */
} uart;

static unsigned depth(void)
{
    return uart.lcr_h & 0x10 ? FIFO_BYTES : 1;
}

static void drain(void)
{
    while (!uart.stalled && uart.transmit_count > 0) {
        if (uart.sent_count < sizeof(uart.sent)) {
            uart.sent[uart.sent_count++] = uart.transmit[0];
        }
        memmove(uart.transmit, uart.transmit + 1, --uart.transmit_count);
        if (uart.transmit_count == 2) {
            uart.latched |= 0x20; /* passed the 1/8 level downwards */
        }
    }
}

static uint8_t take_received(void)
{
    uint8_t byte = uart.receive[0];

    if (uart.receive_count > 0) {
        memmove(uart.receive, uart.receive + 1, --uart.receive_count);
    }
    return byte;
}

static uint64_t mock_read(struct kaal_mock *mock, uint64_t offset, unsigned width)
{
    (void)mock;
    assert_int_equal(width, 4);
    if (uart.noise != 0) {
        uart.noise = uart.noise * 6364136223846793005u + 1442695040888963407u;
        return uart.noise >> 32;
    }
    switch (offset) {
    case DR:
        return take_received();
    case FR:
        return (uart.receive_count == 0 ? 0x10u : 0) | (uart.transmit_count >= depth() ? 0x20u : 0);
    case LCR_H:
        return uart.lcr_h;
    case CR:
        return uart.cr;
    case IMSC:
        return uart.imsc;
    case 0xfe0:
        return uart.absent ? 0 : 0x11;
    case 0xfe4:
        return uart.absent ? 0 : 0x10;
    default:
        return 0;
    }
}

static void mock_write(struct kaal_mock *mock, uint64_t offset, unsigned width, uint64_t value)
{
    (void)mock;
    assert_int_equal(width, 4);
    switch (offset) {
    case DR:
        assert_true(uart.noise != 0 || uart.transmit_count < depth());
        if (uart.transmit_count < FIFO_BYTES) {
            uart.transmit[uart.transmit_count++] = (uint8_t)value;
            uart.latched &= uart.transmit_count > 2 ? ~0x20u : ~0u;
        }
        drain();
        break;
    case LCR_H:
        if ((value ^ uart.lcr_h) & 0x10) {
            uart.receive_count = 0;
            uart.transmit_count = 0;
        }
        uart.lcr_h = (uint32_t)value;
        break;
    case CR:
        uart.cr = (uint32_t)value;
        break;
    case IFLS:
        uart.ifls = (uint32_t)value;
        break;
    case IMSC:
        uart.imsc = (uint32_t)value;
        break;
    case ICR:
        uart.latched &= ~(uint32_t)value;
        break;
    default:
        break;
    }
}

static void reset(void)
{
    memset(&uart, 0, sizeof(uart));
    uart.mock = (struct kaal_mock){.read = mock_read, .write = mock_write};
    uart.cr = 0x300;
}

static bool type(uint8_t byte)
{
    if (uart.receive_count == depth()) {
        return false;
    }
    uart.receive[uart.receive_count++] = byte;
    return true;
}

static size_t sent(uint8_t *bytes, size_t capacity)
{
    size_t count = uart.sent_count < capacity ? uart.sent_count : capacity;

    memcpy(bytes, uart.sent, count);
    uart.sent_count -= (unsigned)count;
    memmove(uart.sent, uart.sent + count, uart.sent_count);
    return count;
}

/* At the level the receive interrupt, below it the timeout: here at once. */
static bool interrupting(void)
{
    return ((uart.imsc & 0x50) && uart.receive_count > 0) || (uart.imsc & uart.latched & 0x20);
}

static void stall(bool stalled)
{
    uart.stalled = stalled;
    drain();
}

static void garbage(uint64_t seed)
{
    uart.noise = seed;
}

static void test_another_device_is_not_found(void **state)
{
    static struct test_bench bench;

    (void)state;
    reset();
    uart.absent = true;
    test_bench_open(&bench, &kaal_driver_of_this_component, &uart.mock, "serial", 1, 64);
    assert_int_equal(test_bench_start(&bench, &kaal_driver_of_this_component), KAAL_ERR_NOT_FOUND);
    assert_int_equal(bench.instance.state, KAAL_DRIVER_OFF);
}

int main(void)
{
    const struct serial_mock mock = {
        .mock = &uart.mock,
        .reset = reset,
        .type = type,
        .sent = sent,
        .interrupting = interrupting,
        .stall = stall,
        .garbage = garbage,
    };
    const struct CMUnitTest own[] = {cmocka_unit_test(test_another_device_is_not_found)};

    return serial_conformance_run(&mock, &kaal_driver_of_this_component) +
           cmocka_run_group_tests(own, NULL, NULL);
}
