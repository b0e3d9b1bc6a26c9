/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The model: what a kernel of this ABI must have done, written plainly and from the ABI alone. It
 * includes nothing of the kernel. Capabilities form an explicit tree (parent, children) where the
 * kernel has one list and two flags; objects are counted by reference where the kernel looks at
 * neighbours; user memory is a copy of its own.
 *
 * One step: model_syscall(), model_fault() or model_interrupt() changes the model, then the kernel
 * does the same, then compare.c looks at both. Only time is asked of the kernel: struct
 * model_clock.
 */
#pragma once

#include <abi/abi.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    MODEL_OBJECTS_MAX = 2048,
    MODEL_IRQS = ABI_IRQ_MAX + 1,
    MODEL_IRQ_TIMER = 27,
    MODEL_ASID_POOLS = 1 << seL4_NumASIDPoolsBits,
    MODEL_ASID_POOL_ENTRIES = 1 << seL4_ASIDPoolIndexBits,
    MODEL_TABLE_ENTRIES = 8, /* that a table of the model can have at one time */
    MODEL_PAGE_WORDS = 512,
    MODEL_LABELS = nArchInvocationLabels,
    MODEL_REGISTERS = 9, /* x0..x8: all that system calls use */
    MODEL_REST = ABI_CONTEXT_WORDS - 3 - MODEL_REGISTERS,
};

struct model_object;

/* ---- capabilities ---- */

enum model_frame_rights {
    MODEL_FRAME_NONE,
    MODEL_FRAME_READ,
    MODEL_FRAME_WRITE
};

struct model_cap {
    uint8_t kind;                /* ABI_CAP_* */
    uint8_t rights;              /* seL4_Right*; of a frame enum model_frame_rights */
    uint8_t bits;                /* untyped: log2 size; CNode: guard bits; SGI: number */
    struct model_object *object; /* null for untyped and control capabilities */
    uint64_t value; /* badge, guard, interrupt, SGI target; untyped: bytes below the watermark */
    uint64_t paddr; /* untyped: where */
    uint64_t asid;  /* frames, tables, roots; 0 = not mapped */
    uint64_t vaddr;
};

/* A capability's place, and its node in the derivation tree. Siblings are linked at the top too. */
struct model_slot {
    struct model_cap cap;
    bool original; /* may have children; those of a copy are its siblings */
    struct model_slot *parent;
    struct model_slot *child;
    struct model_slot *next;
    struct model_slot *prev;
    void *kernel_slot; /* compare.c's */
};

/* ---- objects ---- */

enum model_state {
    MODEL_INACTIVE,
    MODEL_RUNNING,
    MODEL_RESTART,
    MODEL_BLOCKED_RECEIVE,
    MODEL_BLOCKED_SEND,
    MODEL_BLOCKED_REPLY,
    MODEL_BLOCKED_NOTIFICATION,
};

enum model_tcb_slot {
    MODEL_CSPACE,
    MODEL_VSPACE,
    MODEL_BUFFER,
    MODEL_HANDLER,
    MODEL_TIMEOUT
};
#define MODEL_TCB_SLOTS 5

enum model_queue {
    MODEL_IDLE,
    MODEL_WAITING,
    MODEL_ACTIVE
};

struct model_lookup {
    uint64_t kind;
    uint64_t words[3];
    unsigned count;
};

struct model_fault {
    uint64_t kind; /* seL4_Fault_* */
    uint64_t
        words[3]; /* behind the IP: address, phase | address, fetch, status | number, code ... */
    struct model_lookup lookup;
};

struct model_tcb {
    enum model_state state;
    uint8_t priority;
    uint8_t mcp;
    uint8_t flags;
    uint64_t x[MODEL_REGISTERS];
    uint64_t sp;
    uint64_t spsr;
    uint64_t fault_ip;
    uint64_t next_ip;
    uint64_t rest[MODEL_REST]; /* the others, in the order of seL4_UserContext */
    unsigned unknown;          /* bit i: x[i] is a time, taken from the kernel after the step */
    uint64_t buffer_address;
    struct model_fault fault;
    struct model_object *blocked_on;
    struct model_object *queue_next;
    struct model_object *reply; /* offered, or waited on */
    struct model_object *sc;
    struct model_object *bound; /* notification */
    struct model_object *yield_to;
    uint64_t send_badge;
    uint64_t send_rights;
    bool send_is_call;
};

struct model_queue_object { /* endpoint and notification */
    struct model_object *head;
    bool receivers; /* endpoint: the queue's kind */
    bool active;    /* notification */
    uint64_t badges;
    struct model_object *bound;
    struct model_object *sc;
};

