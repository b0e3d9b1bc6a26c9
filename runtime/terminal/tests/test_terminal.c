/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The client's side of the terminal. The test plays the console: whenever the client would sleep
 * (its Wait system call ends here), the next step of a script is done at the other end of the
 * channel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arch/host_entry.h>
#include <sel4/sel4.h>

#include <kaal/broker.h>
#include <kaal/terminal.h>

#define CAPACITY     8u
#define REGION_BYTES (KAAL_CHANNEL_HEADER_BYTES + CAPACITY * sizeof(struct kaal_terminal_message))
#define STEPS_MAX    16

void kaal_startup_set(const struct kaal_startup *page); /* runtime/start */

static _Alignas(64) uint8_t client_region[REGION_BYTES], console_region[REGION_BYTES];
static struct kaal_startup page;
static struct kaal_resource console_end;
static struct kaal_channel console;
static struct kaal_terminal terminal;
static seL4_IPCBuffer ipc_buffer;
static char shown[4096];
static size_t shown_length;
static uint16_t asked; /* sequence of the client's last READ */
static uint16_t seen;  /* interrupts that it had seen then */
static void (*steps[STEPS_MAX])(void);
static unsigned step;

/* Takes all that the client sent. */
static void console_takes(void)
{
    struct kaal_terminal_message message;

    while (kaal_channel_try_recv(&console, &message) == KAAL_OK) {
        if (message.kind == KAAL_TERMINAL_READ) {
            asked = message.sequence;
            seen = message.interrupts;
        } else {
            assert_int_equal(message.kind, KAAL_TERMINAL_WRITE);
            assert_true(shown_length + message.length < sizeof(shown));
            memcpy(shown + shown_length, message.text, message.length);
            shown_length += message.length;
            shown[shown_length] = '\0';
        }
    }
}

void kernel_host_syscall(struct kernel_host_regs *regs)
{
    bool sleeps = (int64_t)regs->x[7] == seL4_SysWait;

    regs->x[0] = 1;
    regs->x[1] = 0;
    if (sleeps) {
        console_takes();
        assert_true(step < STEPS_MAX && steps[step] != NULL); /* else it would sleep for ever */
        steps[step++]();
    }
}

int kaal_timer_arm(uint64_t deadline_ns)
{
    return deadline_ns == UINT64_MAX ? KAAL_OK : KAAL_ERR_UNSUPPORTED;
}

static void console_sends(uint8_t kind, uint16_t sequence, const char *text, uint8_t length)
{
    struct kaal_terminal_message message = {
        .kind = kind, .length = length, .sequence = sequence, .interrupts = 7};

    memcpy(message.text, text, strlen(text));
    assert_int_equal(kaal_channel_send(&console, &message), KAAL_OK);
}

static void console_answers(uint8_t kind, const char *text)
{
    console_sends(kind, asked, text, (uint8_t)strlen(text));
}

static int setup(void **state)
{
    struct kaal_resource *resource = &page.resources[0];

    (void)state;
    __sel4_ipc_buffer = &ipc_buffer;
    memset(client_region, 0, sizeof(client_region));
    memset(console_region, 0, sizeof(console_region));
    memset(steps, 0, sizeof(steps));
    step = 0;
    shown_length = 0;
    page.resource_count = 1;
    strcpy(resource->name, "terminal");
    resource->kind = KAAL_RESOURCE_CHANNEL;
    resource->channel = (struct kaal_channel_resource){
        .own_vaddr = (uintptr_t)client_region,
        .peer_vaddr = (uintptr_t)console_region,
        .region_bytes = REGION_BYTES,
        .message_bytes = sizeof(struct kaal_terminal_message),
        .capacity = CAPACITY,
        .doorbell = 1,
        .generation = 1,
        .peer_state = KAAL_PEER_RUNNING,
    };
    console_end = *resource;
    console_end.channel.own_vaddr = resource->channel.peer_vaddr;
    console_end.channel.peer_vaddr = resource->channel.own_vaddr;
    kaal_startup_set(&page);
    assert_int_equal(kaal_channel_open(&console, &console_end), KAAL_OK);
    assert_int_equal(kaal_terminal_open(&terminal, "terminal"), KAAL_OK);
    return 0;
}

static void test_open_refuses_what_is_no_terminal(void **state)
{
    (void)state;
    assert_int_equal(kaal_terminal_open(&terminal, "other"), KAAL_ERR_NOT_FOUND);
    page.resources[0].channel.message_bytes = 1;
    assert_int_equal(kaal_terminal_open(&terminal, "terminal"), KAAL_ERR_INVALID);
}

static void test_text_is_collected_and_complete(void **state)
{
    char expected[2048] = "";
    size_t length = 0;

    (void)state;
    kaal_terminal_write(&terminal, "a", 1);
    assert_int_equal(kaal_channel_count(&console), 0); /* waits for more */
    kaal_terminal_flush(&terminal);
    assert_int_equal(kaal_channel_count(&console), 1);
    for (unsigned i = 0; i < STEPS_MAX; i++) {
        steps[i] = console_takes; /* the channel is full now and then */
    }
    for (int i = 0; i < 100; i++) {
        kaal_terminal_printf(&terminal, "line %03d\n", i);
        length += (size_t)snprintf(expected + length, sizeof(expected) - length, "line %03d\n", i);
    }
    kaal_terminal_flush(&terminal);
    console_takes();
    assert_int_equal(shown_length, length + 1);
    assert_string_equal(shown + 1, expected);
}

