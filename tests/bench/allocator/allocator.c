/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The cost of an allocation must not depend on how much is allocated. This runs in init, in place
 * of serve(), with init's own CSpace and untypeds: the mean of fresh allocations with 1,000 and
 * with 100,000 live objects, for objects of an arena and for untypeds, and the ratio of both. Under
 * -icount shift=0 a nanosecond is an instruction.
 */
#include <kaal/assert.h>
#include <kaal/startup.h>

#include "log.h"
#include "memory.h"
#include "serve.h"

#define FEW           1000u
#define MANY          100000u
#define MEASURED      1024u
#define UNTYPED_BITS  10u
#define STORAGE_BYTES ((size_t)1 << 20)
#define STORAGE_COUNT 40u /* MiB of records: each live untyped needs two */

static struct kaal_untyped *untypeds[MANY + 2 * MEASURED];
static uint32_t untyped_count;
static struct kaal_arena arena;
static struct kaal_usage usage;

static void check(int error, const char *what)
{
    if (error != KAAL_OK) {
        log_line("bench: error: %s: %s", what, kaal_error_text(error));
        kaal_panic("bench");
    }
}

static void make_room(void)
{
    for (uint32_t i = 0; i < STORAGE_COUNT; i++) {
        void *storage = memory_permanent(STORAGE_BYTES);
        check(storage == NULL ? KAAL_ERR_NO_MEMORY : KAAL_OK, "records");
        kaal_untyped_add_storage(memory_untyped(), storage, STORAGE_BYTES);
    }
    while (kaal_cspace_expand(memory_cspace(), memory_untyped()) == KAAL_OK) {
    }
}

static void allocate_object(void)
{
    seL4_CPtr slot;
    check(kaal_arena_allocate(&arena, seL4_EndpointObject, 0, 1, &slot), "object");
}

static void allocate_untyped(void)
{
    check(kaal_untyped_allocate(memory_untyped(), UNTYPED_BITS, &untypeds[untyped_count++]),
          "untyped");
}

/* Instructions of one allocation, the mean of MEASURED ones. */
static uint64_t measure(void (*allocate)(void))
{
    uint64_t start = kaal_now_ns();
    for (uint32_t i = 0; i < MEASURED; i++) {
        allocate();
    }
    return (kaal_now_ns() - start) / MEASURED;
}

/* Rows for FEW and MANY live objects; what is measured counts as live afterwards. */
static void measure_growth(const char *name, void (*allocate)(void))
{
    uint32_t live = 0;
    for (; live < FEW; live++) {
        allocate();
    }
    uint64_t few = measure(allocate);
    for (live += MEASURED; live < MANY; live++) {
        allocate();
    }
    uint64_t many = measure(allocate);
    log_line("bench: %s_1000_live %llu", name, (unsigned long long)few);
    log_line("bench: %s_100000_live %llu", name, (unsigned long long)many);
    log_line("bench: %s_growth_percent %llu", name, (unsigned long long)(100 * many / few));
}

static uint64_t measure_free(uint32_t down_to)
{
    uint64_t start = kaal_now_ns();
    uint32_t count = untyped_count - down_to;
    while (untyped_count > down_to) {
        check(kaal_untyped_free(memory_untyped(), untypeds[--untyped_count]), "free");
    }
    return (kaal_now_ns() - start) / count;
}

_Noreturn void __wrap_serve(void);

_Noreturn void __wrap_serve(void)
{
    make_room();
    kaal_arena_init(&arena, memory_untyped(), &usage);
    measure_growth("arena_object", allocate_object);
    kaal_arena_release(&arena);
    measure_growth("untyped_allocate", allocate_untyped);
    log_line("bench: untyped_free_100000_live %llu",
             (unsigned long long)measure_free(untyped_count - MEASURED));
    log_line("bench: done");
    for (;;) {
        seL4_Yield();
    }
}
