/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the kernel's tests share: making objects by the plainest means, threads, time, and looking
 * at errors. The same test files run on the host kernel, each test as the root task of a kernel of
 * its own (host/), and in QEMU, all tests as one root task that cleans up behind each
 * (tests/system/kernel/suite). <harness_machine.h> is what differs between the two:
 *
 *   the assert_*() macros, and HARNESS_TEST() rows for cmocka_run_group_tests()
 *   HARNESS_PAGE, HARNESS_TABLE, HARNESS_VSPACE   object types: 4 KiB frame, last table, root
 *   harness_assign_asid(root), harness_page_address(frame)
 *   HARNESS_CONTEXT_TLS     index of the thread pointer in seL4_UserContext
 *   HARNESS_FLAGS_WRITTEN   what is left of flags written as all ones
 *   HARNESS_UNKNOWN_SYSCALL_LENGTH
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <sel4/sel4.h>

#include <harness_machine.h>

typedef void (*harness_test)(void);

extern seL4_BootInfo *harness_bootinfo;

/* Make slots, objects and log new; called before each test. */
void harness_begin(seL4_BootInfo *bootinfo, seL4_CPtr first_slot);

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
    seL4_Word room; /* the machine's: which stack it has */
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

/* Microseconds since some point in the past. */
uint64_t harness_now_us(void);

/* Use up so much CPU time; others may run in between. */
void harness_compute_us(uint64_t us);

/* Ticks of the kernel's clock, of which domains count; the longest budget and period. */
uint64_t harness_ticks(uint64_t us);
uint64_t harness_us_max(void);

/* The content of a 4 KiB frame that is not mapped. */
unsigned char *harness_memory(seL4_CPtr frame);

/* A log that threads write to and tests compare. */
void harness_log(char event);
const char *harness_log_text(void);

/* ---- supplied by the machine ---- */

/* An untyped that objects may come from. */
seL4_CPtr harness_pool(void);

/* A frame for the thread's IPC buffer, and its address; also gives the thread a room. */
seL4_CPtr harness_buffer(struct harness_thread *thread, seL4_Word *vaddr);

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
