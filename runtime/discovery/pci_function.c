/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One PCI function: what its BARs decode and which capabilities it has. A BAR's size is what it
 * answers after all ones were written to it, with decoding off meanwhile.
 */
#include "pci_internal.h"

/* What a BAR answers when all ones are written to it; its value is put back. */
static uint32_t probe_bar(const struct pci_walk *walk, uint64_t config, uint32_t offset,
                          uint32_t value)
{
    pci_write(walk, config, offset, UINT32_MAX);
    uint32_t answer = pci_read(walk, config, offset);
    pci_write(walk, config, offset, value);
    return answer;
}

/*
 * The CPU's view of what a BAR says. Without windows both are the same (PC); with windows an
 * address outside of them is nobody's, and so is 0: the result is 0, to be assigned.
 */
static uint64_t cpu_address(const struct pci_walk *walk, uint64_t address, uint64_t bytes, bool io)
{
    const struct kaal_pci_ecam *ecam = walk->ecam;
    if (!ecam->translated || address == 0) {
        return address;
    }
    for (uint32_t i = 0; i < ecam->window_count; i++) {
        const struct kaal_pci_window *window = &ecam->windows[i];
        bool window_io = (window->bytes & KAAL_DEVICE_RANGE_PORTS) != 0;
        if (window_io == io && address >= window->pci_address &&
            range_inside(address - window->pci_address, bytes,
                         window->bytes & ~KAAL_DEVICE_RANGE_PORTS)) {
            return window->paddr + (address - window->pci_address);
        }
    }
    return 0;
}

static void read_io_bar(struct pci_walk *walk, struct kaal_device *device, uint32_t index,
                        uint32_t value, uint32_t answer)
{
    /* The upper half of an I/O BAR may be wired to 0. */
    uint32_t bytes = (~(answer & ~3u) + 1) & 0xFFFFu;
    uint32_t base = value & ~3u;
    if (!is_power_of_two(bytes) || !range_inside(base, bytes, 65536)) {
        pci_bad(walk, device, PCI_BAR0 + 4 * index,
                "an I/O BAR of impossible size or place; it is left out");
        return;
    }
    device->pci.io_bars |= (uint8_t)BIT32(index);
    /* Where the CPU has no ports, the host bridge shows them in memory. */
    kaal_device_set_range(device, index, cpu_address(walk, base, bytes, true),
                          walk->ecam->translated ? bytes : bytes | KAAL_DEVICE_RANGE_PORTS);
}

/* One BAR. Returns how many BAR registers it uses. */
static uint32_t read_bar(struct pci_walk *walk, struct kaal_device *device, uint32_t index,
                         uint32_t bar_count)
{
    uint64_t config = device->pci.config_paddr;
    uint32_t offset = PCI_BAR0 + 4 * index;
    uint32_t value = pci_read(walk, config, offset);
    uint32_t answer = probe_bar(walk, config, offset, value);
    if (answer == 0) {
        return 1;
    }
    if ((answer & PCI_BAR_IO) != 0) {
        read_io_bar(walk, device, index, value, answer);
        return 1;
    }
    uint64_t mask = answer & ~15u;
    uint64_t base = value & ~15u;
    uint32_t used = 1;
    if (field_get(answer, PCI_BAR_TYPE) == PCI_BAR_TYPE_64) {
        if (index + 1 >= bar_count) {
            pci_bad(walk, device, offset, "a 64-bit BAR in the last register; it is left out");
            return 1;
        }
        uint32_t high = pci_read(walk, config, offset + 4);
        mask |= (uint64_t)probe_bar(walk, config, offset + 4, high) << 32;
        base |= (uint64_t)high << 32;
        used = 2;
    } else {
        mask |= UINT64_C(0xFFFFFFFF) << 32;
    }
    uint64_t bytes = ~mask + 1;
    if (!is_power_of_two(bytes) || base % bytes != 0 || bytes >= KAAL_DEVICE_RANGE_PORTS) {
        pci_bad(walk, device, offset, "a memory BAR of impossible size or place; it is left out");
        return used;
    }
    kaal_device_set_range(device, index, cpu_address(walk, base, bytes, false), bytes);
    return used;
}

void pci_read_bars(struct pci_walk *walk, struct kaal_device *device, uint32_t bar_count)
{
    uint64_t config = device->pci.config_paddr;
    /* While a BAR holds all ones the device must not answer there. */
    uint32_t command = pci_read(walk, config, PCI_COMMAND) & PCI_COMMAND_BITS;
    pci_write(walk, config, PCI_COMMAND, command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
    for (uint32_t index = 0; index < bar_count;) {
        index += read_bar(walk, device, index, bar_count);
    }
    pci_write(walk, config, PCI_COMMAND, command);
}

/* The MSI-X table must lie inside a memory BAR; otherwise the capability is not used. */
static void read_msix(struct pci_walk *walk, struct kaal_device *device, uint32_t at)
{
    struct kaal_pci_facts *facts = &device->pci;
    uint32_t header = pci_read(walk, facts->config_paddr, at);
    uint32_t table = pci_read(walk, facts->config_paddr, at + PCI_MSIX_TABLE);
    uint32_t bar = field_get(table, PCI_MSIX_BAR);
    uint32_t offset = table & ~PCI_MSIX_BAR;
    uint32_t count = field_get(header, PCI_MSIX_SIZE) + 1;
#ifndef KAAL_PLANTED_BUG_PCI
    if (bar >= device->record.range_count || (facts->io_bars & BIT32(bar)) != 0 ||
        !range_inside(offset, (uint64_t)count * PCI_MSIX_ENTRY_BYTES,
                      device->record.ranges[bar].bytes)) {
        pci_bad(walk, device, at + PCI_MSIX_TABLE,
                "the MSI-X table is outside of every memory BAR; MSI-X is not used");
        return;
    }
#endif
    facts->msix_offset = (uint16_t)at;
    facts->msix_bar = (uint8_t)bar;
    facts->msix_table = offset;
    facts->msix_count = (uint16_t)count;
}

void pci_read_capabilities(struct pci_walk *walk, struct kaal_device *device)
{
    uint64_t config = device->pci.config_paddr;
    if ((pci_read(walk, config, PCI_COMMAND) & PCI_STATUS_CAPS) == 0) {
        return;
    }
    uint32_t at = pci_read(walk, config, PCI_CAPABILITIES) & 0xFCu;
    for (uint32_t count = 0; at != 0; count++) {
        if (at < PCI_CAPS_FROM || count >= PCI_CAPS_MAX) {
            pci_bad(walk, device, at,
                    "the list of capabilities leaves its place or has a loop; the rest is ignored");
            return;
        }
        uint32_t header = pci_read(walk, config, at);
        switch (field_get(header, PCI_CAP_ID)) {
        case PCI_CAP_MSI:
            device->pci.msi_offset = (uint16_t)at;
            break;
        case PCI_CAP_MSIX:
            read_msix(walk, device, at);
            break;
        case PCI_CAP_PCIE:
            device->pci.pcie_offset = (uint16_t)at;
            break;
        case PCI_CAP_AF:
            device->pci.af_offset = (uint16_t)at;
            break;
        default:
            break;
        }
        at = header >> 8 & 0xFCu;
    }
}
