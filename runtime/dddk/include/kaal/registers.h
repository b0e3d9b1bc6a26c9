/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Register tables. A driver names each register of its device once, with offset, access kind and
 * width, and gets one typed accessor per allowed access:
 *
 *   KAAL_REGISTERS(uart, 1, (rbr, 0, RO, u8), (thr, 0, WO, u8), (ier, 1, RW, u8));
 *   uart_write_thr(&regs, 'x');       byte = uart_read_rbr(&regs);
 *
 * Reading a write-only register or writing a read-only one does not compile. A window is where the
 * registers are: memory-mapped, or x86 I/O ports reached through the capability of the start-up
 * page. The kit fills it before probe; drivers never see an address. On the host the accesses go to
 * a mock device (<kaal/mock.h>).
 *
 * Access kinds: RO read, WO write, RW both, W1C reads a status and clears the bits written as ones.
 */
#pragma once

#include <stdint.h>

#include <kaal/arch/register_access.h>
#include <kaal/bits.h>
#include <kaal/error.h>
#include <kaal/for_each.h>
#include <kaal/startup.h>
#include <kaal/window.h>

/**
 * Makes a window from a resource of the start-up page.
 *   window  out;  resource  of kind KAAL_RESOURCE_REGISTERS or KAAL_RESOURCE_PORTS
 *   bytes  how far the register table reaches from the window's first byte
 * Returns KAAL_OK; KAAL_ERR_INVALID for another kind, KAAL_ERR_RANGE if the resource is shorter
 * than the table, KAAL_ERR_ALIGN if memory-mapped registers do not start at a multiple of 8,
 * KAAL_ERR_UNSUPPORTED for ports on an architecture without them.
 * Context: start-up. Ownership: copies what it needs.
 */
MUST_CHECK int kaal_window_open(struct kaal_window *window, const struct kaal_resource *resource,
                                uint64_t bytes);

/**
 * Makes a window of a part of another one, for devices that say where their registers are.
 *   whole  open;  offset, bytes  the part, inside it;  part  out
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (the whole is not open), KAAL_ERR_RANGE, KAAL_ERR_ALIGN (the
 * part does not start at a multiple of 4). Context: start-up.
 */
MUST_CHECK int kaal_window_part(const struct kaal_window *whole, uint64_t offset, uint64_t bytes,
                                struct kaal_window *part);

/** @cond INTERNAL */
/* Element types of a table. */
#define KAAL_TYPE_u8  uint8_t
#define KAAL_TYPE_u16 uint16_t
#define KAAL_TYPE_u32 uint32_t
#define KAAL_TYPE_u64 uint64_t
/** @endcond */

/**
 * Declares `struct DEVICE_registers` and the accessors of its registers.
 *   device  prefix of all names;  stride  bytes between register numbers (1: offsets are bytes)
 *   ...  (name, offset in strides, RO | WO | RW | W1C, u8 | u16 | u32 | u64)
 * Gives DEVICE_read_NAME(registers), DEVICE_write_NAME(registers, value) and, for W1C,
 * DEVICE_clear_NAME(registers, bits). Each is one access of exactly the stated width.
 */
#define KAAL_REGISTERS(device, stride, ...)                                            \
    union device##_extent {                                                            \
        KAAL_FOR_EACH(KAAL_REGISTER_EXTENT, (device, stride), __VA_ARGS__)             \
    };                                                                                 \
    struct device##_registers {                                                        \
        union {                                                                        \
            struct kaal_window window;                                                 \
            char (*extent)[sizeof(union device##_extent)]; /* only its type is used */ \
        };                                                                             \
    };                                                                                 \
    KAAL_FOR_EACH(KAAL_REGISTER_ACCESS, (device, stride), __VA_ARGS__)                 \
    _Static_assert((stride) > 0, "registers need a stride of at least one byte")

/** @cond INTERNAL */
/* The parameters arrive as two packed lists; KAAL_REGISTER_CALL joins them to one argument list. */
#define KAAL_REGISTER_CALL(macro, ...) macro(__VA_ARGS__)
#define KAAL_REGISTER_EXTENT(shared, element) \
    KAAL_REGISTER_CALL(KAAL_REGISTER_EXTENT_OF, KAAL_UNPACK(shared), KAAL_UNPACK(element))
#define KAAL_REGISTER_EXTENT_OF(device, stride, name, offset, kind, type) \
    char name##_extent[(offset) * (stride) + sizeof(KAAL_TYPE_##type)];
#define KAAL_REGISTER_ACCESS(shared, element) \
    KAAL_REGISTER_CALL(KAAL_REGISTER_ACCESS_OF, KAAL_UNPACK(shared), KAAL_UNPACK(element))
#define KAAL_REGISTER_ACCESS_OF(device, stride, name, offset, kind, type) \
    _Static_assert(((offset) * (stride)) % sizeof(KAAL_TYPE_##type) == 0, \
                   "register " #name " is not aligned to its width");     \
    KAAL_REGISTER_##kind(device, name, (offset) * (stride), KAAL_TYPE_##type)

#define KAAL_REGISTER_RO(device, name, offset, type) \
    KAAL_REGISTER_READER(device, name, offset, type) \
    KAAL_REGISTER_NO_WRITER(device, name, type, "register " #name " is read-only")
#define KAAL_REGISTER_WO(device, name, offset, type)        \
    KAAL_REGISTER_WRITER(device, write, name, offset, type) \
    KAAL_REGISTER_NO_READER(device, name, type, "register " #name " is write-only")
#define KAAL_REGISTER_RW(device, name, offset, type) \
    KAAL_REGISTER_READER(device, name, offset, type) \
    KAAL_REGISTER_WRITER(device, write, name, offset, type)
#define KAAL_REGISTER_W1C(device, name, offset, type)       \
    KAAL_REGISTER_READER(device, name, offset, type)        \
    KAAL_REGISTER_WRITER(device, clear, name, offset, type) \
    KAAL_REGISTER_NO_WRITER(device, name, type, "register " #name " is write-one-to-clear")

#define KAAL_REGISTER_READER(device, name, offset, type)                           \
    __attribute__((unused)) static inline type device##_read_##name(               \
        const struct device##_registers *registers)                                \
    {                                                                              \
        return (type)kaal_window_read(&registers->window, (offset), sizeof(type)); \
    }
#define KAAL_REGISTER_WRITER(device, verb, name, offset, type)                \
    __attribute__((unused)) static inline void device##_##verb##_##name(      \
        const struct device##_registers *registers, type value)               \
    {                                                                         \
        kaal_window_write(&registers->window, (offset), sizeof(type), value); \
    }
#define KAAL_REGISTER_NO_READER(device, name, type, reason) \
    __attribute__((unavailable(reason)))                    \
    type device##_read_##name(const struct device##_registers *registers);
#define KAAL_REGISTER_NO_WRITER(device, name, type, reason)          \
    __attribute__((unavailable(reason))) void device##_write_##name( \
        const struct device##_registers *registers, type value);
/** @endcond */
