/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The boot information that the kernel gives the root task, checked once and then easy to ask:
 * untyped memory by physical address, totals, and the chain of extra blocks (ACPI RSDP, memory map,
 * TSC frequency, device tree).
 *
 * Typical use: kaal_bootinfo_open(seL4_GetBootInfo(), ...) first; everything else cannot then meet
 * a malformed field.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/error.h>
#include <kaal/problem.h>
#include <sel4/sel4.h>

/** A bootinfo frame that kaal_bootinfo_open() accepted. */
struct kaal_bootinfo {
    const seL4_BootInfo *raw;   /**< the frame itself */
    const uint8_t *extra;       /**< first extra block, or NULL */
    uint64_t extra_bytes;       /**< length of all extra blocks */
    uint32_t untyped_count;     /**< entries of raw->untypedList in use */
    uint64_t ram_bytes;         /**< total of untypeds that are not device memory */
    uint64_t device_bytes;      /**< total of device untypeds */
    uint32_t ram_count;         /**< number of untypeds that are not device memory */
    uint32_t device_count;      /**< number of device untypeds */
    uint64_t largest_ram_bytes; /**< size of the largest one that is not device memory */
};

/** Bytes of the bootinfo frame; extra blocks start on the page behind it. */
#define KAAL_BOOTINFO_FRAME_BYTES 4096u

/**
 * Checks the whole of bootinfo: slot regions inside the CNode and disjoint, untyped sizes and
 * alignments, no overlapping untypeds, IPC buffer, the chain of extra blocks.
 *   data             the bootinfo frame, 8-byte aligned; the extra blocks follow 4096 bytes later
 *   available_bytes  memory readable from data; 0 = as much as bootinfo itself announces
 *   info             out;  problem  out, set on failure, may be NULL
 * Returns KAAL_OK; KAAL_ERR_TRUNCATED, KAAL_ERR_FORMAT or KAAL_ERR_RANGE.
 * Context: anywhere, never blocks. Ownership: borrows data for as long as info is used.
 */
MUST_CHECK int kaal_bootinfo_open(const void *data, uint64_t available_bytes,
                                  struct kaal_bootinfo *info, struct kaal_problem *problem);

/**
 * Finds the untyped that contains a physical address.
 *   paddr  any address;  index  out: entry of raw->untypedList; its capability is in slot
 *   raw->untyped.start + index
 * Returns KAAL_OK or KAAL_ERR_NOT_FOUND.
 */
MUST_CHECK int kaal_bootinfo_find_untyped(const struct kaal_bootinfo *info, uint64_t paddr,
                                          uint32_t *index);

/**
 * Finds the first extra block of a kind.
 *   id  SEL4_BOOTINFO_HEADER_*;  content, bytes  out: what follows the block's header; content has
 *   no alignment
 * Returns KAAL_OK or KAAL_ERR_NOT_FOUND.
 */
MUST_CHECK int kaal_bootinfo_find_extra(const struct kaal_bootinfo *info, seL4_Word id,
                                        const uint8_t **content, uint64_t *bytes);

/**
 * The frequency of the x86 time stamp counter that the kernel measured.
 *   mhz  out: whole MHz
 * Returns KAAL_OK, KAAL_ERR_NOT_FOUND without that block, KAAL_ERR_FORMAT if it is too short or 0.
 */
MUST_CHECK int kaal_bootinfo_tsc_mhz(const struct kaal_bootinfo *info, uint32_t *mhz);
