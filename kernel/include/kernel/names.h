/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The ABI's names of its numbers, for debug messages. */
#pragma once

#include <kernel/types.h>

/* Never null; "?" for numbers without a name. */
const char *name_of_label(word_t label);
const char *name_of_cap_tag(word_t tag);
const char *name_of_error(word_t code);
const char *name_of_lookup_failure(word_t kind);
const char *name_of_fault(word_t kind);
const char *name_of_thread_state(word_t state);
