/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the broker does to a PCI function on behalf of its holder, who never sees configuration
 * space itself: decoding, Bus Master, messages, reset, and a filter for the rest.
 *
 * Order of a grant: pci_open() -> messages or pin -> pci_set_master(), as the last step. Order of
 * its end: pci_close(): Bus Master off and flushed before anything else, so that nothing writes to
 * memory that is about to be someone else's; then interrupts off, then a reset where there is one.
 * After a reset the function must not be touched for a while; pci_open() restores it when that is
 * over. Sources: pci_registers.h; PCI Express Base Specification 4.0, 6.6.2 (function level reset).
 */
#include "server_internal.h"

#include <kaal/pci_registers.h>

#define RESET_NS         UINT64_C(100000000) /* PCI Express Base Specification 4.0, 6.6.2 */
#define PCI_BARS         6u
#define CACHE_AND_TIMER  FIELD32(15, 0)  /* of PCI_HEADER */
#define LINE             FIELD32(7, 0)   /* of PCI_INTERRUPT */
#define PCIE_STATUS_BITS FIELD32(19, 16) /* of PCI_PCIE_DEVICE: write 1 to clear */

static uint32_t config_read(const struct kaal_broker *broker, const struct kaal_device *device,
                            uint32_t offset)
{
    const struct kaal_device_access *access = broker->access;
    return access->config_read32(access->context, device->pci.config_paddr + offset);
}

static void config_write(const struct kaal_broker *broker, const struct kaal_device *device,
                         uint32_t offset, uint32_t value)
{
    const struct kaal_device_access *access = broker->access;
    access->config_write32(access->context, device->pci.config_paddr + offset, value);
}

/* Changes bits of the command register; the status half is write 1 to clear: zeros leave it. */
static void command_change(const struct kaal_broker *broker, const struct kaal_device *device,
                           uint32_t clear, uint32_t set)
{
    uint32_t command = config_read(broker, device, PCI_COMMAND) & PCI_COMMAND_BITS;
    config_write(broker, device, PCI_COMMAND, (command & ~clear) | set);
}

static void restore_after_reset(const struct kaal_broker *broker, struct kaal_device *device)
{
    for (uint32_t i = 0; i < PCI_BARS; i++) {
        config_write(broker, device, PCI_BAR0 + 4 * i, device->pci.bars[i]);
    }
    config_write(broker, device, PCI_INTERRUPT, device->pci.interrupt_line);
    device->ready_ns = 0;
}

int pci_open(struct kaal_broker *broker, struct kaal_device *device)
{
    if (broker->access == NULL || device->pci.header_type != PCI_HEADER_DEVICE) {
        return KAAL_ERR_UNSUPPORTED; /* bridges belong to nobody: they pass on what is others' */
    }
    if (device->ready_ns != 0) {
        if (broker->access->now_ns(broker->access->context) < device->ready_ns) {
            return KAAL_ERR_BUSY;
        }
        restore_after_reset(broker, device);
    }
    command_change(broker, device, PCI_COMMAND_BUS_MASTER,
                   PCI_COMMAND_INTERRUPT_DISABLE | device->pci.decode);
    return KAAL_OK;
}

void pci_set_master(struct kaal_broker *broker, struct kaal_device *device)
{
    command_change(broker, device, 0, PCI_COMMAND_BUS_MASTER);
}

void pci_pause_master(struct kaal_broker *broker, struct kaal_device *device)
{
    command_change(broker, device, PCI_COMMAND_BUS_MASTER, 0);
    (void)config_read(broker, device, PCI_COMMAND); /* what was under way comes before the answer */
}

static void msix_change(struct kaal_broker *broker, const struct kaal_device *device,
                        uint32_t clear, uint32_t set)
{
    if (device->pci.msix_offset != 0) {
        uint32_t control = config_read(broker, device, device->pci.msix_offset);
        config_write(broker, device, device->pci.msix_offset, (control & ~clear) | set);
    }
}

void pci_set_pin(struct kaal_broker *broker, struct kaal_device *device)
{
    msix_change(broker, device, PCI_MSIX_ENABLE, PCI_MSIX_MASK_ALL);
    command_change(broker, device, PCI_COMMAND_INTERRUPT_DISABLE, 0);
}

