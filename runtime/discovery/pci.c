/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * PCI enumeration. Buses are walked in ascending order; a bridge makes the bus behind it known, and
 * only buses above the bridge's own are believed, so that wrong numbers cannot loop. Source: PCI
 * Local Bus Specification 3.0, chapter 6 (6.1 header, 6.2.5 BARs, 6.7 capabilities); PCI-to-PCI
 * Bridge Architecture Specification 1.2, chapter 3.
 */
#include <kaal/pci.h>

#include "discovery_internal.h"

#include <kaal/bits.h>

#define PCI_ID            0x00u
#define PCI_COMMAND       0x04u /* low half; the status register is the high half */
#define PCI_CLASS         0x08u
#define PCI_HEADER        0x0Cu
#define PCI_BAR0          0x10u
#define PCI_BUSES         0x18u /* bridges */
#define PCI_CAPABILITIES  0x34u
#define PCI_INTERRUPT     0x3Cu
#define PCI_COMMAND_IO    BIT32(0)
#define PCI_COMMAND_MEM   BIT32(1)
#define PCI_STATUS_CAPS   BIT32(20)
#define PCI_MULTIFUNCTION 0x80u
#define PCI_BAR_IO        BIT32(0)
#define PCI_BAR_TYPE      FIELD32(2, 1)
#define PCI_BAR_TYPE_64   2u
#define PCI_CAP_MSI       0x05u
#define PCI_CAP_PCIE      0x10u
#define PCI_CAP_MSIX      0x11u
#define PCI_CAPS_FROM     0x40u
#define PCI_CAPS_MAX      48u /* as many as fit into 256 bytes */
#define PCI_NO_DEVICE     0xFFFFu
#define PCI_CLASS_HOST    0x0600u
#define PCI_BUSES_MAX     256u

/* The walk over one window. */
struct walk {
    const struct kaal_pci_ecam *ecam;
    const struct kaal_discovery_access *access;
    struct kaal_device_registry *registry;
    uint64_t known_buses[PCI_BUSES_MAX / 64];
    struct kaal_problem problem;
};

static uint32_t config_read(const struct walk *walk, uint64_t config, uint32_t offset)
{
    return walk->access->config_read32(walk->access->context, config + offset);
}

static void config_write(const struct walk *walk, uint64_t config, uint32_t offset, uint32_t value)
{
    walk->access->config_write32(walk->access->context, config + offset, value);
}

/* "PCI 00:1f.2, offset 0x10: ...". */
static void bad(struct walk *walk, const struct kaal_device *device, uint32_t offset,
                const char *what)
{
    uint32_t address = device->record.pci_address;
    int ignored =
        report(walk->access,
               kaal_problem_set(&walk->problem, KAAL_ERR_FORMAT, "PCI %x:%x.%x, offset 0x%x: %s",
                                address >> 8, address >> 3 & 31, address & 7, offset, what),
               &walk->problem);
    (void)ignored;
}

/* What a BAR answers when all ones are written to it; its value is put back. */
static uint32_t probe_bar(const struct walk *walk, uint64_t config, uint32_t offset, uint32_t value)
{
    config_write(walk, config, offset, UINT32_MAX);
    uint32_t answer = config_read(walk, config, offset);
    config_write(walk, config, offset, value);
    return answer;
}

