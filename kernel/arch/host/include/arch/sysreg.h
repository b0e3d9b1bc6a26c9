/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A process needs no barriers for tables that no hardware walks. */
#pragma once

static inline void barrier_instruction(void)
{
}

static inline void barrier_table_written(void)
{
}
