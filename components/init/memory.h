/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * init's memory: the one CSpace, the one untyped manager, init's own address space with a window
 * for what it maps at run time, and the frames of its own image (whose archive pages components
 * share). Everything that init keeps for ever comes from one arena without a quota.
 *
 * Life cycle: memory_start() once, before anything else; memory_top_up() whenever a request was
 * served, so that records and slots never run out in the middle of one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kaal/arena.h>
#include <kaal/bootinfo.h>
#include <kaal/cspace.h>
#include <kaal/untyped.h>
#include <kaal/vspace.h>

/**
 * Takes over what the kernel handed to init and grows the CSpace.
 * Returns KAAL_OK, or the error of the part that failed, with problem->text set.
 */
MUST_CHECK int memory_start(const struct kaal_bootinfo *bootinfo, struct kaal_problem *problem);

/** The CSpace of init. */
struct kaal_cspace *memory_cspace(void);
/** The untyped manager. */
struct kaal_untyped_manager *memory_untyped(void);
/** The arena of what init keeps for ever. */
struct kaal_arena *memory_arena(void);
/** init's own address space. */
struct kaal_vspace *memory_vspace(void);

/** Adds records and slots when few are left; a failure shows when they are really used up. */
void memory_top_up(void);

/**
 * Zeroed memory that init keeps for ever, for its tables.
 * Returns NULL if there is not enough. Alignment: 64 bytes.
 */
void *memory_permanent(size_t bytes);

/**
 * Maps frames into init's window.
 *   first, count  slots of frame capabilities;  bits  12 or 21;  how  bits of enum kaal_map
 *   address  out
 * Returns KAAL_OK or the errors of kaal_vspace_range_take() and kaal_vspace_map().
 */
MUST_CHECK int memory_map(seL4_CPtr first, uint32_t count, uint32_t bits, uint32_t how,
                          void **address);

/** Undoes memory_map(). */
void memory_unmap(seL4_CPtr first, uint32_t count, uint32_t bits, void *address);

/**
 * Maps one 4 KiB frame at the scratch page, replacing the one before it.
 * Returns its address or NULL. The frame must be unmapped with memory_scratch_end() before it is
 * mapped anywhere else.
 */
void *memory_scratch_begin(seL4_CPtr frame);
void memory_scratch_end(seL4_CPtr frame);

/**
 * Maps the frame of somebody else at the scratch page, through a copy of its capability.
 *   copy  out: for memory_peek_end()
 * Returns its address or NULL.
 */
void *memory_peek_begin(seL4_CPtr frame, seL4_CPtr *copy);
void memory_peek_end(seL4_CPtr copy);

/**
 * The frame capability of a page of init's own image, e.g. of the archive.
 * Returns KAAL_OK, or KAAL_ERR_RANGE for an address outside the image.
 */
MUST_CHECK int memory_image_frame(const void *address, seL4_CPtr *frame);

/** Bytes from an address of the image to its end; 0 outside it. */
uint64_t memory_image_bytes_from(const void *address);
