/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Capabilities: 16 bytes, two words.
 *
 *   w0  63..59 tag | 58..48 eleven bits by type, "aux" | 47..0 kernel address of the object
 *   w1  by type: badge, guard, free index, mapping ...
 *
 * Capabilities without memory may have what else identifies their object in place of the address;
 * two are of the same object if w0 without aux is the same. Tags are the values that
 * seL4_DebugCapIdentify returns (but see cap_identify()): even ones are generic and described here,
 * odd ones are of memory (<kernel/memory_cap.h>) or the architecture's (<arch/cap.h>).
 */
#pragma once

#include <abi/abi.h>
#include <kernel/assert.h>

/* The bit-fields are for reading; capabilities are made by cap_make(). */
struct cap {
    union {
        struct {
            word_t w0;
            word_t w1;
        };
        struct { /* IRQ handler: the number in place of an address; scheduling context: aux is log2
                    of its bytes */
            word_t address : 48, aux : 11, tag : 5;
        };
        struct { /* endpoint, notification; reply without badge */
            word_t : 48, rights : 4;
            word_t badge;
        };
        struct { /* w1 is the user's data word as it is */
            word_t : 48, radix : 11, : 5, guard_size : 6, guard : 58;
        } cnode;
        struct {
            word_t : 48, bits : 6, device : 1;
            word_t free_index; /* in units of UNTYPED_UNIT_BITS */
        } untyped;
        struct {                    /* a CNode or TCB that is being destroyed */
            word_t : 48, kind : 11; /* radix of the CNode or ZOMBIE_TCB */
            word_t slot_count;      /* from the first, which may still hold capabilities */
        } zombie;
        struct { /* see <kernel/memory_cap.h> */
            word_t : 48, bits : 5, in_io_space : 1, rights : 2, device : 1, : 7;
            word_t asid : 16, vaddr : 48;
        } memory;
    };
};
static_assert(sizeof(struct cap) == 16, "two words");

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

#define CAP_KINDS     BIT(5)
#define CAP_TAG_SHIFT 59
#define CAP_AUX_SHIFT 48
#define CAP_AUX_BITS  11
#define CAP_PTR_BITS  48

#define CNODE_GUARD_SIZE_BITS 6
#define ZOMBIE_TCB            63
#define UNTYPED_UNIT_BITS     4
#define UNTYPED_DEVICE_FLAG   BIT(6)

/* The kernel address in w0, as a number: also right for memory that is not mapped. */
static inline kptr_t cap_kptr(struct cap cap)
{
    return (kptr_t)((int64_t)(cap.w0 << (WORD_BITS - CAP_PTR_BITS)) >> (WORD_BITS - CAP_PTR_BITS));
}

static inline void *cap_ptr(struct cap cap)
{
    return (void *)cap_kptr(cap);
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
    return (struct cap){.w0 = 0};
}

static inline bool cap_is_null(struct cap cap)
{
    return cap.tag == CAP_NULL;
}

/* Rights as in the rights word of Mint and Page_Map. */
enum cap_rights {
    RIGHT_WRITE = seL4_RightWrite,
    RIGHT_READ = seL4_RightRead,
    RIGHT_GRANT = seL4_RightGrant,
    RIGHT_GRANT_REPLY = seL4_RightGrantReply,
    RIGHT_ALL = seL4_RightAll,
};

static inline word_t cap_untyped_max_index(struct cap cap)
{
    return BIT(cap.untyped.bits - UNTYPED_UNIT_BITS);
}

/* Capabilities without an object: IRQ control, domain, and the architecture's control caps. */
static inline struct cap cap_control(word_t tag)
{
    return cap_make(tag, 0, 0, 0);
}
