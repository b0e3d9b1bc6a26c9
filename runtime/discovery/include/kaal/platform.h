/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the machine's tables say about the machine itself, and the one function that finds it all:
 * kaal_discover(). It reads hardware through callbacks only, so host tests feed it bytes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/bootinfo.h>
#include <kaal/device.h>
#include <kaal/error.h>
#include <kaal/problem.h>

/** Most I/O APICs. */
#define KAAL_IOAPICS_MAX 16u
/** Most interrupt source overrides: one per ISA interrupt. */
#define KAAL_OVERRIDES_MAX 16u
/** Most PCI configuration windows. */
#define KAAL_ECAMS_MAX 8u

/** An I/O APIC (x86_64); its index is the kernel's. */
struct kaal_ioapic {
    uint32_t id;       /**< APIC id */
    uint32_t gsi_base; /**< global system interrupt of its first pin */
    uint64_t paddr;    /**< its registers, which the kernel keeps */
};

/** An ISA interrupt that is wired differently (x86_64). */
struct kaal_irq_override {
    uint8_t source;  /**< ISA interrupt */
    uint32_t gsi;    /**< where it arrives */
    bool level;      /**< trigger */
    bool active_low; /**< polarity */
};

/** Most windows for BARs behind one PCI host bridge. */
#define KAAL_PCI_WINDOWS_MAX 4u

/** A range of addresses for BARs that the host bridge passes on. */
struct kaal_pci_window {
    uint64_t paddr;       /**< where the CPU sees it */
    uint64_t pci_address; /**< where devices see it */
    uint64_t bytes;       /**< length; bit 63 set = I/O ports */
};

/** A PCI configuration window (ECAM): 1 MiB per bus from paddr. */
struct kaal_pci_ecam {
    uint64_t paddr;        /**< of bus first_bus, device 0, function 0 */
    uint16_t segment;      /**< PCI segment group */
    uint8_t first_bus;     /**< lowest bus */
    uint8_t last_bus;      /**< highest bus */
    bool translated;       /**< addresses of BARs are translated by windows; there are no ports */
    uint32_t window_count; /**< used entries of windows */
    struct kaal_pci_window windows[KAAL_PCI_WINDOWS_MAX]; /**< for BARs */
};

/** How the machine is switched off. */
enum kaal_power_method {
    KAAL_POWER_NONE = 0,     /**< no table says how */
    KAAL_POWER_ACPI = 1,     /**< sleep control ports of the FADT with the values of \_S5_ */
    KAAL_POWER_PSCI_SMC = 2, /**< PSCI SYSTEM_OFF by SMC */
    KAAL_POWER_PSCI_HVC = 3, /**< PSCI SYSTEM_OFF by HVC: no capability for it exists */
};

/** Power-off. ACPI: write (value_a << 10 | bit 13) to port_a, then the same for b if not 0. */
struct kaal_power {
    uint32_t method;        /**< enum kaal_power_method */
    uint32_t psci_function; /**< function number of SYSTEM_OFF */
    uint16_t port_a;        /**< PM1a_CNT_BLK */
    uint16_t port_b;        /**< PM1b_CNT_BLK, 0 = none */
    uint16_t value_a;       /**< SLP_TYPa */
    uint16_t value_b;       /**< SLP_TYPb */
    uint16_t smi_port;      /**< SMI_CMD, 0 = none: ACPI mode is already on */
    uint8_t smi_enable;     /**< write it to smi_port and wait for bit 0 of port_a (SCI_EN) */
    char why_not[96];       /**< method NONE: what is missing, for a person */
};

/**
 * How devices raise message-signalled interrupts: message i is a write of first_data + i to
 * address. x86_64: vector i of the boot CPU; aarch64: interrupt first_data + i of a GICv2m frame.
 */
struct kaal_msi {
    uint64_t address;    /**< as devices see it */
    uint32_t first_data; /**< what message 0 writes */
    uint32_t count;      /**< messages, 0 = the machine has none */
};

