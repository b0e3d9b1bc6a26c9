/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Interrupts of a device tree: "interrupts" and "interrupts-extended" of platform devices, and the
 * interrupt-map of a PCI host bridge. Three-cell specifiers are the Arm interrupt controller's
 * (type, number, flags); interrupts of other controllers (GPIO expanders) belong to their drivers.
 * Source: Devicetree Specification 0.4, 2.4; Arm GIC device tree binding.
 */
#include "device_tree_internal.h"

#include <kaal/bits.h>
#include <libfdt.h>

#define GIC_CELLS         3u
#define GIC_TYPE_SPI      0u
#define GIC_TYPE_PPI      1u
#define GIC_SPI_FIRST     32u
#define GIC_SPI_LAST      1019u
#define GIC_PPI_FIRST     16u
#define GIC_PPI_COUNT     16u
#define GIC_FLAGS_LEVEL   0xCu /* level high, level low */
#define MAP_ADDRESS_CELLS 3u   /* a PCI address */
#define PCI_PINS          4u

/* The controller of a phandle: its number of cells, 0 if it is none. */
static uint32_t controller_cells(const struct tree *tree, uint32_t phandle, int *controller)
{
    *controller = phandle == 0 ? -1 : fdt_node_offset_by_phandle(tree->blob, phandle);
    if (*controller < 0) {
        return 0;
    }
    uint32_t bytes;
    if (tree_property(tree, *controller, "interrupt-controller", &bytes) == NULL) {
        return 0;
    }
    return tree_cell_or(tree, *controller, "#interrupt-cells", 0);
}

/* A GIC specifier. */
static bool decode(struct tree *tree, int node, const uint8_t *cells, uint32_t at,
                   struct kaal_interrupt *irq)
{
    uint32_t type = tree_cell(cells, at);
    uint32_t number = tree_cell(cells, at + 1);
    uint32_t flags = tree_cell(cells, at + 2);
    bool spi = type == GIC_TYPE_SPI && number <= GIC_SPI_LAST - GIC_SPI_FIRST;
    bool ppi = type == GIC_TYPE_PPI && number < GIC_PPI_COUNT;
    if (!spi && !ppi) {
        tree_bad(tree, node, "interrupts",
                 "neither a shared nor a private interrupt that exists; "
                 "it is left out");
        return false;
    }
    uint32_t intid = number + (spi ? GIC_SPI_FIRST : GIC_PPI_FIRST);
    *irq = (struct kaal_interrupt){
        .number = intid,
        .source = intid,
        .ioapic = KAAL_INTERRUPT_NO_IOAPIC,
        .level = (flags & GIC_FLAGS_LEVEL) != 0,
    };
    return true;
}

static void read_plain(struct tree *tree, struct kaal_device *device, int node,
                       const uint8_t *value, uint32_t bytes)
{
    int controller;
    uint32_t cells = controller_cells(tree, tree->path[tree->depth].irq_parent, &controller);
    if (cells == 0) {
        tree_bad(tree, node, "interrupts",
                 "the interrupt parent is no interrupt controller; the "
                 "device has no interrupt");
        return;
    }
    if (cells < GIC_CELLS) {
        return; /* of another kind of controller */
    }
    if (cells > UINT32_MAX / 8 || bytes % (4 * cells) != 0) {
        tree_bad(tree, node, "interrupts",
                 "not a whole number of entries; the device has no "
                 "interrupt");
        return;
    }
    for (uint32_t at = 0; at < bytes / 4; at += cells) {
        struct kaal_interrupt irq;
        if (decode(tree, node, value, at, &irq)) {
            kaal_device_add_irq(device, &irq);
        }
    }
}

static void read_extended(struct tree *tree, struct kaal_device *device, int node,
                          const uint8_t *value, uint32_t bytes)
{
    uint32_t count = bytes / 4;
    for (uint32_t at = 0; at < count;) {
        int controller;
        uint32_t cells = controller_cells(tree, tree_cell(value, at), &controller);
        if (cells == 0 || cells > count - at - 1) {
            tree_bad(tree, node, "interrupts-extended",
                     "an entry without a controller or too "
                     "short; the rest is left out");
            return;
        }
        struct kaal_interrupt irq;
        if (cells >= GIC_CELLS && decode(tree, node, value, at + 1, &irq)) {
            kaal_device_add_irq(device, &irq);
        }
        at += 1 + cells;
    }
}

