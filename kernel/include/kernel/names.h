/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The ABI's names of its numbers, for debug messages. */
#pragma once

#include <kernel/types.h>

enum name_list {
    NAMES_LABEL,  /* of invocations */
    NAMES_CAP,    /* cap_identify() */
    NAMES_ERROR,  /* seL4_Error */
    NAMES_LOOKUP, /* seL4_LookupFailureType */
    NAMES_FAULT,  /* seL4_FaultType */
    NAMES_STATE,  /* enum thread_state */
};

/* Never null; "?" for numbers without a name. */
const char *name_of(enum name_list list, word_t number);
