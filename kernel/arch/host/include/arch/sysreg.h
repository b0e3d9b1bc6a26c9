/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A process needs no barriers for tables that no hardware walks, and has no system registers. */
#pragma once

#define sysreg_write(name, value) ((void)(value))

static inline void barrier_instruction(void)
{
}

static inline void barrier_table_written(void)
{
}
