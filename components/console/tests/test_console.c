/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The console between a serial driver and a client that the test plays, over real channels in this
 * process. System calls (only doorbells) are counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arch/host_entry.h>
#include <sel4/sel4.h>

#include <kaal/broker.h>

#include "../console.h"
#include "../reports.h"

#define SERIAL_CAPACITY   256u
#define TERMINAL_CAPACITY 8u
#define REGION_BYTES      2048u
#define ANSWER_BYTES      40000u

/* Both ends of one channel. */
struct pair {
    _Alignas(64) uint8_t regions[2][REGION_BYTES];
    struct kaal_resource ends[2];
};

static struct pair serial, terminal;
static struct console *console;
static struct kaal_channel driver, client;
static char shown[ANSWER_BYTES];
static size_t shown_length;
static uint64_t doorbells;
static uint16_t interrupts; /* that the client has seen */
static seL4_IPCBuffer ipc_buffer;

void kernel_host_syscall(struct kernel_host_regs *regs)
{
    doorbells++;
    regs->x[0] = 0;
    regs->x[1] = 0;
}

int kaal_timer_arm(uint64_t deadline_ns)
{
    return deadline_ns == UINT64_MAX ? KAAL_OK : KAAL_ERR_UNSUPPORTED;
}

static void pair_open(struct pair *pair, uint32_t message_bytes, uint32_t capacity)
{
    memset(pair, 0, sizeof(*pair));
    for (int i = 0; i < 2; i++) {
        pair->ends[i].kind = KAAL_RESOURCE_CHANNEL;
        pair->ends[i].channel = (struct kaal_channel_resource){
            .own_vaddr = (uintptr_t)pair->regions[i],
            .peer_vaddr = (uintptr_t)pair->regions[1 - i],
            .region_bytes = REGION_BYTES,
            .message_bytes = message_bytes,
            .capacity = capacity,
            .doorbell = 1,
            .generation = 1,
            .peer_state = KAAL_PEER_RUNNING,
        };
    }
}

static int setup(void **state)
{
    (void)state;
    __sel4_ipc_buffer = &ipc_buffer;
    pair_open(&serial, 1, SERIAL_CAPACITY);
    pair_open(&terminal, sizeof(struct kaal_terminal_message), TERMINAL_CAPACITY);
    console = calloc(1, sizeof(*console));
    assert_int_equal(console_open(console, &serial.ends[0], &terminal.ends[0]), KAAL_OK);
    assert_int_equal(kaal_channel_open(&driver, &serial.ends[1]), KAAL_OK);
    assert_int_equal(kaal_channel_open(&client, &terminal.ends[1]), KAAL_OK);
    shown_length = 0;
    interrupts = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(console);
    return 0;
}

/* Plays the serial driver's transmit side: takes what is to be shown. */
static void take_output(void)
{
    int count;

    while ((count = kaal_stream_read(&driver, shown + shown_length,
                                     (uint32_t)(sizeof(shown) - 1 - shown_length))) > 0) {
        shown_length += (size_t)count;
    }
    shown[shown_length] = '\0';
}

static void settle(void)
{
    for (int i = 0; i < 10; i++) {
        while (console_step(console)) {
        }
        take_output();
    }
}

/* Types text at the pace that the console takes it. */
static void type_bytes(const char *text, size_t length)
{
    while (length > 0) {
        uint32_t part = length < SERIAL_CAPACITY ? (uint32_t)length : SERIAL_CAPACITY;
        int taken = kaal_stream_write(&driver, text, part);

        assert_true(taken >= 0);
        text += taken;
        length -= (size_t)taken;
        settle();
    }
}

static void type(const char *text)
{
    type_bytes(text, strlen(text));
}

static void client_sends(uint8_t kind, uint16_t sequence, const char *text)
{
    struct kaal_terminal_message message = {
        .kind = kind, .sequence = sequence, .interrupts = interrupts};

    message.length = (uint8_t)strlen(text);
    memcpy(message.text, text, message.length);
    assert_int_equal(kaal_channel_send(&client, &message), KAAL_OK);
    settle();
}

static void ask(uint16_t sequence)
{
    client_sends(KAAL_TERMINAL_READ, sequence, "");
}