/** The machine. */
struct kaal_platform {
    uint32_t ioapic_count;                                  /**< used entries of ioapics */
    struct kaal_ioapic ioapics[KAAL_IOAPICS_MAX];           /**< in the MADT's order */
    uint32_t override_count;                                /**< used entries of overrides */
    struct kaal_irq_override overrides[KAAL_OVERRIDES_MAX]; /**< one per ISA interrupt at most */
    uint32_t ecam_count;                                    /**< used entries of ecams */
    struct kaal_pci_ecam ecams[KAAL_ECAMS_MAX];             /**< PCI configuration windows */
    struct kaal_msi msi;                                    /**< messages of PCI devices */
    struct kaal_power power;                                /**< how to switch off */
    uint64_t hpet_paddr;                                    /**< x86_64: HPET registers, 0 = none */
};

/** What discovery needs of the caller; host tests play the machine with it. */
struct kaal_discovery_access {
    void *context; /**< handed to every callback */
    /**
     * Makes physical memory readable: returns its address, or NULL if that is not possible. What
     * was mapped stays until discovery returns; ranges are asked for repeatedly and overlap.
     */
    const uint8_t *(*map)(void *context, uint64_t paddr, uint64_t bytes);
    /**
     * Zeroed memory that lasts until discovery returns, 16-byte aligned, or NULL. Asked for once.
     * NULL as a callback: there is none, and ACPI's definition blocks are not run.
     */
    void *(*work_memory)(void *context, uint64_t bytes);
    /** Reads a 32-bit word of PCI configuration space at paddr (inside a window of the tables). */
    uint32_t (*config_read32)(void *context, uint64_t paddr);
    /** Writes one. */
    void (*config_write32)(void *context, uint64_t paddr, uint32_t value);
    /** Reads a 32-bit register of another device; all ones if it cannot be reached. */
    uint32_t (*register_read32)(void *context, uint64_t paddr);
    /** x86_64: reads a port; NULL on other architectures. */
    uint8_t (*port_read8)(void *context, uint16_t port);
    /** x86_64: writes a port; NULL on other architectures. */
    void (*port_write8)(void *context, uint16_t port, uint8_t value);
    /** Called with each problem met on the way; discovery goes on without that table or device. */
    void (*report)(void *context, const struct kaal_problem *problem);
};

/**
 * Finds the machine and its devices: x86_64 by ACPI and PCI, aarch64 by the device tree and PCI.
 *   info      checked bootinfo with the RSDP or device tree block
 *   access    callbacks, all for this call only (report may be NULL)
 *   platform, registry  out: overwritten
 * Returns KAAL_OK even when single tables were unusable (each is reported); otherwise
 * KAAL_ERR_NOT_FOUND, KAAL_ERR_FORMAT, KAAL_ERR_CHECKSUM, KAAL_ERR_TRUNCATED: nothing can be found
 * at all, and the reason was reported; then the registry holds what is known without tables.
 * Ownership: the registry borrows strings from bootinfo's device tree.
 */
MUST_CHECK int kaal_discover(const struct kaal_bootinfo *info,
                             const struct kaal_discovery_access *access,
                             struct kaal_platform *platform, struct kaal_device_registry *registry);

/**
 * A global system interrupt with its I/O APIC (x86_64).
 *   number  of the interrupt;  level, active_low  how it is signalled;  irq  out
 * Returns KAAL_OK, or KAAL_ERR_NOT_FOUND without an I/O APIC that takes it.
 */
MUST_CHECK int kaal_platform_global_irq(const struct kaal_platform *platform, uint32_t number,
                                        bool level, bool active_low, struct kaal_interrupt *irq);

/**
 * The interrupt that an ISA interrupt number arrives at (x86_64), by the MADT's overrides.
 *   source  0..15;  irq  out
 * Returns KAAL_OK, or KAAL_ERR_NOT_FOUND without an I/O APIC that takes it.
 */
MUST_CHECK int kaal_platform_isa_irq(const struct kaal_platform *platform, uint8_t source,
                                     struct kaal_interrupt *irq);
