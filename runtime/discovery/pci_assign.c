/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Places for BARs and bridges' windows that nobody has set up: on a device tree machine without
 * firmware, all of them. What firmware has placed stays where it is and is avoided.
 *
 * Every item has a power of two as its size and is aligned to it; the items of a bus are placed
 * largest first, so that what fits in sum fits. A bridge is an item of its parent's bus, with the
 * sum of what is behind it; a window is memory below 4 GiB, or I/O: prefetchable BARs go there too.
 * Source: PCI-to-PCI Bridge Architecture Specification 1.2, 3.2.5 (windows).
 */
#include "pci_internal.h"

#define PAGE_BYTES        UINT64_C(4096)
#define BUS_BYTES_MAX     (UINT64_C(1) << 40) /* nothing larger is placed, so that sums do not wrap */
#define MEMORY_UNIT       (UINT64_C(1) << 20) /* of a bridge's window */
#define IO_UNIT           UINT64_C(4096)
#define FOUR_GIB          (UINT64_C(1) << 32)
#define WINDOW_CLOSED     0x0000FFF0u            /* base above limit */
#define BRIDGE_IO_MASK    0x0000FFFFu            /* the upper half is the secondary status */
#define PCI_CLASS_BRIDGES 0x06u                  /* to the processor, to ISA, ... */
#define ITEM_WINDOW       KAAL_DEVICE_RANGES_MAX /* index of the item that is a bridge's window */

/* Address spaces. */
enum space {
    SPACE_MEMORY,
    SPACE_IO,
    SPACE_COUNT
};

/* A bridge's window; bytes 0 = closed. */
struct bridge_window {
    uint64_t base; /* CPU address, 0 = not placed */
    uint64_t bytes;
};

struct assign {
    struct pci_walk *walk;
    struct bridge_window windows[KAAL_DEVICES_MAX][SPACE_COUNT];
    uint8_t refused[KAAL_DEVICES_MAX]; /* bit i: BAR i found no place */
};

/* Something to be placed on a bus. */
struct item {
    uint32_t device; /* registry entry */
    uint32_t index;  /* BAR, or ITEM_WINDOW */
    uint64_t bytes;  /* 0: there is none */
};

static struct kaal_device *device_at(const struct assign *assign, uint32_t index)
{
    return &assign->walk->registry->devices[index];
}

static bool is_bridge(const struct kaal_device *device)
{
    return device->pci.header_type == PCI_HEADER_BRIDGE;
}

static enum space bar_space(const struct kaal_device *device, uint32_t bar)
{
    return (device->pci.io_bars & BIT32(bar)) != 0 ? SPACE_IO : SPACE_MEMORY;
}

/* Length of a BAR that needs a place, else 0. A page has one owner, so each BAR has its own. */
static uint64_t unplaced_bytes(const struct assign *assign, uint32_t device, uint32_t bar,
                               enum space space)
{
    const struct kaal_device *from = device_at(assign, device);
    if (bar >= from->record.range_count || from->record.ranges[bar].base != 0 ||
        bar_space(from, bar) != space || (assign->refused[device] & BIT32(bar)) != 0) {
        return 0;
    }
    uint64_t bytes = from->record.ranges[bar].bytes & ~KAAL_DEVICE_RANGE_PORTS;
    return bytes != 0 && bytes < PAGE_BYTES && assign->walk->ecam->translated ? PAGE_BYTES : bytes;
}

static uint64_t power_of_two_up(uint64_t value)
{
    return value <= 1 ? 1 : UINT64_C(1) << (64 - __builtin_clzll(value - 1));
}

/* The window that firmware has set up for a bridge, in the CPU's view. */
static struct bridge_window configured_window(const struct assign *assign, uint32_t index,
                                              enum space space)
{
    const struct pci_walk *walk = assign->walk;
    uint64_t config = device_at(assign, index)->pci.config_paddr;
    uint64_t base;
    uint64_t limit;
    if (space == SPACE_MEMORY) {
        uint32_t value = pci_read(walk, config, PCI_BRIDGE_MEMORY);
        base = (uint64_t)(value & 0xFFF0u) << 16;
        limit = (value & 0xFFF00000u) | (MEMORY_UNIT - 1);
    } else {
        uint32_t value = pci_read(walk, config, PCI_BRIDGE_IO);
        base = (uint64_t)(value & 0xF0u) << 8;
        limit = (uint64_t)(value & 0xF000u) | (IO_UNIT - 1);
    }
    if (base == 0 || base > limit || walk->ecam->translated) {
        return (struct bridge_window){0};
    }
    return (struct bridge_window){.base = base, .bytes = limit - base + 1};
}

/* What each bridge needs for what is behind it: children stand behind their bridge, so backwards.
 */
