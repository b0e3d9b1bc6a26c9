/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Descriptors of the translation tables, stage 1 of EL1 and EL0 with a 4 KiB granule.
 * Source: Arm Architecture Reference Manual (Armv8-A), D5.3.
 */
#pragma once

#include <kernel/types.h>

#define PTE_VALID       BIT(0)
#define PTE_TABLE       3ul /* at 39, 30 and 21 */
#define PTE_BLOCK       1ul /* at 30 and 21 */
#define PTE_PAGE        3ul /* at 12 */
#define PTE_TYPE_MASK   3ul
#define PTE_ATTR_DEVICE (0ul << 2) /* MAIR index 0: nGnRnE */
#define PTE_ATTR_NORMAL (4ul << 2) /* MAIR index 4: write-back */
#define PTE_USER        BIT(6)
#define PTE_READ_ONLY   BIT(7)
#define PTE_ACCESSED    BIT(10)
#define PTE_NOT_GLOBAL  BIT(11)
#define PTE_PRIV_XN     BIT(53)
#define PTE_USER_XN     BIT(54)
#define PTE_ADDRESS     0x0000fffffffff000ul
