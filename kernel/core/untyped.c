/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Untyped memory and Retype, the only way in which kernel objects come into being.
 *
 * An untyped without children is reset before use: its memory below the free index is zeroed
 * downwards, chunk by chunk, the free index following, so that a preempted call continues where it
 * stopped. From then on objects are placed upwards behind the free index. Free memory below it is
 * zero in the caches' backing memory, too: users may map it uncached. So making an object is short
 * work.
 */
#include <kernel/arch_hooks.h>
#include <kernel/ipc.h>
#include <kernel/memory.h>
#include <kernel/node.h>

struct retype {
    word_t type;
    word_t user_bits;
    word_t object_bits;
    word_t count;
    struct slot *dest; /* first of `count` empty slots */
    bool reset;
    kptr_t start; /* address of the first object */
};

/* The tags of objects that every architecture has. */
static const uint8_t generic_tags[seL4_NonArchObjectTypeCount] = {
    [seL4_UntypedObject] = CAP_UNTYPED,   [seL4_TCBObject] = CAP_TCB,
    [seL4_EndpointObject] = CAP_ENDPOINT, [seL4_NotificationObject] = CAP_NOTIFICATION,
    [seL4_CapTableObject] = CAP_CNODE,    [seL4_SchedContextObject] = CAP_SCHED_CONTEXT,
    [seL4_ReplyObject] = CAP_REPLY,
};

static bool is_generic(word_t type)
{
    return type < seL4_NonArchObjectTypeCount;
}

static struct cap create_generic(word_t type, word_t user_bits, kptr_t base, bool device)
{
    word_t tag = generic_tags[type];
    const struct object_kind *kind = &object_kinds[tag];
    if (type == seL4_TCBObject) {
        tcb_init((struct tcb *)base, node()->current);
    }
    return cap_make(tag,
                    kind->size_mask ? user_bits | (device ? UNTYPED_DEVICE_FLAG : 0) : kind->rights,
                    base, 0);
}

static struct cap create_arch(word_t type, kptr_t base, bool device)
{
    struct arch_object object = arch_objects[type];
    switch (object.tag) {
    case CAP_FRAME:
        return cap_frame(base, object.bits, device);
    case CAP_VSPACE:
        arch_vspace_init((void *)base);
        return cap_make(CAP_VSPACE, 0, base, 0);
    default:
        return cap_make(CAP_PAGE_TABLE, object.tag, base, 0);
    }
}

/*
 * Memory is zeroed a page at a time, which counts as that many chunks of CONFIG_RESET_CHUNK_BITS:
 * clearing much at once costs far fewer instructions than sixteen times little.
 */
#define RESET_STEP_BITS  12
#define RESET_STEP_UNITS BIT(RESET_STEP_BITS - CONFIG_RESET_CHUNK_BITS)

/* Zero the used part of the untyped in slot, from the top; KRES_PREEMPTED leaves a smaller one. */
static enum kernel_result untyped_reset(struct slot *slot)
{
    struct cap cap = slot->cap;
    word_t used = cap.untyped.device ? 0 : cap.untyped.free_index << UNTYPED_UNIT_BITS;
    while (used > 0) {
        word_t start = ALIGN_DOWN(used - 1, RESET_STEP_BITS);
        arch_memory_clear(cap_kptr(cap) + start, used - start);
        used = start;
        slot->cap.w1 = used >> UNTYPED_UNIT_BITS;
        if (used > 0 && preemption_point_after(RESET_STEP_UNITS)) {
            return KRES_PREEMPTED;
        }
    }
    slot->cap.w1 = 0;
    return KRES_OK;
}

static enum kernel_result untyped_retype(struct slot *slot, const struct retype *request)
{
    bool device = slot->cap.untyped.device;
    kptr_t base = request->start;
    word_t end = base + (request->count << request->object_bits) - cap_kptr(slot->cap);
    slot->cap.w1 = end >> UNTYPED_UNIT_BITS;
    for (word_t i = 0; i < request->count; i++) {
        struct cap cap = is_generic(request->type)
                             ? create_generic(request->type, request->user_bits, base, device)
                             : create_arch(request->type, base, device);
        slot_insert_original(&request->dest[i], cap, slot);
        base += BIT(request->object_bits);
    }
    return KRES_OK;
}

