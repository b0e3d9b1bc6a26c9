/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The class-independent kit: register tables, binding by name, life cycle. The "device" is 64 bytes
 * of memory; the class server only counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <kaal/testing/bench.h>

#include <cmocka.h>

KAAL_REGISTERS(toy, 4, (control, 0, RW, u32), (status, 1, W1C, u16), (last, 15, RO, u32));

struct toy_descriptor {
    uint64_t bus;
    uint64_t bytes;
};

struct toy {
    struct toy_registers regs;
    struct kaal_irq irq;
    int probes, starts, stops, shutdowns;
};

static struct {
    struct kaal_mock mock;
    uint64_t offset, value;
    unsigned width;
} toy_io;

static struct {
    int attached, serviced, restarted, resets;
    int attach_result, service_result, probe_result, start_result;
    bool work, not_ours;
} script;

static int toy_probe(struct toy *toy)
{
    toy->probes++;
    return script.probe_result;
}

static int toy_start(struct toy *toy)
{
    toy->starts++;
    return script.start_result;
}

static void toy_stop(struct toy *toy)
{
    toy->stops++;
}

static void toy_shutdown(struct toy *toy)
{
    toy->shutdowns++;
}

static int server_attach(struct kaal_driver_instance *instance)
{
    (void)instance;
    script.attached++;
    return script.attach_result;
}

static int server_service(struct kaal_driver_instance *instance)
{
    script.serviced++;
    instance->statistics.in_messages += script.work;
    return script.service_result;
}

static void server_restarted(struct kaal_driver_instance *instance)
{
    (void)instance;
    script.restarted++;
}

static void toy_reset(struct toy *toy)
{
    (void)toy;
    script.resets++;
}

static bool toy_interrupted(struct toy *toy)
{
    (void)toy;
    return !script.not_ours;
}

static const struct kaal_class_server toy_server = {
    .name = "toy",
    .attach = server_attach,
    .service = server_service,
    .restarted = server_restarted,
};

static const struct {
    KAAL_DRIVER_STEPS(toy);
} toy_operations = {.probe = toy_probe,
                    .start = toy_start,
                    .stop = toy_stop,
                    .shutdown = toy_shutdown,
                    .reset = toy_reset,
                    .interrupted = toy_interrupted};

KAAL_DRIVER_DEFINE(toy, KAAL_CLASS_TIMER, &toy_server,
                   KAAL_MATCH(KAAL_COMPATIBLE("example,toy"), KAAL_PCI(0x1234, 0x5678),
                              KAAL_PCI_CLASS(0x010203), KAAL_PNP("TOY0001")),
                   KAAL_RESOURCES(KAAL_MMIO(regs, 2), KAAL_IRQ(irq, 1)), NULL);

static struct test_bench bench;
static uint64_t now_ns, look_ns;

uint64_t kaal_now_ns(void)
{
    return now_ns += look_ns;
}
static const struct kaal_driver *const driver = &kaal_driver_of_this_component;

static uint64_t mock_read(struct kaal_mock *mock, uint64_t offset, unsigned width)
{
    (void)mock;
    toy_io.offset = offset;
    toy_io.width = width;
    return toy_io.value;
}

static void mock_write(struct kaal_mock *mock, uint64_t offset, unsigned width, uint64_t value)
{
    (void)mock;
    toy_io.offset = offset;
    toy_io.width = width;
    toy_io.value = value;
}

static int setup(void **state)
{
    (void)state;
    memset(&script, 0, sizeof(script));
    look_ns = 1000;
    toy_io.mock = (struct kaal_mock){.read = mock_read, .write = mock_write};
    test_bench_open(&bench, driver, &toy_io.mock, "toy", 1, 16);
    return 0;
}

static struct toy *toy(void)
{
    return driver->device;
}

