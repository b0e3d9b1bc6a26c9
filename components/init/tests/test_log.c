/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The log ring on the host: order, overwriting, hostile text, alerts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../early_console.h"
#include "../log.h"

static unsigned flushes;

void early_console_flush(void)
{
    flushes++;
}

/* Reads everything from a position into a NUL-terminated text. */
static size_t read_all(uint64_t position, char *text, size_t capacity)
{
    size_t total = 0;
    size_t bytes;
    while ((bytes = log_read(&position, text + total, capacity - 1 - total)) != 0) {
        total += bytes;
    }
    text[total] = '\0';
    return total;
}

static void test_lines_come_back_in_order(void **state)
{
    (void)state;
    char text[256];
    uint64_t start = log_end();
    unsigned before = flushes;
    log_line("one %d", 1);
    log_line("two %s", "zwei");
    assert_int_equal(read_all(start, text, sizeof(text)), strlen("one 1\ntwo zwei\n"));
    assert_string_equal(text, "one 1\ntwo zwei\n");
    assert_int_equal(flushes, before + 2);
}

static void test_a_long_line_is_cut(void **state)
{
    (void)state;
    char text[2 * LOG_LINE_BYTES];
    uint64_t start = log_end();
    log_line("%0*d", (int)(2 * LOG_LINE_BYTES), 7);
    assert_int_equal(read_all(start, text, sizeof(text)), LOG_LINE_BYTES);
    assert_int_equal(text[LOG_LINE_BYTES - 1], '\n');
}

static void test_a_component_cannot_forge_lines(void **state)
{
    (void)state;
    char text[256];
    static const char hostile[] = "fine\ninit: error: forged\x1b[2J\x00 end\r\n";
    uint64_t start = log_end();
    log_component("evil", hostile, sizeof(hostile) - 1);
    (void)read_all(start, text, sizeof(text));
    assert_string_equal(text, "evil: fine?init: error: forged?[2J? end\n");
}

static void test_component_text_is_cut_at_one_line(void **state)
{
    (void)state;
    char long_text[4 * LOG_LINE_BYTES];
    char text[2 * LOG_LINE_BYTES];
    memset(long_text, 'x', sizeof(long_text));
    uint64_t start = log_end();
    log_component("name", long_text, sizeof(long_text));
    assert_int_equal(read_all(start, text, sizeof(text)), LOG_LINE_BYTES);
}

static void test_an_overtaken_reader_goes_on_at_the_oldest_byte(void **state)
{
    (void)state;
    static char text[LOG_RING_BYTES + 1];
    uint64_t start = log_end();
    for (unsigned i = 0; log_end() < start + 2 * LOG_RING_BYTES; i++) {
        log_line("line %u", i);
    }
    uint64_t position = start;
    size_t bytes = log_read(&position, text, LOG_RING_BYTES);
    assert_int_equal(bytes, LOG_RING_BYTES);
    assert_int_equal(position, log_end());
    assert_int_equal(text[LOG_RING_BYTES - 1], '\n');
    position = UINT64_MAX; /* a position from nowhere */
    assert_int_equal(log_read(&position, text, 1), 1);
}

static void test_errors_and_faults_are_alerts(void **state)
{
    (void)state;
    uint64_t before = log_alert_count();
    log_line("init: warning: nothing");
    log_component("evil", "init: error: forged", strlen("init: error: forged"));
    assert_int_equal(log_alert_count(), before);
    log_line("init: error: something");
    log_line("init: fault: somebody");
    assert_int_equal(log_alert_count(), before + 2);
}

static void test_last_lines_of_a_component_are_found_newest_first(void **state)
{
    (void)state;
    uint64_t positions[2];
    char text[LOG_LINE_BYTES];
    log_component("dead", "of an earlier life", 18);
    uint64_t from = log_end();
    for (unsigned i = 0; i < 4; i++) {
        char line[16];
        (void)snprintf(line, sizeof(line), "line %u", i);
        log_component("dead", line, strlen(line));
        log_component("dead2", "not mine", 8);
        log_line("init: dead: not mine either");
    }
    assert_int_equal(log_last_lines("dead", from, positions, 2), 2);
    log_copy_line(positions[0], text);
    assert_string_equal(text, "dead: line 3");
    log_copy_line(positions[1], text);
    assert_string_equal(text, "dead: line 2");
    uint64_t all[8];
    assert_int_equal(log_last_lines("dead", from, all, 8), 4);
    log_copy_line(all[3], text);
    assert_string_equal(text, "dead: line 0");
    assert_int_equal(log_last_lines("dead", log_end(), all, 8), 0);
    assert_int_equal(log_last_lines("nobody", 0, all, 8), 0);
}

static void test_last_lines_end_half_a_ring_back(void **state)
{
    (void)state;
    uint64_t positions[4];
    log_component("dead", "old", 3);
    uint64_t end = log_end() + LOG_RING_BYTES / 2;
    while (log_end() < end) {
        log_line("init: something else");
    }
    assert_int_equal(log_last_lines("dead", 0, positions, 4), 0);
    log_component("dead", "new", 3);
    assert_int_equal(log_last_lines("dead", 0, positions, 4), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_come_back_in_order),
        cmocka_unit_test(test_a_long_line_is_cut),
        cmocka_unit_test(test_a_component_cannot_forge_lines),
        cmocka_unit_test(test_component_text_is_cut_at_one_line),
        cmocka_unit_test(test_an_overtaken_reader_goes_on_at_the_oldest_byte),
        cmocka_unit_test(test_errors_and_faults_are_alerts),
        cmocka_unit_test(test_last_lines_of_a_component_are_found_newest_first),
        cmocka_unit_test(test_last_lines_end_half_a_ring_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
