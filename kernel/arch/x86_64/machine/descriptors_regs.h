/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Structures that the CPU reads: task state, table pointers, gates, segment descriptors.
 * Source: Intel SDM vol. 3A 3.4.5, 3.5.1, 6.14.1 and 7.7.
 */
#pragma once

#include <kernel/types.h>

struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map_base;
} __attribute__((packed));
static_assert(sizeof(struct tss) == 104, "SDM vol. 3A figure 7-11");

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

/* Low word of a gate, SDM vol. 3A figure 6-8. */
#define GATE_SELECTOR(code) ((uint64_t)(code) << 16)
#define GATE_STACK          BIT(32)                /* the first of the interrupt stack table */
#define GATE_INTERRUPT      ((uint64_t)0x8e << 40) /* present; enters with interrupts off */
#define GATE_DPL_USER       ((uint64_t)0x60 << 40) /* may be used by `int n` at user level */

/* Segment descriptors of 64-bit mode, figures 3-8 and 7-4: accessed, so that the CPU never writes.
 */
#define SEGMENT_KERNEL_CODE   0x00af9b000000ffff
#define SEGMENT_KERNEL_DATA   0x00cf93000000ffff
#define SEGMENT_USER_CODE     0x00affb000000ffff
#define SEGMENT_USER_DATA     0x00cff3000000ffff
#define SEGMENT_TSS_AVAILABLE 0x0000890000000000
