/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names for debug messages. The architecture supplies the tables of its labels and capabilities. */
#pragma once

#include <abi/abi.h>
#include <kernel/types.h>

#define CAP_TAG_COUNT 32

/* By odd tag, of those that are not generic. */
extern const char *const arch_cap_names[CAP_TAG_COUNT];

/* Never null; "?" for numbers without a name. */
const char *name_of_label(word_t label);
const char *name_of_cap_tag(word_t tag);
const char *name_of_error(word_t code);
const char *name_of_lookup_failure(word_t kind);
const char *name_of_fault(word_t kind);
