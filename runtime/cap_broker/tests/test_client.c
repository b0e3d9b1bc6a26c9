/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The broker's client calls on the host kernel: a server thread notes the words of each call and
 * answers what the test prepared, right or wrong.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/broker_protocol.h>

#define WORDS_MAX 120

static struct kaal_startup startup_page;

/* What the server saw and what it answers. */
static struct {
    seL4_Word label;
    seL4_Word length;
    seL4_Word words[WORDS_MAX];
    seL4_Word reply_length;
    seL4_Word reply[WORDS_MAX];
    unsigned calls;
} wire;

void kaal_assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
    abort();
}

const struct kaal_startup *kaal_startup(void)
{
    return &startup_page;
}

static void serve(seL4_Word endpoint, seL4_Word reply, seL4_Word c, seL4_Word d)
{
    (void)c;
    (void)d;
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(endpoint, &badge, reply);
    for (;;) {
        wire.calls++;
        wire.label = seL4_MessageInfo_get_label(info);
        wire.length = seL4_MessageInfo_get_length(info);
        for (seL4_Word i = 0; i < wire.length; i++) {
            wire.words[i] = seL4_GetMR((int)i);
        }
        for (seL4_Word i = 0; i < wire.reply_length; i++) {
            seL4_SetMR((int)i, wire.reply[i]);
        }
        info = seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, wire.reply_length), &badge,
                              reply);
    }
}

static void start(void)
{
    memset(&wire, 0, sizeof(wire));
    wire.reply_length = 1;
    startup_page.broker_endpoint = harness_object(seL4_EndpointObject, 0);
    struct harness_thread server = harness_thread(254);
    harness_start(&server, serve, startup_page.broker_endpoint, server.reply);
}

/* The server answers result and then these words. */
static void answer(int result, const void *data, size_t bytes)
{
    memset(wire.reply, 0, sizeof(wire.reply));
    wire.reply[0] = (seL4_Word)(int64_t)result;
    memcpy(&wire.reply[1], data, bytes);
    wire.reply_length = 1 + (bytes + 7) / 8;
}

static void test_plain_calls_carry_their_words(void)
{
    start();
    assert_int_equal(kaal_release(0x1234567890), KAAL_OK);
    assert_int_equal(wire.label, KAAL_BROKER_RELEASE);
    assert_int_equal(wire.length, 1);
    assert_int_equal(wire.words[0], 0x1234567890);
    assert_int_equal(kaal_timer_arm(UINT64_MAX), KAAL_OK);
    assert_int_equal(wire.label, KAAL_BROKER_TIMER_ARM);
    assert_int_equal(wire.words[0], UINT64_MAX);
    answer(KAAL_ERR_DENIED, "", 0);
    assert_int_equal(kaal_power_off(), KAAL_ERR_DENIED);
    assert_int_equal(wire.label, KAAL_BROKER_POWER_OFF);
    assert_int_equal(wire.length, 0);
}

static void test_names_travel_in_three_words(void)
{
    start();
    char name[KAAL_NAME_BYTES + 1] = {0};
    assert_int_equal(kaal_component_kill("serial0"), KAAL_OK);
    assert_int_equal(wire.length, 3);
    memcpy(name, wire.words, KAAL_NAME_BYTES);
    assert_string_equal(name, "serial0");
    /* A name that is too long is cut: it cannot become somebody else's whole name by overflow. */
    assert_int_equal(kaal_component_kill("a-name-of-far-more-than-23-characters"), KAAL_OK);
    memcpy(name, wire.words, KAAL_NAME_BYTES);
    assert_string_equal(name, "a-name-of-far-more-than");
}

static void test_log_text_is_cut_and_packed(void)
{
    start();
    char text[300];
    memset(text, 'x', sizeof(text));
    memcpy(text, "hello, log", 10);
    assert_int_equal(kaal_log_write(text, 10), KAAL_OK);
    assert_int_equal(wire.words[0], 10);
    assert_int_equal(wire.length, 3);
    assert_memory_equal(&wire.words[1], "hello, log\0\0\0\0\0\0", 16);
    assert_int_equal(kaal_log_write(text, sizeof(text)), KAAL_OK);
    assert_int_equal(wire.words[0], 200);
    assert_int_equal(wire.length, 26);
}

static void test_log_is_read_within_the_buffer(void)
{
    start();
    struct {
        uint64_t position;
        uint64_t bytes;
        char text[16];
    } reply = {77, 11, "some lines\n"};
    char text[16] = {0};
    uint64_t position = 66;
    size_t bytes = 0;
    answer(KAAL_OK, &reply, sizeof(reply));
    assert_int_equal(kaal_log_read(&position, text, sizeof(text), &bytes), KAAL_OK);
    assert_int_equal(wire.words[0], 66);
    assert_int_equal(wire.words[1], sizeof(text));
    assert_int_equal(position, 77);
    assert_int_equal(bytes, 11);
    assert_memory_equal(text, "some lines\n", 11);
    reply.bytes = 17; /* more than was asked for */
    answer(KAAL_OK, &reply, sizeof(reply));
    assert_int_equal(kaal_log_read(&position, text, sizeof(text), &bytes), KAAL_ERR_FORMAT);
    reply.bytes = UINT64_MAX;
    answer(KAAL_OK, &reply, sizeof(reply));
    assert_int_equal(kaal_log_read(&position, text, sizeof(text), &bytes), KAAL_ERR_FORMAT);
}

