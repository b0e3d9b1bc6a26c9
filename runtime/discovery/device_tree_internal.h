/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The walk over a device tree, shared by the files that read its parts.
 */
#pragma once

#include <kaal/device_tree.h>

#include "discovery_internal.h"

/** Deepest nesting of nodes that is read. */
#define TREE_DEPTH_MAX 16u
/** Most cells of an address or size that is read; PCI addresses have three. */
#define TREE_CELLS_MAX 3u

/** A node on the path from the root. */
struct tree_level {
    int node;               /**< offset in the blob */
    uint32_t address_cells; /**< of its children */
    uint32_t size_cells;    /**< of its children */
    uint32_t irq_parent;    /**< phandle that its interrupts go to, 0 = none */
    bool enabled;           /**< no "status" of it or above says otherwise */
    bool translates;        /**< addresses of its children can be translated to the CPU's */
};

/** The walk. */
struct tree {
    const void *blob;
    const struct kaal_discovery_access *access;
    struct kaal_platform *platform;
    struct kaal_device_registry *registry;
    struct tree_level path[TREE_DEPTH_MAX]; /**< path[0] is the root */
    uint32_t depth;                         /**< of the present node */
    int nodes[KAAL_DEVICES_MAX];            /**< node of each registry entry, -1 = none */
    struct kaal_problem problem;
};

/** Reports "device tree node <name>, <property>: <what>". */
void tree_bad(struct tree *tree, int node, const char *property, const char *what);

/** A property's bytes, NULL if the node does not have it. */
const uint8_t *tree_property(const struct tree *tree, int node, const char *name, uint32_t *bytes);

/** The cell (32 bits, big-endian) at an index of a property. */
uint32_t tree_cell(const uint8_t *property, uint32_t index);

/** A one-cell property's value, or what is given if it is missing or of another length. */
uint32_t tree_cell_or(const struct tree *tree, int node, const char *name, uint32_t otherwise);

/** A number of count (0 to 2) cells at an index of a property. */
uint64_t tree_number(const uint8_t *property, uint32_t index, uint32_t count);

/** Adds the present node's interrupts to a device; reports what makes no sense. */
void tree_read_interrupts(struct tree *tree, struct kaal_device *device);

/**
 * Finds the interrupts of the PCI functions [first, registry->count) through the host bridge's
 * interrupt-map. first_bus: the one directly at the bridge.
 */
void tree_read_pci_interrupts(struct tree *tree, int host, uint32_t first, uint32_t first_bus);
