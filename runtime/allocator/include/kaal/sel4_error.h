/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The one place where the kernel's error codes become KaaL's.
 */
#pragma once

#include <kaal/error.h>
#include <sel4/sel4.h>

/**
 * Translates the result of an invocation.
 *   error  what a libsel4 invocation returned
 * Returns KAAL_OK; KAAL_ERR_NO_MEMORY (NotEnoughMemory), KAAL_ERR_BUSY (DeleteFirst, RevokeFirst),
 * KAAL_ERR_RANGE, KAAL_ERR_ALIGN, KAAL_ERR_INVALID, KAAL_ERR_NOT_FOUND (FailedLookup), otherwise
 * KAAL_ERR_KERNEL.
 * Context: anywhere.
 */
int kaal_error_from_sel4(seL4_Error error);
