/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Recording why an operation was refused. */
#include <kernel/error.h>
#include <kernel/node.h>

static enum kernel_result fail(word_t code, word_t count, word_t word0, word_t word1)
{
    node()->error = (struct syscall_error){.code = code, .count = count, .words = {word0, word1}};
    return KRES_ERROR;
}

enum kernel_result fail_invalid_argument(word_t index)
{
    return fail(seL4_InvalidArgument, 1, index, 0);
}

enum kernel_result fail_invalid_capability(word_t index)
{
    return fail(seL4_InvalidCapability, 1, index, 0);
}

enum kernel_result fail_illegal_operation(void)
{
    return fail(seL4_IllegalOperation, 0, 0, 0);
}

enum kernel_result fail_range(word_t minimum, word_t maximum)
{
    return fail(seL4_RangeError, 2, minimum, maximum);
}

enum kernel_result fail_alignment(void)
{
    return fail(seL4_AlignmentError, 0, 0, 0);
}

enum kernel_result fail_truncated(void)
{
    return fail(seL4_TruncatedMessage, 0, 0, 0);
}

enum kernel_result fail_delete_first(void)
{
    return fail(seL4_DeleteFirst, 0, 0, 0);
}

enum kernel_result fail_revoke_first(void)
{
    return fail(seL4_RevokeFirst, 0, 0, 0);
}

enum kernel_result fail_not_enough_memory(word_t bytes_left)
{
    return fail(seL4_NotEnoughMemory, 1, bytes_left, 0);
}

enum kernel_result fail_lookup(bool source)
{
    const struct lookup_failure *lookup = &node()->lookup;
    (void)fail(seL4_FailedLookup, 1 + lookup->count, source ? 1 : 0, 0);
    for (word_t i = 0; i < lookup->count; i++) {
        node()->error.words[1 + i] = lookup->words[i];
    }
    return KRES_ERROR;
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

enum kernel_result lookup_invalid_root(void)
{
    node()->lookup = (struct lookup_failure){1, {seL4_InvalidRoot}};
    return KRES_LOOKUP;
}

enum kernel_result lookup_missing(word_t bits_left)
{
    node()->lookup = (struct lookup_failure){2, {seL4_MissingCapability, bits_left}};
    return KRES_LOOKUP;
}

enum kernel_result lookup_depth_mismatch(word_t bits_left, word_t bits_found)
{
    node()->lookup = (struct lookup_failure){3, {seL4_DepthMismatch, bits_left, bits_found}};
    return KRES_LOOKUP;
}

enum kernel_result lookup_guard_mismatch(word_t bits_left, word_t guard, word_t guard_size)
{
    node()->lookup = (struct lookup_failure){4, {seL4_GuardMismatch, bits_left, guard, guard_size}};
    return KRES_LOOKUP;
}