/* Receives one whole line; its kind is that of the last message. */
static int receive_line(char *line, uint16_t sequence)
{
    struct kaal_terminal_message message;
    size_t length = 0;

    for (;;) {
        settle();
        if (kaal_channel_try_recv(&client, &message) != KAAL_OK) {
            return 0;
        }
        if (message.kind == KAAL_TERMINAL_INTERRUPT) {
            interrupts = message.interrupts;
            return message.kind;
        }
        assert_int_equal(message.sequence, sequence);
        memcpy(line + length, message.text, message.length);
        length += message.length;
        line[length] = '\0';
        if (message.kind != KAAL_TERMINAL_LINE) {
            return message.kind;
        }
    }
}

static void expect_line(uint16_t sequence, const char *expected)
{
    static char line[LINE_BYTES_MAX + 1];

    assert_int_equal(receive_line(line, sequence), KAAL_TERMINAL_LINE_END);
    assert_string_equal(line, expected);
}

static void expect_shown(const char *expected)
{
    take_output();
    assert_string_equal(shown, expected);
    shown_length = 0;
}

static void test_line_is_echoed_and_delivered(void **state)
{
    (void)state;
    client_sends(KAAL_TERMINAL_WRITE, 0, "hi\n> ");
    ask(1);
    type("help\r");
    expect_line(1, "help");
    expect_shown("hi\r\n> help\r\n");
}

static void test_typed_ahead_waits_for_the_next_prompt(void **state)
{
    (void)state;
    ask(1);
    type("one\ntwo\r\nthree\r");
    expect_line(1, "one");
    expect_shown("one\r\n");
    client_sends(KAAL_TERMINAL_WRITE, 0, "answer\n");
    expect_shown("answer\r\n");
    ask(2);
    expect_line(2, "two");
    ask(3);
    expect_line(3, "three");
}

static void test_backspace_and_arrows_edit_the_line(void **state)
{
    (void)state;
    ask(1);
    type("heXX\b\x7fllo\r");
    expect_line(1, "hello");
    ask(2);
    type("ecxo\x1b[D\x1b[D\x7fh\x1b[C\x1b[Cs\r"); /* ec|xo: the c goes, h comes */
    expect_line(2, "ehxos");
    ask(3);
    type("abc\x1b[H\x1b[3~X\x1b[FY\r");
    expect_line(3, "XbcY");
    ask(4);
    type("abcdef\x01zz\x0b\x15yes\x1bOD\x04\r");
    expect_line(4, "ye");
    shown_length = 0;
    ask(5);
    type("ab\x1b[Dx\r");
    expect_shown("ab\bxb\x1b[J\b"
                 "b\r\n");
    expect_line(5, "axb");
    ask(6);
    type("\b\b\x1b[D\x1b[C\x1b[3~\x1b[Aq\r"); /* keys at the ends of the line; history */
    expect_line(6, "axbq");
}

static void test_history_brings_lines_back(void **state)
{
    (void)state;
    ask(1);
    type("first\r");
    expect_line(1, "first");
    ask(2);
    type("second\r");
    expect_line(2, "second");
    ask(3);
    type("\x1b[A\x1b[A\x1b[A\r"); /* no older one than the first */
    expect_line(3, "first");
    ask(4);
    type("\x1b[A\x1b[A\x1b[B\x1b[Bnew\r");
    expect_line(4, "new");
}

static void test_interrupt_overtakes_what_was_typed_ahead(void **state)
{
    char line[LINE_BYTES_MAX];

    (void)state;
    ask(7);
    type("some text\x03");
    assert_int_equal(receive_line(line, 7), KAAL_TERMINAL_INTERRUPT);
    take_output();
    assert_non_null(strstr(shown, "^C\r\n"));
    type("lost\rlost too\r\x03kept\r"); /* while the client runs */
    assert_int_equal(receive_line(line, 7), KAAL_TERMINAL_INTERRUPT);
    ask(8);
    expect_line(8, "kept");
}

