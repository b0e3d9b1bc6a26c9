/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the allocator's tests share: the library on a freshly booted host kernel, and a snapshot
 * that shows whether everything that was taken came back.
 */
#pragma once

#include "harness.h"

#include <kaal/arena.h>
#include <kaal/bits.h>
#include <kaal/cspace.h>
#include <kaal/untyped.h>
#include <kaal/vspace.h>

/** Records the fixture starts with. */
#define FIXTURE_RECORDS 4096u

/** The library's state; each test function has a fresh kernel and a fresh fixture. */
struct fixture {
    struct kaal_cspace cspace;
    struct kaal_untyped_manager untyped;
    _Alignas(8) uint8_t storage[FIXTURE_RECORDS * KAAL_RECORD_BYTES];
};

/** The one fixture; fixture_init() starts it anew. */
extern struct fixture fixture;

/** Starts the library on the kernel that runs now; expand: also the CSpace of two levels. */
void fixture_init(bool expand);

/** What must be equal before and after. */
struct fixture_counts {
    uint64_t free_bytes;
    uint64_t largest_bytes;
    uint64_t device_free_bytes;
};
struct fixture_counts fixture_count(void);
void fixture_assert_equal(const struct fixture_counts *a, const struct fixture_counts *b);

/** Halves are mergeable, so slots and records may stay with them: merges everything first. */
uint64_t fixture_free_slots_after_merging(void);

#define assert_kaal(call)              assert_int_equal((call), KAAL_OK)
#define assert_kaal_error(call, error) assert_int_equal((call), (error))
