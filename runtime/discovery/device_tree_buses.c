/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Nodes that stand for more than one device or for none: PCI host bridges, whose functions are
 * enumerated on the spot, virtio transports, and the frame that turns messages of PCI devices into
 * interrupts. Sources: PCI Bus Binding to Open Firmware 2.1; Arm GIC device tree binding (v2m
 * frames); Arm Server Base System Architecture 2.3, appendix E (GICv2m registers).
 */
#include "device_tree_internal.h"

#include <kaal/bits.h>
#include <kaal/pci.h>

#include "virtio.h"

#define PCI_SPACE_SHIFT    24u /* in the first cell of a PCI address */
#define PCI_SPACE_MASK     3u
#define PCI_SPACE_CONFIG   0u
#define PCI_SPACE_IO       1u
#define PCI_ECAM_BUS_BYTES (UINT64_C(1) << 20)

#define V2M_COMPATIBLE  "arm,gic-v2m-frame"
#define V2M_TYPER       0x08u
#define V2M_TYPER_FIRST FIELD32(25, 16) /* interrupt of message 0 */
#define V2M_TYPER_COUNT FIELD32(9, 0)
#define V2M_SETSPI      0x40u
#define V2M_SPI_FIRST   32u
#define V2M_SPI_LAST    1019u
#define V2M_BYTES_MIN   0x1000u

/* The windows for BARs: "ranges" of a host bridge, with three-cell PCI addresses. */
static void read_pci_windows(struct tree *tree, struct kaal_pci_ecam *ecam)
{
    const struct tree_level *host = &tree->path[tree->depth];
    const struct tree_level *bus = &tree->path[tree->depth - 1];
    const uint8_t *ranges = host->ranges.value;
    uint32_t bytes = host->ranges.bytes;
    uint32_t entry_cells = 3 + bus->address_cells + 2;
    if (ranges == NULL || host->address_cells != 3 || host->size_cells != 2 ||
        bytes % (4 * entry_cells) != 0) {
        tree_bad(tree, host->node, "ranges", "no windows for BARs in the form that PCI needs");
        return;
    }
    for (uint32_t at = 0; at < bytes / 4; at += entry_cells) {
        uint32_t space = tree_cell(ranges, at) >> PCI_SPACE_SHIFT & PCI_SPACE_MASK;
        if (space == PCI_SPACE_CONFIG || ecam->window_count >= KAAL_PCI_WINDOWS_MAX) {
            continue;
        }
        uint64_t size = tree_number(ranges, at + 3 + bus->address_cells, 2);
        if (size >= KAAL_DEVICE_RANGE_PORTS) {
            tree_bad(tree, host->node, "ranges", "a window of impossible size; it is left out");
            continue;
        }
        ecam->windows[ecam->window_count++] = (struct kaal_pci_window){
            .paddr = tree_number(ranges, at + 3, bus->address_cells),
            .pci_address = tree_number(ranges, at + 1, 2),
            .bytes = size | (space == PCI_SPACE_IO ? KAAL_DEVICE_RANGE_PORTS : 0),
        };
    }
}