enum pci_messages pci_messages(const struct kaal_broker *broker, const struct kaal_device *device)
{
    if (broker->platform->msi.count == 0 || device->record.bus != KAAL_BUS_PCI) {
        return PCI_MESSAGES_NONE;
    }
    if (device->pci.msix_count != 0 && device->record.ranges[device->pci.msix_bar].base != 0) {
        return PCI_MESSAGES_TABLE;
    }
    return device->pci.msi_offset != 0 ? PCI_MESSAGES_SINGLE : PCI_MESSAGES_NONE;
}

static void set_single(struct kaal_broker *broker, struct kaal_device *device, uint32_t data)
{
    uint32_t at = device->pci.msi_offset;
    uint64_t address = broker->platform->msi.address;
    uint32_t control = config_read(broker, device, at);
    bool wide = (control & PCI_MSI_64) != 0;
    control &= ~(PCI_MSI_ENABLE | PCI_MSI_MULTIPLE);
    config_write(broker, device, at, control);
    config_write(broker, device, at + PCI_MSI_ADDRESS, (uint32_t)address);
    if (wide) {
        config_write(broker, device, at + PCI_MSI_UPPER, (uint32_t)(address >> 32));
    }
    uint32_t data_at = at + (wide ? PCI_MSI_DATA_64 : PCI_MSI_DATA_32);
    uint32_t other = config_read(broker, device, data_at) & ~PCI_MSI_DATA_BITS;
    config_write(broker, device, data_at, other | (data & PCI_MSI_DATA_BITS));
    config_write(broker, device, at, control | PCI_MSI_ENABLE);
}

/* An entry of the table: masked while it changes. */
static int set_entry(struct kaal_broker *broker, struct kaal_device *device, uint32_t index,
                     uint32_t data)
{
    const struct kaal_pci_facts *facts = &device->pci;
    uint64_t address = broker->platform->msi.address;
    uint64_t entry = device->record.ranges[facts->msix_bar].base + facts->msix_table +
                     (uint64_t)index * PCI_MSIX_ENTRY_BYTES;
    const struct {
        uint32_t offset;
        uint32_t value;
    } steps[] = {
        {PCI_MSIX_ENTRY_CONTROL, PCI_MSIX_ENTRY_MASKED},
        {0, (uint32_t)address},
        {PCI_MSIX_ENTRY_UPPER, (uint32_t)(address >> 32)},
        {PCI_MSIX_ENTRY_DATA, data},
        {PCI_MSIX_ENTRY_CONTROL, 0},
    };
    int error = device_range_open(broker, device, facts->msix_bar);
    for (uint32_t i = 0; error == KAAL_OK && i < ARRAY_COUNT(steps); i++) {
        error = device_register_write(broker, device, facts->msix_bar, entry + steps[i].offset,
                                      steps[i].value);
    }
    if (error == KAAL_OK) {
        uint32_t control = config_read(broker, device, facts->msix_offset);
        config_write(broker, device, facts->msix_offset,
                     (control & ~PCI_MSIX_MASK_ALL) | PCI_MSIX_ENABLE);
    }
    return error;
}

int pci_message_set(struct kaal_broker *broker, struct kaal_device *device, uint32_t index,
                    uint32_t data)
{
    if (pci_messages(broker, device) == PCI_MESSAGES_TABLE) {
        return set_entry(broker, device, index, data);
    }
    set_single(broker, device, data);
    return KAAL_OK;
}

/* Starts a function level reset, if the function has one. */
static bool reset(struct kaal_broker *broker, const struct kaal_device *device)
{
    uint32_t at = device->pci.pcie_offset;
    if (at != 0 && (config_read(broker, device, at + PCI_PCIE_DEVICE_CAPS) & PCI_PCIE_CAPS_FLR)) {
        uint32_t control =
            config_read(broker, device, at + PCI_PCIE_DEVICE) & PCI_PCIE_CONTROL_BITS;
        config_write(broker, device, at + PCI_PCIE_DEVICE, control | PCI_PCIE_CONTROL_FLR);
        return true;
    }
    at = device->pci.af_offset;
    if (at != 0 && (config_read(broker, device, at) & PCI_AF_CAPS_FLR) != 0) {
        config_write(broker, device, at + PCI_AF_CONTROL, PCI_AF_CONTROL_FLR);
        return true;
    }
    return false;
}

