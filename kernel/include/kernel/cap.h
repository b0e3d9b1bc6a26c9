/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Capabilities: 16 bytes, two words.
 *
 *   w0  63..59 tag | 58..48 eleven bits by type | 47..0 kernel address of the object (sign
 * extended) w1  by type: badge, guard, free index, mapping ...
 *
 * Capabilities without memory may have what else identifies their object in its place. Tags are the
 * values that seL4_DebugCapIdentify returns (but see cap_identify()): even ones are generic and
 * described here, odd ones are of memory (<kernel/memory_cap.h>) or the architecture's
 * (<arch/cap.h>).
 */
#pragma once

#include <abi/abi.h>
#include <kernel/assert.h>
#include <kernel/types.h>

struct cap {
    word_t w0;
    word_t w1;
};

enum cap_tag {
    CAP_NULL = ABI_CAP_NULL,
    CAP_UNTYPED = ABI_CAP_UNTYPED,
    CAP_ENDPOINT = ABI_CAP_ENDPOINT,
    CAP_NOTIFICATION = ABI_CAP_NOTIFICATION,
    CAP_REPLY = ABI_CAP_REPLY,
    CAP_CNODE = ABI_CAP_CNODE,
    CAP_TCB = ABI_CAP_TCB,
    CAP_IRQ_CONTROL = ABI_CAP_IRQ_CONTROL,
    CAP_IRQ_HANDLER = ABI_CAP_IRQ_HANDLER,
    CAP_ZOMBIE = ABI_CAP_ZOMBIE,
    CAP_DOMAIN = ABI_CAP_DOMAIN,
    CAP_SCHED_CONTEXT = ABI_CAP_SCHED_CONTEXT,
    CAP_SCHED_CONTROL = ABI_CAP_SCHED_CONTROL,
    /* Odd, but alike on every architecture: see <kernel/memory_cap.h>. */
    CAP_FRAME = ABI_CAP_FRAME,
    CAP_PAGE_TABLE = ABI_CAP_PAGE_TABLE,
    CAP_VSPACE = ABI_CAP_VSPACE,
    CAP_ASID_CONTROL = ABI_CAP_ASID_CONTROL,
    CAP_ASID_POOL = ABI_CAP_ASID_POOL,
};

#define CAP_TAG_SHIFT 59
#define CAP_AUX_SHIFT 48
#define CAP_AUX_BITS  11
#define CAP_PTR_BITS  48

static inline word_t cap_tag(struct cap cap)
{
    return cap.w0 >> CAP_TAG_SHIFT;
}

static inline bool cap_is_arch(struct cap cap)
{
    return (cap.w0 >> CAP_TAG_SHIFT) & 1;
}

/* The kernel address in w0, as a number: also right for memory that is not mapped. */
static inline kptr_t cap_kptr(struct cap cap)
{
    return (kptr_t)((int64_t)(cap.w0 << (WORD_BITS - CAP_PTR_BITS)) >> (WORD_BITS - CAP_PTR_BITS));
}

static inline void *cap_ptr(struct cap cap)
{
    return (void *)cap_kptr(cap);
}

/* The eleven bits that each type uses as it likes. */
static inline word_t cap_aux(struct cap cap)
{
    return (cap.w0 >> CAP_AUX_SHIFT) & MASK(CAP_AUX_BITS);
}

static inline struct cap cap_make(word_t tag, word_t aux, kptr_t kptr, word_t w1)
{
    return (struct cap){
        .w0 = tag << CAP_TAG_SHIFT | aux << CAP_AUX_SHIFT | (kptr & MASK(CAP_PTR_BITS)), .w1 = w1};
}

static inline struct cap cap_set_aux(struct cap cap, word_t aux)
{
    cap.w0 = (cap.w0 & ~(MASK(CAP_AUX_BITS) << CAP_AUX_SHIFT)) | aux << CAP_AUX_SHIFT;
    return cap;
}

static inline struct cap cap_null(void)
{
    return (struct cap){0, 0};
}

static inline bool cap_is_null(struct cap cap)
{
    return cap_tag(cap) == CAP_NULL;
}

/* Rights as in the rights word of Mint and Page_Map; endpoint caps keep them in aux bits 0..3. */
enum cap_rights {
    RIGHT_WRITE = seL4_RightWrite,
    RIGHT_READ = seL4_RightRead,
    RIGHT_GRANT = seL4_RightGrant,
    RIGHT_GRANT_REPLY = seL4_RightGrantReply,
    RIGHT_ALL = seL4_RightAll,
};

