/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The shell's commands with a played terminal and a played broker: what they print, and that every
 * figure and refusal comes from the broker's answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/broker.h>
#include <kaal/inspect.h>

#include "../shell.h"

static char shown[65536];
static size_t shown_length;
static char killed[64];
static int broker_answer;
static struct kaal_startup page = {.clock_hz = 1000000000, .clock_start_ticks = 42};

void kaal_startup_set(const struct kaal_startup *startup); /* runtime/start */

void kaal_terminal_write(struct kaal_terminal *terminal, const char *text, size_t bytes)
{
    (void)terminal;
    assert_true(shown_length + bytes < sizeof(shown));
    memcpy(shown + shown_length, text, bytes);
    shown_length += bytes;
    shown[shown_length] = '\0';
}

void kaal_terminal_printf(struct kaal_terminal *terminal, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    kaal_terminal_write(terminal, text, strlen(text));
}

void kaal_terminal_flush(struct kaal_terminal *terminal)
{
    (void)terminal;
}

bool kaal_terminal_interrupted(struct kaal_terminal *terminal)
{
    (void)terminal;
    return false;
}

uint64_t kaal_now_ns(void)
{
    return UINT64_C(61000000007);
}

static uint32_t trusted; /* what the record says */

int kaal_inspect_component(uint32_t index, struct kaal_component_record *record)
{
    if (broker_answer != KAAL_OK) {
        return broker_answer;
    }
    *record = (struct kaal_component_record){.name = "serial0",
                                             .state = KAAL_COMPONENT_RUNNING,
                                             .priority = 200,
                                             .cpu_time_us = 12345,
                                             .frames = 17,
                                             .slots = 9,
                                             .restarts = 3,
                                             .trusted = trusted};
    return index == 0 ? KAAL_OK : KAAL_ERR_NOT_FOUND;
}

int kaal_inspect_device(uint32_t index, struct kaal_device_record *record)
{
    *record = (struct kaal_device_record){.id = "PNP0501",
                                          .owner = "serial0",
                                          .irq = 4,
                                          .range_count = 1,
                                          .ranges = {{0x3f8, 8 | KAAL_DEVICE_RANGE_PORTS}}};
    if (index == 1) {
        *record = (struct kaal_device_record){.bus = KAAL_BUS_PCI,
                                              .pci_address = 0xfa,
                                              .pci_id = 0x80862922,
                                              .pci_class = 0x010601,
                                              .why = KAAL_DEVICE_REFUSED,
                                              .refusal = KAAL_ERR_NO_MEMORY,
                                              .other = "disk0",
                                              .irq = UINT32_MAX,
                                              .range_count = 6,
                                              .ranges = {[5] = {0xfebd5000, 0x1000}}};
    }
    return index <= 1 ? KAAL_OK : KAAL_ERR_NOT_FOUND;
}

int kaal_inspect_memory(struct kaal_memory_record *record)
{
    *record = (struct kaal_memory_record){.untyped_total_bytes = 512 << 20,
                                          .untyped_free_bytes = 500 << 20,
                                          .largest_free_bytes = 256 << 20,
                                          .broker_slots_total = 65536,
                                          .broker_slots_free = 60000};
    return broker_answer;
}

int kaal_inspect_holding(const char *component, uint32_t index, struct kaal_holding_record *record)
{
    if (strcmp(component, "serial0") != 0 || index > 1) {
        return KAAL_ERR_NOT_FOUND;
    }
    *record = (struct kaal_holding_record){
        .name = "broker", .kind = KAAL_HOLDING_ENDPOINT, .rights = 9, .cap = 1};
    if (index == 1) {
        *record = (struct kaal_holding_record){
            .name = "regs", .kind = KAAL_HOLDING_PORTS, .cap = 5, .base = 0x3f8, .bytes = 8};
    }
    return KAAL_OK;
}

int kaal_inspect_slots(const char *component, uint64_t occupied[KAAL_INSPECT_SLOT_WORDS])
{
    assert_string_equal(component, "serial0");
    memset(occupied, 0, KAAL_INSPECT_SLOT_WORDS * sizeof(occupied[0]));
    occupied[0] = 1u << 1 | 1u << 5 | 1u << 7; /* 1 and 5 are listed */
    occupied[3] = UINT64_C(1) << 63;
    return KAAL_OK;
}

