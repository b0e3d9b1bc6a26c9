/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Records about the running system, read live from the broker by components whose description
 * line has "allow: [inspect]". Each record fits into one IPC message.
 */
#pragma once

#include <stdint.h>

#include <kaal/error.h>
#include <kaal/startup.h>
#include <kaal/system.h>

/** Life-cycle state of a component. */
enum kaal_component_state {
    KAAL_COMPONENT_STOPPED = 0, /**< never started, or ended for good */
    KAAL_COMPONENT_RUNNING = 1, /**< has a live instance */
    KAAL_COMPONENT_BACKOFF = 2, /**< waits before its next start */
    KAAL_COMPONENT_FAILED = 3,  /**< could not be built, or its restart limit is reached */
};

/** One line of `ps`. */
struct kaal_component_record {
    char name[KAAL_NAME_BYTES]; /**< instance name */
    uint32_t state;             /**< enum kaal_component_state */
    uint32_t priority;          /**< seL4 priority */
    uint64_t cpu_time_us;       /**< CPU time used by all instances since boot */
    uint32_t frames; /**< 4 KiB frames held now (code, data, stacks, channels' own side excluded) */
    uint32_t
        slots; /**< capability slots held now: in its CSpace and on its behalf in the broker's */
    uint32_t restarts; /**< how often it was started again */
    uint32_t reserved; /**< 0 */
};

/** Which bus found a device. */
enum kaal_bus {
    KAAL_BUS_PLATFORM = 0, /**< device tree node or legacy/ACPI device */
    KAAL_BUS_PCI = 1,
    KAAL_BUS_VIRTIO_MMIO = 2, /**< a virtio transport in registers, found by its device tree node */
};

/** Most address ranges of one device record. */
#define KAAL_DEVICE_RANGES_MAX 6

/** An address range of a device. */
struct kaal_device_range {
    uint64_t base;  /**< physical address or first port; 0 with bytes 0 = unused entry */
    uint64_t bytes; /**< length; bit 63 set = I/O ports */
};

/** Flag in kaal_device_range.bytes: the range is I/O ports. */
#define KAAL_DEVICE_RANGE_PORTS (UINT64_C(1) << 63)

/** One line of `devices`. */
struct kaal_device_record {
    char id[KAAL_DEVICE_ID_BYTES]; /**< compatible string or PNP id; empty for PCI */
    char owner[KAAL_NAME_BYTES];   /**< component that holds it, or empty */
    uint32_t bus;                  /**< enum kaal_bus */
    uint32_t pci_address;          /**< bus << 8 | device << 3 | function */
    uint32_t pci_id;               /**< vendor << 16 | device */
    uint32_t pci_class;            /**< class << 16 | subclass << 8 | interface */
    uint32_t irq;                  /**< interrupt number, UINT32_MAX = none known */
    uint32_t range_count;          /**< used entries of ranges (PCI: index = BAR number) */
    uint32_t virtio_id;            /**< virtio device type, 0 = no virtio device */
    uint32_t reserved;             /**< 0 */
    struct kaal_device_range ranges[KAAL_DEVICE_RANGES_MAX]; /**< [range_count] */
};

/** What `mem` prints. */
struct kaal_memory_record {
    uint64_t untyped_total_bytes; /**< RAM untypeds that the kernel handed over */
    uint64_t untyped_free_bytes;  /**< not allocated now */
    uint64_t largest_free_bytes;  /**< largest single block that could be allocated now */
    uint64_t broker_slots_total;  /**< capability slots of the broker's CSpace */
    uint64_t broker_slots_free;   /**< of them, free */
};

/** One line of `caps`: a capability or mapping that a component holds. */
struct kaal_holding_record {
    char name[KAAL_NAME_BYTES]; /**< resource name, e.g. "regs", "irq", "serial", "broker" */
    uint32_t kind;              /**< enum kaal_holding_kind */
    uint32_t rights;            /**< seL4 rights word of the capability, 0 where it has none */
    uint64_t cap;               /**< CPtr in the component's CSpace, 0 for pure mappings */
    uint64_t base;              /**< physical address, first port or interrupt number */
    uint64_t bytes;             /**< length or count */
};

/** What a holding is. */
enum kaal_holding_kind {
    KAAL_HOLDING_ENDPOINT = 1,
    KAAL_HOLDING_NOTIFICATION = 2,
    KAAL_HOLDING_REPLY = 3,
    KAAL_HOLDING_IRQ = 4,
    KAAL_HOLDING_PORTS = 5,
    KAAL_HOLDING_REGISTERS = 6,
    KAAL_HOLDING_DMA = 7,
    KAAL_HOLDING_CHANNEL = 8,
    KAAL_HOLDING_MEMORY = 9,
};

/**
 * Reads the index-th component record.
 *   index  from 0;  record  out
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND past the last; KAAL_ERR_DENIED without "inspect".
 * Context: component threads; one broker call.
 */
MUST_CHECK int kaal_inspect_component(uint32_t index, struct kaal_component_record *record);

/** Reads the index-th device record. Results and context as kaal_inspect_component(). */
MUST_CHECK int kaal_inspect_device(uint32_t index, struct kaal_device_record *record);

/** Reads the memory record. Results and context as kaal_inspect_component(). */
MUST_CHECK int kaal_inspect_memory(struct kaal_memory_record *record);

/**
 * Reads the index-th holding of a component.
 *   component  its name;  index  from 0;  record  out
 * Returns as kaal_inspect_component(), and KAAL_ERR_NOT_FOUND for an unknown component.
 */
MUST_CHECK int kaal_inspect_holding(const char *component, uint32_t index,
                                    struct kaal_holding_record *record);
