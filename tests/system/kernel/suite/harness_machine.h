/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * QEMU as the machine of the shared kernel tests, see kernel/tests/harness.h. A failing assertion
 * of the root task ends its test; one of another thread ends that thread, and the test fails.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <suite_arch.h>

struct CMUnitTest {
    const char *name;
    void (*function)(void);
};

#define HARNESS_TEST(function) \
    {                          \
#function, function    \
    }

/* Run the tests, each from a clean state; returns how many failed. */
int suite_run(const struct CMUnitTest *tests, unsigned count);

#define cmocka_run_group_tests(tests, setup, teardown) \
    suite_run((tests), sizeof(tests) / sizeof((tests)[0]))
#define cmocka_run_group_tests_name(name, tests, setup, teardown) \
    cmocka_run_group_tests(tests, setup, teardown)

/* Fail the running test unless good; the other one also prints both values. */
void suite_assert(bool good, const char *what, const char *file, int line);
void suite_assert_equal(uint64_t value, uint64_t expected, const char *what, const char *file,
                        int line);
void suite_assert_text(const char *value, const char *expected, const char *file, int line);

#define assert_true(condition)  suite_assert((condition), #condition, __FILE__, __LINE__)
#define assert_false(condition) suite_assert(!(condition), "not " #condition, __FILE__, __LINE__)
#define assert_int_equal(a, b) \
    suite_assert_equal((uint64_t)(a), (uint64_t)(b), #a " == " #b, __FILE__, __LINE__)
#define assert_ptr_equal(a, b)     assert_int_equal((uintptr_t)(a), (uintptr_t)(b))
#define assert_int_not_equal(a, b) assert_true((a) != (b))
#define assert_in_range(a, low, high)                                                   \
    do {                                                                                \
        uint64_t suite_value = (a);                                                     \
        if (suite_value < (uint64_t)(low) || suite_value > (uint64_t)(high)) {          \
            suite_assert_equal(suite_value, (low), #a " in range", __FILE__, __LINE__); \
            assert_true(suite_value <= (uint64_t)(high));                               \
        }                                                                               \
    } while (0)
#define assert_string_equal(a, b)        suite_assert_text((a), (b), __FILE__, __LINE__)
#define assert_memory_equal(a, b, bytes) assert_true(memcmp((a), (b), (bytes)) == 0)

/* main() of each test file, under the name that the build gives it. */
#define SUITE_FILE(name) int suite_##name(void);
#include <suite_files.h>
#undef SUITE_FILE
