/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What only x86_64 has: decode functions (which label goes where: invocation.c) and what belongs to
 * them. */
#pragma once

#include <kernel/invocation.h>

/* I/O ports: Issue, of the control capability; In and Out of every width, of a range's. */
decode_function ioport_decode_issue, ioport_decode;

/* The last capability of a range is gone: its ports may be issued again. */
void ioport_release(struct cap cap);

/* IRQControl: GetIOAPIC and GetMSI. */
decode_function irq_decode_get_ioapic, irq_decode_get_msi;

/* Spaces of devices. */
decode_function iommu_decode_map_table, iommu_decode_map_page;

/*
 * VT-d: address spaces of devices. Every call is made under `if (CONFIG_IOMMU)`; without hardware
 * (levels 0) no IO space capability exists, and nothing can be mapped. Unmapping is generic
 * (kernel/vspace.h), which comes back by arch_io_space_unmap().
 */

/* Page table levels of every device, 0 while no IOMMU is active. */
extern word_t iommu_levels;

/* The units' fault interrupt: report and clear the records. */
void iommu_interrupt(void);

/* The capability that Mint makes from an IO space capability; null if data is not allowed. */
struct cap iommu_mint(struct cap space, word_t data);

/* The last capability of a device is gone: it reaches nothing any more. */
void iommu_delete_space(struct cap space);
