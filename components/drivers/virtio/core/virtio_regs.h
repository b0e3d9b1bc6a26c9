/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Register tables and shared structures of the virtio transports. Source: Virtual I/O Device
 * (VIRTIO) Version 1.2, OASIS: 2.7 split virtqueues, 4.1.4 PCI structures, 4.2.2 MMIO layout.
 * 64-bit fields are written in halves (4.1.3.1).
 */
#pragma once

#include <kaal/registers.h>

KAAL_REGISTERS(virtio_common, 1,                       /* 4.1.4.3 common configuration */
               (device_feature_select, 0x00, RW, u32), /* which 32 feature bits */
               (device_feature, 0x04, RO, u32),        /* offered */
               (driver_feature_select, 0x08, RW, u32), /* which 32 feature bits */
               (driver_feature, 0x0c, RW, u32),        /* accepted */
               (config_msix_vector, 0x10, RW, u16),    /* for configuration changes */
               (num_queues, 0x12, RO, u16),            /* most queues */
               (device_status, 0x14, RW, u8),          /* 2.1; writing 0 resets */
               (config_generation, 0x15, RO, u8),      /* 2.5.1 */
               (queue_select, 0x16, RW, u16),          /* what the fields below are about */
               (queue_size, 0x18, RW, u16),            /* 0: no such queue */
               (queue_msix_vector, 0x1a, RW, u16),     /* reads back if accepted */
               (queue_enable, 0x1c, RW, u16),          /* 1: the device uses it */
               (queue_notify_off, 0x1e, RO, u16),      /* 4.1.4.4, in multipliers */
               (queue_desc, 0x20, RW, u32),            /* descriptor area */
               (queue_desc_high, 0x24, RW, u32),       /* its upper half */
               (queue_driver, 0x28, RW, u32),          /* driver area: available ring */
               (queue_driver_high, 0x2c, RW, u32),     /* its upper half */
               (queue_device, 0x30, RW, u32),          /* device area: used ring */
               (queue_device_high, 0x34, RW, u32) /* its upper half */);

KAAL_REGISTERS(virtio_isr, 1, (status, 0x00, RO, u8) /* 4.1.4.5; reading clears it */);

KAAL_REGISTERS(virtio_mmio, 1,                        /* 4.2.2 */
               (magic, 0x000, RO, u32),               /* "virt" */
               (version, 0x004, RO, u32),             /* 2 */
               (device_id, 0x008, RO, u32),           /* 5: type of the device, 0: none */
               (device_features, 0x010, RO, u32),     /* offered */
               (device_features_sel, 0x014, WO, u32), /* which 32 feature bits */
               (driver_features, 0x020, WO, u32),     /* accepted */
               (driver_features_sel, 0x024, WO, u32), /* which 32 feature bits */
               (queue_sel, 0x030, WO, u32),           /* what the queue fields are about */
               (queue_num_max, 0x034, RO, u32),       /* 0: no such queue */
               (queue_num, 0x038, WO, u32),           /* size */
               (queue_ready, 0x044, RW, u32),         /* 1: the device uses it */
               (queue_notify, 0x050, WO, u32),        /* index of a queue with news */
               (interrupt_status, 0x060, RO, u32),    /* why it interrupts */
               (interrupt_ack, 0x064, WO, u32),       /* takes those back */
               (status, 0x070, RW, u32),              /* 2.1; writing 0 resets */
               (queue_desc, 0x080, WO, u32),          /* descriptor area */
               (queue_desc_high, 0x084, WO, u32),     /* its upper half */
               (queue_driver, 0x090, WO, u32),        /* driver area: available ring */
               (queue_driver_high, 0x094, WO, u32),   /* its upper half */
               (queue_device, 0x0a0, WO, u32),        /* device area: used ring */
               (queue_device_high, 0x0a4, WO, u32),   /* its upper half */
               (config_generation, 0x0fc, RO, u32) /* 2.5.1 */);

#define VIRTIO_MMIO_MAGIC   0x74726976u
#define VIRTIO_MMIO_VERSION 2u
#define VIRTIO_MMIO_CONFIG  0x100u /* device-specific configuration, to the end */

/* 2.1 device status */
#define VIRTIO_STATUS_ACKNOWLEDGE 0x01u
#define VIRTIO_STATUS_DRIVER      0x02u
#define VIRTIO_STATUS_DRIVER_OK   0x04u
#define VIRTIO_STATUS_FEATURES_OK 0x08u
#define VIRTIO_STATUS_FAILED      0x80u

/* 6 reserved feature bits */
#define VIRTIO_F_VERSION_1       BIT64(32)
#define VIRTIO_F_ACCESS_PLATFORM BIT64(33)

/* 4.1.4 capabilities in configuration space */
#define VIRTIO_PCI_CAPABILITIES 0x34u
#define VIRTIO_PCI_CAP_VENDOR   0x09u
#define VIRTIO_PCI_CAP_MSIX     0x11u
#define VIRTIO_PCI_MSIX_ENABLED BIT32(15)
#define VIRTIO_PCI_CAPS_MAX     48u /* that fit between 0x40 and 0xff */
#define VIRTIO_PCI_COMMON       1u
#define VIRTIO_PCI_NOTIFY       2u
#define VIRTIO_PCI_ISR          3u
#define VIRTIO_PCI_DEVICE       4u

/* 2.7.5 descriptors */
struct virtio_descriptor {
    uint64_t bus;
    uint32_t bytes;
    uint16_t flags;
    uint16_t next;
};
_Static_assert(sizeof(struct virtio_descriptor) == 16, "2.7.5");
#define VIRTIO_DESCRIPTOR_NEXT  1u
#define VIRTIO_DESCRIPTOR_WRITE 2u /* by the device */

/* 2.7.6 available ring; entries follow */
struct virtio_available {
    uint16_t flags;
    uint16_t index;
    uint16_t ring[];
};

/* 2.7.8 used ring; entries follow */
struct virtio_used {
    uint16_t flags;
    uint16_t index;
    struct virtio_used_entry {
        uint32_t id;
        uint32_t bytes;
    } ring[];
};
#define VIRTIO_USED_NO_NOTIFY 1u