static void test_declaration_holds_matches_and_resources(void **state)
{
    const struct kaal_driver_declaration *declaration = driver->declaration;

    (void)state;
    assert_string_equal(declaration->name, "toy");
    assert_int_equal(declaration->match_count, 4);
    assert_string_equal(declaration->matches[0].id, "example,toy");
    assert_int_equal(declaration->matches[1].value, 0x12345678);
    assert_int_equal(declaration->matches[2].kind, KAAL_SELECT_PCI_CLASS);
    assert_int_equal(declaration->resource_count, 2);
    assert_string_equal(declaration->resources[0].name, "regs");
    assert_int_equal(declaration->resources[0].index, 2);
    assert_int_equal(declaration->resources[0].bytes, 64); /* the reach of the table */
    assert_int_equal(declaration->resources[1].kind, KAAL_RESOURCE_IRQ);
    assert_int_equal(declaration->resources[1].index, 1);
}

static void test_accessors_use_offset_stride_and_width(void **state)
{
    (void)state;
    assert_int_equal(kaal_driver_bind(&bench.instance, driver, &bench.startup, 0), KAAL_OK);
    toy_write_control(&toy()->regs, 0xdeadbeef);
    assert_int_equal(toy_io.offset, 0);
    assert_int_equal(toy_io.width, 4);
    assert_int_equal(toy_io.value, 0xdeadbeef);
    toy_clear_status(&toy()->regs, 0x8001);
    assert_int_equal(toy_io.offset, 4);
    assert_int_equal(toy_io.width, 2);
    toy_io.value = 0x12345678;
    assert_int_equal(toy_read_last(&toy()->regs), 0x12345678);
    assert_int_equal(toy_io.offset, 60);
    assert_int_equal(toy_read_status(&toy()->regs), 0x5678); /* cut to its width */
}

static void test_binding_finds_resources_by_name(void **state)
{
    (void)state;
    assert_int_equal(kaal_driver_bind(&bench.instance, driver, &bench.startup, 0), KAAL_OK);
    assert_int_equal(bench.instance.state, KAAL_DRIVER_BOUND);
    assert_int_equal(bench.instance.irq_count, 1);
    assert_ptr_equal(bench.instance.irqs[0], &toy()->irq);
    assert_int_equal(toy()->irq.badge_bit, 3);
}

static void test_binding_refuses_a_missing_resource(void **state)
{
    (void)state;
    bench.startup.resources[1].name[0] = 'x';
    assert_int_equal(kaal_driver_bind(&bench.instance, driver, &bench.startup, 0),
                     KAAL_ERR_NOT_FOUND);
    assert_int_equal(kaal_driver_bind(&bench.instance, driver, &bench.startup, 1),
                     KAAL_ERR_NOT_FOUND);
}

static void test_binding_refuses_registers_shorter_than_the_table(void **state)
{
    (void)state;
    bench.startup.resources[0].registers.bytes = 63;
    assert_int_equal(kaal_driver_bind(&bench.instance, driver, &bench.startup, 0), KAAL_ERR_RANGE);
    bench.startup.resources[0].registers.bytes = 64;
    assert_int_equal(kaal_driver_bind(&bench.instance, driver, &bench.startup, 0), KAAL_OK);
}

static void test_windows_refuse_what_is_no_window(void **state)
{
    struct kaal_window window;
    struct kaal_resource resource = {.kind = KAAL_RESOURCE_IRQ};

    (void)state;
    assert_int_equal(kaal_window_open(&window, &resource, 0), KAAL_ERR_INVALID);
    resource.kind = KAAL_RESOURCE_PORTS;
    resource.ports = (struct kaal_ports_resource){.cap = 1, .first = 0xfff8, .count = 9};
    assert_int_equal(kaal_window_open(&window, &resource, 1), KAAL_ERR_RANGE);
    resource.ports.count = 8;
    assert_int_equal(kaal_window_open(&window, &resource, 9), KAAL_ERR_RANGE);
    assert_int_equal(kaal_window_open(&window, &resource, 8), KAAL_OK);
    resource.kind = KAAL_RESOURCE_REGISTERS;
    resource.registers = (struct kaal_registers_resource){.vaddr = 0x1004, .bytes = 64};
    assert_int_equal(kaal_window_open(&window, &resource, 64), KAAL_ERR_ALIGN);
}

static void test_life_cycle_runs_in_order(void **state)
{
    (void)state;
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    assert_int_equal(bench.instance.state, KAAL_DRIVER_RUNNING);
    assert_int_equal(toy()->probes, 1);
    assert_int_equal(toy()->starts, 1);
    assert_int_equal(script.attached, 1);
    kaal_driver_stop(&bench.instance);
    assert_int_equal(toy()->stops, 1);
    assert_int_equal(toy()->shutdowns, 1);
    assert_int_equal(bench.instance.state, KAAL_DRIVER_OFF);
}

