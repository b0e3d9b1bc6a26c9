/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The walk over a device tree, shared by the files that read its parts.
 */
#pragma once

#include <kaal/device_tree.h>

#include "discovery_internal.h"

/** Match id of a PCI host bridge that can be used. */
#define TREE_PCI_HOST "pci-host-ecam-generic"
/** Deepest nesting of nodes that is read. */
#define TREE_DEPTH_MAX 16u
/** Most interrupt controllers. */
#define TREE_CONTROLLERS_MAX 32u
/** Most numbered serial ports. */
#define TREE_SERIALS_MAX 8u

/** The properties that are read; each node's are collected in one pass. */
enum tree_property_index {
    TREE_ADDRESS_CELLS,
    TREE_SIZE_CELLS,
    TREE_INTERRUPT_CELLS,
    TREE_MSI_BASE_SPI,
    TREE_MSI_NUM_SPIS,
    TREE_BUS_RANGE,
    TREE_COMPATIBLE,
    TREE_INTERRUPT_CONTROLLER,
    TREE_INTERRUPT_MAP,
    TREE_INTERRUPT_MAP_MASK,
    TREE_INTERRUPT_PARENT,
    TREE_INTERRUPTS,
    TREE_INTERRUPTS_EXTENDED,
    TREE_METHOD,
    TREE_PCI_DOMAIN,
    TREE_PHANDLE,
    TREE_RANGES,
    TREE_REG,
    TREE_STATUS,
    TREE_STDOUT_PATH,
    TREE_PROPERTY_COUNT,
};

/** A property; value is NULL if the node does not have it. */
struct tree_property {
    const uint8_t *value;
    uint32_t bytes;
};

/** A node on the path from the root. */
struct tree_level {
    int node;                    /**< offset in the blob */
    uint32_t address_cells;      /**< of its children */
    uint32_t size_cells;         /**< of its children */
    uint32_t irq_parent;         /**< phandle that its interrupts go to, 0 = none */
    struct tree_property ranges; /**< how addresses below it are translated */
    bool enabled;                /**< no "status" of it or above says otherwise */
    bool translates;             /**< addresses below it can be translated to the CPU's */
};

/** An interrupt controller. */
struct tree_controller {
    uint32_t phandle;
    uint32_t cells;         /**< of an interrupt */
    uint32_t address_cells; /**< of a unit address in an interrupt-map */
};

/** What is needed of a device's node after the walk, when all controllers are known. */
struct tree_device {
    int node;                        /**< -1: found by PCI */
    bool extended;                   /**< interrupts is "interrupts-extended" */
    uint32_t irq_parent;             /**< phandle */
    struct tree_property interrupts; /**< undecoded */
};

/** What is needed of a PCI host bridge after the walk. */
struct tree_pci_host {
    int node;
    uint32_t first;     /**< registry entry of its first function */
    uint32_t count;     /**< functions */
    uint32_t first_bus; /**< the bus directly at the bridge */
    uint32_t irq_cells; /**< #interrupt-cells */
    struct tree_property map;
    struct tree_property mask;
};

/** The walk. */
struct tree {
    const void *blob;
    const struct kaal_discovery_access *access;
    struct kaal_platform *platform;
    struct kaal_device_registry *registry;
    struct tree_level path[TREE_DEPTH_MAX];               /**< path[0] is the root */
    uint32_t depth;                                       /**< of the present node */
    struct tree_property properties[TREE_PROPERTY_COUNT]; /**< of the present node */
    uint32_t controller_count;
    struct tree_controller controllers[TREE_CONTROLLERS_MAX];
    struct tree_device devices[KAAL_DEVICES_MAX]; /**< beside registry->devices */
    uint32_t host_count;
    struct tree_pci_host hosts[KAAL_ECAMS_MAX];
    struct tree_property serials[TREE_SERIALS_MAX]; /**< paths of /aliases */
    struct tree_property stdout_path;               /**< of /chosen */
    struct kaal_problem problem;
};

/** Reports "device tree node <name>, <property>: <what>". */
void tree_bad(struct tree *tree, int node, const char *property, const char *what);

/** The cell (32 bits, big-endian) at an index of a property. */
static inline uint32_t tree_cell(const uint8_t *property, uint32_t index)
{
    const uint8_t *cell = property + 4 * (size_t)index;
    return (uint32_t)cell[0] << 24 | (uint32_t)cell[1] << 16 | (uint32_t)cell[2] << 8 | cell[3];
}

/** A one-cell property's value, or what is given if it is missing or of another length. */
static inline uint32_t tree_cell_or(const struct tree_property *property, uint32_t otherwise)
{
    return property->value != NULL && property->bytes == 4 ? tree_cell(property->value, 0)
                                                           : otherwise;
}

/** A number of count (0 to 2) cells at an index of a property. */
static inline uint64_t tree_number(const uint8_t *property, uint32_t index, uint32_t count)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < count; i++) {
        value = value << 32 | tree_cell(property, index + i);
    }
    return value;
}

/** Entry `index` of the present node's reg, as the CPU sees it; false if there is none. */
bool tree_read_reg(struct tree *tree, uint32_t index, uint64_t *base, uint64_t *bytes);

/** True if the present node's compatible list, which is well-formed, has an id. */
bool tree_compatible(const struct tree *tree, const char *id);

/**
 * What the present node means beyond being a device: a PCI host bridge, a virtio transport, or a
 * frame that takes messages of devices.
 *   device  its entry in the registry
 */
void tree_read_bus(struct tree *tree, struct kaal_device *device);

/** Gives every device its interrupts; reports what makes no sense. After the walk. */
void tree_read_interrupts(struct tree *tree);