int kaal_inspect_audit(uint64_t sequence, struct kaal_audit_record *record)
{
    if (broker_answer != KAAL_OK) {
        return broker_answer;
    }
    *record = (struct kaal_audit_record){.sequence = 7,
                                         .time_ns = UINT64_C(3000005000),
                                         .component = "shell",
                                         .operation = KAAL_AUDIT_MEMORY,
                                         .argument = 4096};
    if (sequence == 8) {
        *record = (struct kaal_audit_record){.sequence = 8,
                                             .component = "shell",
                                             .operation = KAAL_AUDIT_DELEGATE,
                                             .object = "console",
                                             .result = KAAL_ERR_QUOTA_SLOTS};
    }
    return sequence <= 8 ? KAAL_OK : KAAL_ERR_NOT_FOUND;
}

int kaal_component_kill(const char *component)
{
    snprintf(killed, sizeof(killed), "%s", component);
    return broker_answer;
}

int kaal_log_read(uint64_t *position, char *text, size_t capacity, size_t *bytes)
{
    static const char log[] = "init: started\n";

    assert_true(capacity >= sizeof(log));
    *bytes = *position == 0 ? sizeof(log) - 1 : 0;
    memcpy(text, log, *bytes);
    *position += *bytes;
    return broker_answer;
}

int kaal_power_off(void)
{
    return KAAL_ERR_DENIED;
}

static int setup(void **state)
{
    (void)state;
    broker_answer = KAAL_OK;
    killed[0] = '\0';
    kaal_startup_set(&page);
    return 0;
}

/* Runs a command line and returns what it showed. */
static const char *run(const char *text)
{
    static char line[1024];

    snprintf(line, sizeof(line), "%s", text);
    shown_length = 0;
    shown[0] = '\0';
    shell_run(NULL, line);
    return shown;
}

static void test_empty_lines_do_nothing(void **state)
{
    (void)state;
    assert_string_equal(run(""), "");
    assert_string_equal(run("   "), "");
}

static void test_unknown_command_is_named_and_help_suggested(void **state)
{
    (void)state;
    assert_string_equal(run("frobnicate now"),
                        "frobnicate: unknown command; type help for the list\n");
    assert_string_equal(run("hel"), "hel: unknown command; type help for the list\n");
}

static void test_help_names_every_command(void **state)
{
    (void)state;
    run("help");
    for (const struct command *command = shell_commands; command->name; command++) {
        assert_non_null(strstr(shown, command->name));
    }
}

static void test_echo_keeps_the_text_as_typed(void **state)
{
    (void)state;
    assert_string_equal(run("echo hello"), "hello\n");
    assert_string_equal(run("  echo  a   b "), "a   b \n");
    assert_string_equal(run("echo"), "\n");
}

static void test_ps_prints_the_record(void **state)
{
    (void)state;
    assert_string_equal(
        run("ps"), "COMPONENT               STATE    PRIO       CPU-MS  FRAMES  SLOTS  RESTARTS\n"
                   "serial0                 running   200       12.345      17      9         3\n");
}

static void test_a_component_that_is_trusted_with_dma_is_listed(void **state)
{
    (void)state;
    trusted = KAAL_TRUSTED_DMA;
    assert_non_null(strstr(run("ps"), "      9         3  trusted: DMA\n"));
    assert_non_null(strstr(run("graph"), "\"parent\": \"\", \"trusted\": [\"DMA\"], \"holdings\""));
    trusted = 0;
}

static void test_devices_prints_both_buses(void **state)
{
    (void)state;
    run("devices");
    assert_non_null(strstr(shown, "PNP0501"));
    assert_non_null(strstr(shown, "irq 4 held by serial0\n"));
    assert_non_null(strstr(shown, "range0 ports  0x3f8 size 0x8\n"));
    assert_non_null(strstr(shown, "pci 00:1f.2  8086:2922 class 010601 refused to disk0: "));
    assert_non_null(strstr(shown, "bar5   memory 0xfebd5000 size 0x1000\n"));
    assert_null(strstr(shown, "bar0"));
}

static void test_mem_prints_the_record(void **state)
{
    (void)state;
    run("mem");
    assert_non_null(strstr(shown, "untyped total              524288 KiB\n"));
    assert_non_null(strstr(shown, "slots free                  60000\n"));
}