static void test_a_device_that_probe_refuses_is_left_alone(void **state)
{
    (void)state;
    script.probe_result = KAAL_ERR_NOT_FOUND;
    assert_int_equal(test_bench_start(&bench, driver), KAAL_ERR_NOT_FOUND);
    assert_int_equal(toy()->starts + toy()->stops + toy()->shutdowns, 0);
    assert_int_equal(bench.instance.state, KAAL_DRIVER_OFF);
}

static void test_a_start_that_fails_stops_the_device(void **state)
{
    (void)state;
    script.start_result = KAAL_ERR_IO;
    assert_int_equal(test_bench_start(&bench, driver), KAAL_ERR_IO);
    assert_int_equal(toy()->stops, 1);
    assert_int_equal(toy()->shutdowns, 1);
}

static void test_interrupts_are_served_on_both_sides_of_the_acknowledgement(void **state)
{
    (void)state;
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    assert_int_equal(bench.acknowledgements, 1);
    assert_int_equal(kaal_driver_wake(&bench.instance, TEST_BENCH_IRQ_BADGE), KAAL_OK);
    assert_int_equal(script.serviced, 2);
    assert_int_equal(bench.acknowledgements, 2);
    assert_int_equal(kaal_driver_wake(&bench.instance, UINT64_C(1) << 20), KAAL_OK);
    assert_int_equal(script.serviced, 3);
    assert_int_equal(bench.acknowledgements, 2);
    assert_int_equal(bench.instance.statistics.interrupts, 1);
    assert_int_equal(bench.instance.statistics.wakeups, 2);
}

static void test_a_device_error_resets_and_starts_the_device_again(void **state)
{
    (void)state;
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    script.service_result = KAAL_ERR_IO;
    assert_int_equal(kaal_driver_wake(&bench.instance, 0), KAAL_ERR_STATE);
    assert_int_equal(script.resets, 1);
    assert_int_equal(toy()->starts, 2);
    assert_int_equal(script.restarted, 1);
    assert_int_equal(bench.instance.state, KAAL_DRIVER_RUNNING);
    assert_int_equal(bench.instance.statistics.resets, 1);
}

static void test_resets_without_work_between_them_end(void **state)
{
    (void)state;
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    script.service_result = KAAL_ERR_TIMEOUT;
    for (unsigned i = 0; i < KAAL_DRIVER_RESETS_MAX; i++) {
        assert_int_equal(kaal_driver_wake(&bench.instance, 0), KAAL_ERR_STATE);
    }
    script.work = true;
    assert_int_equal(kaal_driver_wake(&bench.instance, 0), KAAL_ERR_STATE);
    script.work = false;
    for (unsigned i = 1; i < KAAL_DRIVER_RESETS_MAX; i++) {
        assert_int_equal(kaal_driver_wake(&bench.instance, 0), KAAL_ERR_STATE);
    }
    assert_int_equal(kaal_driver_wake(&bench.instance, 0), KAAL_ERR_TIMEOUT);
}

/* How many interrupts the device can raise before it is reset; at most `limit`. */
static unsigned storm(unsigned limit)
{
    unsigned count = 0;

    while (script.resets == 0 && count < limit) {
        int result = kaal_driver_wake(&bench.instance, TEST_BENCH_IRQ_BADGE);

        assert_true(result == KAAL_OK || result == KAAL_ERR_STATE);
        count++;
    }
    return count;
}

static void test_interrupts_without_end_reset_the_device(void **state)
{
    (void)state;
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    assert_int_equal(storm(10000), KAAL_DRIVER_IDLE_INTERRUPTS_MAX);
}

static void test_interrupts_that_bring_work_or_are_a_neighbours_go_on(void **state)
{
    (void)state;
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    script.work = true;
    assert_int_equal(storm(10000), 10000);
    script.work = false;
    script.not_ours = true;
    assert_int_equal(storm(10000), 10000);
}

static void test_idle_interrupts_that_come_slowly_are_a_neighbours(void **state)
{
    (void)state;
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    look_ns = KAAL_DRIVER_IDLE_INTERRUPTS_NS;
    assert_int_equal(storm(10000), 10000);
}

