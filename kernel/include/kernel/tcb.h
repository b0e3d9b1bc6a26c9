/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads. The register context comes first, so that an entry stub which knows the current TCB can
 * save registers at small constant offsets from it. The whole object is 2^11 bytes, its five
 * capability slots and the FPU state included.
 */
#pragma once

#include <arch/context.h>
#include <arch/fpu.h>
#include <kernel/breakpoint.h>
#include <kernel/fault.h>
#include <kernel/memory_cap.h>
#include <kernel/slot.h>

struct ipc_queue;
struct notification;
struct reply;
struct sched_context;

enum tcb_slot {
    TCB_CSPACE,
    TCB_VSPACE,
    TCB_BUFFER,
    TCB_FAULT_HANDLER,
    TCB_TIMEOUT_HANDLER,
    TCB_SLOT_COUNT,
};

enum thread_state {
    THREAD_INACTIVE,
    THREAD_RUNNING, /* continues at its next IP */
    THREAD_RESTART, /* continues at its fault IP */
    THREAD_BLOCKED_RECEIVE,
    THREAD_BLOCKED_SEND,
    THREAD_BLOCKED_REPLY,
    THREAD_BLOCKED_NOTIFICATION,
    THREAD_IDLE,
};

enum tcb_flag {
    TCB_FLAG_FPU_DISABLED = 1,
};

/* The lists that a thread may be in, see <kernel/queue.h>. */
enum tcb_link {
    LINK_IPC,   /* endpoint or notification */
    LINK_SCHED, /* ready or release queue */
    LINK_DEBUG, /* all threads; debug builds only */
    LINK_COUNT,
};

struct tcb_links {
    struct tcb *next;
    struct tcb *prev;
};

struct tcb_queue {
    struct tcb *head;
    struct tcb *tail;
};

/* How a message is sent. */
struct ipc_send {
    bool blocking;
    bool call;
    bool can_donate;
    struct cap via; /* of the endpoint: its rights and badge count, whatever becomes of it */
};

/* Layout of the IPC buffer in words (seL4_IPCBuffer). */
#define IPC_BUFFER_MESSAGE 1
#define IPC_BUFFER_CAPS    122
#define IPC_BUFFER_RECEIVE 125 /* CNode pointer, index, depth */

#define TCB_NAME_BYTES 64

/*
 * What the CSpace and VSpace slots lead to, worked out when first needed (cspace_lookup(),
 * tcb_switch()) and good as long as the slot's capability still is what `key` tells.
 */
struct cspace_shortcut {
    word_t key; /* first word of the capability */
    struct slot *slots;
    word_t count; /* capability pointers below it are indices of slots; 0: no short way */
};

struct vspace_shortcut {
    word_t key;  /* first word of the capability, xor vspace_epoch */
    word_t root; /* value of the CPU's root register */
};

struct tcb {
    struct user_context context;
    struct slot slots[TCB_SLOT_COUNT] __attribute__((aligned(32)));
    struct cspace_shortcut cspace;
    struct vspace_shortcut vspace;

    uint8_t state; /* enum thread_state; change by tcb_set_state() only */
    uint8_t priority;
    uint8_t mcp;
    uint8_t domain;
    uint8_t flags; /* enum tcb_flag */
    bool in_ready_queue;
    bool in_release_queue;

    struct ipc_send send; /* while BLOCKED_SEND */
    struct ipc_queue
        *blocked_on;     /* endpoint's, notification's; BLOCKED_RECEIVE/SEND/NOTIFICATION */
    struct reply *reply; /* offered while BLOCKED_RECEIVE, waited on while BLOCKED_REPLY */
    struct tcb_links links[LINK_COUNT];

    /* How much of a preempted operation is done, where the objects do not show it: the repeated
     * system call goes on there. 0 when anything else may come next. */
    word_t progress;

    struct sched_context *sc;
    struct sched_context *yield_to; /* outstanding YieldTo of this thread */