/* One BAR. Returns how many BAR registers it uses. */
static uint32_t read_bar(struct walk *walk, struct kaal_device *device, uint32_t index,
                         uint32_t bar_count)
{
    uint64_t config = device->pci.config_paddr;
    uint32_t offset = PCI_BAR0 + 4 * index;
    uint32_t value = config_read(walk, config, offset);
    uint32_t answer = probe_bar(walk, config, offset, value);
    if (answer == 0) {
        return 1;
    }
    if ((answer & PCI_BAR_IO) != 0) {
        /* The upper half of an I/O BAR may be wired to 0. */
        uint32_t bytes = (~(answer & ~3u) + 1) & 0xFFFFu;
        uint32_t base = value & ~3u;
        if (!is_power_of_two(bytes) || !range_inside(base, bytes, 65536)) {
            bad(walk, device, offset, "an I/O BAR of impossible size or place; it is left out");
        } else {
            kaal_device_set_range(device, index, base, bytes | KAAL_DEVICE_RANGE_PORTS);
        }
        return 1;
    }
    uint64_t mask = answer & ~15u;
    uint64_t base = value & ~15u;
    uint32_t used = 1;
    if (field_get(answer, PCI_BAR_TYPE) == PCI_BAR_TYPE_64) {
        if (index + 1 >= bar_count) {
            bad(walk, device, offset, "a 64-bit BAR in the last register; it is left out");
            return 1;
        }
        uint32_t high = config_read(walk, config, offset + 4);
        mask |= (uint64_t)probe_bar(walk, config, offset + 4, high) << 32;
        base |= (uint64_t)high << 32;
        used = 2;
    } else {
        mask |= UINT64_C(0xFFFFFFFF) << 32;
    }
    uint64_t bytes = ~mask + 1;
    if (!is_power_of_two(bytes) || base % bytes != 0 || bytes >= KAAL_DEVICE_RANGE_PORTS) {
        bad(walk, device, offset, "a memory BAR of impossible size or place; it is left out");
        return used;
    }
    kaal_device_set_range(device, index, base, bytes);
    return used;
}

static void read_bars(struct walk *walk, struct kaal_device *device, uint32_t bar_count)
{
    uint64_t config = device->pci.config_paddr;
    /* While a BAR holds all ones the device must not answer there. */
    uint32_t command = config_read(walk, config, PCI_COMMAND) & 0xFFFFu;
    config_write(walk, config, PCI_COMMAND, command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEM));
    for (uint32_t index = 0; index < bar_count;) {
        index += read_bar(walk, device, index, bar_count);
    }
    config_write(walk, config, PCI_COMMAND, command);
}

static void read_capabilities(struct walk *walk, struct kaal_device *device)
{
    uint64_t config = device->pci.config_paddr;
    if ((config_read(walk, config, PCI_COMMAND) & PCI_STATUS_CAPS) == 0) {
        return;
    }
    uint32_t at = config_read(walk, config, PCI_CAPABILITIES) & 0xFCu;
    for (uint32_t count = 0; at != 0; count++) {
        if (at < PCI_CAPS_FROM || count >= PCI_CAPS_MAX) {
            bad(walk, device, at,
                "the list of capabilities leaves its place or has a loop; the "
                "rest is ignored");
            return;
        }
        uint32_t header = config_read(walk, config, at);
        switch (header & 0xFFu) {
        case PCI_CAP_MSI:
            device->pci.msi_offset = (uint16_t)at;
            break;
        case PCI_CAP_MSIX:
            device->pci.msix_offset = (uint16_t)at;
            break;
        case PCI_CAP_PCIE:
            device->pci.pcie_offset = (uint16_t)at;
            break;
        default:
            break;
        }
        at = header >> 8 & 0xFCu;
    }
}

static void read_bridge(struct walk *walk, struct kaal_device *device, uint32_t bus)
{
    uint32_t buses = config_read(walk, device->pci.config_paddr, PCI_BUSES);
    uint32_t secondary = buses >> 8 & 0xFFu;
    uint32_t subordinate = buses >> 16 & 0xFFu;
    device->pci.secondary_bus = (uint8_t)secondary;
    device->pci.subordinate_bus = (uint8_t)subordinate;
    if (secondary == 0 && subordinate == 0) {
        return; /* nobody has numbered the bus behind it: nothing there can be reached */
    }
    if (secondary <= bus || secondary > subordinate || secondary > walk->ecam->last_bus) {
        bad(walk, device, PCI_BUSES,
            "the bus numbers of the bridge make no sense; what is behind "
            "it is left out");
        return;
    }
    walk->known_buses[secondary / 64] |= BIT64(secondary % 64);
}

