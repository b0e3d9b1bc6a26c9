/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * PCI configuration space as discovery and the broker use it; accesses are 32 bits wide, so a
 * constant names the word and fields name its parts. Sources: PCI Local Bus Specification 3.0,
 * chapter 6 (6.1 header, 6.2 registers, 6.8 MSI and MSI-X); PCI-to-PCI Bridge Architecture
 * Specification 1.2, chapter 3.2; PCI Express Base Specification 4.0, 7.5.3; Conventional PCI
 * Advanced Capabilities ECN (2007), 2.
 */
#pragma once

#include <kaal/bits.h>

/** @cond REGISTERS: names and meanings are the specifications' */

#define PCI_ID           0x00u /* vendor, device */
#define PCI_COMMAND      0x04u /* low half; the status register is the high half */
#define PCI_CLASS        0x08u
#define PCI_HEADER       0x0Cu /* cache line, latency timer, header type, self test */
#define PCI_BAR0         0x10u
#define PCI_SUBSYSTEM    0x2Cu /* vendor, device */
#define PCI_CAPABILITIES 0x34u
#define PCI_INTERRUPT    0x3Cu /* line, pin */
#define PCI_CAPS_FROM    0x40u /* the header ends here */
#define PCI_CONFIG_BYTES 4096u /* of one function in an ECAM window */

#define PCI_COMMAND_IO                BIT32(0)
#define PCI_COMMAND_MEMORY            BIT32(1)
#define PCI_COMMAND_BUS_MASTER        BIT32(2)
#define PCI_COMMAND_INTERRUPT_DISABLE BIT32(10)
#define PCI_COMMAND_BITS              FIELD32(15, 0)
#define PCI_STATUS_CAPS               BIT32(20)
#define PCI_STATUS_READY              BIT32(16) /* immediate readiness after a reset */
#define PCI_STATUS_ERRORS             (FIELD32(31, 27) | BIT32(24)) /* write 1 to clear */

#define PCI_MULTIFUNCTION 0x80u /* in the header type */
#define PCI_HEADER_DEVICE 0u
#define PCI_HEADER_BRIDGE 1u

#define PCI_BAR_IO      BIT32(0)
#define PCI_BAR_TYPE    FIELD32(2, 1)
#define PCI_BAR_TYPE_64 2u

/* Bridges (header type 1). */
#define PCI_BUSES               0x18u /* primary, secondary, subordinate, latency timer */
#define PCI_BRIDGE_IO           0x1Cu /* base, limit in units of 4 KiB: bits 7:4 and 15:12 */
#define PCI_BRIDGE_MEMORY       0x20u /* base, limit in units of 1 MiB: bits 15:4 and 31:20 */
#define PCI_BRIDGE_PREFETCHABLE 0x24u
#define PCI_BRIDGE_PREF_BASE    0x28u /* upper halves */
#define PCI_BRIDGE_PREF_LIMIT   0x2Cu
#define PCI_BRIDGE_IO_UPPER     0x30u

/* Capabilities: id in bits 7:0, next in 15:8. */
#define PCI_CAP_MSI   0x05u
#define PCI_CAP_PCIE  0x10u
#define PCI_CAP_MSIX  0x11u
#define PCI_CAP_AF    0x13u /* advanced features: function level reset of conventional devices */
#define PCI_CAPS_MAX  48u   /* as many as fit into 256 bytes */
#define PCI_CAP_ID    FIELD32(7, 0)
#define PCI_NO_DEVICE 0xFFFFu

/* MSI: control is the upper half of its first word. */
#define PCI_MSI_ENABLE    BIT32(16)
#define PCI_MSI_MULTIPLE  FIELD32(22, 20) /* log2 of the messages used */
#define PCI_MSI_64        BIT32(23)
#define PCI_MSI_ADDRESS   4u
#define PCI_MSI_DATA_32   8u
#define PCI_MSI_UPPER     8u
#define PCI_MSI_DATA_64   12u
#define PCI_MSI_DATA_BITS FIELD32(15, 0)

/* MSI-X. */
#define PCI_MSIX_SIZE          FIELD32(26, 16) /* entries - 1 */
#define PCI_MSIX_MASK_ALL      BIT32(30)
#define PCI_MSIX_ENABLE        BIT32(31)
#define PCI_MSIX_TABLE         4u
#define PCI_MSIX_BAR           FIELD32(2, 0) /* of the table's word; the rest is the offset */
#define PCI_MSIX_ENTRY_BYTES   16u           /* address, upper address, data, control */
#define PCI_MSIX_ENTRY_UPPER   4u
#define PCI_MSIX_ENTRY_DATA    8u
#define PCI_MSIX_ENTRY_CONTROL 12u
#define PCI_MSIX_ENTRY_MASKED  BIT32(0)

/* PCI Express. */
#define PCI_PCIE_TYPE         FIELD32(23, 20) /* of its first word */
#define PCI_PCIE_TYPE_TO_PCI  7u              /* a bridge from PCI Express to PCI */
#define PCI_PCIE_DEVICE_CAPS  4u
#define PCI_PCIE_CAPS_FLR     BIT32(28)
#define PCI_PCIE_DEVICE       8u /* control; the status register is the high half */
#define PCI_PCIE_CONTROL_FLR  BIT32(15)
#define PCI_PCIE_CONTROL_BITS FIELD32(15, 0)

/* Advanced features. */
#define PCI_AF_CAPS_FLR    BIT32(25)
#define PCI_AF_CONTROL     4u
#define PCI_AF_CONTROL_FLR BIT32(0)
/** @endcond */
