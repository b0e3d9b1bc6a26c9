/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ns16550 driver against a mock of the part: FIFOs that clear when they are switched (section
 * 8.5), a transmitter that can be stalled, and the interrupt line as chapter 8 describes it.
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
    RBR_THR,
    IER,
    IIR_FCR,
    LCR,
    MCR,
    LSR,
    MSR,
    SCR
};

static struct {
    struct kaal_mock mock;
    uint8_t ier, fcr, lcr, mcr, scr;
    uint8_t receive[FIFO_BYTES], transmit[FIFO_BYTES], sent[65536];
    unsigned receive_count, transmit_count, sent_count;
    bool stalled, absent;
    uint64_t noise; /* 0 = none */
} uart;

static void drain(void)
{
    while (!uart.stalled && uart.transmit_count > 0) {
        if (uart.sent_count < sizeof(uart.sent)) {
            uart.sent[uart.sent_count++] = uart.transmit[0];
        }
        memmove(uart.transmit, uart.transmit + 1, --uart.transmit_count);
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
    assert_int_equal(width, 1);
    if (uart.noise != 0) {
        uart.noise = uart.noise * 6364136223846793005u + 1442695040888963407u;
        return uart.noise >> 56;
    }
    if (uart.absent) {
        return 0xff;
    }
    switch (offset) {
    case RBR_THR:
        assert_int_equal(uart.lcr & 0x80, 0);
        return take_received();
    case IER:
        return uart.ier;
    case IIR_FCR:
        return (uart.fcr & 1 ? 0xc0 : 0) | 1;
    case LSR:
        return (uart.receive_count > 0 ? 0x01 : 0) | (uart.transmit_count == 0 ? 0x60 : 0);
    case SCR:
        return uart.scr;
    default:
        return 0;
    }
}

static void mock_write(struct kaal_mock *mock, uint64_t offset, unsigned width, uint64_t value)
{
    (void)mock;
    assert_int_equal(width, 1);
    switch (offset) {
    case RBR_THR:
        assert_true(uart.noise != 0 || uart.transmit_count < (uart.fcr & 1 ? FIFO_BYTES : 1));
        if (uart.transmit_count < FIFO_BYTES) {
            uart.transmit[uart.transmit_count++] = (uint8_t)value;
        }
        drain();
        break;
    case IER:
        uart.ier = (uint8_t)value;
        break;
    case IIR_FCR:
        if ((value ^ uart.fcr) & 1) {
            value |= 6; /* switching the FIFOs clears both */
        }
        uart.receive_count = value & 2 ? 0 : uart.receive_count;
        uart.transmit_count = value & 4 ? 0 : uart.transmit_count;
        uart.fcr = (uint8_t)value;
        break;
    case LCR:
        uart.lcr = (uint8_t)value;
        break;
    case MCR:
        uart.mcr = (uint8_t)value;
        break;
    case SCR:
        uart.scr = (uint8_t)value;
        break;
    default:
        break;
    }
}

static void reset(void)
{
    memset(&uart, 0, sizeof(uart));
    uart.mock = (struct kaal_mock){.read = mock_read, .write = mock_write};
}

static bool type(uint8_t byte)
{
    if (uart.receive_count == (uart.fcr & 1 ? FIFO_BYTES : 1)) {
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

static bool interrupting(void)
{
    bool pending =
        ((uart.ier & 1) && uart.receive_count > 0) || ((uart.ier & 2) && uart.transmit_count == 0);

    return pending && (uart.mcr & 0x08);
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

static void test_absent_device_is_not_found(void **state)
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
    const struct CMUnitTest own[] = {cmocka_unit_test(test_absent_device_is_not_found)};

    return serial_conformance_run(&mock, &kaal_driver_of_this_component) +
           cmocka_run_group_tests(own, NULL, NULL);
}
