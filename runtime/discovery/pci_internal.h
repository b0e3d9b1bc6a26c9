/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the files of PCI enumeration share: the walk over one window, and access to a function.
 */
#pragma once

#include <kaal/pci.h>
#include <kaal/pci_registers.h>

#include "discovery_internal.h"

/** The walk over one window. */
struct pci_walk {
    const struct kaal_pci_ecam *ecam;
    const struct kaal_discovery_access *access;
    struct kaal_device_registry *registry;
    uint32_t first;          /**< registry entry of the window's first function */
    uint32_t highest_bus;    /**< highest bus that was walked or numbered */
    uint64_t known_buses[4]; /**< bit set: the bus was walked */
    enum {
        PCI_NUMBERS_UNKNOWN,
        PCI_NUMBERS_GIVEN,
        PCI_NUMBERS_OURS
    } numbers; /**< of the buses */
    struct kaal_problem problem;
};

/** Reads a word of a function's configuration space. */
static inline uint32_t pci_read(const struct pci_walk *walk, uint64_t config, uint32_t offset)
{
    return walk->access->config_read32(walk->access->context, config + offset);
}

/** Writes one. */
static inline void pci_write(const struct pci_walk *walk, uint64_t config, uint32_t offset,
                             uint32_t value)
{
    walk->access->config_write32(walk->access->context, config + offset, value);
}

/** Reports "PCI 0:1f.2, offset 0x10: <what>". */
void pci_bad(struct pci_walk *walk, const struct kaal_device *device, uint32_t offset,
             const char *what);

/* pci_function.c */

/** Sizes the first bar_count BARs; those with an address that the CPU can see get it. */
void pci_read_bars(struct pci_walk *walk, struct kaal_device *device, uint32_t bar_count);
/** Finds the capabilities that the broker uses. After pci_read_bars(). */
void pci_read_capabilities(struct pci_walk *walk, struct kaal_device *device);

/* pci_assign.c */

/** Gives bridges' windows and BARs without an address a place, and works out what may decode. */
void pci_assign(struct pci_walk *walk);
