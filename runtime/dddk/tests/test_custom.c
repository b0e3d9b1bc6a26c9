/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The custom class framework with a device of three registers: one request at a time, answers to
 * the right calls, refusals, restarts, and a device that does not answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kaal/class/custom.h>
#include <kaal/testing/bench.h>

#define ANSWER_NS UINT64_C(2000000000) /* docs/classes/custom.md */
#define TURNS_MAX 100u

/* Doubles a number, when it gets to it. */
KAAL_REGISTERS(doubler, 4, (number, 0, RW, u32), (busy, 1, RO, u32), (reset, 2, WO, u32));

struct doubler {
    struct doubler_registers regs;
    struct kaal_irq irq;
};

static int doubler_begin(struct doubler *doubler, const uint64_t *words)
{
    if (words[0] > 1000) {
        return KAAL_ERR_RANGE;
    }
    doubler_write_number(&doubler->regs, (uint32_t)words[0]);
    return KAAL_OK;
}

static int doubler_finish(struct doubler *doubler, uint64_t *words)
{
    uint32_t busy = doubler_read_busy(&doubler->regs);

    words[0] = doubler_read_number(&doubler->regs);
    return busy == 2 ? KAAL_ERR_IO : busy == 1 ? KAAL_ERR_EMPTY : KAAL_OK;
}

static void doubler_reset_device(struct doubler *doubler)
{
    doubler_write_reset(&doubler->regs, 1);
}

KAAL_CUSTOM_DRIVER(doubler, KAAL_MATCH(KAAL_PCI(1, 2)),
                   KAAL_RESOURCES(KAAL_MMIO(regs, 0), KAAL_IRQ(irq, 0)),
                   .reset = doubler_reset_device, .begin = doubler_begin, .finish = doubler_finish);

static struct {
    struct kaal_mock mock;
    uint32_t number, given, resets;
    uint32_t fault; /* what busy reads after the work should be done */
    bool busy;
} device;

static struct test_bench bench;
static struct kaal_custom_client client;
static uint64_t now_ns;

uint64_t kaal_now_ns(void)
{
    return now_ns;
}

static uint64_t mock_read(struct kaal_mock *mock, uint64_t offset, unsigned width)
{
    (void)mock;
    (void)width;
    return offset == 0 ? device.number * 2 : device.busy ? 1 : device.fault;
}

static void mock_write(struct kaal_mock *mock, uint64_t offset, unsigned width, uint64_t value)
{
    (void)mock;
    (void)width;
    if (offset == 0) {
        assert_false(device.busy); /* one request at a time */
        device.number = (uint32_t)value;
        device.busy = true;
        device.given++;
    } else {
        device.busy = false;
        device.resets++;
    }
}

static void start(void)
{
    device.given = device.resets = device.fault = 0;
    device.busy = false;
    device.mock = (struct kaal_mock){.read = mock_read, .write = mock_write};
    test_bench_open(&bench, &kaal_driver_of_this_component, &device.mock, "any",
                    kaal_custom_MESSAGE_BYTES, 16);
    bench.startup.generation = 1;
    assert_int_equal(kaal_custom_client_open(&client, &bench.client_resource), KAAL_OK);
    assert_int_equal(test_bench_start(&bench, &kaal_driver_of_this_component), KAAL_OK);
}

static uint32_t ask(uint64_t number)
{
    struct kaal_custom_words request = {{number}};
    uint32_t tag;

    assert_int_equal(kaal_custom_submit(&client, &request, KAAL_NO_DEADLINE, &tag), KAAL_OK);
    return tag;
}

static void expect(uint32_t tag, int status, uint64_t word)
{
    struct kaal_completion completion;

    assert_int_equal(kaal_custom_collect(&client, &completion), KAAL_OK);
    assert_int_equal(completion.tag, tag);
    assert_int_equal(completion.status, status);
    if (status == KAAL_OK) {
        assert_int_equal(((const struct kaal_custom_words *)completion.reply)->words[0], word);
    }
}

static int wake(uint64_t badges)
{
    return test_bench_wake(&bench, badges, TURNS_MAX);
}

