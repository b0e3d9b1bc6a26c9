/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Instructions of malloc() and free(), the mean over many objects of the usual small sizes, in
 * memory that the heap has already. Under -icount shift=0 a nanosecond is an instruction; the loop
 * around the calls is counted too.
 */
#include <stdlib.h>

#include <kaal/startup.h>

#define OBJECTS 512u
#define ROUNDS  16u

static void *objects[OBJECTS];

static size_t small_size(unsigned index)
{
    static const size_t sizes[] = {16, 24, 32, 48, 64, 100, 128, 200};
    return sizes[index % 8];
}

/* Allocates and frees all objects ROUNDS times and logs the mean of each. */
static void measure(const char *name, size_t fixed_bytes)
{
    uint64_t allocating = 0;
    uint64_t freeing = 0;
    for (unsigned round = 0; round <= ROUNDS; round++) {
        uint64_t start = kaal_now_ns();
        for (unsigned i = 0; i < OBJECTS; i++) {
            objects[i] = malloc(fixed_bytes != 0 ? fixed_bytes : small_size(i));
        }
        uint64_t allocated = kaal_now_ns();
        for (unsigned i = 0; i < OBJECTS; i++) {
            if (objects[i] == NULL) {
                kaal_panic("bench: error: malloc");
            }
        }
        uint64_t before_free = kaal_now_ns();
        for (unsigned i = 0; i < OBJECTS; i++) {
            free(objects[i]);
        }
        if (round > 0) { /* the first one gets the memory */
            allocating += allocated - start;
            freeing += kaal_now_ns() - before_free;
        }
    }
    kaal_log("bench: heap_malloc_%s %llu", name,
             (unsigned long long)(allocating / ROUNDS / OBJECTS));
    kaal_log("bench: heap_free_%s %llu", name, (unsigned long long)(freeing / ROUNDS / OBJECTS));
}

int main(void)
{
    void *keep = malloc(600 << 10); /* so that the heap keeps its memory between the rounds */
    free(keep);
    measure("small", 0);
    measure("1000_bytes", 1000);
    kaal_log("bench: done");
    return 0;
}
