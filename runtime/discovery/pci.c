/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * PCI enumeration: every bus once, depth first, so that a bridge stands before what is behind it.
 * Only buses above the bridge's own are believed, and none twice, so that wrong numbers cannot
 * loop. Where no firmware has numbered the buses (a device tree machine without one) it is done
 * here.
 */
#include "pci_internal.h"

#include "virtio.h"

#define PCI_CLASS_HOST 0x0600u
/* Deepest nesting of bridges that is followed: bounds the stack. */
#define PCI_DEPTH_MAX 12u

static void read_bus(struct pci_walk *walk, uint32_t bus, uint16_t parent, uint32_t depth);

void pci_bad(struct pci_walk *walk, const struct kaal_device *device, uint32_t offset,
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

static void bridge_numbers(const struct pci_walk *walk, const struct kaal_device *bridge,
                           uint32_t primary, uint32_t secondary, uint32_t subordinate)
{
    uint64_t config = bridge->pci.config_paddr;
    uint32_t timer = pci_read(walk, config, PCI_BUSES) & FIELD32(31, 24);
    pci_write(walk, config, PCI_BUSES, timer | subordinate << 16 | secondary << 8 | primary);
}

/* The bus behind a bridge, or 0. */
static uint32_t bus_behind(struct pci_walk *walk, struct kaal_device *bridge, uint32_t bus)
{
    uint32_t buses = pci_read(walk, bridge->pci.config_paddr, PCI_BUSES);
    uint32_t secondary = buses >> 8 & 0xFFu;
    uint32_t subordinate = buses >> 16 & 0xFFu;
    bool numbered = secondary != 0 || subordinate != 0;
    if (walk->numbers == PCI_NUMBERS_UNKNOWN) {
        /* Firmware numbers all or none; on a PC what it left out is not there. */
        walk->numbers = !numbered && walk->ecam->translated ? PCI_NUMBERS_OURS : PCI_NUMBERS_GIVEN;
    }
    if (walk->numbers == PCI_NUMBERS_OURS) {
        if (walk->highest_bus >= walk->ecam->last_bus) {
            pci_bad(walk, bridge, PCI_BUSES, "no bus number is left for what is behind the bridge");
            return 0;
        }
        secondary = walk->highest_bus + 1;
        subordinate = walk->ecam->last_bus; /* until all behind it is numbered */
        bridge_numbers(walk, bridge, bus, secondary, subordinate);
    } else if (!numbered) {
        return 0; /* nobody has numbered the bus behind it: nothing there can be reached */
    }
    bool known = (walk->known_buses[secondary / 64] >> (secondary % 64) & 1) != 0;
    if (secondary <= bus || secondary > subordinate || secondary > walk->ecam->last_bus || known) {
        pci_bad(walk, bridge, PCI_BUSES,
                "the bus numbers of the bridge make no sense; what is behind it is left out");
        return 0;
    }
    bridge->pci.secondary_bus = (uint8_t)secondary;
    bridge->pci.subordinate_bus = (uint8_t)subordinate;
    return secondary;
}

static void read_bridge(struct pci_walk *walk, struct kaal_device *bridge, uint32_t bus,
                        uint32_t depth)
{
    if (depth >= PCI_DEPTH_MAX) {
        pci_bad(walk, bridge, PCI_BUSES,
                "bridges nested deeper than can be followed; what is behind it is left out");
        return;
    }
    uint32_t secondary = bus_behind(walk, bridge, bus);
    if (secondary == 0) {
        return;
    }
    read_bus(walk, secondary, (uint16_t)(bridge - walk->registry->devices), depth + 1);
    if (walk->numbers == PCI_NUMBERS_OURS) {
        bridge->pci.subordinate_bus = (uint8_t)walk->highest_bus;
        bridge_numbers(walk, bridge, bus, secondary, walk->highest_bus);
    }
}

/*
 * Where an interrupt pin arrives on the root bus: each bridge rotates the pins by the number of the
 * device below it. Source: PCI-to-PCI Bridge Architecture Specification 1.2, 9.1.
 */
static void find_root_pin(const struct pci_walk *walk, struct kaal_device *device)
{
    uint32_t pin = device->pci.interrupt_pin;
    const struct kaal_device *at = device;
    while (at->pci.parent != KAAL_PCI_NO_PARENT) {
        pin = pin == 0 ? 0 : (pin - 1 + (at->record.pci_address >> 3 & 31)) % 4 + 1;
        at = &walk->registry->devices[at->pci.parent];
    }
    device->pci.root_address = (uint16_t)(at->record.pci_address & 0xFF);
    device->pci.root_pin = (uint8_t)pin;
}

static void read_ids(struct pci_walk *walk, struct kaal_device *device, uint64_t config,
                     uint32_t id)
{
    uint32_t class = pci_read(walk, config, PCI_CLASS);
    uint32_t header = pci_read(walk, config, PCI_HEADER) >> 16 & 0xFFu;
    uint32_t interrupt = pci_read(walk, config, PCI_INTERRUPT);
    device->record.bus = KAAL_BUS_PCI;
    device->record.pci_id = id << 16 | id >> 16; /* vendor first */
    device->record.pci_class = class >> 8;
    device->pci.segment = walk->ecam->segment;
    device->pci.config_paddr = config;
    device->pci.header_type = (uint8_t)(header & ~PCI_MULTIFUNCTION);
    device->pci.interrupt_line = (uint8_t)interrupt;
    device->pci.interrupt_pin = (uint8_t)(interrupt >> 8);
    device->pci.revision = (uint8_t) class;
    if (device->pci.header_type == PCI_HEADER_DEVICE) {
        device->record.virtio_id =
            virtio_id_of_pci(id, pci_read(walk, config, PCI_SUBSYSTEM) >> 16);
    }
    if (device->pci.interrupt_pin > 4) {
        pci_bad(walk, device, PCI_INTERRUPT, "an interrupt pin above INTD; it is taken for none");
        device->pci.interrupt_pin = 0;
    }
}

/* One function that exists. Returns false if there is no room for it. */
static bool read_function(struct pci_walk *walk, uint32_t address, uint16_t parent, uint32_t depth,
                          uint64_t config, uint32_t id)
{
    struct kaal_device *device = kaal_registry_add(walk->registry);
    if (device == NULL) {
        return false;
    }
    device->record.pci_address = address;
    device->pci.parent = parent;
    read_ids(walk, device, config, id);
    find_root_pin(walk, device);
    switch (device->pci.header_type) {
    case PCI_HEADER_DEVICE:
        if (device->record.pci_class >> 8 != PCI_CLASS_HOST) { /* it always decodes */
            pci_read_bars(walk, device, 6);
        }
        pci_read_capabilities(walk, device);
        break;
    case PCI_HEADER_BRIDGE:
        pci_read_bars(walk, device, 2);
        pci_read_capabilities(walk, device);
        read_bridge(walk, device, address >> 8, depth);
        break;
    default:
        pci_bad(walk, device, PCI_HEADER, "an unknown header type; only its ids are known");
        break;
    }
    return true;
}

static void read_bus(struct pci_walk *walk, uint32_t bus, uint16_t parent, uint32_t depth)
{
    walk->known_buses[bus / 64] |= BIT64(bus % 64);
    walk->highest_bus = bus > walk->highest_bus ? bus : walk->highest_bus;
    for (uint32_t number = 0; number < 32; number++) {
        for (uint32_t function = 0; function < 8; function++) {
            uint64_t config = kaal_pci_config_paddr(walk->ecam, bus, number, function);
            uint32_t id = pci_read(walk, config, PCI_ID);
            bool present = (id & 0xFFFFu) != PCI_NO_DEVICE;
            uint32_t address = bus << 8 | number << 3 | function;
            if (present && !read_function(walk, address, parent, depth, config, id)) {
                return;
            }
            if (function == 0) {
                uint32_t header = present ? pci_read(walk, config, PCI_HEADER) >> 16 : 0;
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
    struct pci_walk walk = {
        .ecam = ecam,
        .access = access,
        .registry = registry,
        .first = registry->count,
        .highest_bus = ecam->first_bus,
    };
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
    read_bus(&walk, ecam->first_bus, KAAL_PCI_NO_PARENT, 0);
    pci_assign(&walk);
    return KAAL_OK;
}