static void done(void)
{
    device.busy = false;
    assert_int_equal(wake(TEST_BENCH_IRQ_BADGE), KAAL_OK);
}

static void test_requests_are_done_one_at_a_time(void **state)
{
    uint32_t tags[3];

    (void)state;
    start();
    for (uint32_t i = 0; i < 3; i++) {
        tags[i] = ask(i + 5);
    }
    assert_int_equal(wake(1), KAAL_OK);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(device.given, i + 1);
        done();
        expect(tags[i], KAAL_OK, 2 * (uint64_t)(i + 5));
    }
    assert_int_equal(bench.instance.deadline_ns, KAAL_DRIVER_NO_DEADLINE);
}

static void test_refusal_does_not_reach_the_device(void **state)
{
    uint32_t tag;

    (void)state;
    start();
    tag = ask(1001);
    assert_int_equal(wake(1), KAAL_OK);
    expect(tag, KAAL_ERR_RANGE, 0);
    assert_int_equal(device.given, 0);
    assert_int_equal(bench.instance.statistics.refused, 1);
}

static void test_device_that_does_not_answer_is_reset_and_asked_again(void **state)
{
    uint32_t tag;

    (void)state;
    start();
    tag = ask(7);
    assert_int_equal(wake(1), KAAL_OK);
    assert_true(bench.instance.deadline_ns == now_ns + ANSWER_NS);
    now_ns += ANSWER_NS + 1;
    assert_int_equal(wake(1), KAAL_OK);
    assert_int_equal(device.resets, 1);
    assert_int_equal(device.given, 2);
    done();
    expect(tag, KAAL_OK, 14);
}

static void test_device_that_never_answers_ends_the_driver(void **state)
{
    int result = KAAL_OK;

    (void)state;
    start();
    (void)ask(7);
    for (unsigned i = 0; i <= KAAL_DRIVER_RESETS_MAX && result == KAAL_OK; i++) {
        assert_int_equal(wake(1), KAAL_OK);
        now_ns += ANSWER_NS + 1;
        result = wake(1);
    }
    assert_int_equal(result, KAAL_ERR_TIMEOUT);
    assert_int_equal(device.resets, KAAL_DRIVER_RESETS_MAX);
}

static void test_device_error_is_a_reset(void **state)
{
    uint32_t tag;

    (void)state;
    start();
    tag = ask(7);
    assert_int_equal(wake(1), KAAL_OK);
    device.fault = 2;
    device.busy = false;
    assert_int_equal(wake(TEST_BENCH_IRQ_BADGE), KAAL_OK);
    assert_int_equal(device.resets, 1);
    device.fault = 0;
    done();
    expect(tag, KAAL_OK, 14);
}

static void test_answer_to_a_client_that_is_gone_goes_nowhere(void **state)
{
    struct kaal_completion completion;
    uint32_t tag;

    (void)state;
    start();
    (void)ask(7);
    assert_int_equal(wake(1), KAAL_OK);
    for (uint32_t i = 0; i < bench.startup.resource_count; i++) {
        if (bench.startup.resources[i].kind == KAAL_RESOURCE_CHANNEL) {
            bench.startup.resources[i].channel.generation++;
        }
    }
    bench.startup.generation =
        2; /* the new client's; the driver keeps the one it was opened with */
    assert_int_equal(kaal_custom_client_open(&client, &bench.client_resource), KAAL_OK);
    tag = ask(9);
    done();
    done();
    expect(tag, KAAL_OK, 18);
    assert_int_equal(kaal_custom_collect(&client, &completion), KAAL_ERR_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_done_one_at_a_time),
        cmocka_unit_test(test_refusal_does_not_reach_the_device),
        cmocka_unit_test(test_device_that_does_not_answer_is_reset_and_asked_again),
        cmocka_unit_test(test_device_that_never_answers_ends_the_driver),
        cmocka_unit_test(test_device_error_is_a_reset),
        cmocka_unit_test(test_answer_to_a_client_that_is_gone_goes_nowhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
