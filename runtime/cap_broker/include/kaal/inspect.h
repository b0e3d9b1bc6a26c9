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

/** What a component could do beyond its capabilities, and is trusted not to. */
enum kaal_trusted {
    KAAL_TRUSTED_DMA = 1, /**< holds a device that can read and write all memory: no IOMMU */
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
    uint32_t restarts;            /**< how often it was started again */
    uint32_t watchdog_ms;         /**< period of its watchdog; 0: none */
    char parent[KAAL_NAME_BYTES]; /**< who started it; empty: it is in the description */
    uint32_t interrupts;          /**< interrupts held now */
    uint32_t trusted;             /**< bits of enum kaal_trusted */
    uint64_t started_ns; /**< kaal_now_ns() when the last instance began to run; 0: never */
    uint64_t ended_ns;   /**< when the last one that ended did; 0: none has */
};

/** Which bus found a device. */
enum kaal_bus {
    KAAL_BUS_PLATFORM = 0, /**< device tree node or legacy/ACPI device */
    KAAL_BUS_PCI = 1,
    KAAL_BUS_VIRTIO_MMIO = 2, /**< a virtio transport in registers, found by its device tree node */
};

/** Why nobody holds a device. */
enum kaal_device_why {
    KAAL_DEVICE_HELD = 0,      /**< somebody does: owner */
    KAAL_DEVICE_NO_DRIVER = 1, /**< no component's line of the description allows it */
    KAAL_DEVICE_ALLOWED = 2,   /**< `other` may have it, and has not asked or has another one */
    KAAL_DEVICE_REFUSED = 3,   /**< `other` may have it; its last request failed with `refusal` */
    KAAL_DEVICE_PAGE = 4,      /**< its registers share a page with a device that `other` holds */
    KAAL_DEVICE_EMPTY = 5,     /**< a transport with nothing plugged in */
    KAAL_DEVICE_MACHINE = 6,   /**< part of the machine that nobody can be given: a bridge */
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
    uint32_t why;                  /**< enum kaal_device_why */
    int32_t refusal;               /**< why is REFUSED: KAAL_ERR_* of the last request */
    uint32_t reserved;             /**< 0 */
    char other[KAAL_NAME_BYTES];   /**< the component that `why` speaks of, or empty */
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

/** What an end of a channel has asked to be woken for. */
enum kaal_channel_wait {
    KAAL_CHANNEL_AWAKE = 0,      /**< nothing */
    KAAL_CHANNEL_WAITS_DATA = 1, /**< a message: there is none for it */
    KAAL_CHANNEL_WAITS_ROOM = 2, /**< room: all its messages lie unread */
};

/**
 * The state of one channel. Names, sizes and generations are init's; everything else is what the
 * ends' regions say, which their owners can write: believe it for what it is.
 */
struct kaal_channel_record {
    char name[KAAL_NAME_BYTES];    /**< of the channel; a child's: of the child */
    char ends[2][KAAL_NAME_BYTES]; /**< components; a child's: its parent, itself */
    uint32_t message_bytes;        /**< size of one message */
    uint32_t capacity;             /**< messages per direction */
    uint32_t generation[2];        /**< instances of each end so far, as its peer is told */
    uint32_t running[2];           /**< 1: the end has a live instance */
    uint32_t produced[2];          /**< producer index of each end */
    uint32_t consumed[2];          /**< consumer index of each end */
    int32_t fill[2];   /**< messages of each end that its peer has not taken; KAAL_ERR_PEER if the
                          two indices are impossible */
    uint32_t waits[2]; /**< enum kaal_channel_wait of each end */
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
    KAAL_HOLDING_SHARED = 10,  /**< memory of the component that is its name */
    KAAL_HOLDING_CHILD = 11,   /**< a component that it started */
    KAAL_HOLDING_LINK = 12,    /**< the channel to its parent, or to a child, that is its name */
    KAAL_HOLDING_SERVICE = 13, /**< service of the component that is its name; it may be its own */
};

/** What the broker decided about. */
enum kaal_audit_operation {
    KAAL_AUDIT_DEVICE = 1,    /**< argument: the selector's value */
    KAAL_AUDIT_INTERRUPT = 2, /**< argument: its number */
    KAAL_AUDIT_MEMORY = 3,    /**< argument: bytes */
    KAAL_AUDIT_DMA = 4,       /**< argument: bytes */
    KAAL_AUDIT_DELEGATE = 5,  /**< object: to whom; argument: the handle */
    KAAL_AUDIT_SPAWN = 6,     /**< object: the child; argument: its memory quota */
    KAAL_AUDIT_RELEASE = 7,   /**< argument: the handle */
    KAAL_AUDIT_KILL = 8,      /**< object: who was killed */
    KAAL_AUDIT_POWER = 9,     /**< power-off */
    KAAL_AUDIT_CALL = 10,     /**< argument: an operation that its allow line does not have */
    KAAL_AUDIT_CHAOS = 11,    /**< object: who was harmed; argument: enum kaal_chaos_action */
};

/** One line of `log broker`: a decision. */
struct kaal_audit_record {
    uint64_t sequence;               /**< from 0, without gaps */
    uint64_t time_ns;                /**< kaal_now_ns() of the decision */
    char component[KAAL_NAME_BYTES]; /**< who asked */
    uint32_t operation;              /**< enum kaal_audit_operation */
    int32_t result;                  /**< KAAL_OK: granted; else why not */
    uint64_t argument;               /**< per operation */
    char object[KAAL_NAME_BYTES];    /**< per operation, or empty */
};

/** Words of a bitmap of a component's slots. */
#define KAAL_INSPECT_SLOT_WORDS 4u

/**
 * Reads the index-th component record.
 *   index  from 0;  record  out
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND past the last; KAAL_ERR_DENIED without "inspect".
 * Context: component threads; one broker call.
 */
MUST_CHECK int kaal_inspect_component(uint32_t index, struct kaal_component_record *record);

/** Reads the index-th device record. Results and context as kaal_inspect_component(). */
MUST_CHECK int kaal_inspect_device(uint32_t index, struct kaal_device_record *record);

/** Reads the index-th channel record. Results and context as kaal_inspect_component(). */
MUST_CHECK int kaal_inspect_channel(uint32_t index, struct kaal_channel_record *record);

/** Reads the memory record. Results and context as kaal_inspect_component(). */
MUST_CHECK int kaal_inspect_memory(struct kaal_memory_record *record);

/**
 * Reads the index-th holding of a component.
 *   component  its name;  index  from 0;  record  out
 * Returns as kaal_inspect_component(), and KAAL_ERR_NOT_FOUND for an unknown component.
 */
MUST_CHECK int kaal_inspect_holding(const char *component, uint32_t index,
                                    struct kaal_holding_record *record);

/**
 * Reads the audit log.
 *   sequence  the first decision wanted; one that is no longer kept means the oldest
 * Returns as kaal_inspect_component(); KAAL_ERR_NOT_FOUND past the last.
 */
MUST_CHECK int kaal_inspect_audit(uint64_t sequence, struct kaal_audit_record *record);

/**
 * Which slots of a component's CNode are occupied, with or without a record that
 * kaal_inspect_holding() reads.
 *   component  its name;  occupied  out: bit n of the bitmap: there is something in slot n
 * Returns as kaal_inspect_holding().
 */
MUST_CHECK int kaal_inspect_slots(const char *component,
                                  uint64_t occupied[KAAL_INSPECT_SLOT_WORDS]);
