/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names for debug messages: see names.h. The tables are made from the ABI's headers (names.cmake).
 */
#include <kernel/abi_names.h>
#include <kernel/names.h>

#define LOOK_UP(table, i) look_up(table, ARRAY_LENGTH(table), i)

static const char *look_up(const char *const *names, word_t count, word_t i)
{
    return i < count && names[i] != NULL ? names[i] : "?";
}

const char *name_of_label(word_t label)
{
    return LOOK_UP(label_names, label);
}

const char *name_of_cap_tag(word_t tag)
{
    return LOOK_UP(cap_names, tag);
}

const char *name_of_error(word_t code)
{
    return LOOK_UP(error_names, code);
}

const char *name_of_lookup_failure(word_t kind)
{
    return LOOK_UP(lookup_names, kind);
}

const char *name_of_fault(word_t kind)
{
    return LOOK_UP(fault_names, kind);
}

const char *name_of_thread_state(word_t state)
{
    return LOOK_UP(state_names, state);
}