static void step_line_in_parts(void)
{
    console_answers(KAAL_TERMINAL_LINE, "hel");
    console_answers(KAAL_TERMINAL_LINE, "");
    console_answers(KAAL_TERMINAL_LINE_END, "lo");
}

static void test_line_comes_in_parts(void **state)
{
    char line[16];
    size_t length;

    (void)state;
    steps[0] = step_line_in_parts;
    kaal_terminal_write(&terminal, "> ", 2);
    assert_int_equal(kaal_terminal_read_line(&terminal, line, sizeof(line), &length), KAAL_OK);
    assert_string_equal(line, "hello");
    assert_int_equal(length, 5);
    assert_string_equal(shown, "> "); /* before the request */
}

static void step_interrupt(void)
{
    console_answers(KAAL_TERMINAL_LINE, "half");
    console_answers(KAAL_TERMINAL_INTERRUPT, "");
}

static void test_interrupt_ends_the_read(void **state)
{
    char line[16];
    size_t length;

    (void)state;
    steps[0] = step_interrupt;
    assert_int_equal(kaal_terminal_read_line(&terminal, line, sizeof(line), &length),
                     KAAL_ERR_STATE);
    assert_false(kaal_terminal_interrupted(&terminal));
    console_answers(KAAL_TERMINAL_INTERRUPT, "");
    assert_true(kaal_terminal_interrupted(&terminal));
    assert_false(kaal_terminal_interrupted(&terminal)); /* once */
    steps[1] = step_line_in_parts;
    console_sends(KAAL_TERMINAL_INTERRUPT, 0, "", 0); /* before the next request: for nobody */
    assert_int_equal(kaal_terminal_read_line(&terminal, line, sizeof(line), &length), KAAL_OK);
    assert_int_equal(seen, 7); /* the request says that it was sent after that interrupt */
}

static void step_stale_then_line(void)
{
    console_sends(KAAL_TERMINAL_LINE_END, (uint16_t)(asked - 1), "old", 3);
    console_answers(KAAL_TERMINAL_LINE_END, "new");
}

static void test_answer_to_an_older_request_is_dropped(void **state)
{
    char line[16];
    size_t length;

    (void)state;
    steps[0] = step_stale_then_line;
    assert_int_equal(kaal_terminal_read_line(&terminal, line, sizeof(line), &length), KAAL_OK);
    assert_string_equal(line, "new");
}

static void step_too_long(void)
{
    console_answers(KAAL_TERMINAL_LINE, "0123456789");
    console_answers(KAAL_TERMINAL_LINE_END, "0123456789");
}

static void step_lying_length(void)
{
    console_sends(KAAL_TERMINAL_LINE_END, asked, "x", 255);
}

static void test_line_that_does_not_fit_is_dropped(void **state)
{
    char line[16];
    size_t length;

    (void)state;
    steps[0] = step_too_long;
    steps[1] = step_lying_length;
    assert_int_equal(kaal_terminal_read_line(&terminal, line, sizeof(line), &length),
                     KAAL_ERR_RANGE);
    assert_int_equal(kaal_terminal_read_line(&terminal, line, sizeof(line), &length),
                     KAAL_ERR_RANGE);
}

static void step_console_replaced(void)
{
    page.resources[0].channel.generation++;
}

static void test_new_console_is_asked_again(void **state)
{
    char line[16];
    size_t length;

    (void)state;
    steps[0] = step_console_replaced;
    steps[1] = step_line_in_parts;
    assert_int_equal(kaal_terminal_read_line(&terminal, line, sizeof(line), &length),
                     KAAL_ERR_PEER);
    assert_int_equal(kaal_terminal_read_line(&terminal, line, sizeof(line), &length), KAAL_OK);
    assert_string_equal(line, "hello");
}

static void test_text_survives_a_new_console(void **state)
{
    char text[CAPACITY * KAAL_TERMINAL_TEXT_BYTES];

    (void)state;
    memset(text, '.', sizeof(text));
    kaal_terminal_write(&terminal, text, sizeof(text)); /* fills the channel */
    steps[0] = step_console_replaced;
    steps[1] = console_takes;
    kaal_terminal_write(&terminal, "end", 3);
    kaal_terminal_flush(&terminal);
    console_takes();
    assert_int_equal(shown_length, sizeof(text) + 3);
    assert_string_equal(shown + sizeof(text), "end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_open_refuses_what_is_no_terminal, setup),
        cmocka_unit_test_setup(test_text_is_collected_and_complete, setup),
        cmocka_unit_test_setup(test_line_comes_in_parts, setup),
        cmocka_unit_test_setup(test_interrupt_ends_the_read, setup),
        cmocka_unit_test_setup(test_answer_to_an_older_request_is_dropped, setup),
        cmocka_unit_test_setup(test_line_that_does_not_fit_is_dropped, setup),
        cmocka_unit_test_setup(test_new_console_is_asked_again, setup),
        cmocka_unit_test_setup(test_text_survives_a_new_console, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
