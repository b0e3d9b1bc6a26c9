/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names for debug messages: see print.h. The lists are made from the ABI's headers (names.cmake).
 */
#include <kernel/abi_names.h>
#include <kernel/print.h>

#define LIST(names)                \
    {                              \
        names, ARRAY_LENGTH(names) \
    }

const char *name_of(enum name_list list, word_t number)
{
    static const struct {
        const char *const *names;
        word_t count;
    } lists[] = {
        [NAMES_LABEL] = LIST(label_names), [NAMES_CAP] = LIST(cap_names),
        [NAMES_ERROR] = LIST(error_names), [NAMES_LOOKUP] = LIST(lookup_names),
        [NAMES_FAULT] = LIST(fault_names), [NAMES_STATE] = LIST(state_names),
    };
    const char *name = number < lists[list].count ? lists[list].names[number] : NULL;
    return name != NULL ? name : "?";
}
