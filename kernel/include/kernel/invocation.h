/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One invocation of a capability, from the message registers to the answer.
 *
 * A decode function reads words with inv_word() and capabilities from extra[], checks everything in
 * the order of the ABI, and only then changes state. Results are written with inv_set_result();
 * they reach the user only if the system call was Call, which the generic code takes care of.
 */
#pragma once

#include <abi/abi.h>
#include <kernel/cspace.h>
#include <kernel/tcb.h>

struct invocation {
    struct slot *slot; /* the invoked capability */
    struct cap cap;    /* its value */
    cptr_t cptr;
    word_t label;
    word_t length;      /* words; at most 4 when there is no buffer */
    word_t extra_count; /* capabilities that follow, each a resolved slot, perhaps empty */
    struct slot *extra[seL4_MsgMaxExtraCaps];
    struct tcb *caller;
    const word_t *words; /* message in the caller's IPC buffer, null without one */
    bool blocking;
    bool call;
    bool can_donate;
    word_t result_length;
};

/* Message word i, which must be < inv->length. */
static inline word_t inv_word(const struct invocation *inv, word_t i)
{
    return i < seL4_FastMessageRegisters ? context_message_word(&inv->caller->context, i)
                                         : inv->words[i];
}

/* Result word i; words must be set in ascending order, result_length follows. Calls only. */
void inv_set_result(struct invocation *inv, word_t i, word_t value);

/* Decode and perform; entry point of the generic dispatch (invocation.c). */
enum kernel_result invocation_decode(struct invocation *inv) MUST_CHECK;

/* One invocation: what must be there before its decode function looks closer. */
struct invocation_rule {
    uint8_t tag;   /* cap_identify() of the capabilities that have it */
    uint8_t words; /* TruncatedMessage with fewer */
    uint8_t caps;
    enum kernel_result (*decode)(struct invocation *inv);
};

/*
 * Decode and perform by the rules of one object, of the labels from `first` on. IllegalOperation if
 * there is none for label and capability.
 */
enum kernel_result invocation_decode_by(const struct invocation_rule *rules, word_t count,
                                        word_t first, struct invocation *inv) MUST_CHECK;

#define ARCH_INVOCATION_COUNT (nArchInvocationLabels - nInvocationLabels)
/* The rule of all labels from first to last. */
#define ARCH_INVOCATIONS(first, last, ...) \
    [(first)-nInvocationLabels...(last) - nInvocationLabels] = {__VA_ARGS__}
#define ARCH_INVOCATION(label, ...) ARCH_INVOCATIONS(label, label, __VA_ARGS__)

/* By label - nInvocationLabels; each architecture's list of all that it can do. */
extern const struct invocation_rule arch_invocations[ARCH_INVOCATION_COUNT];

/* Decode and perform by arch_invocations[]. */
enum kernel_result invocation_decode_listed(struct invocation *inv) MUST_CHECK;

/* Decode and perform an invocation of an untyped or CNode capability. */
enum kernel_result untyped_decode(struct invocation *inv) MUST_CHECK;
enum kernel_result cnode_decode(struct invocation *inv) MUST_CHECK;

/*
 * True when an interrupt is pending or the budget is used up, asked after each step of long
 * work; looks only every CONFIG_MAX_NUM_WORK_UNITS_PER_PREEMPTION units.
 *   units  how many units of work the step was
 */
bool preemption_point_after(word_t units);

static inline bool preemption_point(void)
{
    return preemption_point_after(1);
}
