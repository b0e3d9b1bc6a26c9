/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Error codes (the label of a failed invocation's reply) and the kinds of lookup failure.
 *
 * Words of the reply: InvalidArgument MR0 = argument; InvalidCapability MR0 = capability (0 = the
 * invoked one); RangeError MR0 = minimum, MR1 = maximum; FailedLookup MR0 = 1 for the source slot,
 * MR1.. = lookup failure block; NotEnoughMemory MR0 = bytes left.
 */
#pragma once

typedef enum {
    seL4_NoError = 0,
    seL4_InvalidArgument = 1,
    seL4_InvalidCapability = 2,
    seL4_IllegalOperation = 3,
    seL4_RangeError = 4,
    seL4_AlignmentError = 5,
    seL4_FailedLookup = 6,
    seL4_TruncatedMessage = 7,
    seL4_DeleteFirst = 8,
    seL4_RevokeFirst = 9,
    seL4_NotEnoughMemory = 10,
    seL4_NumErrors = 11,
} seL4_Error;

/* Then follow: MissingCapability bitsLeft; DepthMismatch bitsLeft, bitsFound;
 * GuardMismatch bitsLeft, guardFound, bitsFound (the size of the guard). */
typedef enum {
    seL4_NoFailure = 0,
    seL4_InvalidRoot = 1,
    seL4_MissingCapability = 2,
    seL4_DepthMismatch = 3,
    seL4_GuardMismatch = 4,
    seL4_LookupFailureType_force_long = 0x7fffffffffffffff,
} seL4_LookupFailureType;

_Static_assert(sizeof(seL4_Error) == 4, "seL4_Error is int-sized");
_Static_assert(sizeof(seL4_LookupFailureType) == 8, "forced to a word");