    struct notification *bound_notification;
    vaddr_t ipc_buffer;
    struct fault fault;

    struct debug_state debug; /* hardware-debug builds only */

    char name[TCB_NAME_BYTES]; /* debug builds only */

    struct arch_fpu fpu;
};
static_assert(sizeof(struct tcb) <= BIT(seL4_TCBBits), "objects.md: TCB size");

/* Register of each word of seL4_UserContext, and of an UnknownSyscall message and its reply. */
extern const uint8_t context_order[ABI_CONTEXT_WORDS];
extern const uint8_t unknown_syscall_order[ABI_UNKNOWN_SYSCALL_REPLY_WORDS];

/* Message word i of those that registers hold. */
static inline word_t context_message_word(const struct user_context *context, word_t i)
{
    return context->regs[REG_MR0 + i];
}

static inline void context_set_message_word(struct user_context *context, word_t i, word_t value)
{
    context->regs[REG_MR0 + i] = value;
}

/*
 * Initialise zeroed memory as an inactive thread.
 *   parent  names it in debug builds, may be null
 */
void tcb_init(struct tcb *tcb, const struct tcb *parent);

/* True if the thread could run, given time: Running or Restart. */
static inline bool tcb_is_runnable(const struct tcb *tcb)
{
    return tcb->state == THREAD_RUNNING || tcb->state == THREAD_RESTART;
}

/* True if the thread waits for another: BLOCKED_*. */
static inline bool tcb_is_blocked(const struct tcb *tcb)
{
    return tcb->state >= THREAD_BLOCKED_RECEIVE && tcb->state <= THREAD_BLOCKED_NOTIFICATION;
}

/* Change the state and tell the scheduler when the current thread stops being runnable. */
void tcb_set_state(struct tcb *tcb, enum thread_state state);

/* Registers other than a message's were written for the thread: what it does next is new. */
static inline void tcb_context_written(struct tcb *tcb)
{
    tcb->progress = 0;
    context_written(&tcb->context);
}

/*
 * The CPU will run `to` from now on; what is live in it of `from`, which may be the same, is saved
 * first. The idle thread runs in any address space.
 */
void tcb_switch(struct tcb *from, struct tcb *to);

/* tcb's VSpace slot has changed or its root was destroyed; matters if tcb is the current thread. */
void tcb_vspace_changed(struct tcb *tcb);

/* Complete the context of a thread that is stopped before its registers are looked at, or give the
 * CPU what was written of them. */
void tcb_context_sync(struct tcb *tcb);
void tcb_context_reload(struct tcb *tcb);

/* Suspend, as the invocation does: cancels IPC, forgets a pending fault; Inactive. */
void tcb_suspend(struct tcb *tcb);

/* Resume, as the invocation does. */
void tcb_resume(struct tcb *tcb);

/* Give up everything a dying thread holds; its slots are deleted afterwards through a zombie. */
void tcb_finalise(struct cap cap);

/* Set the priority and re-sort the queues that the thread is in. */
void tcb_set_priority(struct tcb *tcb, uint8_t priority);

/*
 * The thread's IPC buffer in kernel memory; null if it has none that may be used so.
 *   writable  the kernel will write to it
 */
static inline word_t *tcb_ipc_buffer(const struct tcb *tcb, bool writable)
{
    return cap_frame_buffer(tcb->slots[TCB_BUFFER].cap, tcb->ipc_buffer, writable);
}

/* Words of the thread's message beyond its registers, counted from word 0; null if it has none. */
static inline const word_t *tcb_message(const struct tcb *tcb)
{
    const word_t *buffer = tcb_ipc_buffer(tcb, false);
    return buffer == NULL ? NULL : buffer + IPC_BUFFER_MESSAGE;
}

/* Word i of the thread's message; more: tcb_message(). */
static inline word_t message_word(const struct tcb *tcb, const word_t *more, word_t i)
{
    return i < seL4_FastMessageRegisters ? context_message_word(&tcb->context, i) : more[i];
}
