/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The device tree: platform devices with translated addresses and interrupts, PCI host bridges and
 * the power method. libfdt walks the blob; every value it yields is checked here.
 */
#pragma once

#include <kaal/platform.h>

/**
 * Reads a device tree blob.
 *   blob, bytes  8-byte aligned copy or original; must outlive the registry (ids point into it)
 *   access       report is used
 *   platform     in/out: windows, power;  registry  in/out: one entry per enabled device
 * Returns KAAL_OK; KAAL_ERR_TRUNCATED, KAAL_ERR_FORMAT, KAAL_ERR_ALIGN after a report. A node that
 * makes no sense is reported and left out.
 */
MUST_CHECK int kaal_device_tree_read(const uint8_t *blob, uint64_t bytes,
                                     const struct kaal_discovery_access *access,
                                     struct kaal_platform *platform,
                                     struct kaal_device_registry *registry);
