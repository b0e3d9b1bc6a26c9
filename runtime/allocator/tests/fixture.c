/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See fixture.h. */
#include "fixture.h"

#include <kaal/assert.h>

#include <stdio.h>
#include <stdlib.h>

struct fixture fixture;

void kaal_assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
    abort();
}

void fixture_init(bool expand)
{
    assert_kaal(kaal_cspace_init(&fixture.cspace, harness_bootinfo));
    assert_kaal(kaal_untyped_init(&fixture.untyped, &fixture.cspace, harness_bootinfo,
                                  fixture.storage, sizeof(fixture.storage)));
    if (expand) {
        assert_kaal(kaal_cspace_expand(&fixture.cspace, &fixture.untyped));
    }
}

struct fixture_counts fixture_count(void)
{
    struct kaal_untyped_totals totals;
    kaal_untyped_totals(&fixture.untyped, &totals);
    return (struct fixture_counts){
        .free_bytes = totals.free_bytes,
        .largest_bytes = totals.largest_bytes,
        .device_free_bytes = totals.device_free_bytes,
    };
}

void fixture_assert_equal(const struct fixture_counts *a, const struct fixture_counts *b)
{
    assert_int_equal(a->free_bytes, b->free_bytes);
    assert_int_equal(a->largest_bytes, b->largest_bytes);
    assert_int_equal(a->device_free_bytes, b->device_free_bytes);
}

/* Taking an untyped as a whole forces its halves together; below one that is in use, try each half.
 */
static void merge_free_parts(const struct kaal_untyped *untyped)
{
    struct kaal_untyped *taken;
    if (untyped->state != KAAL_UNTYPED_SPLIT) {
        return;
    }
    if (kaal_untyped_allocate_at(&fixture.untyped, untyped->paddr, untyped->bits, &taken) ==
        KAAL_OK) {
        assert_kaal(kaal_untyped_free(&fixture.untyped, taken));
        return;
    }
    merge_free_parts(untyped->low);
    merge_free_parts(untyped->high);
}

uint64_t fixture_free_slots_after_merging(void)
{
    for (struct kaal_untyped *boot = fixture.untyped.boot; boot != NULL; boot = boot->next_boot) {
        merge_free_parts(boot);
    }
    return fixture.cspace.free_count;
}