/* One function that exists. Returns false if there is no room for it. */
static bool read_function(struct walk *walk, uint32_t bus, uint32_t number, uint32_t function,
                          uint64_t config, uint32_t id)
{
    struct kaal_device *device = kaal_registry_add(walk->registry);
    if (device == NULL) {
        return false;
    }
    uint32_t class = config_read(walk, config, PCI_CLASS);
    uint32_t header = config_read(walk, config, PCI_HEADER) >> 16 & 0xFFu;
    uint32_t interrupt = config_read(walk, config, PCI_INTERRUPT);
    device->record.bus = KAAL_BUS_PCI;
    device->record.pci_address = bus << 8 | number << 3 | function;
    device->record.pci_id = id << 16 | id >> 16; /* vendor first */
    device->record.pci_class = class >> 8;
    device->pci = (struct kaal_pci_facts){
        .segment = walk->ecam->segment,
        .header_type = (uint8_t)(header & ~PCI_MULTIFUNCTION),
        .interrupt_line = (uint8_t)interrupt,
        .interrupt_pin = (uint8_t)(interrupt >> 8),
        .revision = (uint8_t) class,
        .config_paddr = config,
    };
    switch (device->pci.header_type) {
    case 0:
        if (class >> 16 != PCI_CLASS_HOST) { /* a host bridge's decoding is never switched off */
            read_bars(walk, device, 6);
        }
        read_capabilities(walk, device);
        break;
    case 1:
        read_bars(walk, device, 2);
        read_capabilities(walk, device);
        read_bridge(walk, device, bus);
        break;
    default:
        bad(walk, device, PCI_HEADER, "an unknown header type; only its ids are known");
        break;
    }
    if (device->pci.interrupt_pin > 4) {
        bad(walk, device, PCI_INTERRUPT, "an interrupt pin above INTD; it is taken for none");
        device->pci.interrupt_pin = 0;
    }
    return true;
}

static void read_bus(struct walk *walk, uint32_t bus)
{
    for (uint32_t number = 0; number < 32; number++) {
        for (uint32_t function = 0; function < 8; function++) {
            uint64_t config = kaal_pci_config_paddr(walk->ecam, bus, number, function);
            uint32_t id = config_read(walk, config, PCI_ID);
            bool present = (id & 0xFFFFu) != PCI_NO_DEVICE;
            if (present && !read_function(walk, bus, number, function, config, id)) {
                return;
            }
            if (function == 0) {
                uint32_t header = present ? config_read(walk, config, PCI_HEADER) >> 16 : 0;
                if ((header & PCI_MULTIFUNCTION) == 0) {
                    break;
                }
            }
        }
    }
}

int kaal_pci_enumerate(const struct kaal_pci_ecam *ecam, const struct kaal_discovery_access *access,
                       struct kaal_device_registry *registry)
{
    struct walk walk = {.ecam = ecam, .access = access, .registry = registry};
    if (ecam->first_bus > ecam->last_bus || ecam->paddr % (1u << 20) != 0 ||
        ecam->paddr > UINT64_MAX - (256u << 20)) {
        return report(access,
                      kaal_problem_set(&walk.problem, KAAL_ERR_FORMAT,
                                       "PCI window at 0x%llx for buses %u to %u makes no sense; it "
                                       "is left out",
                                       (unsigned long long)ecam->paddr, ecam->first_bus,
                                       ecam->last_bus),
                      &walk.problem);
    }
    walk.known_buses[ecam->first_bus / 64] |= BIT64(ecam->first_bus % 64);
    for (uint32_t bus = ecam->first_bus; bus <= ecam->last_bus; bus++) {
        if ((walk.known_buses[bus / 64] >> (bus % 64) & 1) != 0) {
            read_bus(&walk, bus);
        }
    }
    return KAAL_OK;
}
