/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Scalars and small macros that every part of the kernel uses. A kernel address of an object is a
 * plain C pointer or, where it may name memory that is not mapped (device untypeds), a kptr_t.
 */
#pragma once

#include <kernel/config.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* <assert.h> is not a freestanding header. */
#ifndef static_assert
#define static_assert _Static_assert
#endif

typedef uint64_t word_t;
typedef uint64_t paddr_t; /* physical address */
typedef uint64_t vaddr_t; /* user virtual address */
typedef uint64_t kptr_t;  /* kernel direct-map address, see <kernel/table.h> */
typedef uint64_t cptr_t;  /* capability pointer in a user's CSpace */
typedef uint64_t ticks_t; /* timer ticks since boot */
typedef uint64_t irq_t;

#define WORD_BITS           64u
#define BIT(n)              ((word_t)1 << (n))
#define MASK(n)             (BIT(n) - 1)
#define ALIGN_DOWN(x, bits) ((x) & ~MASK(bits))
#define ALIGN_UP(x, bits)   (((x) + MASK(bits)) & ~MASK(bits))
#define IS_ALIGNED(x, bits) (((x)&MASK(bits)) == 0)
#define ARRAY_LENGTH(a)     (sizeof(a) / sizeof((a)[0]))

#define LIKELY(x)     __builtin_expect(!!(x), 1)
#define UNLIKELY(x)   __builtin_expect(!!(x), 0)
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define MUST_CHECK    __attribute__((warn_unused_result))
#define NORETURN      __attribute__((noreturn))

/* For hot paths, where the compiler's own choice was measured to be worse. */
#define NOINLINE __attribute__((noinline))

/* Code and data that only booting needs; its memory is handed out as untyped afterwards. */
#define BOOT_CODE __attribute__((section(".boot.text")))
#define BOOT_DATA __attribute__((section(".boot.data")))