/* Checks 3-7: type and size. */
static enum kernel_result check_type(struct retype *request)
{
    word_t type = request->type;
    if (type >= seL4_ObjectTypeCount || (!is_generic(type) && arch_objects[type].tag == CAP_NULL)) {
        return fail_invalid_argument(0);
    }
    word_t size_min = 0;
    request->object_bits = is_generic(type) ? 0 : arch_objects[type].bits;
    if (is_generic(type)) {
        struct object_kind kind = object_kinds[generic_tags[type]];
        size_min = kind.size_min;
        request->object_bits = kind.bits + (kind.size_mask ? request->user_bits : 0);
    }
    return request->user_bits >= WORD_BITS || request->object_bits > seL4_MaxUntypedBits
               ? fail_range(0, seL4_MaxUntypedBits)
           : request->user_bits < size_min ? fail_invalid_argument(1)
                                           : KRES_OK;
}

/* Checks 8-13: the destination slots. */
static enum kernel_result find_destination(const struct invocation *inv, struct retype *request)
{
    word_t depth = inv_word(inv, 3);
    word_t offset = inv_word(inv, 4);
    struct slot *cnode = inv->extra[0];
    enum kernel_result result =
        depth == 0 ? KRES_OK
                   : cspace_lookup_slot(cnode->cap, inv_word(inv, 2), depth, false, &cnode);
    if (result != KRES_OK) {
        return result;
    }
    if (cnode->cap.tag != CAP_CNODE) {
        return fail_lookup_missing(false, depth);
    }
    word_t slot_count = BIT(cnode->cap.cnode.radix);
    result = offset >= slot_count ? fail_range(0, slot_count - 1)
             : request->count < 1 || request->count > CONFIG_RETYPE_FAN_OUT_LIMIT
                 ? fail_range(1, CONFIG_RETYPE_FAN_OUT_LIMIT)
             : request->count > slot_count - offset ? fail_range(1, slot_count - offset)
                                                    : KRES_OK;
    if (result != KRES_OK) {
        return result;
    }
    request->dest = (struct slot *)cap_ptr(cnode->cap) + offset;
    for (word_t i = 0; i < request->count; i++) {
        if (!slot_is_empty(&request->dest[i])) {
            return fail(seL4_DeleteFirst);
        }
    }
    return KRES_OK;
}

/* Checks 14 and 15: room, and what device memory may become. */
static enum kernel_result check_placement(const struct invocation *inv, struct retype *request)
{
    request->reset = !slot_has_children(inv->slot);
    word_t used = request->reset ? 0 : inv->cap.untyped.free_index << UNTYPED_UNIT_BITS;
    word_t free_bytes = BIT(inv->cap.untyped.bits) - used;
    request->start = ALIGN_UP(cap_kptr(inv->cap) + used, request->object_bits);
    return free_bytes >> request->object_bits < request->count
               ? fail_with((struct syscall_error){seL4_NotEnoughMemory, 1, {free_bytes}})
           : inv->cap.untyped.device && request->type != seL4_UntypedObject &&
                   (is_generic(request->type) || arch_objects[request->type].tag != CAP_FRAME)
               ? fail_invalid_argument(1)
               : KRES_OK;
}

enum kernel_result untyped_decode_retype(struct invocation *inv)
{
    struct retype request = {
        .type = inv_word(inv, 0), .user_bits = inv_word(inv, 1), .count = inv_word(inv, 5)};
    return check_type(&request)
        ?: find_destination(inv, &request)
        ?: check_placement(inv, &request)
        ?: (request.reset ? untyped_reset(inv->slot) : KRES_OK)
        ?: untyped_retype(inv->slot, &request);
}
