/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * AHCI host bus adapter and the ATA commands that it carries. Source: Serial ATA AHCI 1.3.1
 * Specification: 3.1 generic host control, 3.3 port registers, 4.2 memory structures; ATA8-ACS: 7
 * commands.
 */
#pragma once

#include <kaal/registers.h>

KAAL_REGISTERS(ahci, 1,               /* offsets are bytes */
               (cap, 0x00, RO, u32),  /* 3.1.1 capabilities */
               (ghc, 0x04, RW, u32),  /* 3.1.2 global control */
               (is, 0x08, W1C, u32),  /* 3.1.3 interrupt status, a bit for each port */
               (pi, 0x0c, RO, u32),   /* 3.1.4 ports implemented */
               (cap2, 0x24, RO, u32), /* 3.1.10 */
               (bohc, 0x28, RW, u32) /* 3.1.11 hand-off from the BIOS */);

KAAL_REGISTERS(ahci_port, 1,           /* 3.3; each port has 0x80 bytes from 0x100 */
               (clb, 0x00, RW, u32),   /* command list */
               (clbu, 0x04, RW, u32),  /* its upper half */
               (fb, 0x08, RW, u32),    /* received FISes */
               (fbu, 0x0c, RW, u32),   /* its upper half */
               (is, 0x10, W1C, u32),   /* interrupt status */
               (ie, 0x14, RW, u32),    /* interrupt enable */
               (cmd, 0x18, RW, u32),   /* command and status */
               (tfd, 0x20, RO, u32),   /* task file: status and error */
               (sig, 0x24, RO, u32),   /* what kind of device */
               (ssts, 0x28, RO, u32),  /* link status */
               (serr, 0x30, W1C, u32), /* link errors */
               (ci, 0x38, RW, u32) /* commands issued: setting bits starts, cleared when done */);

#define AHCI_PORTS      0x100u
#define AHCI_PORT_BYTES 0x80u
#define AHCI_PORTS_MAX  32u
#define AHCI_CAP_SLOTS  FIELD32(12, 8) /* command slots - 1 */
#define AHCI_CAP_64     BIT32(31)
#define AHCI_GHC_RESET  BIT32(0)
#define AHCI_GHC_IE     BIT32(1)
#define AHCI_GHC_AE     BIT32(31)
#define AHCI_CAP2_BOH   BIT32(0)
#define AHCI_BOHC_BIOS  BIT32(0)
#define AHCI_BOHC_OS    BIT32(1)
#define AHCI_CMD_START  BIT32(0)
#define AHCI_CMD_SPINUP BIT32(1)
#define AHCI_CMD_POWER  BIT32(2)
#define AHCI_CMD_FRE    BIT32(4)
#define AHCI_CMD_CCS    FIELD32(12, 8) /* the command at work */
#define AHCI_CMD_FR     BIT32(14)
#define AHCI_CMD_CR     BIT32(15)
#define AHCI_TFD_ERR    BIT32(0)
#define AHCI_TFD_DRQ    BIT32(3)
#define AHCI_TFD_BSY    BIT32(7)
#define AHCI_SSTS_DET   FIELD32(3, 0)
#define AHCI_SSTS_UP    3u
#define AHCI_SIG_DISK   0x00000101u
#define AHCI_IS_D2H     BIT32(0) /* a command ended */
#define AHCI_IS_PIO     BIT32(1)
#define AHCI_IS_HBFS    BIT32(29) /* host bus fatal error */
#define AHCI_IS_TFES    BIT32(30) /* task file error: the command at work failed */
#define AHCI_IS_FATAL   (FIELD32(28, 26) | AHCI_IS_HBFS)

/* 4.2.2 */
struct ahci_header {
    uint32_t flags; /* FIS length in dwords, W, PRDs << 16 */
    uint32_t moved; /* bytes */
    uint64_t table;
    uint32_t reserved[4];
};
_Static_assert(sizeof(struct ahci_header) == 32, "4.2.2");
#define AHCI_HEADER_FIS_DWORDS 5u
#define AHCI_HEADER_WRITE      BIT32(6)
#define AHCI_HEADER_CLEAR_BUSY BIT32(10)
#define AHCI_HEADER_ONE_PRD    (1u << 16)

/* 4.2.3, with one region */
struct ahci_table {
    uint8_t fis[64];
    uint8_t packet[64];
    uint64_t data;
    uint32_t reserved;
    uint32_t last_byte; /* of the region */
    uint8_t padding[112];
};
_Static_assert(sizeof(struct ahci_table) == 256, "aligned to 128");
#define AHCI_RECEIVED_BYTES 256u

/* ATA: a register FIS to the device, and commands. */
#define ATA_FIS_TO_DEVICE   0x27u
#define ATA_FIS_COMMAND     0x80u
#define ATA_DEVICE_LBA      0x40u
#define ATA_READ_DMA_EXT    0x25u
#define ATA_WRITE_DMA_EXT   0x35u
#define ATA_FLUSH_CACHE_EXT 0xeau
#define ATA_IDENTIFY        0xecu
/* Words of IDENTIFY DEVICE, 7.16.7. */
#define ATA_ID_COMMANDS     83u /* bit 10: 48-bit addresses */
#define ATA_ID_LBA48        BIT32(10)
#define ATA_ID_ENABLED      85u /* bit 5: write cache */
#define ATA_ID_CACHE        BIT32(5)
#define ATA_ID_SECTORS      100u /* four words */
#define ATA_ID_SECTOR_SIZE  106u /* bit 12: words 117, 118 are valid */
#define ATA_ID_LONG_SECTORS BIT32(12)
#define ATA_ID_SECTOR_WORDS 117u /* two words */
#define ATA_ID_BYTES        512u