KAAL_DMA_RING(toy_ring, struct toy_descriptor, 8);

static void test_rings_take_their_memory_and_wrap(void **state)
{
    static _Alignas(64) char memory[256];
    struct kaal_dma block = {.memory = memory, .bytes = sizeof(memory), .bus = 0x1008};
    struct toy_ring ring;
    struct kaal_dma piece;

    (void)state;
    assert_int_equal(toy_ring_open(&ring, &block, 16), KAAL_OK);
    assert_int_equal(ring.bus, 0x1010);
    toy_ring_write(&ring, 11, (struct toy_descriptor){.bus = 5, .bytes = 6});
    assert_int_equal(toy_ring_read(&ring, 3).bus, 5);
    assert_int_equal(toy_ring_read(&ring, 4).bus, 0);
    assert_int_equal(kaal_dma_take(&block, 64, 64, &piece), KAAL_OK);
    assert_int_equal(piece.bus, 0x10c0); /* behind 0x1010 + 128 */
    assert_ptr_equal(piece.memory, memory + 0xb8);
    assert_int_equal(kaal_dma_take(&block, 64, 64, &piece), KAAL_ERR_NO_MEMORY);
    kaal_dma_forget(&block);
    assert_int_equal(kaal_dma_take(&block, 248, 16, &piece), KAAL_OK);
    assert_int_equal(kaal_dma_take(&block, 1, 1, &piece), KAAL_ERR_NO_MEMORY);
}

static void test_a_part_of_a_window_is_a_window(void **state)
{
    struct kaal_window part;

    (void)state;
    assert_int_equal(kaal_driver_bind(&bench.instance, driver, &bench.startup, 0), KAAL_OK);
    assert_int_equal(kaal_window_part(&toy()->regs.window, 16, 8, &part), KAAL_OK);
    (void)kaal_window_read(&part, 4, 4);
    assert_int_equal(toy_io.offset, 20);
    assert_int_equal(kaal_window_part(&part, 4, 4, &part), KAAL_OK);
    (void)kaal_window_read(&part, 0, 4);
    assert_int_equal(toy_io.offset, 20);
    assert_int_equal(kaal_window_part(&toy()->regs.window, TEST_BENCH_REGISTER_BYTES, 1, &part),
                     KAAL_ERR_RANGE);
    assert_int_equal(kaal_window_part(&toy()->regs.window, 2, 1, &part), KAAL_ERR_ALIGN);
    assert_int_equal(kaal_window_part(&(struct kaal_window){0}, 0, 0, &part), KAAL_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_declaration_holds_matches_and_resources, setup),
        cmocka_unit_test_setup(test_accessors_use_offset_stride_and_width, setup),
        cmocka_unit_test_setup(test_binding_finds_resources_by_name, setup),
        cmocka_unit_test_setup(test_binding_refuses_a_missing_resource, setup),
        cmocka_unit_test_setup(test_binding_refuses_registers_shorter_than_the_table, setup),
        cmocka_unit_test_setup(test_windows_refuse_what_is_no_window, setup),
        cmocka_unit_test_setup(test_life_cycle_runs_in_order, setup),
        cmocka_unit_test_setup(test_a_device_that_probe_refuses_is_left_alone, setup),
        cmocka_unit_test_setup(test_a_start_that_fails_stops_the_device, setup),
        cmocka_unit_test_setup(test_interrupts_are_served_on_both_sides_of_the_acknowledgement,
                               setup),
        cmocka_unit_test_setup(test_a_device_error_resets_and_starts_the_device_again, setup),
        cmocka_unit_test_setup(test_resets_without_work_between_them_end, setup),
        cmocka_unit_test_setup(test_interrupts_without_end_reset_the_device, setup),
        cmocka_unit_test_setup(test_interrupts_that_bring_work_or_are_a_neighbours_go_on, setup),
        cmocka_unit_test_setup(test_idle_interrupts_that_come_slowly_are_a_neighbours, setup),
        cmocka_unit_test_setup(test_rings_take_their_memory_and_wrap, setup),
        cmocka_unit_test_setup(test_a_part_of_a_window_is_a_window, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
