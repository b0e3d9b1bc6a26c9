/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What holds for capabilities by type: regions, sameness, deriving, rights and data words. */
#include <kernel/arch_hooks.h>
#include <kernel/ipc.h>

bool cap_object_region(struct cap cap, kptr_t *base, word_t *size_bits)
{
    *base = cap_kptr(cap);
    switch (cap_tag(cap)) {
    case CAP_UNTYPED:
        *size_bits = cap_untyped_bits(cap);
        return true;
    case CAP_ENDPOINT:
        *size_bits = seL4_EndpointBits;
        return true;
    case CAP_NOTIFICATION:
        *size_bits = seL4_NotificationBits;
        return true;
    case CAP_REPLY:
        *size_bits = seL4_ReplyBits;
        return true;
    case CAP_CNODE:
        *size_bits = cap_cnode_radix(cap) + SLOT_BITS;
        return true;
    case CAP_TCB:
        *size_bits = seL4_TCBBits;
        return true;
    case CAP_ZOMBIE:
        *size_bits = cap_aux(cap) == ZOMBIE_TCB ? seL4_TCBBits : cap_aux(cap) + SLOT_BITS;
        return true;
    case CAP_SCHED_CONTEXT:
        *size_bits = cap_sched_context_bits(cap);
        return true;
    default:
        return cap_is_arch(cap) && arch_cap_object_region(cap, base, size_bits);
    }
}

/* True if the memory behind b lies inside the untyped capability a's. */
static bool untyped_contains(struct cap a, struct cap b)
{
    kptr_t base;
    word_t size_bits;
    if (!cap_object_region(b, &base, &size_bits)) {
        return false;
    }
    kptr_t offset = base - cap_kptr(a);
    word_t bytes = BIT(cap_untyped_bits(a));
    return offset < bytes && BIT(size_bits) <= bytes - offset;
}

bool cap_same_region(struct cap a, struct cap b)
{
    word_t tag = cap_tag(a);
    switch (tag) {
    case CAP_NULL:
    case CAP_ZOMBIE:
        return false;
    case CAP_UNTYPED:
        return untyped_contains(a, b);
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_REPLY:
    case CAP_TCB:
        return cap_tag(b) == tag && cap_kptr(a) == cap_kptr(b);
    case CAP_CNODE:
    case CAP_SCHED_CONTEXT:
        return cap_tag(b) == tag && cap_kptr(a) == cap_kptr(b) && cap_aux(a) == cap_aux(b);
    case CAP_IRQ_CONTROL:
        return cap_tag(b) == CAP_IRQ_CONTROL || cap_tag(b) == CAP_IRQ_HANDLER ||
               (cap_is_arch(b) && arch_same_region(a, b));
    case CAP_IRQ_HANDLER:
        return cap_tag(b) == tag && cap_irq_handler_irq(a) == cap_irq_handler_irq(b);
    case CAP_DOMAIN:
    case CAP_SCHED_CONTROL:
        return cap_tag(b) == tag;
    default:
        return arch_same_region(a, b);
    }
}

bool cap_same_object(struct cap a, struct cap b)
{
    if (cap_tag(a) == CAP_UNTYPED || cap_tag(a) == CAP_IRQ_CONTROL) {
        return false;
    }
    if (cap_is_arch(a)) {
        return arch_same_object(a, b);
    }
    return cap_same_region(a, b);
}

enum kernel_result cap_derive(struct slot *slot, struct cap cap, struct cap *out)
{
    *out = cap;
    switch (cap_tag(cap)) {
    case CAP_UNTYPED:
        return slot_has_children(slot) ? fail_revoke_first() : KRES_OK;
    case CAP_IRQ_CONTROL:
    case CAP_ZOMBIE:
        *out = cap_null();
        return KRES_OK;
    default:
        return cap_is_arch(cap) ? arch_cap_derive(slot, cap, out) : KRES_OK;
    }
}

struct cap cap_mask_rights(struct cap cap, word_t rights)
{
    switch (cap_tag(cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_REPLY:
        return cap_set_aux(cap, cap_rights(cap) & rights);
    default:
        return cap_is_arch(cap) ? arch_cap_mask_rights(cap, rights) : cap;
    }
}

static struct cap cnode_update_guard(struct cap cap, word_t data)
{
    word_t guard_size = data & MASK(CNODE_GUARD_SIZE_BITS);
    word_t guard = (data >> CNODE_GUARD_SIZE_BITS) & MASK(guard_size);
    if (guard_size + cap_cnode_radix(cap) > WORD_BITS) {
        return cap_null();
    }
    cap.w1 = guard << CNODE_GUARD_SIZE_BITS | guard_size;
    return cap;
}

struct cap cap_update_data(struct cap cap, word_t data, bool preserve)
{
    switch (cap_tag(cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
        if (preserve || cap_badge(cap) != 0) {
            return cap_null();
        }
        cap.w1 = data;
        return cap;
    case CAP_CNODE:
        return cnode_update_guard(cap, data);
    default:
        return cap_is_arch(cap) ? arch_cap_update_data(cap, data, preserve) : cap;
    }
}
