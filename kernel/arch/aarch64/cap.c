/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The architecture's objects and capabilities as generic code handles them: see arch_hooks.h. */
#include <arch/asid.h>
#include <arch/cache.h>
#include <arch/walk.h>
#include <kernel/arch_hooks.h>

/* ---- objects ---- */

word_t arch_object_bits(word_t type)
{
    switch (type) {
    case seL4_ARM_HugePageObject:
        return seL4_HugePageBits;
    case seL4_ARM_LargePageObject:
        return seL4_LargePageBits;
    default: /* small page, page table, root: all 4 KiB */
        return seL4_PageBits;
    }
}

bool arch_object_is_frame(word_t type)
{
    return type == seL4_ARM_SmallPageObject || type == seL4_ARM_LargePageObject ||
           type == seL4_ARM_HugePageObject;
}

struct cap arch_object_create(word_t type, kptr_t base, bool device)
{
    switch (type) {
    case seL4_ARM_SmallPageObject:
    case seL4_ARM_LargePageObject:
    case seL4_ARM_HugePageObject: {
        word_t bits = arch_object_bits(type);
        if (!device) {
            /* Users may map it uncached, or execute what a device wrote into it. */
            arch_memory_written(base, BIT(bits));
        }
        word_t size = (bits - seL4_PageBits) / seL4_PageTableIndexBits;
        return cap_frame(base, size, FRAME_READ_WRITE, device);
    }
    case seL4_ARM_VSpaceObject:
        return cap_vspace(base);
    default:
        return cap_page_table(base);
    }
}

/* ---- capabilities ---- */

enum kernel_result arch_cap_derive(struct slot *slot, struct cap cap, struct cap *out)
{
    (void)slot;
    switch (cap_tag(cap)) {
    case ABI_CAP_FRAME:
        *out = cap_set_unmapped(cap);
        return KRES_OK;
    case ABI_CAP_PAGE_TABLE:
    case ABI_CAP_VSPACE:
        if (cap_mapped_asid(cap) == 0) {
            return fail_illegal_operation();
        }
        break;
    default:
        break;
    }
    *out = cap;
    return KRES_OK;
}

struct cap arch_cap_update_data(struct cap cap, word_t data, bool preserve)
{
    if (cap_tag(cap) != ABI_CAP_SMC) {
        return cap;
    }
    if (preserve || cap_smc_badge(cap) != 0) {
        return cap_null();
    }
    cap.w1 = data;
    return cap;
}

bool arch_same_region(struct cap a, struct cap b)
{
    if (cap_tag(a) == CAP_IRQ_CONTROL) {
        return cap_tag(b) == ABI_CAP_SGI_SIGNAL;
    }
    if (cap_tag(a) != cap_tag(b)) {
        return false;
    }
    switch (cap_tag(a)) {
    case ABI_CAP_FRAME:
        return cap_kptr(b) - cap_kptr(a) <= MASK(cap_frame_bits(a)) &&
               cap_frame_bits(b) <= cap_frame_bits(a) &&
               cap_frame_is_device(a) == cap_frame_is_device(b);
    case ABI_CAP_ASID_CONTROL:
    case ABI_CAP_SMC:
        return true;
    case ABI_CAP_SGI_SIGNAL:
        return cap_sgi_number(a) == cap_sgi_number(b) && cap_sgi_target(a) == cap_sgi_target(b);
    default: /* tables, roots, pools */
        return cap_kptr(a) == cap_kptr(b);
    }
}

bool arch_same_object(struct cap a, struct cap b)
{
    if (cap_tag(a) == ABI_CAP_FRAME && cap_tag(b) == ABI_CAP_FRAME) {
        return cap_kptr(a) == cap_kptr(b) && cap_frame_size(a) == cap_frame_size(b) &&
               cap_frame_is_device(a) == cap_frame_is_device(b);
    }
    return arch_same_region(a, b);
}

bool arch_cap_object_region(struct cap cap, kptr_t *base, word_t *size_bits)
{
    switch (cap_tag(cap)) {
    case ABI_CAP_FRAME:
        *size_bits = cap_frame_bits(cap);
        break;
    case ABI_CAP_PAGE_TABLE:
    case ABI_CAP_VSPACE:
    case ABI_CAP_ASID_POOL:
        *size_bits = seL4_PageBits;
        break;
    default:
        return false;
    }
    *base = cap_kptr(cap);
    return true;
}

bool arch_cap_is_revocable(struct cap cap, struct cap source)
{
    switch (cap_tag(cap)) {
    case ABI_CAP_SMC:
        return cap_tag(source) == ABI_CAP_SMC && cap_smc_badge(cap) != cap_smc_badge(source);
    case ABI_CAP_SGI_SIGNAL:
        return cap_tag(source) == CAP_IRQ_CONTROL;
    default:
        return false;
    }
}

bool arch_is_parent(struct cap parent, struct cap child, bool child_first_badged)
{
    switch (cap_tag(parent)) {
    case ABI_CAP_SMC:
        return cap_smc_badge(parent) == 0 ||
               (cap_smc_badge(parent) == cap_smc_badge(child) && !child_first_badged);
    case ABI_CAP_SGI_SIGNAL:
        return !child_first_badged;
    default:
        return true;
    }
}

void arch_cap_finalise(struct cap cap, bool final)
{
    switch (cap_tag(cap)) {
    case ABI_CAP_FRAME:
        frame_unmap(cap);
        break;
    case ABI_CAP_PAGE_TABLE:
        if (final) {
            page_table_unmap(cap);
        }
        break;
    case ABI_CAP_VSPACE:
        if (final && cap_mapped_asid(cap) != 0) {
            asid_forget(cap_mapped_asid(cap), cap_ptr(cap));
        }
        break;
    case ABI_CAP_ASID_POOL:
        if (final) {
            asid_pool_forget(cap_ptr(cap), cap_asid_pool_first(cap));
        }
        break;
    default:
        break;
    }
}