static void find_needs(struct assign *assign, enum space space)
{
    const struct pci_walk *walk = assign->walk;
    uint64_t unit = space == SPACE_MEMORY ? MEMORY_UNIT : IO_UNIT;
    for (uint32_t i = walk->registry->count; i-- > walk->first;) {
        const struct kaal_device *device = device_at(assign, i);
        uint64_t sum = 0;
        if (is_bridge(device)) {
            struct bridge_window *window = &assign->windows[i][space];
            struct bridge_window configured = configured_window(assign, i, space);
            if (configured.bytes != 0) {
                *window = configured;
            } else if (window->bytes != 0) {
                window->bytes = power_of_two_up(window->bytes < unit ? unit : window->bytes);
                sum = window->bytes;
            }
        }
        for (uint32_t bar = 0; bar < KAAL_DEVICE_RANGES_MAX; bar++) {
            uint64_t bytes = unplaced_bytes(assign, i, bar, space);
            if (bytes > BUS_BYTES_MAX / 2) {
                assign->refused[i] |= (uint8_t)BIT32(bar);
            } else {
                sum += bytes;
            }
        }
        if (device->pci.parent != KAAL_PCI_NO_PARENT) {
            uint64_t *need = &assign->windows[device->pci.parent][space].bytes;
            *need = *need + sum < BUS_BYTES_MAX ? *need + sum : BUS_BYTES_MAX;
        }
    }
}

/* The end of a platform device's range that overlaps [base, base + bytes), or 0. Where the CPU has
 * no ports, both spaces are in memory. */
static uint64_t platform_end(const struct assign *assign, enum space space, uint64_t base,
                             uint64_t bytes)
{
    for (uint32_t i = 0; i < assign->walk->first; i++) {
        const struct kaal_device_record *record = &device_at(assign, i)->record;
        for (uint32_t j = 0; record->bus != KAAL_BUS_PCI && j < record->range_count; j++) {
            const struct kaal_device_range *range = &record->ranges[j];
            bool io = (range->bytes & KAAL_DEVICE_RANGE_PORTS) != 0;
            uint64_t length = range->bytes & ~KAAL_DEVICE_RANGE_PORTS;
            if ((assign->walk->ecam->translated || io == (space == SPACE_IO)) && length != 0 &&
                base < range->base + length && range->base < base + bytes) {
                return range->base + length;
            }
        }
    }
    return 0;
}

/* The end of something that is placed and overlaps [base, base + bytes), or 0. */
static uint64_t obstacle_end(const struct assign *assign, uint16_t bus, enum space space,
                             uint64_t base, uint64_t bytes)
{
    const struct pci_walk *walk = assign->walk;
    for (uint32_t i = walk->first; i < walk->registry->count; i++) {
        const struct kaal_device *device = device_at(assign, i);
        const struct bridge_window *window = &assign->windows[i][space];
        if (device->pci.parent == bus && is_bridge(device) && window->base != 0 &&
            base < window->base + window->bytes && window->base < base + bytes) {
            return window->base + window->bytes;
        }
        for (uint32_t bar = 0; bar < device->record.range_count; bar++) {
            const struct kaal_device_range *range = &device->record.ranges[bar];
            uint64_t length = range->bytes & ~KAAL_DEVICE_RANGE_PORTS;
            if (length != 0 && range->base != 0 && bar_space(device, bar) == space &&
                base < range->base + length && range->base < base + bytes) {
                return range->base + length;
            }
        }
    }
    return platform_end(assign, space, base, bytes);
}

/* A free place in [start, start + length), or 0. */
static uint64_t place_in(const struct assign *assign, uint16_t bus, enum space space,
                         uint64_t start, uint64_t length, uint64_t bytes)
{
    uint64_t at = align_up(start == 0 ? bytes : start, bytes); /* address 0 means: not placed */
    while (at >= start && range_inside(at - start, bytes, length)) {
        uint64_t end = obstacle_end(assign, bus, space, at, bytes);
        if (end == 0) {
            return at;
        }
        if (align_up(end, bytes) <= at) {
            return 0;
        }
        at = align_up(end, bytes);
    }
    return 0;
}