/* A PCI host bridge whose configuration space is an ECAM window. */
static void read_pci_host(struct tree *tree)
{
    int node = tree->path[tree->depth].node;
    struct kaal_platform *platform = tree->platform;
    struct kaal_pci_ecam ecam = {.last_bus = 0xFF, .translated = true};
    uint64_t bytes;
    const struct tree_property *buses = &tree->properties[TREE_BUS_RANGE];
    if (buses->value != NULL) {
        uint32_t first = buses->bytes == 8 ? tree_cell(buses->value, 0) : 1;
        uint32_t last = buses->bytes == 8 ? tree_cell(buses->value, 1) : 0;
        if (first > last || last > 0xFF) {
            tree_bad(tree, node, "bus-range", "not two bus numbers in order; PCI is not searched");
            return;
        }
        ecam.first_bus = (uint8_t)first;
        ecam.last_bus = (uint8_t)last;
    }
    if (!tree->path[tree->depth - 1].translates || !tree_read_reg(tree, 0, &ecam.paddr, &bytes) ||
        ecam.paddr % PCI_ECAM_BUS_BYTES != 0 || bytes < PCI_ECAM_BUS_BYTES) {
        tree_bad(tree, node, "reg",
                 "no configuration window of at least one bus; PCI is not "
                 "searched");
        return;
    }
    uint64_t bus_count = bytes / PCI_ECAM_BUS_BYTES;
    if (bus_count < (uint64_t)ecam.last_bus - ecam.first_bus + 1) {
        ecam.last_bus = (uint8_t)(ecam.first_bus + bus_count - 1);
    }
    ecam.segment = (uint16_t)tree_cell_or(&tree->properties[TREE_PCI_DOMAIN], 0);
    if (platform->ecam_count >= KAAL_ECAMS_MAX) {
        tree_bad(tree, node, "reg", "more PCI host bridges than can be kept; it is left out");
        return;
    }
    read_pci_windows(tree, &ecam);
    platform->ecams[platform->ecam_count++] = ecam;
    uint32_t first = tree->registry->count;
    int ignored = kaal_pci_enumerate(&ecam, tree->access, tree->registry);
    (void)ignored; /* was reported */
    for (uint32_t i = first; i < tree->registry->count; i++) {
        tree->devices[i] = (struct tree_device){.node = -1};
    }
    tree->hosts[tree->host_count++] = (struct tree_pci_host){
        .node = node,
        .first = first,
        .count = tree->registry->count - first,
        .first_bus = ecam.first_bus,
        .irq_cells = tree_cell_or(&tree->properties[TREE_INTERRUPT_CELLS], 0),
        .map = tree->properties[TREE_INTERRUPT_MAP],
        .mask = tree->properties[TREE_INTERRUPT_MAP_MASK],
    };
}

/* A frame that turns a write of an interrupt's number into that interrupt. */
static void read_v2m_frame(struct tree *tree)
{
    int node = tree->path[tree->depth].node;
    const struct kaal_discovery_access *access = tree->access;
    struct kaal_msi *msi = &tree->platform->msi;
    uint64_t base;
    uint64_t bytes;
    if (msi->count != 0 || access->register_read32 == NULL ||
        !tree_read_reg(tree, 0, &base, &bytes)) {
        return; /* the first one is enough */
    }
    if (bytes < V2M_BYTES_MIN || base % V2M_BYTES_MIN != 0) {
        tree_bad(tree, node, "reg", "no page of registers; messages of PCI devices cannot be used");
        return;
    }
    uint32_t type = access->register_read32(access->context, base + V2M_TYPER);
    uint32_t first =
        tree_cell_or(&tree->properties[TREE_MSI_BASE_SPI], field_get(type, V2M_TYPER_FIRST));
    uint32_t count =
        tree_cell_or(&tree->properties[TREE_MSI_NUM_SPIS], field_get(type, V2M_TYPER_COUNT));
    if (first < V2M_SPI_FIRST || first > V2M_SPI_LAST || count == 0 ||
        count > V2M_SPI_LAST - first + 1) {
        tree_bad(tree, node, "MSI_TYPER",
                 "interrupts that do not exist; messages of PCI devices cannot be used");
        return;
    }
    *msi = (struct kaal_msi){.address = base + V2M_SETSPI, .first_data = first, .count = count};
}

void tree_read_bus(struct tree *tree, struct kaal_device *device)
{
    if (tree_compatible(tree, TREE_PCI_HOST)) {
        read_pci_host(tree);
    } else if (tree_compatible(tree, V2M_COMPATIBLE)) {
        read_v2m_frame(tree);
    } else if (tree_compatible(tree, VIRTIO_MMIO_COMPATIBLE) && device->record.range_count > 0) {
        device->record.bus = KAAL_BUS_VIRTIO_MMIO;
        device->record.virtio_id =
            virtio_id_of_registers(tree->access, device->record.ranges[0].base);
    }
}