static void test_memory_and_interrupt_results_are_unpacked(void)
{
    start();
    const uint64_t memory_words[] = {9, 0x10000, 8192};
    struct kaal_memory memory;
    answer(KAAL_OK, memory_words, sizeof(memory_words));
    assert_int_equal(kaal_allocate_memory(5000, &memory), KAAL_OK);
    assert_int_equal(wire.label, KAAL_BROKER_ALLOCATE_MEMORY);
    assert_int_equal(wire.words[0], 5000);
    assert_int_equal(memory.handle, 9);
    assert_ptr_equal(memory.address, 0x10000);
    assert_int_equal(memory.bytes, 8192);
    struct {
        uint64_t handle;
        struct kaal_resource resource;
    } irq_words = {3, {.name = "irq", .kind = KAAL_RESOURCE_IRQ, .irq = {.cap = 5, .number = 4}}};
    struct kaal_resource resource;
    answer(KAAL_OK, &irq_words, sizeof(irq_words));
    assert_int_equal(kaal_request_irq(4, &resource), KAAL_OK);
    assert_memory_equal(&resource, &irq_words.resource, sizeof(resource));
}

static void test_shares_and_dma_memory_are_unpacked(void)
{
    start();
    kaal_handle handle = 0;
    struct kaal_dma_resource dma = {0};
    struct kaal_memory memory = {0};
    const seL4_Word given[] = {7, 0x10000, 0x3000, 0x40000000};
    answer(KAAL_OK, given, sizeof(given));
    assert_int_equal(kaal_allocate_dma(0x2001, 0x1000, true, &handle, &dma), KAAL_OK);
    assert_int_equal(wire.label, KAAL_BROKER_ALLOCATE_DMA);
    assert_int_equal(wire.words[0], 0x2001);
    assert_int_equal(wire.words[1], 0x1000);
    assert_int_equal(wire.words[2], 1);
    assert_int_equal(handle, 7);
    assert_int_equal(dma.vaddr, 0x10000);
    assert_int_equal(dma.bytes, 0x3000);
    assert_int_equal(dma.bus, 0x40000000);
    assert_int_equal(kaal_delegate(5, "peer", true, &handle), KAAL_OK);
    assert_int_equal(wire.label, KAAL_BROKER_DELEGATE);
    assert_int_equal(wire.length, 2 + 3);
    assert_int_equal(wire.words[0], 5);
    assert_int_equal(wire.words[1], 1);
    assert_memory_equal(&wire.words[2], "peer", 5);
    assert_int_equal(handle, 7);
    assert_int_equal(kaal_device_handle(3, &handle), KAAL_OK);
    assert_int_equal(wire.label, KAAL_BROKER_BUNDLE_FIND);
    assert_int_equal(wire.words[0], 3);
    assert_int_equal(handle, 7);
    struct kaal_bundle bundle = {0};
    const seL4_Word none[] = {0};
    answer(KAAL_OK, none, sizeof(none));
    assert_int_equal(kaal_bundle_of(9, &bundle), KAAL_OK);
    assert_int_equal(wire.label, KAAL_BROKER_BUNDLE_OF);
    assert_int_equal(wire.words[0], 9);
    assert_int_equal(bundle.handle, 9);
    assert_int_equal(bundle.resource_count, 0);
    const seL4_Word place[] = {0x20000, 0x1000};
    answer(KAAL_OK, place, sizeof(place));
    assert_int_equal(kaal_memory_of(7, &memory), KAAL_OK);
    assert_int_equal(memory.handle, 7);
    assert_ptr_equal(memory.address, (void *)0x20000);
    assert_int_equal(memory.bytes, 0x1000);
}