/* A place on a bus: in the bridge's window, or in one of the host bridge's. */
static uint64_t find_place(const struct assign *assign, uint16_t bus, enum space space,
                           uint64_t bytes, bool wide)
{
    const struct kaal_pci_ecam *ecam = assign->walk->ecam;
    if (bus != KAAL_PCI_NO_PARENT) {
        const struct bridge_window *window = &assign->windows[bus][space];
        return window->base == 0 ? 0
                                 : place_in(assign, bus, space, window->base, window->bytes, bytes);
    }
    for (uint32_t i = 0; i < ecam->window_count; i++) {
        const struct kaal_pci_window *window = &ecam->windows[i];
        bool io = (window->bytes & KAAL_DEVICE_RANGE_PORTS) != 0;
        uint64_t length = window->bytes & ~KAAL_DEVICE_RANGE_PORTS;
        bool narrow = window->pci_address < FOUR_GIB && length <= FOUR_GIB - window->pci_address;
        if (io != (space == SPACE_IO) || (!narrow && !wide)) {
            continue;
        }
        uint64_t at = place_in(assign, bus, space, window->paddr, length, bytes);
        if (at != 0) {
            return at;
        }
    }
    return 0;
}

/* What devices call a CPU address. */
static uint64_t pci_address(const struct assign *assign, enum space space, uint64_t address)
{
    const struct kaal_pci_ecam *ecam = assign->walk->ecam;
    for (uint32_t i = 0; i < ecam->window_count; i++) {
        const struct kaal_pci_window *window = &ecam->windows[i];
        bool io = (window->bytes & KAAL_DEVICE_RANGE_PORTS) != 0;
        if (io == (space == SPACE_IO) && address >= window->paddr &&
            address - window->paddr < (window->bytes & ~KAAL_DEVICE_RANGE_PORTS)) {
            return window->pci_address + (address - window->paddr);
        }
    }
    return address;
}

static bool bar_is_wide(const struct assign *assign, const struct kaal_device *device, uint32_t bar)
{
    uint32_t value = pci_read(assign->walk, device->pci.config_paddr, PCI_BAR0 + 4 * bar);
    return bar_space(device, bar) == SPACE_MEMORY &&
           field_get(value, PCI_BAR_TYPE) == PCI_BAR_TYPE_64;
}

static void place_bar(struct assign *assign, uint16_t bus, enum space space,
                      const struct item *item)
{
    struct kaal_device *device = device_at(assign, item->device);
    uint64_t config = device->pci.config_paddr;
    uint32_t offset = PCI_BAR0 + 4 * item->index;
    bool wide = bar_is_wide(assign, device, item->index);
    uint64_t place = find_place(assign, bus, space, item->bytes, wide);
    if (place == 0) {
        assign->refused[item->device] |= (uint8_t)BIT32(item->index);
        pci_bad(assign->walk, device, offset,
                "no place is left for the BAR in the windows above it; it cannot be used");
        return;
    }
    uint64_t address = pci_address(assign, space, place);
    pci_write(assign->walk, config, offset, (uint32_t)address);
    if (wide) {
        pci_write(assign->walk, config, offset + 4, (uint32_t)(address >> 32));
    }
    device->record.ranges[item->index].base = place;
}

static void open_window(struct assign *assign, uint32_t bridge, enum space space, uint64_t base,
                        uint64_t bytes)
{
    const struct pci_walk *walk = assign->walk;
    uint64_t config = device_at(assign, bridge)->pci.config_paddr;
    uint32_t first = (uint32_t)pci_address(assign, space, base);
    uint32_t last = (uint32_t)(first + bytes - 1);
    if (space == SPACE_MEMORY) {
        pci_write(walk, config, PCI_BRIDGE_MEMORY, (last & 0xFFF00000u) | first >> 16);
    } else {
        /* The upper half is the secondary status: writing zeros leaves it alone. */
        pci_write(walk, config, PCI_BRIDGE_IO, (last & 0xF000u) | (first >> 8 & 0xF0u));
        pci_write(walk, config, PCI_BRIDGE_IO_UPPER, (last & 0xFFFF0000u) | first >> 16);
    }
}

static void close_windows(const struct assign *assign, uint32_t bridge)
{
    const struct pci_walk *walk = assign->walk;
    uint64_t config = device_at(assign, bridge)->pci.config_paddr;
    pci_write(walk, config, PCI_BRIDGE_MEMORY, WINDOW_CLOSED);
    pci_write(walk, config, PCI_BRIDGE_PREFETCHABLE, WINDOW_CLOSED);
    pci_write(walk, config, PCI_BRIDGE_PREF_BASE, 0);
    pci_write(walk, config, PCI_BRIDGE_PREF_LIMIT, 0);
    pci_write(walk, config, PCI_BRIDGE_IO, WINDOW_CLOSED & 0xF0u);
    pci_write(walk, config, PCI_BRIDGE_IO_UPPER, 0);
}

