/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * PL031 register table. Source: Arm PrimeCell Real Time Clock (PL031) Technical Reference Manual
 * (DDI 0224C), chapter 3. The counter has 32 bits: seconds until the year 2106.
 */
#pragma once

#include <kaal/registers.h>

KAAL_REGISTERS(pl031, 4,              /* one word per register */
               (dr, 0x0, RO, u32),    /* 3.3.1 data: seconds now */
               (lr, 0x2, RW, u32),    /* 3.3.3 load: seconds to go on from */
               (cr, 0x3, RW, u32),    /* 3.3.4 control */
               (imsc, 0x4, RW, u32),  /* 3.3.5 interrupt mask */
               (id0, 0x3f8, RO, u32), /* 3.3.9 peripheral identification */
               (id1, 0x3f9, RO, u32));

#define PL031_CR_START BIT32(0)
#define PL031_ID0_PART 0x31u
#define PL031_ID1_PART 0x0u
#define PL031_ID1_MASK FIELD32(3, 0)