static void test_request_that_crosses_an_interrupt_is_cancelled(void **state)
{
    char line[LINE_BYTES_MAX];

    (void)state;
    client_sends(KAAL_TERMINAL_WRITE, 0, "> ");
    type("\x03"); /* the prompt stands there, the request is still on its way */
    ask(1);
    type("next\r");
    assert_int_equal(receive_line(line, 1), KAAL_TERMINAL_INTERRUPT);
    assert_int_equal(receive_line(line, 1), 0); /* the line waits for the client to ask again */
    ask(2);
    expect_line(2, "next");
}

static void test_longest_line_arrives_complete(void **state)
{
    static char line[LINE_BYTES_MAX + 3];

    (void)state;
    for (size_t i = 0; i < LINE_BYTES_MAX + 1; i++) {
        line[i] = (char)('a' + i % 26);
    }
    ask(1);
    type_bytes(line, LINE_BYTES_MAX + 1); /* one more than fits: the bell */
    type("\r");
    line[LINE_BYTES_MAX] = '\0';
    expect_line(1, line);
    take_output();
    assert_int_equal(shown_length, LINE_BYTES_MAX + 3);
    assert_memory_equal(shown, line, LINE_BYTES_MAX);
}

static void test_paste_of_many_lines_is_complete_and_in_order(void **state)
{
    static char paste[12000];
    size_t length = 0;
    size_t typed = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        length +=
            (size_t)snprintf(paste + length, sizeof(paste) - length, "line %03d %090d\r", i, i);
    }
    for (uint16_t i = 0; i < 100; i++) {
        char expected[128];

        ask(i);
        while (typed < length) {
            int taken = kaal_stream_write(&driver, paste + typed,
                                          (uint32_t)(length - typed < 200 ? length - typed : 200));

            typed += (size_t)taken;
            while (console_step(console)) {
            }
            if (taken == 0) {
                break;
            }
        }
        snprintf(expected, sizeof(expected), "line %03d %090d", i, i);
        expect_line(i, expected);
        client_sends(KAAL_TERMINAL_WRITE, 0, "ok\n");
    }
    assert_int_equal(typed, length);
}

static void test_slow_line_loses_no_output(void **state)
{
    size_t written = 0;
    size_t seen = 0;
    char bytes[64];

    (void)state;
    while (seen < 10000) {
        while (written < 10000) {
            struct kaal_terminal_message message = {.kind = KAAL_TERMINAL_WRITE, .length = 50};

            for (size_t i = 0; i < 50; i++) {
                message.text[i] = (uint8_t)('0' + (written + i) % 10);
            }
            if (kaal_channel_send(&client, &message) != KAAL_OK) {
                break;
            }
            written += 50;
        }
        while (console_step(console)) {
        }
        int count = kaal_stream_read(&driver, bytes, sizeof(bytes));

        for (int i = 0; i < count; i++) {
            assert_int_equal(bytes[i], '0' + (int)(seen++ % 10));
        }
    }
}

static void test_new_driver_instance_repeats_nothing(void **state)
{
    (void)state;
    ask(1);
    assert_int_equal(kaal_stream_write(&driver, "abc", 3), 3);
    while (console_step(console)) {
    }
    serial.ends[0].channel.generation++; /* the driver died with our echo in the ring */
    assert_int_equal(kaal_channel_open(&driver, &serial.ends[1]), KAAL_OK);
    settle();
    type("\r");
    expect_line(1, "abc");
    expect_shown("abc\r\n");
}

static void test_new_client_instance_starts_with_a_clean_line(void **state)
{
    (void)state;
    ask(1);
    type("half a li");
    terminal.ends[0].channel.generation++;
    interrupts = 0;
    assert_int_equal(kaal_channel_open(&client, &terminal.ends[1]), KAAL_OK);
    settle();
    ask(1);
    type("ne\r");
    expect_line(1, "ne");
}

static void test_console_sleeps_only_when_armed(void **state)
{
    uint64_t before;

    (void)state;
    ask(1);
    settle();
    before = doorbells;
    assert_int_equal(kaal_stream_write(&driver, "x", 1), 1);
    assert_int_equal(doorbells, before + 1); /* the console asked to be woken */
    assert_int_equal(kaal_stream_write(&driver, "y", 1), 1);
    assert_int_equal(doorbells, before + 1); /* once per sleep */
}

