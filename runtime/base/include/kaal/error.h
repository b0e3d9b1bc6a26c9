/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The one table of error codes. Every fallible KaaL function returns KAAL_OK or one of these;
 * seL4_Error values are translated once, at the boundary (kaal_error_from_sel4 in the broker).
 */
#pragma once

/** The caller must look at the result. */
#define MUST_CHECK __attribute__((warn_unused_result))

/** The table: X(code, value, what it means to a person). */
#define KAAL_ERROR_TABLE(X)                                                      \
    X(KAAL_OK, 0, "success")                                                     \
    X(KAAL_ERR_INVALID, -1, "an argument is outside what the function accepts")  \
    X(KAAL_ERR_RANGE, -2, "a number or an address is out of range")              \
    X(KAAL_ERR_ALIGN, -3, "an address or size is not aligned as needed")         \
    X(KAAL_ERR_NO_MEMORY, -4, "no untyped memory of the needed size is left")    \
    X(KAAL_ERR_NO_SLOT, -5, "no free capability slot is left")                   \
    X(KAAL_ERR_NO_SPACE, -6, "a table or an address range is full")              \
    X(KAAL_ERR_NOT_FOUND, -7, "nothing of that name, id or address exists")      \
    X(KAAL_ERR_BUSY, -8, "the resource is held by another owner")                \
    X(KAAL_ERR_DENIED, -9, "the system description does not allow it")           \
    X(KAAL_ERR_QUOTA_MEMORY, -10, "the memory quota is used up")                 \
    X(KAAL_ERR_DOUBLE_FREE, -11, "the object is free already")                   \
    X(KAAL_ERR_FOREIGN, -12, "the object belongs to somebody else")              \
    X(KAAL_ERR_FULL, -13, "the channel is full")                                 \
    X(KAAL_ERR_EMPTY, -14, "the channel is empty")                               \
    X(KAAL_ERR_PEER, -15, "the other end died or broke the protocol")            \
    X(KAAL_ERR_TIMEOUT, -16, "the deadline passed")                              \
    X(KAAL_ERR_FORMAT, -17, "a table, image or message is malformed")            \
    X(KAAL_ERR_TRUNCATED, -18, "a table, image or message ends too early")       \
    X(KAAL_ERR_CHECKSUM, -19, "a checksum does not match")                       \
    X(KAAL_ERR_VERSION, -20, "the format's version is not supported")            \
    X(KAAL_ERR_UNSUPPORTED, -21, "not supported here")                           \
    X(KAAL_ERR_IO, -22, "the device reported an error")                          \
    X(KAAL_ERR_KERNEL, -23, "the kernel refused an invocation that should work") \
    X(KAAL_ERR_STATE, -24, "not possible in the present state")                  \
    X(KAAL_ERR_QUOTA_SLOTS, -25, "the quota of capability slots is used up")     \
    X(KAAL_ERR_QUOTA_INTERRUPTS, -26, "the quota of interrupts is used up")      \
    X(KAAL_ERR_QUOTA_CPU, -27, "the CPU quota is used up")                       \
    X(KAAL_ERR_QUOTA_CHILDREN, -28, "the quota of children is used up")          \
    X(KAAL_ERR_CANCELLED, -29, "the call was cancelled")                         \
    X(KAAL_ERR_DENIED_PEER, -30, "the receiver's devices line does not allow it")

/** Result codes: KAAL_OK (0) or a negative KAAL_ERR_*. */
enum kaal_error {
/** @cond */
#define KAAL_ERROR_ENUM(name, value, text) name = (value),
    KAAL_ERROR_TABLE(KAAL_ERROR_ENUM)
#undef KAAL_ERROR_ENUM
    /** @endcond */
};

/**
 * The name of a result code, for messages: "KAAL_ERR_PEER".
 *   error  a value of enum kaal_error; anything else gives "KAAL_ERR_?"
 * Context: anywhere. Ownership: the string is static.
 */
static inline const char *kaal_error_name(int error)
{
    switch (error) {
/** @cond */
#define KAAL_ERROR_NAME(name, value, text) \
    case (value):                          \
        return #name;
        KAAL_ERROR_TABLE(KAAL_ERROR_NAME)
#undef KAAL_ERROR_NAME
        /** @endcond */
    default:
        return "KAAL_ERR_?";
    }
}

/**
 * What a result code means, as a short phrase for a person.
 *   error  a value of enum kaal_error; anything else gives "unknown error"
 * Context: anywhere. Ownership: the string is static.
 */
static inline const char *kaal_error_text(int error)
{
    switch (error) {
/** @cond */
#define KAAL_ERROR_TEXT(name, value, text) \
    case (value):                          \
        return text;
        KAAL_ERROR_TABLE(KAAL_ERROR_TEXT)
#undef KAAL_ERROR_TEXT
        /** @endcond */
    default:
        return "unknown error";
    }
}
