/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Registers and descriptors of Intel's 8254x and 82574 controllers. Sources: PCI/PCI-X Family of
 * Gigabit Ethernet Controllers Software Developer's Manual (317453, revision 4.0), "SDM"; Intel
 * 82574 GbE Controller Family Datasheet (revision 3.4), "DS". Sections are the SDM's unless said.
 */
#pragma once

#include <kaal/dma.h>
#include <kaal/registers.h>

KAAL_REGISTERS(e1000, 4,                 /* one word per register */
               (ctrl, 0x000, RW, u32),   /* 13.4.1 device control */
               (status, 0x002, RO, u32), /* 13.4.2 */
               (icr, 0x030, RW, u32),    /* 13.4.17 interrupt cause: ones written are cleared */
               (ims, 0x034, RW, u32),    /* 13.4.20 interrupt mask set */
               (imc, 0x036, WO, u32),    /* 13.4.21 interrupt mask clear */
               (ivar, 0x039, RW, u32),   /* DS 10.2.4 causes to MSI-X vectors, 82574 only */
               (rctl, 0x040, RW, u32),   /* 13.4.22 receive control */
               (tctl, 0x100, RW, u32),   /* 13.4.33 transmit control */
               (tipg, 0x104, RW, u32),   /* 13.4.34 gap between frames */
               (rdbal, 0xa00, RW, u32),  /* 13.4.25 receive descriptors: address */
               (rdbah, 0xa01, RW, u32),  /* 13.4.26 */
               (rdlen, 0xa02, RW, u32),  /* 13.4.27 their bytes */
               (rdh, 0xa04, RW, u32),    /* 13.4.28 head */
               (rdt, 0xa06, RW, u32),    /* 13.4.29 tail */
               (tdbal, 0xe00, RW, u32),  /* 13.4.36 transmit descriptors: address */
               (tdbah, 0xe01, RW, u32),  /* 13.4.37 */
               (tdlen, 0xe02, RW, u32),  /* 13.4.38 their bytes */
               (tdh, 0xe04, RW, u32),    /* 13.4.39 head */
               (tdt, 0xe06, RW, u32),    /* 13.4.40 tail */
               (ral, 0x1500, RW, u32),   /* 13.5.2 own address: lower four bytes */
               (rah, 0x1501, RW, u32));  /* 13.5.3 upper two */

#define E1000_CTRL_SET_LINK_UP  BIT32(6)
#define E1000_CTRL_RESET        BIT32(26)
#define E1000_STATUS_LINK_UP    BIT32(1)
#define E1000_STATUS_SPEED      FIELD32(7, 6) /* 0: 10, 1: 100, else 1000 Mbit/s */
#define E1000_INT_SENT          BIT32(0)      /* a transmit descriptor was written back */
#define E1000_INT_LINK          BIT32(2)
#define E1000_INT_OVERRUN       BIT32(6) /* a frame found no descriptor */
#define E1000_INT_RECEIVED      BIT32(7)
#define E1000_INT_RXQ0          BIT32(20) /* 82574 with MSI-X: DS 7.4 */
#define E1000_INT_TXQ0          BIT32(22)
#define E1000_INT_OTHER         BIT32(24)
#define E1000_INT_ALL           UINT32_MAX
#define E1000_IVAR_ALL_VECTOR_0 (BIT32(3) | BIT32(11) | BIT32(19)) /* RxQ0, TxQ0, other: valid */
#define E1000_RCTL_ENABLE       BIT32(1)
#define E1000_RCTL_ALL_UNICAST  BIT32(3)
#define E1000_RCTL_ALL_GROUPS   BIT32(4)
#define E1000_RCTL_BROADCAST    BIT32(15)
#define E1000_RCTL_STRIP_CRC    BIT32(26) /* buffers are 2,048 bytes: size bits zero */
#define E1000_TCTL_ENABLE       BIT32(1)
#define E1000_TCTL_PAD          BIT32(3)
#define E1000_TCTL_USUAL        UINT32_C(0x000400F0) /* 13.4.33: collisions 15, distance 64 */
#define E1000_TIPG_USUAL        UINT32_C(0x0060200A) /* 13.4.34 */
#define E1000_82574_ID          0x10D3u

/* 3.2.3, legacy receive descriptor. */
struct e1000_receive_descriptor {
    uint64_t bus;
    uint16_t bytes;
    uint16_t checksum;
    uint8_t status;
    uint8_t errors;
    uint16_t special;
};
_Static_assert(sizeof(struct e1000_receive_descriptor) == 16, "3.2.3");
#define E1000_RECEIVED_DONE BIT32(0)
#define E1000_RECEIVED_END  BIT32(1) /* the whole frame is in this buffer */

/* 3.3.3, legacy transmit descriptor. */
struct e1000_transmit_descriptor {
    uint64_t bus;
    uint16_t bytes;
    uint8_t checksum_offset;
    uint8_t command;
    uint8_t status;
    uint8_t checksum_start;
    uint16_t special;
};
_Static_assert(sizeof(struct e1000_transmit_descriptor) == 16, "3.3.3");
#define E1000_SEND_END    BIT32(0)
#define E1000_SEND_CRC    BIT32(1)
#define E1000_SEND_REPORT BIT32(3) /* say when it is done */
#define E1000_SENT_DONE   BIT32(0)

#define E1000_DESCRIPTORS 256u
#define E1000_ALIGNMENT   128u
KAAL_DMA_RING(e1000_receive_ring, struct e1000_receive_descriptor, E1000_DESCRIPTORS);
KAAL_DMA_RING(e1000_transmit_ring, struct e1000_transmit_descriptor, E1000_DESCRIPTORS);
#define E1000_DMA_BYTES (2u * 16u * E1000_DESCRIPTORS)
