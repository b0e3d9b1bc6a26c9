/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers of the HPET, as offsets; 32-bit access. Source: IA-PC HPET 1.0a, 2.3. */
#pragma once

#define HPET_PERIOD        0x004 /* RO, femtoseconds per tick */
#define HPET_CONFIG        0x010 /* RW */
#define HPET_COUNTER       0x0f0 /* RW, low half */
#define HPET_CONFIG_ENABLE 1
#define HPET_PERIOD_MAX    100000000u /* 100 ns, 2.3.4 */