static void place_window(struct assign *assign, uint16_t bus, enum space space,
                         const struct item *item)
{
    struct bridge_window *window = &assign->windows[item->device][space];
    uint64_t place = find_place(assign, bus, space, item->bytes, false);
    if (place == 0) {
        pci_bad(assign->walk, device_at(assign, item->device),
                space == SPACE_MEMORY ? PCI_BRIDGE_MEMORY : PCI_BRIDGE_IO,
                "no place is left for what is behind the bridge");
        window->bytes = 0;
        return;
    }
    window->base = place;
    open_window(assign, item->device, space, place, window->bytes);
}

/* The largest thing on a bus that has no place yet. */
static struct item largest_item(const struct assign *assign, uint16_t bus, enum space space)
{
    const struct pci_walk *walk = assign->walk;
    struct item largest = {0};
    for (uint32_t i = walk->first; i < walk->registry->count; i++) {
        const struct kaal_device *device = device_at(assign, i);
        const struct bridge_window *window = &assign->windows[i][space];
        if (device->pci.parent != bus) {
            continue;
        }
        if (is_bridge(device) && window->base == 0 && window->bytes > largest.bytes) {
            largest = (struct item){i, ITEM_WINDOW, window->bytes};
        }
        for (uint32_t bar = 0; bar < KAAL_DEVICE_RANGES_MAX; bar++) {
            uint64_t bytes = unplaced_bytes(assign, i, bar, space);
            if (bytes > largest.bytes) {
                largest = (struct item){i, bar, bytes};
            }
        }
    }
    return largest;
}

static void place_bus(struct assign *assign, uint16_t bus, enum space space)
{
    for (;;) {
        struct item item = largest_item(assign, bus, space);
        if (item.bytes == 0) {
            return;
        }
        if (item.index == ITEM_WINDOW) {
            place_window(assign, bus, space, &item);
        } else {
            place_bar(assign, bus, space, &item);
        }
    }
}

/* Keeps what the BARs hold. A decoder may be on when every BAR of its space has a place; a bridge
 * passes everything on. */
static void finish_function(struct assign *assign, uint32_t index)
{
    struct kaal_device *device = device_at(assign, index);
    bool present[SPACE_COUNT] = {false};
    bool complete[SPACE_COUNT] = {true, true};
    for (uint32_t bar = 0; bar < device->record.range_count; bar++) {
        if (device->record.ranges[bar].bytes != 0) {
            enum space space = bar_space(device, bar);
            present[space] = true;
            complete[space] = complete[space] && device->record.ranges[bar].base != 0;
        }
    }
    bool bridge = is_bridge(device);
    for (uint32_t bar = 0; !bridge && bar < ARRAY_COUNT(device->pci.bars); bar++) {
        device->pci.bars[bar] =
            pci_read(assign->walk, device->pci.config_paddr, PCI_BAR0 + 4 * bar);
    }
    if (complete[SPACE_MEMORY] && (present[SPACE_MEMORY] || bridge)) {
        device->pci.decode |= PCI_COMMAND_MEMORY;
    }
    if (complete[SPACE_IO] && (present[SPACE_IO] || bridge)) {
        device->pci.decode |= PCI_COMMAND_IO;
    }
    uint32_t command =
        pci_read(assign->walk, device->pci.config_paddr, PCI_COMMAND) & PCI_COMMAND_BITS;
    if (bridge) {
        /* What is behind it decides by its own Bus Master bit whether it may write to memory. */
        command |= device->pci.decode | PCI_COMMAND_BUS_MASTER;
    } else if (device->record.pci_class >> 16 == PCI_CLASS_BRIDGES) {
        return; /* to the processor, to ISA: the machine itself */
    } else {
        /* Firmware may have left it running: nobody's device neither writes nor interrupts. */
        command = (command & ~PCI_COMMAND_BUS_MASTER) | PCI_COMMAND_INTERRUPT_DISABLE;
    }
    pci_write(assign->walk, device->pci.config_paddr, PCI_COMMAND, command);
}

void pci_assign(struct pci_walk *walk)
{
    struct assign assign = {.walk = walk};
    const struct kaal_device_registry *registry = walk->registry;
    for (enum space space = 0; space < SPACE_COUNT; space++) {
        find_needs(&assign, space);
    }
    for (uint32_t i = walk->first; i < registry->count; i++) {
        if (is_bridge(&registry->devices[i]) && walk->ecam->translated) {
            close_windows(&assign, i);
        }
    }
    for (enum space space = 0; space < SPACE_COUNT && walk->ecam->window_count > 0; space++) {
        place_bus(&assign, KAAL_PCI_NO_PARENT, space);
        for (uint32_t i = walk->first; i < registry->count; i++) {
            if (is_bridge(&registry->devices[i])) {
                place_bus(&assign, (uint16_t)i, space);
            }
        }
    }
    for (uint32_t i = walk->first; i < registry->count; i++) {
        finish_function(&assign, i);
    }
}
