/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The type of a virtio device. Transitional PCI functions have it as their subsystem's number.
 */
#include "virtio.h"

#define VIRTIO_PCI_VENDOR          0x1AF4u
#define VIRTIO_PCI_LEGACY_FIRST    0x1000u
#define VIRTIO_PCI_LEGACY_LAST     0x103Fu
#define VIRTIO_PCI_MODERN          0x1040u
#define VIRTIO_PCI_MODERN_LAST     0x107Fu
#define VIRTIO_MMIO_MAGIC          0x00u
#define VIRTIO_MMIO_VERSION        0x04u
#define VIRTIO_MMIO_DEVICE         0x08u
#define VIRTIO_MMIO_MAGIC_VALUE    0x74726976u /* "virt" */
#define VIRTIO_MMIO_VERSION_MODERN 2u

uint32_t virtio_id_of_pci(uint32_t id, uint32_t subsystem)
{
    uint32_t device = id >> 16;
    if ((id & 0xFFFFu) != VIRTIO_PCI_VENDOR) {
        return 0;
    }
    if (device >= VIRTIO_PCI_LEGACY_FIRST && device <= VIRTIO_PCI_LEGACY_LAST) {
        return subsystem;
    }
    return device > VIRTIO_PCI_MODERN && device <= VIRTIO_PCI_MODERN_LAST
               ? device - VIRTIO_PCI_MODERN
               : 0;
}

uint32_t virtio_id_of_registers(const struct kaal_discovery_access *access, uint64_t paddr)
{
    if (access->register_read32 == NULL || paddr % 4 != 0 ||
        access->register_read32(access->context, paddr + VIRTIO_MMIO_MAGIC) !=
            VIRTIO_MMIO_MAGIC_VALUE ||
        access->register_read32(access->context, paddr + VIRTIO_MMIO_VERSION) !=
            VIRTIO_MMIO_VERSION_MODERN) {
        return 0;
    }
    return access->register_read32(access->context, paddr + VIRTIO_MMIO_DEVICE);
}
