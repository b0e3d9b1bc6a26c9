/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the headers of this library share: every function is small and always inlined, because most
 * of its arguments are constants at the call.
 */
#pragma once

#include <autoconf.h>

#define LIBSEL4_INLINE      static inline __attribute__((unused))
#define LIBSEL4_INLINE_FUNC static inline __attribute__((always_inline, unused))

#define SEL4_PACKED           __attribute__((packed))
#define SEL4_DEPRECATED(text) __attribute__((deprecated(text)))

#define LIBSEL4_BIT(n) (1ul << (n))
