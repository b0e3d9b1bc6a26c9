/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The static ACPI tables: RSDP -> RSDT or XSDT -> MADT, MCFG, FADT, HPET, and the sleep values of
 * \_S5_ in the DSDT. No byte is used before its length and checksum are checked; a malformed table
 * is a problem text that names the table, the offset and what to do, and never a crash.
 */
#pragma once

#include <kaal/platform.h>

/** Most definition blocks: the DSDT and SSDTs. */
#define KAAL_ACPI_BLOCKS_MAX 24u

/** A definition block: code that describes devices. */
struct kaal_acpi_block {
    char name[5];        /**< its signature */
    uint64_t paddr;      /**< where it is, for messages */
    const uint8_t *data; /**< all of it, checksum checked; readable while discovery runs */
    uint32_t bytes;      /**< its length */
};

/** All definition blocks, the DSDT first. */
struct kaal_acpi_blocks {
    uint32_t count;                                      /**< used entries of blocks */
    struct kaal_acpi_block blocks[KAAL_ACPI_BLOCKS_MAX]; /**< [count] */
};

/**
 * Reads all tables that hang off an RSDP.
 *   rsdp, rsdp_bytes  the RSDP structure itself, no alignment needed
 *   access            map and report are used
 *   platform          in/out: interrupt controllers, overrides, windows, power, HPET
 *   blocks            out: definition blocks; NULL = nobody wants them
 * Returns KAAL_OK if the root table was readable (single bad tables are reported and skipped);
 * otherwise KAAL_ERR_TRUNCATED, KAAL_ERR_FORMAT, KAAL_ERR_CHECKSUM, KAAL_ERR_NOT_FOUND (not
 * mappable), after a report.
 */
MUST_CHECK int kaal_acpi_read(const uint8_t *rsdp, uint64_t rsdp_bytes,
                              const struct kaal_discovery_access *access,
                              struct kaal_platform *platform, struct kaal_acpi_blocks *blocks);