struct model_sc {
    bool configured;
    bool round_robin;
    bool sporadic;
    uint64_t budget_us;
    uint64_t period_us;
    uint64_t badge;
    uint64_t refills_max;
    struct model_object *tcb;
    struct model_object *notification;
    struct model_object *reply; /* top of the call stack */
    struct model_object *yield_from;
};

struct model_reply {
    struct model_object *tcb;
    struct model_object *below;
    struct model_object *above; /* a reply, or the context whose top this is */
};

struct model_table { /* page tables and roots */
    struct model_entry {
        unsigned index;
        struct model_object *target; /* null = free */
        uint8_t rights;              /* pages */
    } entries[MODEL_TABLE_ENTRIES];
};

struct model_object {
    uint8_t kind; /* ABI_CAP_* */
    uint8_t bits; /* log2 of the size; of a CNode the radix is bits - seL4_SlotBits */
    bool live;
    unsigned refs; /* capabilities */
    uint64_t paddr;
    struct model_slot *slots; /* CNode, TCB */
    unsigned slot_count;
    union {
        struct model_tcb tcb;
        struct model_queue_object queue;
        struct model_sc sc;
        struct model_reply reply;
        struct model_table table;
        uint64_t *page;              /* frame: its memory */
        struct model_object **roots; /* ASID pool */
    };
};

struct model_irq {
    bool issued;
    bool reserved;
    bool enabled;
    bool pending;
    unsigned handlers;      /* capabilities */
    struct model_slot slot; /* notification */
};

/* What only a clock can know, asked before the kernel acts. */
struct model_clock {
    bool (*ready)(const struct model_object *sc); /* its head refill's time has come */
};

struct model_error {
    uint64_t code;
    uint64_t words[5];
    unsigned count;
};

/* What has happened since the process began. */
struct model_counts {
    uint64_t answers[MODEL_LABELS][seL4_NumErrors]; /* calls of the kernel: label, error code */
    uint64_t faults[seL4_Fault_VMFault + 1];        /* by kind */
    uint64_t messages;
    uint64_t capabilities; /* that came along */
    uint64_t replies;
    uint64_t donations;
    uint64_t signals;
    uint64_t preempted; /* long calls, by an interrupt */
};

struct model {
    struct model_object *objects[MODEL_OBJECTS_MAX];
    unsigned object_count;
    struct model_irq irqs[MODEL_IRQS];
    struct model_object *asid_pools[MODEL_ASID_POOLS];
    struct model_clock clock;
    struct model_object *entered; /* the thread whose system call this is */
    struct model_error error;
    struct model_lookup lookup;
};

/* The one model; and what it counts. */
struct model *model(void);
struct model_counts *model_counts(void);

/* Begin with nothing; release what a run has left. */
void model_reset(struct model_clock clock);

/* ---- steps (syscall.c) ---- */

/* The thread has entered with its registers set; `expired`: its budget does not suffice. */
void model_syscall(struct model_object *tcb, bool expired);
void model_raise_fault(struct model_object *tcb, struct model_fault fault, bool expired);
/* irq MODEL_IRQ_TIMER, or the interrupt taken. tcb: whom it interrupted, may be null (idle). */
void model_interrupt(struct model_object *tcb, unsigned irq, bool expired);
/* After the kernel chose the next thread. */
void model_activate(struct model_object *tcb);

/* ---- objects (object.c) ---- */

struct model_object *model_object_create(uint8_t kind, uint8_t bits, uint64_t paddr);
/* Forget objects whose last capability is gone. */
void model_objects_sweep(void);
struct model_object *model_object_at(uint64_t paddr);

/* ---- slots and the tree (slot.c) ---- */

bool model_slot_empty(const struct model_slot *slot);
void model_slot_insert_original(struct model_slot *slot, struct model_cap cap,
                                struct model_slot *parent);
void model_slot_insert(struct model_slot *slot, struct model_cap cap, struct model_slot *source,
                       bool original);
/* As Copy does it; decides itself whether the copy is an original. */
void model_slot_copy(struct model_slot *slot, struct model_cap cap, struct model_slot *source);
void model_slot_move(struct model_slot *dest, struct model_cap cap, struct model_slot *source);
void model_slot_swap(struct model_slot *a, struct model_cap cap_a, struct model_slot *b,
                     struct model_cap cap_b);
void model_slot_delete(struct model_slot *slot);
void model_slot_revoke(struct model_slot *slot);
/* The one after `slot` in the order of the tree; null behind the last. */
struct model_slot *model_slot_successor(struct model_slot *slot);

/* Result may be null (kind); false with an error set: RevokeFirst, IllegalOperation. */
bool model_cap_derive(const struct model_slot *slot, struct model_cap *cap);
struct model_cap model_cap_mask(struct model_cap cap, uint64_t rights);
struct model_cap model_cap_update(struct model_cap cap, uint64_t data, bool keeps_place);
unsigned model_cnode_radix(const struct model_cap *cap);

