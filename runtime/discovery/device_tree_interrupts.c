/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Interrupts of a device tree: "interrupts" and "interrupts-extended" of platform devices, and the
 * interrupt-map of a PCI host bridge. Three-cell specifiers are the Arm interrupt controller's
 * (type, number, flags); interrupts of other controllers (GPIO expanders) belong to their drivers.
 * Source: Devicetree Specification 0.4, 2.4; Arm GIC device tree binding.
 */
#include "device_tree_internal.h"

#define GIC_CELLS         3u
#define GIC_TYPE_SPI      0u
#define GIC_TYPE_PPI      1u
#define GIC_SPI_FIRST     32u
#define GIC_SPI_LAST      1019u
#define GIC_PPI_FIRST     16u
#define GIC_PPI_COUNT     16u
#define GIC_FLAGS_LEVEL   0xCu /* level high, level low */
#define MAP_ADDRESS_CELLS 3u   /* a PCI address */

/* The controller of a phandle, or NULL. */
static const struct tree_controller *find_controller(const struct tree *tree, uint32_t phandle)
{
    for (uint32_t i = 0; i < tree->controller_count; i++) {
        if (tree->controllers[i].phandle == phandle) {
            return &tree->controllers[i];
        }
    }
    return NULL;
}

/* Cells of an interrupt of a controller, 0 if the phandle is no controller's. */
static uint32_t controller_cells(const struct tree *tree, uint32_t phandle)
{
    const struct tree_controller *controller = find_controller(tree, phandle);
    return controller == NULL ? 0 : controller->cells;
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

static void read_plain(struct tree *tree, struct kaal_device *device,
                       const struct tree_device *from)
{
    uint32_t bytes = from->interrupts.bytes;
    uint32_t cells = controller_cells(tree, from->irq_parent);
    if (cells == 0) {
        tree_bad(tree, from->node, "interrupts",
                 "the interrupt parent is no interrupt controller; the device has no interrupt");
        return;
    }
    if (cells < GIC_CELLS) {
        return; /* of another kind of controller */
    }
    if (cells > UINT32_MAX / 8 || bytes % (4 * cells) != 0) {
        tree_bad(tree, from->node, "interrupts",
                 "not a whole number of entries; the device has no interrupt");
        return;
    }
    for (uint32_t at = 0; at < bytes / 4; at += cells) {
        struct kaal_interrupt irq;
        if (decode(tree, from->node, from->interrupts.value, at, &irq)) {
            kaal_device_add_irq(device, &irq);
        }
    }
}

static void read_extended(struct tree *tree, struct kaal_device *device,
                          const struct tree_device *from)
{
    const uint8_t *value = from->interrupts.value;
    uint32_t count = from->interrupts.bytes / 4;
    for (uint32_t at = 0; at < count;) {
        uint32_t cells = controller_cells(tree, tree_cell(value, at));
        if (cells == 0 || cells > count - at - 1) {
            tree_bad(tree, from->node, "interrupts-extended",
                     "an entry without a controller or too short; the rest is left out");
            return;
        }
        struct kaal_interrupt irq;
        if (cells >= GIC_CELLS && decode(tree, from->node, value, at + 1, &irq)) {
            kaal_device_add_irq(device, &irq);
        }
        at += 1 + cells;
    }
}

/*
 * Looks an (address, pin) up in a bridge's map. Entries have no fixed length: it depends on the
 * controller that each names.
 */
static bool map_find(struct tree *tree, const struct tree_pci_host *host, uint32_t address,
                     uint32_t pin, struct kaal_interrupt *irq)
{
    const uint8_t *map = host->map.value;
    uint32_t address_mask = tree_cell(host->mask.value, 0);
    uint32_t pin_mask = tree_cell(host->mask.value, MAP_ADDRESS_CELLS);
    uint32_t count = host->map.bytes / 4;
    for (uint32_t at = 0; at < count;) {
        if (count - at < MAP_ADDRESS_CELLS + 2) {
            return false;
        }
        const struct tree_controller *controller =
            find_controller(tree, tree_cell(map, at + MAP_ADDRESS_CELLS + 1));
        uint32_t left = count - at - (MAP_ADDRESS_CELLS + 2);
        if (controller == NULL || controller->cells < GIC_CELLS ||
            controller->address_cells > left ||
            controller->cells > left - controller->address_cells) {
            tree_bad(tree, host->node, "interrupt-map",
                     "an entry without a known controller or too short; the rest is not used");
            return false;
        }
        bool same = (tree_cell(map, at) & address_mask) == (address & address_mask) &&
                    (tree_cell(map, at + MAP_ADDRESS_CELLS) & pin_mask) == (pin & pin_mask);
        at += MAP_ADDRESS_CELLS + 2 + controller->address_cells;
        if (same) {
            return decode(tree, host->node, map, at, irq);
        }
        at += controller->cells;
    }
    return false;
}

static void read_host(struct tree *tree, const struct tree_pci_host *host)
{
    if (host->map.value == NULL || host->mask.value == NULL ||
        host->mask.bytes != 4 * (MAP_ADDRESS_CELLS + 1) || host->irq_cells != 1) {
        return; /* no pins are wired */
    }
    for (uint32_t i = host->first; i < host->first + host->count; i++) {
        struct kaal_device *device = &tree->registry->devices[i];
        struct kaal_interrupt irq;
        uint32_t address = (uint32_t)host->first_bus << 8 | device->pci.root_address;
        if (device->pci.root_pin != 0 &&
            map_find(tree, host, address << 8, device->pci.root_pin, &irq)) {
            kaal_device_add_irq(device, &irq);
        }
    }
}

void tree_read_interrupts(struct tree *tree)
{
    for (uint32_t i = 0; i < tree->registry->count; i++) {
        const struct tree_device *from = &tree->devices[i];
        if (from->node < 0 || from->interrupts.value == NULL) {
            continue;
        }
        if (from->extended) {
            read_extended(tree, &tree->registry->devices[i], from);
        } else {
            read_plain(tree, &tree->registry->devices[i], from);
        }
    }
    for (uint32_t i = 0; i < tree->host_count; i++) {
        read_host(tree, &tree->hosts[i]);
    }
}
