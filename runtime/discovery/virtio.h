/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Recognising virtio devices by their transport. Source: Virtual I/O Device (VIRTIO) 1.2, 4.1.2
 * (PCI device discovery) and 4.2.2 (MMIO device register layout).
 */
#pragma once

#include <stdint.h>

#include <kaal/platform.h>

/** Match id of a virtio transport in registers. */
#define VIRTIO_MMIO_COMPATIBLE "virtio,mmio"

/**
 * The virtio device type of a PCI function, 0 if it is none.
 *   id  configuration space word 0;  subsystem  subsystem device id
 */
uint32_t virtio_id_of_pci(uint32_t id, uint32_t subsystem);

/**
 * The virtio device type behind a transport in registers, 0 if it has no device.
 *   paddr  its registers
 */
uint32_t virtio_id_of_registers(const struct kaal_discovery_access *access, uint64_t paddr);
