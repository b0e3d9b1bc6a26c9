/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Recording why an operation was refused. */
#include <kernel/memory.h>
#include <kernel/node.h>

enum kernel_result fail_with(struct syscall_error error)
{
    node()->error = error;
    return KRES_ERROR;
}

enum kernel_result lookup_fails(struct lookup_failure why)
{
    node()->lookup = why;
    return KRES_LOOKUP;
}

enum kernel_result lookup_missing(word_t bits_left)
{
    return lookup_fails((struct lookup_failure){2, {seL4_MissingCapability, bits_left}});
}

enum kernel_result lookup_invalid_root(void)
{
    return lookup_fails((struct lookup_failure){1, {seL4_InvalidRoot}});
}

enum kernel_result fail_lookup(bool source)
{
    const struct lookup_failure *why = &node()->lookup;
    struct syscall_error error = {seL4_FailedLookup, 1 + why->count, {source}};
    memcpy(&error.words[1], why->words, sizeof(why->words));
    return fail_with(error);
}

enum kernel_result fail_lookup_missing(bool source, word_t bits_left)
{
    (void)lookup_missing(bits_left);
    return fail_lookup(source);
}

enum kernel_result fail_lookup_invalid_root(bool source)
{
    (void)lookup_invalid_root();
    return fail_lookup(source);
}
