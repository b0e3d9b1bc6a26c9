/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What holds for capabilities by type: regions, sameness, deriving, rights and data words. */
#include <arch/cap.h>
#include <kernel/ipc.h>

const struct object_kind object_kinds[CAP_KINDS] = {
    [CAP_UNTYPED] = {0, MASK(6), 0, seL4_MinUntypedBits},
    [CAP_ENDPOINT] = {seL4_EndpointBits, 0, RIGHT_ALL, 0},
    [CAP_NOTIFICATION] = {seL4_NotificationBits, 0, RIGHT_READ | RIGHT_WRITE, 0},
    [CAP_REPLY] = {seL4_ReplyBits, 0, RIGHT_GRANT, 0},
    [CAP_CNODE] = {SLOT_BITS, MASK(6), 0, 1},
    [CAP_TCB] = {seL4_TCBBits, 0, 0, 0},
    [CAP_SCHED_CONTEXT] = {0, MASK(6), 0, seL4_MinSchedContextBits},
    [CAP_ZOMBIE] = {SLOT_BITS, MASK(6), 0, 0},
    [CAP_FRAME] = {0, MASK(5), 0, 0},
    [CAP_PAGE_TABLE] = {seL4_PageBits, 0, 0, 0},
    [CAP_VSPACE] = {seL4_PageBits, 0, 0, 0},
    [CAP_ASID_POOL] = {seL4_PageBits, 0, 0, 0},
};

word_t cap_object_bits(struct cap cap)
{
    struct object_kind kind = object_kinds[cap.tag];
    return cap.tag == CAP_ZOMBIE && cap.zombie.kind == ZOMBIE_TCB
               ? seL4_TCBBits
               : kind.bits + (word_t)(cap.aux & kind.size_mask);
}

/* True if the memory behind b lies inside the untyped capability a's. */
static bool untyped_contains(struct cap a, struct cap b)
{
    word_t bits = cap_object_bits(b);
    kptr_t offset = cap_kptr(b) - cap_kptr(a);
    word_t bytes = BIT(a.untyped.bits);
    return bits > 0 && offset < bytes && BIT(bits) <= bytes - offset;
}

/* True for two frames of which a contains b. */
static bool frame_contains(struct cap a, struct cap b)
{
    return b.tag == CAP_FRAME && cap_kptr(b) - cap_kptr(a) <= MASK(a.memory.bits) &&
           b.memory.bits <= a.memory.bits;
}

/* True if tag, and address or what stands in its place, are equal. */
static bool same_identity(struct cap a, struct cap b)
{
    return cap_set_aux(a, 0).w0 == cap_set_aux(b, 0).w0;
}

/* True if b was made by a, a control capability that only this architecture has. */
static bool arch_issues(struct cap a, struct cap b)
{
    return a.tag == ARCH_CAP_ISSUER && b.tag == ARCH_CAP_ISSUED;
}

bool cap_same_region(struct cap a, struct cap b)
{
    switch (a.tag) {
    case CAP_NULL:
    case CAP_ZOMBIE:
        return false;
    case CAP_UNTYPED:
        return untyped_contains(a, b);
    case CAP_CNODE:
    case CAP_SCHED_CONTEXT:
        return a.w0 == b.w0; /* the size, too */
    case CAP_FRAME:
        return frame_contains(a, b);
    case CAP_IRQ_CONTROL:
        return b.tag == CAP_IRQ_CONTROL || b.tag == CAP_IRQ_HANDLER || arch_issues(a, b);
    default:
        return same_identity(a, b) || arch_issues(a, b);
    }
}

bool cap_same_object(struct cap a, struct cap b)
{
    return a.tag != CAP_UNTYPED && a.tag != CAP_IRQ_CONTROL && a.tag == b.tag &&
           cap_same_region(a, b);
}

enum kernel_result cap_derive(struct slot *slot, struct cap cap, struct cap *out)
{
    *out = cap;
    switch (cap.tag) {
    case CAP_UNTYPED:
        return slot_has_children(slot) ? fail(seL4_RevokeFirst) : KRES_OK;
    case CAP_IRQ_CONTROL:
    case CAP_ZOMBIE:
        *out = cap_null();
        return KRES_OK;
    case CAP_FRAME:
        *out = cap_set_unmapped(cap);
        return KRES_OK;
    case CAP_PAGE_TABLE:
    case CAP_VSPACE:
        return cap_is_mapped(cap) ? KRES_OK : fail(seL4_IllegalOperation);
    default:
        *out = cap.tag == ARCH_CAP_UNIQUE ? cap_null() : cap;
        return KRES_OK;
    }
}

struct cap cap_mask_rights(struct cap cap, word_t rights)
{
    switch (cap.tag) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_REPLY:
        return cap_set_aux(cap, cap.rights & rights);
    case CAP_FRAME:
        return cap_set_aux(cap, (cap.aux & ~FRAME_RIGHTS_MASK) |
                                    cap_frame_masked_rights(cap, rights) << FRAME_RIGHTS_SHIFT);
    default:
        return cap;
    }
}

static struct cap cnode_update_guard(struct cap cap, word_t data)
{
    word_t guard_size = data & MASK(CNODE_GUARD_SIZE_BITS);
    word_t guard = (data >> CNODE_GUARD_SIZE_BITS) & MASK(guard_size);
    if (guard_size + cap.cnode.radix > WORD_BITS) {
        return cap_null();
    }
    cap.w1 = guard << CNODE_GUARD_SIZE_BITS | guard_size;
    return cap;
}

bool cap_has_badge(struct cap cap)
{
    return cap.tag == CAP_ENDPOINT || cap.tag == CAP_NOTIFICATION || cap.tag == ARCH_CAP_BADGED;
}

struct cap cap_update_data(struct cap cap, word_t data, bool preserve)
{
    if (cap_has_badge(cap)) {
        if (preserve || cap.badge != 0) {
            return cap_null();
        }
        cap.w1 = data;
        return cap;
    }
    return cap.tag == CAP_CNODE ? cnode_update_guard(cap, data)
                                : arch_cap_update_data(cap, data, preserve);
}
