/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the parsers share: reporting a problem and reading little-endian values from bytes whose
 * bounds the caller has checked.
 */
#pragma once

#include <stddef.h>

#include <kaal/platform.h>

/** Hands a problem to the caller's callback, if there is one. Returns error. */
static inline int report(const struct kaal_discovery_access *access, int error,
                         const struct kaal_problem *problem)
{
    if (access->report != NULL) {
        access->report(access->context, problem);
    }
    return error;
}

static inline uint16_t load16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t load32(const uint8_t *bytes)
{
    return load16(bytes) | (uint32_t)load16(bytes + 2) << 16;
}

static inline uint64_t load64(const uint8_t *bytes)
{
    return load32(bytes) | (uint64_t)load32(bytes + 4) << 32;
}