/* ---- lookups and errors (lookup.c) ---- */

bool model_resolve(const struct model_cap *root, uint64_t cptr, uint64_t depth,
                   struct model_slot **slot, unsigned *left);
bool model_lookup(const struct model_object *tcb, uint64_t cptr, struct model_slot **slot);
/* CNode-operation form; false with the error set. */
bool model_lookup_slot(const struct model_cap *root, uint64_t index, uint64_t depth, bool source,
                       struct model_slot **slot);
bool model_lookup_empty(const struct model_cap *root, uint64_t index, uint64_t depth,
                        struct model_slot **slot);
bool model_lookup_missing(uint64_t left); /* sets lookup; always false */

/* All return false. */
bool model_fail(uint64_t code);
bool model_fail_word(uint64_t code, uint64_t word);
bool model_fail_range(uint64_t minimum, uint64_t maximum);
bool model_fail_lookup(bool source);

/* ---- threads and messages (thread.c, ipc.c) ---- */

struct model_send {
    bool blocking;
    bool call;
    bool can_donate;
    uint64_t rights;
    uint64_t badge;
};

bool model_runnable(const struct model_object *tcb);
bool model_blocked(const struct model_object *tcb);
/* The IPC buffer in the model's copy of memory; null without one. */
uint64_t *model_buffer(const struct model_object *tcb, bool writable);
void model_cancel(struct model_object *tcb);
void model_suspend(struct model_object *tcb);
void model_resume(struct model_object *tcb);
void model_queue_insert(struct model_object *queue, struct model_object *tcb);
void model_queue_remove(struct model_object *queue, struct model_object *tcb);
void model_set_priority(struct model_object *tcb, uint8_t priority);
void model_fault_send(struct model_object *tcb, struct model_fault fault);
void model_timeout(struct model_object *tcb);
/* The thread's registers in the order of seL4_UserContext. */
void model_context_order(struct model_object *tcb, uint64_t *order[ABI_CONTEXT_WORDS]);
/* What writing does to a value of the flags. */
uint64_t model_sanitise_flags(uint64_t flags);
bool model_has_timeout_handler(const struct model_object *tcb);
void model_yield_complete(struct model_object *from);
void model_yield_cancel(struct model_object *from);

void model_send(struct model_object *endpoint, struct model_object *tcb, struct model_send how);
void model_receive(struct model_object *endpoint, struct model_object *tcb,
                   struct model_object *reply, bool blocking);
void model_cancel_badged(struct model_object *endpoint, uint64_t badge);
void model_signal(struct model_object *notification, uint64_t badge);
void model_wait(struct model_object *notification, struct model_object *tcb, bool blocking);
void model_reply(struct model_object *replier, struct model_object *reply, bool can_grant);
void model_transfer(struct model_object *from, struct model_object *endpoint, uint64_t badge,
                    bool can_grant, struct model_object *to);

void model_sc_donate(struct model_object *sc, struct model_object *to);
/* It is configured, and its head refill's time has come. */
bool model_sc_ready(const struct model_object *sc);
void model_sc_detach(struct model_object *sc);
void model_sc_unbind_all(struct model_object *sc);
void model_reply_remove(struct model_object *reply, struct model_object *caller);

/* The last capability is gone. */
void model_finalise(struct model_object *object);
void model_irq_finalise(unsigned irq);
/* A frame's or table's capability is gone or unmapped (memory.c). */
void model_unmap_frame(const struct model_cap *cap);
void model_unmap_table(const struct model_cap *cap);
void model_forget_root(const struct model_cap *cap);

/* ---- invocations (capability.c, control.c, time.c, memory.c) ---- */

struct model_invocation {
    struct model_object *caller;
    struct model_slot *slot;
    struct model_cap cap;
    uint64_t label;
    uint64_t length;
    struct model_slot *extra[seL4_MsgMaxExtraCaps];
    unsigned extra_count;
    bool call;
    unsigned result_count;
    uint64_t results[64];
    unsigned unknown_results; /* bit i: a time */
};

uint64_t model_word(const struct model_invocation *inv, unsigned i);
void model_result(struct model_invocation *inv, uint64_t value);

/* All return false with the error set when the invocation fails. */
bool model_untyped(struct model_invocation *inv);
bool model_cnode(struct model_invocation *inv);
bool model_tcb_invocation(struct model_invocation *inv);
bool model_sched_context(struct model_invocation *inv);
bool model_sched_control(struct model_invocation *inv);
bool model_irq_control(struct model_invocation *inv);
bool model_irq_handler(struct model_invocation *inv);
bool model_sgi(const struct model_invocation *inv);
bool model_domain(const struct model_invocation *inv); /* of which there is one */
bool model_memory(struct model_invocation *inv);       /* frames, tables, roots, ASIDs */