/* Endpoint, notification and reply caps: aux = rights, w1 = badge. */
static inline word_t cap_rights(struct cap cap)
{
    return cap_aux(cap) & RIGHT_ALL;
}

static inline word_t cap_badge(struct cap cap)
{
    return cap.w1;
}

static inline struct cap cap_endpoint(const void *endpoint, word_t badge, word_t rights)
{
    return cap_make(CAP_ENDPOINT, rights, (kptr_t)endpoint, badge);
}

static inline struct cap cap_notification(const void *notification, word_t badge, word_t rights)
{
    return cap_make(CAP_NOTIFICATION, rights, (kptr_t)notification, badge);
}

static inline struct cap cap_reply(const void *reply, word_t rights)
{
    return cap_make(CAP_REPLY, rights, (kptr_t)reply, 0);
}

static inline struct cap cap_tcb(const void *tcb)
{
    return cap_make(CAP_TCB, 0, (kptr_t)tcb, 0);
}

/* CNode caps: aux = radix, w1 = guard << 6 | guard size, which is the user's data word as it is. */
#define CNODE_GUARD_SIZE_BITS 6

static inline struct cap cap_cnode(const void *slots, word_t radix, word_t guard_data)
{
    return cap_make(CAP_CNODE, radix, (kptr_t)slots, guard_data);
}

static inline word_t cap_cnode_radix(struct cap cap)
{
    return cap_aux(cap);
}

static inline word_t cap_cnode_guard_size(struct cap cap)
{
    return cap.w1 & MASK(CNODE_GUARD_SIZE_BITS);
}

static inline word_t cap_cnode_guard(struct cap cap)
{
    return cap.w1 >> CNODE_GUARD_SIZE_BITS;
}

/*
 * Zombie caps stand for a CNode or TCB that is being destroyed: aux = radix of the CNode or
 * ZOMBIE_TCB, w1 = number of slots, from the first, that may still hold capabilities.
 */
#define ZOMBIE_TCB 63

static inline struct cap cap_zombie(const void *slots, word_t kind, word_t slot_count)
{
    return cap_make(CAP_ZOMBIE, kind, (kptr_t)slots, slot_count);
}

/* Untyped caps: aux = size bits (0..5) and device flag (6), w1 = free index in 16-byte units. */
#define UNTYPED_UNIT_BITS   4
#define UNTYPED_DEVICE_FLAG BIT(6)

static inline struct cap cap_untyped(kptr_t base, word_t size_bits, bool device, word_t free_index)
{
    return cap_make(CAP_UNTYPED, size_bits | (device ? UNTYPED_DEVICE_FLAG : 0), base, free_index);
}

static inline word_t cap_untyped_bits(struct cap cap)
{
    return cap_aux(cap) & MASK(6);
}

static inline bool cap_untyped_is_device(struct cap cap)
{
    return cap_aux(cap) & UNTYPED_DEVICE_FLAG;
}

static inline word_t cap_untyped_free_index(struct cap cap)
{
    return cap.w1;
}

static inline word_t cap_untyped_max_index(struct cap cap)
{
    return BIT(cap_untyped_bits(cap) - UNTYPED_UNIT_BITS);
}

/* Scheduling context caps: aux = size bits. */
static inline struct cap cap_sched_context(const void *sc, word_t size_bits)
{
    return cap_make(CAP_SCHED_CONTEXT, size_bits, (kptr_t)sc, 0);
}

static inline word_t cap_sched_context_bits(struct cap cap)
{
    return cap_aux(cap);
}

static inline struct cap cap_sched_control(word_t core)
{
    return cap_make(CAP_SCHED_CONTROL, 0, 0, core);
}

static inline word_t cap_sched_control_core(struct cap cap)
{
    return cap.w1;
}

/* IRQ handler caps have the number in place of an address. */
static inline struct cap cap_irq_handler(irq_t irq)
{
    return cap_make(CAP_IRQ_HANDLER, 0, irq, 0);
}

static inline irq_t cap_irq_handler_irq(struct cap cap)
{
    return cap_kptr(cap);
}

/* Capabilities without an object: IRQ control, domain, and the architecture's control caps. */
static inline struct cap cap_control(word_t tag)
{
    return cap_make(tag, 0, 0, 0);
}
