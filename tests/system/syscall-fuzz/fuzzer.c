/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The fuzzing thread. It runs in an address space that has only this code (read-only), its state
 * and its IPC buffer, and on a CSpace of things made for it, so nothing it does may reach anybody
 * else.
 *
 * It picks numbers that mean something half of the time: slots that are used, labels that fit the
 * capability, aligned addresses, powers of two and their neighbours.
 */
#include "fuzz.h"

static inline __attribute__((always_inline)) uint64_t next(struct fuzz_state *state)
{
    uint64_t x = state->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    state->random = x;
    return x * UINT64_C(0x2545f4914f6cdd1d) >> 8;
}

static uint64_t value(struct fuzz_state *state)
{
    uint64_t r = next(state);
    uint64_t n = r >> 8;
    switch (r & 7) {
    case 0:
        return n % FUZZ_USED;
    case 1:
        return n % FUZZ_SLOTS;
    case 2:
        return n % 16;
    case 3:
        return (n % 0x40000) << 12;
    case 4:
        return UINT64_C(1) << (n & 63);
    case 5:
        return (UINT64_C(1) << (n & 63)) - 1 - (n >> 6 & 1);
    case 6:
        return (n & 1) != 0 ? FUZZ_CNODE_BITS : 64;
    default:
        return next(state) << 32 ^ next(state);
    }
}

/* A label that an object of this slot may know. */
static uint64_t label_for(struct fuzz_state *state, uint64_t slot)
{
    uint64_t n = next(state);
    if ((n & 3) == 0) {
        return n % 70;
    }
    n >>= 8;
    switch (slot) {
    case FUZZ_UNTYPED:
        return UntypedRetype;
    case FUZZ_TCB:
    case FUZZ_OTHER_TCB:
        return TCBReadRegisters + n % (CNodeRevoke - TCBReadRegisters);
    case FUZZ_CNODE:
    case FUZZ_OTHER_CNODE:
        return CNodeRevoke + n % (IRQIssueIRQHandler - CNodeRevoke);
    case FUZZ_IRQ_HANDLER:
        return IRQAckIRQ + n % 3;
    case FUZZ_DOMAIN:
        return DomainSetSet + n % 3;
    case FUZZ_SCHED_CONTROL:
        return SchedControlConfigureFlags;
    case FUZZ_CONTEXT:
    case FUZZ_OTHER_CONTEXT:
        return SchedContextBind + n % 5;
    default:
        return nInvocationLabels + n % (nArchInvocationLabels - nInvocationLabels);
    }
}

/* Mostly Call: it is the one with results. Never a debug call that prints or stops the machine. */
static uint64_t number_of_call(struct fuzz_state *state)
{
    uint64_t n = next(state);
    uint64_t kind = n & 31;
    n >>= 8;
    if (kind < 20) {
        return (uint64_t)seL4_SysCall;
    }
    if (kind < 29) {
        return (uint64_t)seL4_SysCall - n % 11;
    }
    if (kind == 29) {
        return (uint64_t)seL4_SysDebugCapIdentify;
    }
    return n % 3 == 0 ? (uint64_t)-40 - n % 1000 : n % 5000;
}

void fuzzer(struct fuzz_state *state)
{
    seL4_IPCBuffer *buffer = (seL4_IPCBuffer *)BUFFER_VADDR;
    for (;;) {
        uint64_t r = next(state);
        uint64_t capability = (r & 31) == 0 ? value(state) : (r >> 5) % FUZZ_SLOTS;
        if ((r & 0x30000) != 0) {
            capability %= FUZZ_USED;
        }
        uint64_t length = (r >> 20 & 7) == 0 ? r >> 24 & 127 : r >> 24 & 7;
        uint64_t info =
            seL4_MessageInfo_new(label_for(state, capability), r >> 32 & 7, r >> 36 & 3, length)
                .words[0];
        if ((r >> 40 & 63) == 0) {
            info = next(state) << 32 ^ next(state);
        }
        for (uint64_t i = 4; i < length && i < seL4_MsgMaxLength; i++) {
            buffer->msg[i] = value(state);
        }
        for (unsigned i = 0; i < 3; i++) {
            /* A pointer that does not resolve is a fault: rarely. */
            uint64_t n = next(state);
            buffer->caps_or_badges[i] = (n & 31) == 0 ? value(state) : (n >> 5) % FUZZ_SLOTS;
        }
        buffer->receiveCNode = value(state);
        buffer->receiveIndex = value(state);
        buffer->receiveDepth = value(state);
        seL4_Word mrs[4];
        for (unsigned i = 0; i < 4; i++) {
            mrs[i] = value(state);
        }
        uint64_t number = number_of_call(state);
        state->number = number;
        state->capability = capability;
        state->info = info;
        state->calls++;
        seL4_Word badge = 1;
        libsel4_nbsend_recv((seL4_Syscall_ID)number, capability, &badge, &info, mrs,
                            (r >> 50 & 1) != 0 ? FUZZ_REPLY : value(state), value(state));
        if (number == (uint64_t)seL4_SysCall && badge == 0 &&
            seL4_MessageInfo_get_label((seL4_MessageInfo_t){{info}}) == seL4_NoError) {
            state->successes++;
        }
    }
}
