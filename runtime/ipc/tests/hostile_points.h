/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A peer that changes its memory at chosen points. The library is compiled so that it reports each
 * load just before it happens; between two loads of the peer's memory nothing that the peer does
 * can be seen, so these points are all there are.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Called before each load of the watched memory; point counts from 0. */
typedef void (*hostile_hook)(unsigned point);

/* Watches [start, start + bytes) and counts from 0 again; hook may be NULL. More loads than
 * points_max end the test: no operation may look for ever. */
void hostile_watch(const void *start, size_t bytes, unsigned points_max, hostile_hook hook);

/* Watches a second range too, until hostile_unwatch(). */
void hostile_watch_also(const void *start, size_t bytes);

/* Ends watching. Returns the number of loads since hostile_watch(). */
unsigned hostile_unwatch(void);