void tree_read_interrupts(struct tree *tree, struct kaal_device *device)
{
    int node = tree->path[tree->depth].node;
    uint32_t bytes;
    const uint8_t *value = tree_property(tree, node, "interrupts-extended", &bytes);
    if (value != NULL) {
        read_extended(tree, device, node, value, bytes);
        return;
    }
    value = tree_property(tree, node, "interrupts", &bytes);
    if (value != NULL) {
        read_plain(tree, device, node, value, bytes);
    }
}

/* A host bridge's map: where a function's pin arrives. */
struct interrupt_map {
    const uint8_t *entries;
    uint32_t cells;
    uint32_t mask[MAP_ADDRESS_CELLS + 1];
};

/*
 * Looks an unmasked (address, pin) up. Entries have no fixed length: it depends on the controller
 * that each names.
 */
static bool map_find(struct tree *tree, int host, const struct interrupt_map *map, uint32_t address,
                     uint32_t pin, struct kaal_interrupt *irq)
{
    for (uint32_t at = 0; at < map->cells;) {
        int controller;
        if (map->cells - at < MAP_ADDRESS_CELLS + 2) {
            return false;
        }
        uint32_t cells = controller_cells(tree, tree_cell(map->entries, at + MAP_ADDRESS_CELLS + 1),
                                          &controller);
        uint32_t unit_cells = cells == 0 ? 0 : tree_cell_or(tree, controller, "#address-cells", 0);
        uint32_t left = map->cells - at - (MAP_ADDRESS_CELLS + 2);
        if (cells < GIC_CELLS || unit_cells > left || cells > left - unit_cells) {
            tree_bad(tree, host, "interrupt-map",
                     "an entry without a known controller or too "
                     "short; the rest is not used");
            return false;
        }
        bool same = (tree_cell(map->entries, at) & map->mask[0]) == (address & map->mask[0]) &&
                    (tree_cell(map->entries, at + MAP_ADDRESS_CELLS) &
                     map->mask[MAP_ADDRESS_CELLS]) == (pin & map->mask[MAP_ADDRESS_CELLS]);
        if (same) {
            return decode(tree, host, map->entries, at + MAP_ADDRESS_CELLS + 2 + unit_cells, irq);
        }
        at += MAP_ADDRESS_CELLS + 2 + unit_cells + cells;
    }
    return false;
}

void tree_read_pci_interrupts(struct tree *tree, int host, uint32_t first, uint32_t first_bus)
{
    struct interrupt_map map = {0};
    uint32_t bytes;
    map.entries = tree_property(tree, host, "interrupt-map", &bytes);
    map.cells = bytes / 4;
    uint32_t mask_bytes;
    const uint8_t *mask = tree_property(tree, host, "interrupt-map-mask", &mask_bytes);
    if (map.entries == NULL || mask == NULL || mask_bytes != sizeof(map.mask) ||
        tree_cell_or(tree, host, "#interrupt-cells", 0) != 1) {
        return; /* no pins are wired */
    }
    for (uint32_t i = 0; i <= MAP_ADDRESS_CELLS; i++) {
        map.mask[i] = tree_cell(mask, i);
    }
    for (uint32_t i = first; i < tree->registry->count; i++) {
        struct kaal_device *device = &tree->registry->devices[i];
        struct kaal_interrupt irq;
        /* Behind a bridge pins are swizzled; only functions of the first bus are wired directly. */
        bool direct = device->record.pci_address >> 8 == first_bus;
        uint32_t pin = device->pci.interrupt_pin;
        if (pin == 0 || pin > PCI_PINS || !direct) {
            continue;
        }
        if (map_find(tree, host, &map, device->record.pci_address << 8, pin, &irq)) {
            kaal_device_add_irq(device, &irq);
        }
    }
}