static void test_spawn_sends_the_request_and_the_file(void)
{
    start();
    static unsigned char memory[4096];
    struct kaal_spawn_request sent;
    kaal_handle child = 0;
    startup_page.priority = 77;
    struct kaal_spawn_request request =
        kaal_spawn_request("worker-with-a-name-that-is-too-long", "image");
    assert_string_equal(request.name, "worker-with-a-name-that");
    assert_int_equal(request.priority, 77);
    const seL4_Word given[] = {9, (seL4_Word)memory, sizeof(memory)};
    answer(KAAL_OK, given, sizeof(given));
    assert_int_equal(kaal_spawn(&request, NULL, 0, &child), KAAL_OK);
    assert_int_equal(wire.calls, 1);
    assert_int_equal(wire.label, KAAL_BROKER_SPAWN);
    memcpy(&sent, wire.words, sizeof(sent));
    assert_memory_equal(&sent, &request, sizeof(sent));
    assert_int_equal(child, 9);
    /* A file goes through memory from the broker, which is given back. */
    assert_int_equal(kaal_spawn(&request, "a file", 7, &child), KAAL_OK);
    assert_int_equal(wire.calls, 1 + 3);
    assert_int_equal(wire.label, KAAL_BROKER_RELEASE);
    assert_int_equal(wire.words[0], 9);
    assert_memory_equal(memory, "a file", 7);
    const struct kaal_child_status status = {.state = 1, .exit_status = -5};
    struct kaal_child_status got;
    answer(KAAL_OK, &status, sizeof(status));
    assert_int_equal(kaal_child_status(9, &got), KAAL_OK);
    assert_memory_equal(&got, &status, sizeof(got));
    answer(KAAL_ERR_QUOTA_CPU, "", 0);
    assert_int_equal(kaal_spawn(&request, NULL, 0, &child), KAAL_ERR_QUOTA_CPU);
    assert_int_equal(kaal_spawn(&request, "a file", 7, &child), KAAL_ERR_QUOTA_CPU);
}

static void test_records_are_unpacked_whole(void)
{
    start();
    struct kaal_device_record device;
    struct kaal_device_record expected;
    memset(&expected, 0x5C, sizeof(expected));
    answer(KAAL_OK, &expected, sizeof(expected));
    assert_int_equal(kaal_inspect_device(3, &device), KAAL_OK);
    assert_int_equal(wire.words[0], 3);
    assert_memory_equal(&device, &expected, sizeof(device));
    struct kaal_holding_record holding;
    answer(KAAL_ERR_NOT_FOUND, "", 0);
    assert_int_equal(kaal_inspect_holding("console", 4, &holding), KAAL_ERR_NOT_FOUND);
    assert_int_equal(wire.length, 4);
    assert_int_equal(wire.words[3], 4);
}

/* An answer that is too short is never unpacked: stale message registers are no record. */
static void test_short_answers_are_an_error(void)
{
    start();
    struct kaal_component_record component;
    struct kaal_memory memory;
    wire.reply_length = 0;
    assert_int_equal(kaal_release(1), KAAL_ERR_FORMAT);
    answer(KAAL_OK, "", 0);
    assert_int_equal(kaal_inspect_component(0, &component), KAAL_ERR_FORMAT);
    assert_int_equal(kaal_allocate_memory(1, &memory), KAAL_ERR_FORMAT);
    answer(KAAL_OK, (const uint64_t[]){1, 2}, 16);
    assert_int_equal(kaal_allocate_memory(1, &memory), KAAL_ERR_FORMAT);
}

static void test_bundle_with_too_many_resources_is_refused(void)
{
    start();
    struct kaal_bundle bundle;
    answer(KAAL_OK, (const uint64_t[]){5, KAAL_BUNDLE_RESOURCES_MAX + 1}, 16);
    assert_int_equal(kaal_request_device(kaal_serial(0), &bundle), KAAL_ERR_FORMAT);
    assert_int_equal(wire.label, KAAL_BROKER_RELEASE); /* what cannot be used is given back */
    assert_int_equal(wire.words[0], 5);
    answer(KAAL_OK, (const uint64_t[]){5, 0}, 16);
    assert_int_equal(kaal_request_device(kaal_serial(0), &bundle), KAAL_OK);
    assert_int_equal(bundle.handle, 5);
    /* The resources cannot be fetched: the bundle is given back. */
    answer(KAAL_OK, (const uint64_t[]){5, 2}, 16);
    unsigned before = wire.calls;
    assert_int_equal(kaal_request_device(kaal_serial(0), &bundle), KAAL_ERR_FORMAT);
    assert_int_equal(wire.calls, before + 3);
    assert_int_equal(wire.label, KAAL_BROKER_RELEASE);
}

static void test_selectors_are_made_whole(void)
{
    struct kaal_device_selector selector = kaal_platform("arm,pl011");
    assert_int_equal(selector.kind, KAAL_SELECT_COMPATIBLE);
    assert_string_equal(selector.id, "arm,pl011");
    selector = kaal_platform("a-compatible-string-of-more-than-39-characters");
    assert_string_equal(selector.id, ""); /* names nothing, rather than a prefix */
    assert_int_equal(kaal_pci(0x8086, 0x100E).value, 0x8086100E);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_plain_calls_carry_their_words),
        HARNESS_TEST(test_names_travel_in_three_words),
        HARNESS_TEST(test_log_text_is_cut_and_packed),
        HARNESS_TEST(test_log_is_read_within_the_buffer),
        HARNESS_TEST(test_memory_and_interrupt_results_are_unpacked),
        HARNESS_TEST(test_shares_and_dma_memory_are_unpacked),
        HARNESS_TEST(test_spawn_sends_the_request_and_the_file),
        HARNESS_TEST(test_records_are_unpacked_whole),
        HARNESS_TEST(test_short_answers_are_an_error),
        HARNESS_TEST(test_bundle_with_too_many_resources_is_refused),
        HARNESS_TEST(test_selectors_are_made_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
