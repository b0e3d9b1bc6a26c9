/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How kernel functions say that they did not do what was asked. The details are kept per core in
 * node()->error and node()->lookup, so that success costs one register.
 */
#pragma once

#include <abi/abi.h>
#include <kernel/types.h>

enum kernel_result {
    KRES_OK,
    KRES_ERROR,     /* system call error: node()->error says which */
    KRES_LOOKUP,    /* a capability pointer did not resolve: node()->lookup, for cspace_* only */
    KRES_PREEMPTED, /* pending interrupt or expired budget: the system call will be restarted */
};

#define LOOKUP_WORDS_MAX 4

/*
 * Why an address did not resolve, as error replies and CapFaults carry it: the ABI's
 * seL4_LookupFailureType, the bits left, and what was found there.
 */
struct lookup_failure {
    word_t count;
    word_t words[LOOKUP_WORDS_MAX];
};

/* An error reply. */
struct syscall_error {
    word_t code; /* seL4_Error */
    word_t count;
    word_t words[1 + LOOKUP_WORDS_MAX];
};

/*
 * Each sets node()->error and returns KRES_ERROR, to be used as `return fail...();`. fail() is for
 * the errors without words: IllegalOperation, AlignmentError, TruncatedMessage, DeleteFirst,
 * RevokeFirst.
 */
enum kernel_result fail_with(struct syscall_error error);

static inline enum kernel_result fail(word_t code)
{
    return fail_with((struct syscall_error){.code = code});
}

static inline enum kernel_result fail_invalid_argument(word_t index)
{
    return fail_with((struct syscall_error){seL4_InvalidArgument, 1, {index}});
}

static inline enum kernel_result fail_invalid_capability(word_t index)
{
    return fail_with((struct syscall_error){seL4_InvalidCapability, 1, {index}});
}

static inline enum kernel_result fail_range(word_t minimum, word_t maximum)
{
    return fail_with((struct syscall_error){seL4_RangeError, 2, {minimum, maximum}});
}

/* FailedLookup(source, node()->lookup), (source, MissingCapability) and (source, InvalidRoot). */
enum kernel_result fail_lookup(bool source);
enum kernel_result fail_lookup_missing(bool source, word_t bits_left);
enum kernel_result fail_lookup_invalid_root(bool source);

/* Fill node()->lookup; each returns KRES_LOOKUP. */
enum kernel_result lookup_fails(struct lookup_failure why);
enum kernel_result lookup_missing(word_t bits_left);
enum kernel_result lookup_invalid_root(void);
