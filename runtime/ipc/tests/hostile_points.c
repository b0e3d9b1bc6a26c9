/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The compiler's load callbacks (-fsanitize-coverage=trace-loads); not itself compiled with them.
 */
#include "hostile_points.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
    uintptr_t start;
    size_t bytes;
    uintptr_t also_start;
    size_t also_bytes;
    unsigned points;
    unsigned points_max;
    hostile_hook hook;
    bool inside; /* the hook's own doings do not count */
} watched;

void hostile_watch(const void *start, size_t bytes, unsigned points_max, hostile_hook hook)
{
    watched.start = (uintptr_t)start;
    watched.bytes = bytes;
    watched.points = 0;
    watched.points_max = points_max;
    watched.hook = hook;
}

void hostile_watch_also(const void *start, size_t bytes)
{
    watched.also_start = (uintptr_t)start;
    watched.also_bytes = bytes;
}

unsigned hostile_unwatch(void)
{
    watched.bytes = 0;
    watched.also_bytes = 0;
    return watched.points;
}

static void on_load(const void *address)
{
    bool seen = (uintptr_t)address - watched.start < watched.bytes ||
                (uintptr_t)address - watched.also_start < watched.also_bytes;
    if (!seen || watched.inside) {
        return;
    }
    unsigned point = watched.points++;
    if (watched.points > watched.points_max) {
        fprintf(stderr, "an operation does not end\n");
        abort();
    }
    if (watched.hook != NULL) {
        watched.inside = true;
        watched.hook(point);
        watched.inside = false;
    }
}

void __sanitizer_cov_load1(uint8_t *address);
void __sanitizer_cov_load2(uint16_t *address);
void __sanitizer_cov_load4(uint32_t *address);
void __sanitizer_cov_load8(uint64_t *address);
void __sanitizer_cov_load16(void *address);

void __sanitizer_cov_load1(uint8_t *address)
{
    on_load(address);
}

void __sanitizer_cov_load2(uint16_t *address)
{
    on_load(address);
}

void __sanitizer_cov_load4(uint32_t *address)
{
    on_load(address);
}

void __sanitizer_cov_load8(uint64_t *address)
{
    on_load(address);
}

void __sanitizer_cov_load16(void *address)
{
    on_load(address);
}