static void test_peers_that_lie_do_not_spin_the_console(void **state)
{
    struct kaal_channel_region *liar = (void *)serial.regions[1];

    (void)state;
    atomic_store(&liar->produced, 0x12345678u);
    assert_false(console_step(console));
    liar = (void *)terminal.regions[1];
    atomic_store(&liar->consumed, 0x12345678u);
    assert_false(console_step(console));
}

static void test_report_is_shown_above_the_edited_line(void **state)
{
    static const char report[] = "init: fault: x\n";

    (void)state;
    client_sends(KAAL_TERMINAL_WRITE, 0, "answer\n> ");
    ask(1);
    type("abc\x1b[D");
    shown_length = 0;
    assert_true(console_show_report(console, report, sizeof(report) - 1));
    settle();
    expect_shown("\r\x1b[Jinit: fault: x\r\n> abc\b");
    type("X\r");
    expect_line(1, "abXc");
    shown_length = 0;
    assert_true(console_show_report(console, report, sizeof(report) - 1)); /* the client runs */
    settle();
    expect_shown("init: fault: x\r\n");
}

static void test_report_waits_for_room(void **state)
{
    static char report[REPORTS_BYTES_MAX];
    unsigned shown_reports = 0;

    (void)state;
    memset(report, '.', sizeof(report));
    while (console_show_report(console, report, sizeof(report))) {
        shown_reports++;
    }
    assert_true(shown_reports > 0);
    settle();
    assert_true(console_show_report(console, report, sizeof(report)));
}

static void test_reports_are_picked_from_the_log(void **state)
{
    static const char log[] = "init: a was killed\n  not this\ninit: fault: b: reads 0\n"
                              "  backtrace:\n    at main\nc: hello\n  nor this\ninit: error: d\n";
    static struct reports reports;

    (void)state;
    memset(&reports, 0, sizeof(reports));
    for (size_t i = 0; i < sizeof(log) - 1; i++) { /* pieces end anywhere */
        reports_add(&reports, log + i, 1);
    }
    assert_int_equal(
        reports.text_bytes,
        strlen("init: fault: b: reads 0\n  backtrace:\n    at main\ninit: error: d\n"));
    assert_memory_equal(reports.text,
                        "init: fault: b: reads 0\n  backtrace:\n    at main\ninit: error: d\n",
                        reports.text_bytes);
    for (size_t i = 0; i < 1000; i++) { /* more than fits */
        reports_add(&reports, log, sizeof(log) - 1);
    }
    assert_true(reports.text_bytes <= REPORTS_BYTES_MAX);
}

static void test_random_input_keeps_the_line_sound(void **state)
{
    static char line[LINE_BYTES_MAX + 1];
    static const char alphabet[] = "ab \b\x7f\x1b[ABCDHF3~O\x01\x04\x05\x0b\x15\t\x80\xff\n\r\x03";
    uint64_t seed = 1;
    uint16_t sequence = 0;

    (void)state;
    ask(0);
    for (int i = 0; i < 20000; i++) {
        char byte;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        byte = alphabet[(seed >> 33) % (sizeof(alphabet) - 1)];
        type_bytes(&byte, 1);
        assert_true(console->editor.cursor <= console->editor.length);
        shown_length = 0;
        if (receive_line(line, sequence) != 0) {
            ask(++sequence);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_line_is_echoed_and_delivered, setup, teardown),
        cmocka_unit_test_setup_teardown(test_typed_ahead_waits_for_the_next_prompt, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_backspace_and_arrows_edit_the_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_history_brings_lines_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_interrupt_overtakes_what_was_typed_ahead, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_request_that_crosses_an_interrupt_is_cancelled, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_longest_line_arrives_complete, setup, teardown),
        cmocka_unit_test_setup_teardown(test_paste_of_many_lines_is_complete_and_in_order, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_slow_line_loses_no_output, setup, teardown),
        cmocka_unit_test_setup_teardown(test_new_driver_instance_repeats_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_new_client_instance_starts_with_a_clean_line, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_console_sleeps_only_when_armed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_peers_that_lie_do_not_spin_the_console, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_report_is_shown_above_the_edited_line, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_report_waits_for_room, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reports_are_picked_from_the_log, setup, teardown),
        cmocka_unit_test_setup_teardown(test_random_input_keeps_the_line_sound, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
