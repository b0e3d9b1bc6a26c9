/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the kernel's unit tests share: booting, making objects by the plainest means, threads, and
 * looking at errors. Each test function runs as the root task of a kernel of its own.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arch/host_kernel.h>
#include <sel4/sel4.h>

typedef void (*harness_test)(void);

/* Boot a kernel, run the test as its root task, and check that it returned. */
void harness_run(harness_test test);

/* As above with options of the test's own; returns how the run ended. */
enum kernel_host_end harness_run_with(const struct kernel_host_options *options, harness_test test);

/* One row of a cmocka table for a function of type harness_test. */
#define HARNESS_TEST(function)                                   \
    {                                                            \
#function, harness_entry, NULL, NULL, (void *)(function) \
    }
void harness_entry(void **state);

extern seL4_BootInfo *harness_bootinfo;

/* The untyped of the given size or more that objects are made from, cut from the largest RAM one.
 */
seL4_CPtr harness_untyped(seL4_Word size_bits);

/* A free slot of the root CNode. */
seL4_CPtr harness_slot(void);

/* Make one object in a free slot; fails the test if that fails. */
seL4_CPtr harness_object(seL4_Word type, seL4_Word size_bits);

/* A copy with rights and badge in a free slot. */
seL4_CPtr harness_mint(seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge);

seL4_Error harness_delete(seL4_CPtr slot);
seL4_Error harness_revoke(seL4_CPtr slot);

struct harness_thread {
    seL4_CPtr tcb;
    seL4_CPtr sc; /* 0 for a passive thread */
    seL4_CPtr reply;
    seL4_CPtr buffer;
};

typedef void (*harness_function)(seL4_Word a, seL4_Word b, seL4_Word c, seL4_Word d);

/* A thread in the root task's spaces with 10 ms round robin, not started. */
struct harness_thread harness_thread(seL4_Word priority);

/* As above without scheduling context. */
struct harness_thread harness_passive_thread(seL4_Word priority);

void harness_start(const struct harness_thread *thread, harness_function function, seL4_Word a,
                   seL4_Word b);

/* Let every thread of higher or equal priority run until it blocks. */
void harness_let_run(void);

/* Change the root task's own priority. */
void harness_set_own_priority(seL4_Word priority);

/* Tag of a capability as DebugCapIdentify tells it. */
seL4_Word harness_tag(seL4_CPtr slot);

/* A log that threads write to and tests compare. */
void harness_log(char event);
const char *harness_log_text(void);

/* Shorthand for tests: the root CNode with its full depth. */
#define ROOT  seL4_CapInitThreadCNode
#define DEPTH 64

#define assert_ok(call)          assert_int_equal((call), seL4_NoError)
#define assert_error(call, code) assert_int_equal((call), (code))

/* The call fails with a FailedLookup whose words are source side, kind, and two more. */
#define assert_failed_lookup(call, source, kind, word2) \
    do {                                                \
        assert_int_equal((call), seL4_FailedLookup);    \
        assert_int_equal(seL4_GetMR(0), (source));      \
        assert_int_equal(seL4_GetMR(1), (kind));        \
        assert_int_equal(seL4_GetMR(2), (word2));       \
    } while (0)

/* The call fails with RangeError(minimum, maximum). */
#define assert_range_error(call, minimum, maximum)  \
    do {                                            \
        assert_int_equal((call), seL4_RangeError);  \
        assert_int_equal(seL4_GetMR(0), (minimum)); \
        assert_int_equal(seL4_GetMR(1), (maximum)); \
    } while (0)

/* The call fails with a code whose one word is the value. */
#define assert_error_word(call, code, value)      \
    do {                                          \
        assert_int_equal((call), (code));         \
        assert_int_equal(seL4_GetMR(0), (value)); \
    } while (0)
