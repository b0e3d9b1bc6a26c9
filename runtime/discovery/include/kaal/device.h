/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The device registry: one entry per device that the machine's own tables describe, whatever bus
 * found it. Discovery fills it, the broker owns it: it matches selectors and driver declarations
 * against entries and records who holds what.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/driver_declaration.h>
#include <kaal/error.h>
#include <kaal/inspect.h>
#include <kaal/system.h>

/** Most devices of a machine. */
#define KAAL_DEVICES_MAX 160u
/** Most interrupts of one device. */
#define KAAL_DEVICE_IRQS_MAX 4u
/** struct kaal_interrupt.ioapic of an interrupt that is not behind an I/O APIC. */
#define KAAL_INTERRUPT_NO_IOAPIC UINT32_MAX

/** One interrupt, as the kernel's invocations want it. */
struct kaal_interrupt {
    uint32_t number; /**< aarch64: GIC INTID; x86_64: global system interrupt */
    uint32_t ioapic; /**< x86_64: index of the I/O APIC; else KAAL_INTERRUPT_NO_IOAPIC */
    uint32_t pin;    /**< x86_64: its input */
    uint32_t source; /**< number as drivers know it: ISA interrupt or number */
    bool level;      /**< level triggered, else edge */
    bool active_low; /**< x86_64: polarity */
};

/** struct kaal_pci_facts.parent of a function on a root bus. */
#define KAAL_PCI_NO_PARENT UINT16_MAX

/** PCI facts that the record for the shell does not hold. */
struct kaal_pci_facts {
    uint16_t segment;       /**< PCI segment group */
    uint16_t parent;        /**< registry entry of the bridge above it, KAAL_PCI_NO_PARENT = none */
    uint8_t header_type;    /**< 0 device, 1 bridge; the multi-function bit removed */
    uint8_t io_bars;        /**< bit i: BAR i decodes I/O space, whatever the CPU sees */
    uint8_t decode;         /**< PCI_COMMAND_IO and _MEMORY: decoders whose BARs all have a place */
    uint8_t interrupt_pin;  /**< 0 none, 1..4 = INTA..INTD */
    uint8_t interrupt_line; /**< what the firmware wrote there */
    uint8_t revision;       /**< revision id */
    uint16_t msi_offset;    /**< configuration space offset of the MSI capability, 0 = none */
    uint16_t msix_offset;   /**< of the MSI-X capability, 0 = none */
    uint16_t pcie_offset;   /**< of the PCI Express capability, 0 = none */
    uint16_t af_offset;     /**< of the advanced features capability, 0 = none */
    uint16_t msix_count;    /**< entries of the MSI-X table, 0 = none that can be used */
    uint8_t msix_bar;       /**< BAR that the table is in */
    uint32_t msix_table;    /**< its offset there */
    uint8_t secondary_bus;  /**< bridges: bus behind it */
    uint8_t subordinate_bus; /**< bridges: highest bus behind it */
    uint64_t config_paddr;   /**< physical address of its 4 KiB of configuration space */
    uint16_t root_address; /**< device and function on the root bus, where its interrupt arrives */
    uint8_t root_pin;      /**< the pin there, after the bridges' rotation; 0 = none */
    uint32_t bars[6];      /**< what its BARs hold, for after a reset */
};

/** One device. Written by discovery, then by the broker (owner, record.owner, state) only. */
struct kaal_device {
    struct kaal_device_record record; /**< what `devices` prints */
    const char *ids;    /**< match ids, NUL-separated, best first; borrowed from the tables */
    uint32_t ids_bytes; /**< length of ids with the last NUL */
    uint32_t serial;    /**< index among the platform's serial ports, UINT32_MAX = none */
    uint32_t irq_count; /**< used entries of irqs */
    struct kaal_interrupt irqs[KAAL_DEVICE_IRQS_MAX]; /**< its interrupts */
    struct kaal_pci_facts pci;                        /**< PCI devices only */
    void *holder;      /**< broker: the account that holds it, or NULL */
    void *resources;   /**< broker: capabilities made for it, or NULL */
    void *refused_to;  /**< broker: the account whose last request for it failed, or NULL */
    int32_t refusal;   /**< broker: with what error */
    uint64_t ready_ns; /**< broker: after a reset, when it can be used again; 0 = it can */
};

/** All devices. */
struct kaal_device_registry {
    uint32_t count;                               /**< used entries */
    uint32_t dropped;                             /**< devices that did not fit: reported by init */
    struct kaal_device devices[KAAL_DEVICES_MAX]; /**< in the order found */
};

/**
 * Adds an empty entry (all zero, serial UINT32_MAX, record.irq UINT32_MAX).
 * Returns the entry, or NULL when full (then it counts the device as dropped).
 */
struct kaal_device *kaal_registry_add(struct kaal_device_registry *registry);

/**
 * Adds an address range to an entry. Ranges past KAAL_DEVICE_RANGES_MAX are left out.
 *   index  which range; PCI: BAR number;  base, bytes  as struct kaal_device_range
 */
void kaal_device_set_range(struct kaal_device *device, uint32_t index, uint64_t base,
                           uint64_t bytes);

/** Adds an interrupt to an entry; the first one also goes to record.irq. Past the limit: none. */
void kaal_device_add_irq(struct kaal_device *device, const struct kaal_interrupt *irq);

/** True if id is one of the device's match ids (exactly). id: NUL-terminated. */
bool kaal_device_has_id(const struct kaal_device *device, const char *id);

/**
 * True if a driver's declaration names the device.
 *   match  out: which entry of declaration->matches; may be NULL
 */
bool kaal_device_declared(const struct kaal_device *device,
                          const struct kaal_driver_declaration *declaration, uint32_t *match);

/**
 * True if a selector of the system description selects the device.
 *   declaration  of the component's image, for KAAL_SELECT_AUTO; may be NULL (auto selects none)
 */
bool kaal_device_selected(const struct kaal_device *device,
                          const struct kaal_device_selector *selector,
                          const struct kaal_driver_declaration *declaration);
