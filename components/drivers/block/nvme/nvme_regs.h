/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * NVM Express controller. Source: NVM Express Base Specification 1.4: 3.1 registers, 4.2 submission
 * queue entries, 4.3 physical region pages, 4.6 completion queue entries, 5 admin commands, 6 NVM
 * commands.
 */
#pragma once

#include <kaal/registers.h>

KAAL_REGISTERS(nvme, 1,               /* offsets are bytes */
               (cap, 0x00, RO, u64),  /* 3.1.1 capabilities */
               (cc, 0x14, RW, u32),   /* 3.1.5 configuration */
               (csts, 0x1c, RO, u32), /* 3.1.6 status */
               (aqa, 0x24, RW, u32),  /* 3.1.8 admin queue sizes */
               (asq, 0x28, RW, u64),  /* 3.1.9 admin submission queue */
               (acq, 0x30, RW, u64),  /* 3.1.10 admin completion queue */
               (doorbells, 0x1000, WO, u32) /* 3.1.25 the first of them */);

#define NVME_CAP_MQES(cap)    ((uint32_t)((cap)&0xffffu))       /* largest queue - 1 */
#define NVME_CAP_TIMEOUT(cap) ((uint32_t)((cap) >> 24 & 0xffu)) /* of enabling, 500 ms */
#define NVME_CAP_STRIDE(cap)  ((uint32_t)((cap) >> 32 & 0xfu))  /* of doorbells, 4 << it */
#define NVME_CAP_MPSMIN(cap)  ((uint32_t)((cap) >> 48 & 0xfu))  /* smallest page, 4096 << it */
#define NVME_CC_ENABLE        BIT32(0)
#define NVME_CC_SHUTDOWN      BIT32(14)  /* normal */
#define NVME_CC_IOSQES        (6u << 16) /* entries of 64 bytes */
#define NVME_CC_IOCQES        (4u << 20) /* entries of 16 bytes */
#define NVME_CSTS_READY       BIT32(0)
#define NVME_CSTS_FATAL       BIT32(1)
#define NVME_CSTS_SHUTDOWN    FIELD32(3, 2)
#define NVME_CSTS_SHUT_DOWN   2u
#define NVME_DOORBELLS        0x1000u

/* Opcodes: admin, then NVM. */
#define NVME_CREATE_SUBMISSION 0x01u
#define NVME_CREATE_COMPLETION 0x05u
#define NVME_IDENTIFY          0x06u
#define NVME_FLUSH             0x00u
#define NVME_WRITE             0x01u
#define NVME_READ              0x02u

/* Arguments of admin commands. */
#define NVME_IDENTIFY_NAMESPACE  0u
#define NVME_IDENTIFY_CONTROLLER 1u
#define NVME_QUEUE_CONTIGUOUS    BIT32(0)
#define NVME_QUEUE_INTERRUPTS    BIT32(1)

/* 5.15.2.1, 5.15.2.2: bytes of what identify gives. */
#define NVME_NS_SIZE        0u   /* u64, blocks */
#define NVME_NS_FLBAS       26u  /* format in use: low four bits */
#define NVME_NS_FORMATS     128u /* u32 each: block size is 1 << bits 23..16 */
#define NVME_CTRL_MDTS      77u  /* longest transfer, pages << it; 0: no limit */
#define NVME_CTRL_VWC       525u /* bit 0: a volatile write cache */
#define NVME_IDENTIFY_BYTES 4096u

/* 4.6.1 status of a completion entry. */
#define NVME_STATUS_PHASE            BIT32(16)
#define NVME_STATUS_CODE(d)          ((d) >> 17 & 0x7ffu) /* type and code; 0 is success */
#define NVME_STATUS_LBA_OUT_OF_RANGE 0x80u

/* 4.2 */
struct nvme_command {
    uint16_t opcode;
    uint16_t id;
    uint32_t namespace_id;
    uint64_t reserved;
    uint64_t metadata;
    uint64_t prp1;         /* first page, with an offset */
    uint64_t prp2;         /* second page, or a list of pages */
    uint32_t arguments[6]; /* command dwords 10 to 15 */
};
_Static_assert(sizeof(struct nvme_command) == 64, "4.2");

/* 4.6 */
struct nvme_completion {
    uint32_t result;
    uint32_t reserved;
    uint32_t submission; /* queue and head */
    uint32_t status;     /* id, phase, status */
};
_Static_assert(sizeof(struct nvme_completion) == 16, "4.6");
