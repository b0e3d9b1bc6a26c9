/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Translation of the kernel's error codes, in one table.
 */
#include <kaal/sel4_error.h>

int kaal_error_from_sel4(seL4_Error error)
{
    switch (error) {
    case seL4_NoError:
        return KAAL_OK;
    case seL4_NotEnoughMemory:
        return KAAL_ERR_NO_MEMORY;
    case seL4_DeleteFirst:
    case seL4_RevokeFirst:
        return KAAL_ERR_BUSY;
    case seL4_RangeError:
        return KAAL_ERR_RANGE;
    case seL4_AlignmentError:
        return KAAL_ERR_ALIGN;
    case seL4_InvalidArgument:
        return KAAL_ERR_INVALID;
    case seL4_FailedLookup:
        return KAAL_ERR_NOT_FOUND;
    default:
        return KAAL_ERR_KERNEL;
    }
}
