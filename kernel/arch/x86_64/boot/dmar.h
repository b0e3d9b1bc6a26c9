/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The ACPI table of remapping hardware. Boot only. */
#pragma once

#include "mm/iommu.h"

/*
 * Add what a DMAR table tells to *info.
 *   table, bytes  the whole table, its checksum verified
 * Anything that the kernel cannot do sets info->refused.
 */
void dmar_read(struct iommu_info *info, const uint8_t *table, word_t bytes);
