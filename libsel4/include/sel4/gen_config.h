/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Options of this library. Stubs are always inline, and the IPC buffer pointer is always a
 * thread-local variable.
 */
#pragma once

#define CONFIG_LIB_SEL4_INLINE_INVOCATIONS 1
#define CONFIG_LIB_SEL4_FUNCTION_ATTRIBUTE "inline"
#define CONFIG_LIB_SEL4_USE_THREAD_LOCALS  1