static void test_caps_prints_holdings(void **state)
{
    (void)state;
    run("caps serial0");
    assert_non_null(strstr(shown, "broker           endpoint     -w-p   cap 0x1   \n"));
    assert_non_null(strstr(shown, "base 0x3f8 size 0x8\n"));
    assert_string_equal(run("caps nobody"), "caps: no component named nobody holds anything\n");
    assert_string_equal(run("caps"), "usage: caps <component>\n");
}

static void test_kill_names_the_component(void **state)
{
    (void)state;
    assert_string_equal(run("kill serial0"), "");
    assert_string_equal(killed, "serial0");
    broker_answer = KAAL_ERR_NOT_FOUND;
    assert_string_equal(run("kill nobody"), "kill: no component is named nobody\n");
    assert_string_equal(run("kill a b"), "usage: kill <component>\n");
}

static void test_refusals_are_shown_with_their_name(void **state)
{
    (void)state;
    broker_answer = KAAL_ERR_DENIED;
    run("mem");
    assert_non_null(strstr(shown, "KAAL_ERR_DENIED"));
    run("ps");
    assert_non_null(strstr(shown, "KAAL_ERR_DENIED"));
    run("kill serial0");
    assert_non_null(strstr(shown, "KAAL_ERR_DENIED"));
    run("log");
    assert_non_null(strstr(shown, "KAAL_ERR_DENIED"));
    run("poweroff");
    assert_non_null(strstr(shown, "KAAL_ERR_DENIED"));
}

static void test_uptime_prints_seconds_and_the_clock(void **state)
{
    (void)state;
    shell_first_prompt_ns = 4000;
    assert_string_equal(run("uptime"), "up 61.000000007 s, prompt after 0.000004000 s, counter 42 "
                                       "at start, 1000000000 Hz\n");
}

static void test_log_broker_prints_every_decision(void **state)
{
    (void)state;
    assert_string_equal(run("log broker"),
                        "     3.000005 shell                   memory    -                       "
                        "4096 granted\n"
                        "     0.000000 shell                   delegate  console                 "
                        "0 KAAL_ERR_QUOTA_SLOTS\n");
}

static void test_graph_is_json_with_what_nobody_listed(void **state)
{
    (void)state;
    const char *answer = run("graph");
    assert_non_null(strstr(answer, "{\"components\": [\n  {\"name\": \"serial0\", \"state\": "
                                   "\"running\", \"parent\": \"\", \"trusted\": [], "
                                   "\"holdings\": [\n"));
    assert_non_null(strstr(answer, "    {\"name\": \"broker\", \"kind\": \"endpoint\", \"rights\": "
                                   "\"-w-p\", \"cap\": 1, \"base\": 0, \"bytes\": 0},\n"));
    assert_non_null(strstr(answer, "    {\"name\": \"regs\", \"kind\": \"ports\", \"rights\": "
                                   "\"----\", \"cap\": 5, \"base\": 1016, \"bytes\": 8}\n  ], "
                                   "\"unlisted\": [7, 255]}\n], \"devices\": ["));
    assert_non_null(strstr(answer, "{\"owner\": \"serial0\", \"id\": \"PNP0501\""));
    assert_string_equal(answer + strlen(answer) - 4, "\n]}\n");
}

static void test_log_prints_all_of_it(void **state)
{
    (void)state;
    assert_string_equal(run("log"), "init: started\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_empty_lines_do_nothing, setup),
        cmocka_unit_test_setup(test_unknown_command_is_named_and_help_suggested, setup),
        cmocka_unit_test_setup(test_help_names_every_command, setup),
        cmocka_unit_test_setup(test_echo_keeps_the_text_as_typed, setup),
        cmocka_unit_test_setup(test_ps_prints_the_record, setup),
        cmocka_unit_test_setup(test_a_component_that_is_trusted_with_dma_is_listed, setup),
        cmocka_unit_test_setup(test_devices_prints_both_buses, setup),
        cmocka_unit_test_setup(test_mem_prints_the_record, setup),
        cmocka_unit_test_setup(test_caps_prints_holdings, setup),
        cmocka_unit_test_setup(test_kill_names_the_component, setup),
        cmocka_unit_test_setup(test_refusals_are_shown_with_their_name, setup),
        cmocka_unit_test_setup(test_uptime_prints_seconds_and_the_clock, setup),
        cmocka_unit_test_setup(test_log_broker_prints_every_decision, setup),
        cmocka_unit_test_setup(test_graph_is_json_with_what_nobody_listed, setup),
        cmocka_unit_test_setup(test_log_prints_all_of_it, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
