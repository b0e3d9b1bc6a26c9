/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The static ACPI tables: RSDP -> RSDT or XSDT -> MADT, MCFG, FADT, HPET, and the sleep values of
 * \_S5_ in the DSDT. No byte is used before its length and checksum are checked; a malformed table
 * is a problem text that names the table, the offset and what to do, and never a crash.
 */
#pragma once

#include <kaal/platform.h>

/**
 * Reads all tables that hang off an RSDP.
 *   rsdp, rsdp_bytes  the RSDP structure itself, no alignment needed
 *   access            map and report are used
 *   platform          in/out: interrupt controllers, overrides, windows, power, HPET
 * Returns KAAL_OK if the root table was readable (single bad tables are reported and skipped);
 * otherwise KAAL_ERR_TRUNCATED, KAAL_ERR_FORMAT, KAAL_ERR_CHECKSUM, KAAL_ERR_NOT_FOUND (not
 * mappable), after a report.
 */
MUST_CHECK int kaal_acpi_read(const uint8_t *rsdp, uint64_t rsdp_bytes,
                              const struct kaal_discovery_access *access,
                              struct kaal_platform *platform);
