/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * VT-d: address spaces of devices. Every call is made under `if (CONFIG_IOMMU)`; without hardware
 * (levels 0) no IO space capability exists, and nothing can be mapped. Unmapping is generic
 * (kernel/vspace.h), which comes back here by arch_io_space_unmap().
 */
#pragma once

#include <kernel/cap.h>

/* Page table levels of every device, 0 while no IOMMU is active. */
extern word_t iommu_levels;

/* The units' fault interrupt: report and clear the records. */
void iommu_interrupt(void);

/* The capability that Mint makes from an IO space capability; null if data is not allowed. */
struct cap iommu_mint(struct cap space, word_t data);

/* The last capability of a device is gone: it reaches nothing any more. */
void iommu_delete_space(struct cap space);
