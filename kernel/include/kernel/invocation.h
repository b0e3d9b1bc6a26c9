/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One invocation of a capability, from the message registers to the answer.
 *
 * A decode function reads words with inv_word() and capabilities from extra[], checks everything in
 * the order of the ABI, and only then changes state. Results are written with inv_set_result();
 * they reach the user only if the system call was Call, which the generic code takes care of.
 */
#pragma once

#include <kernel/cspace.h>

/* How a system call invokes. */
struct syscall_invoke_flags {
    bool blocking;
    bool call;
    bool can_donate;
    bool first_phase; /* of ReplyRecv, NBSendRecv, NBSendWait: fewer capabilities allowed */
};

struct invocation {
    struct slot *slot; /* the invoked capability */
    struct cap cap;    /* its value */
    union {            /* its object, by the capability's kind */
        struct tcb *tcb;
        struct sched_context *sc;
        void *object;
    };
    word_t label;
    word_t length;      /* words; at most 4 when there is no buffer */
    word_t extra_count; /* capabilities that follow, each a resolved slot, perhaps empty */
    struct slot *extra[seL4_MsgMaxExtraCaps];
    struct tcb *caller;
    const word_t *words; /* tcb_message() of the caller */
    struct syscall_invoke_flags flags;
    word_t result_length;
};

/* Message word i, which must be < inv->length. */
static inline word_t inv_word(const struct invocation *inv, word_t i)
{
    return message_word(inv->caller, inv->words, i);
}

/* Result word i; words must be set in ascending order, result_length follows. Calls only. */
void inv_set_result(struct invocation *inv, word_t i, word_t value);

/* Decode and perform; entry point of the generic dispatch (invocation.c). */
enum kernel_result invocation_decode(struct invocation *inv) MUST_CHECK;

/* Checks everything in the order of the ABI; if nothing is wrong, performs the invocation. */
typedef enum kernel_result decode_function(struct invocation *inv);

/* One invocation: what must be there before its decode function looks closer. */
struct invocation_rule {
    uint8_t tag;   /* cap_identify() of the capabilities that have it */
    uint8_t words; /* TruncatedMessage with fewer */
    uint8_t caps;
    decode_function *decode;
};

/* By label: all that generic capabilities can do (rules.c). */
extern const struct invocation_rule invocation_rules[nInvocationLabels];

/* By label - nInvocationLabels: what an architecture can do, each in its own invocation.c. */
#define ARCH_INVOCATION_COUNT (nArchInvocationLabels - nInvocationLabels)
/* The rule of all labels from first to last. */
#define ARCH_INVOCATIONS(first, last, ...) \
    [(first)-nInvocationLabels...(last) - nInvocationLabels] = {__VA_ARGS__}
#define ARCH_INVOCATION(label, ...) ARCH_INVOCATIONS(label, label, __VA_ARGS__)
extern const struct invocation_rule arch_invocations[ARCH_INVOCATION_COUNT];

/* What the rules name: <file>_decode_*() is in core/<file>.c. */
decode_function untyped_decode_retype;
decode_function cnode_decode_revoke, cnode_decode_delete, cnode_decode_cancel_badged_sends,
    cnode_decode_copy, cnode_decode_rotate;
decode_function tcb_decode_read_registers, tcb_decode_write_registers, tcb_decode_copy_registers,
    tcb_decode_configure, tcb_decode_set_priority, tcb_decode_set_sched_params,
    tcb_decode_set_timeout_endpoint, tcb_decode_set_ipc_buffer, tcb_decode_set_space,
    tcb_decode_suspend_or_resume, tcb_decode_bind_notification, tcb_decode_unbind_notification,
    tcb_decode_set_tls_base, tcb_decode_set_flags;
decode_function breakpoint_decode_set, breakpoint_decode_get, breakpoint_decode_unset,
    breakpoint_decode_step;
decode_function irq_decode_ack, irq_decode_set_notification, irq_decode_clear;
decode_function domain_decode_set, domain_decode_configure, domain_decode_set_start;
decode_function sched_control_decode_configure, sched_context_decode_bind,
    sched_context_decode_unbind, sched_context_decode_unbind_object, sched_context_decode_consumed,
    sched_context_decode_yield_to;
decode_function asid_decode_make_pool, asid_decode_assign;
decode_function page_decode_map, page_decode_unmap, page_decode_get_address, table_decode_map,
    table_decode_unmap;

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
