/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * VT-d: address spaces of devices. Every call is made under `if (CONFIG_IOMMU)`; without hardware
 * (levels 0) no IO space capability exists, and nothing can be mapped. Unmapping is generic
 * (kernel/vspace.h), which comes back here by arch_io_space_unmap().
 */
#pragma once

#include <kernel/invocation.h>

#define IOMMU_UNITS_MAX 8
#define IOMMU_RMRR_MAX  32

/* Memory that firmware keeps using by DMA of one device. */
struct iommu_rmrr {
    uint16_t request_id;
    paddr_t base;
    paddr_t limit; /* last byte */
};

/* What the DMAR tables say. */
struct iommu_info {
    paddr_t units[IOMMU_UNITS_MAX];
    word_t unit_count;
    struct iommu_rmrr rmrrs[IOMMU_RMRR_MAX];
    word_t rmrr_count;
    bool refused; /* the tables describe something this kernel cannot do: no IOMMU at all */
};

/* Page table levels of every device, 0 while no IOMMU is active. */
extern word_t iommu_levels;

/*
 * Map and read the units' registers. Boot only.
 * Returns false after a message if the units have no page table depth in common.
 */
bool iommu_probe(const struct iommu_info *info) MUST_CHECK;

/* Bytes of page-aligned memory that iommu_start() needs. Boot only. */
word_t iommu_memory_bytes(const struct iommu_info *info);

/* Turn translation on with nothing but the RMRRs mapped. Boot only, after apic_init(). */
void iommu_start(const struct iommu_info *info, void *memory);

/* The units' fault interrupt: report and clear the records. */
void iommu_interrupt(void);

/* The capability that Mint makes from an IO space capability; null if data is not allowed. */
struct cap iommu_mint(struct cap space, word_t data);

/* The last capability of a device is gone: it reaches nothing any more. */
void iommu_delete_space(struct cap space);

enum kernel_result iommu_decode_map_table(struct invocation *inv) MUST_CHECK;
enum kernel_result iommu_decode_map_page(struct invocation *inv) MUST_CHECK;