void pci_close(struct kaal_broker *broker, struct kaal_device *device)
{
    if (broker->access == NULL || device->pci.header_type != PCI_HEADER_DEVICE) {
        return;
    }
    command_change(broker, device, PCI_COMMAND_BUS_MASTER, PCI_COMMAND_INTERRUPT_DISABLE);
    /* What the device still had under way comes before the answer to this read. */
    uint32_t status = config_read(broker, device, PCI_COMMAND);
    if (device->pci.msi_offset != 0) {
        uint32_t control = config_read(broker, device, device->pci.msi_offset);
        config_write(broker, device, device->pci.msi_offset, control & ~PCI_MSI_ENABLE);
    }
    /* Masked, not disabled: QEMU's 82574 ends the whole machine when a timer of its interrupts
     * expires while MSI-X is off, and it has no reset that would stop the timer. */
    msix_change(broker, device, 0, PCI_MSIX_MASK_ALL);
    if (reset(broker, device)) {
        uint64_t wait_ns = (status & PCI_STATUS_READY) != 0 ? 0 : RESET_NS;
        device->ready_ns = broker->access->now_ns(broker->access->context) + wait_ns;
    }
}

static bool config_access_valid(uint32_t offset, uint32_t width)
{
    return (width == 1 || width == 2 || width == 4) && offset % width == 0 &&
           offset <= PCI_CONFIG_BYTES - width;
}

int pci_config_read(const struct kaal_broker *broker, const struct kaal_device *device,
                    uint32_t offset, uint32_t width, uint32_t *value)
{
    if (!config_access_valid(offset, width)) {
        return KAAL_ERR_RANGE;
    }
    uint32_t word = config_read(broker, device, offset & ~3u) >> (offset % 4 * 8);
    *value = width == 4 ? word : word & (BIT32(width * 8) - 1);
    return KAAL_OK;
}

/* Bits of a word that a driver may change, and bits that writing 1 clears. */
static void writable_bits(const struct kaal_device *device, uint32_t offset, uint32_t *change,
                          uint32_t *clear)
{
    *change = 0;
    *clear = 0;
    if (offset == PCI_HEADER) {
        *change = CACHE_AND_TIMER;
    } else if (offset == PCI_INTERRUPT) {
        *change = LINE; /* software's own scratch byte */
    } else if (offset == PCI_COMMAND) {
        *clear = PCI_STATUS_ERRORS;
    } else if (device->pci.pcie_offset != 0 &&
               offset == (uint32_t)device->pci.pcie_offset + PCI_PCIE_DEVICE) {
        *clear = PCIE_STATUS_BITS;
    }
}

int pci_config_write(struct kaal_broker *broker, const struct kaal_device *device, uint32_t offset,
                     uint32_t width, uint32_t value)
{
    if (!config_access_valid(offset, width)) {
        return KAAL_ERR_RANGE;
    }
    uint32_t shift = offset % 4 * 8;
    uint32_t bits = (width == 4 ? UINT32_MAX : BIT32(width * 8) - 1) << shift;
    uint32_t wanted = value << shift & bits;
    uint32_t change;
    uint32_t clear;
    writable_bits(device, offset & ~3u, &change, &clear);
    uint32_t word = config_read(broker, device, offset & ~3u);
    /* What is not writable must be written as it is, or as 0 where that does nothing. */
    bool allowed = ((wanted ^ word) & bits & ~(change | clear)) == 0;
    if (!allowed || (change | clear) == 0) {
        return KAAL_ERR_DENIED;
    }
    uint32_t kept = (offset & ~3u) == PCI_COMMAND ? word & PCI_COMMAND_BITS : word & ~clear;
    config_write(broker, device, offset & ~3u,
                 (kept & ~(bits & change)) | (wanted & change) | (wanted & clear));
    return KAAL_OK;
}
