/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * PCI enumeration through configuration windows (ECAM): every function behind every bridge, with
 * its ids, class, BARs (sized by writing all ones, with decoding off meanwhile), interrupt pin and
 * capabilities. What a device answers is checked like any foreign input.
 */
#pragma once

#include <kaal/platform.h>

/** Physical address of a function's configuration space in a window. */
static inline uint64_t kaal_pci_config_paddr(const struct kaal_pci_ecam *ecam, uint32_t bus,
                                             uint32_t device, uint32_t function)
{
    return ecam->paddr + ((uint64_t)(bus - ecam->first_bus) << 20 | (uint64_t)device << 15 |
                          (uint64_t)function << 12);
}

/**
 * Adds every function of a window to the registry.
 *   ecam      window;  access  config_read32, config_write32, report are used
 *   registry  in/out
 * Returns KAAL_OK; KAAL_ERR_FORMAT for a window whose bus numbers or address make no sense.
 */
MUST_CHECK int kaal_pci_enumerate(const struct kaal_pci_ecam *ecam,
                                  const struct kaal_discovery_access *access,
                                  struct kaal_device_registry *registry);
