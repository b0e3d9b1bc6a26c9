/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Life of x86_64's own capabilities: making objects, deriving, comparing, deleting; and the first
 * branch of every invocation of one. What generic code asks is listed in <kernel/arch_hooks.h>.
 */
#include "ioport.h"
#include "mm/iommu.h"
#include "mm/vspace.h"

#include <abi/arch/objecttype.h>
#include <arch/vspace.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>

enum kernel_result arch_decode_invocation(struct invocation *inv)
{
    switch ((enum abi_arch_cap_tag)cap_tag(inv->cap)) {
    case ABI_CAP_FRAME:
        return vspace_decode_frame(inv);
    case ABI_CAP_PAGE_TABLE:
    case ABI_CAP_PAGE_DIRECTORY:
    case ABI_CAP_PDPT:
    case ABI_CAP_PML4:
        return vspace_decode_table(inv);
    case ABI_CAP_ASID_CONTROL:
        return asid_decode_control(inv);
    case ABI_CAP_ASID_POOL:
        return asid_decode_pool(inv);
    case ABI_CAP_IO_PAGE_TABLE:
        return CONFIG_IOMMU ? iommu_decode_table(inv) : fail_illegal_operation();
    case ABI_CAP_IO_PORT:
        return ioport_decode(inv);
    case ABI_CAP_IO_PORT_CONTROL:
        return ioport_decode_control(inv);
    case ABI_CAP_IO_SPACE:
        break;
    }
    return fail_illegal_operation();
}

/* ---- objects ---- */

word_t arch_object_bits(word_t type)
{
    switch (type) {
    case seL4_X86_LargePageObject:
        return seL4_LargePageBits;
    case seL4_X64_HugePageObject:
        return seL4_HugePageBits;
    default:
        return seL4_PageBits; /* small pages and tables of every level */
    }
}

bool arch_object_is_frame(word_t type)
{
    return type == seL4_X86_4K || type == seL4_X86_LargePageObject ||
           type == seL4_X64_HugePageObject;
}

struct cap arch_object_create(word_t type, kptr_t base, bool device)
{
    switch (type) {
    case seL4_X86_4K:
        return cap_frame(base, FRAME_4K, device, FRAME_READ_WRITE);
    case seL4_X86_LargePageObject:
        return cap_frame(base, FRAME_2M, device, FRAME_READ_WRITE);
    case seL4_X64_HugePageObject:
        return cap_frame(base, FRAME_1G, device, FRAME_READ_WRITE);
    case seL4_X86_PageTableObject:
        return cap_make(ABI_CAP_PAGE_TABLE, 0, base, 0);
    case seL4_X86_PageDirectoryObject:
        return cap_make(ABI_CAP_PAGE_DIRECTORY, 0, base, 0);
    case seL4_X86_PDPTObject:
        return cap_make(ABI_CAP_PDPT, 0, base, 0);
    case seL4_X64_PML4Object:
        vspace_init_root((uint64_t *)base);
        return cap_make(ABI_CAP_PML4, 0, base, 0);
    default:
        return cap_make(ABI_CAP_IO_PAGE_TABLE, 0, base, 0);
    }
}

/* ---- capabilities ---- */

enum kernel_result arch_cap_derive(struct slot *slot, struct cap cap, struct cap *out)
{
    (void)slot;
    switch ((enum abi_arch_cap_tag)cap_tag(cap)) {
    case ABI_CAP_FRAME:
        *out = cap_frame_set_mapped(cap, FRAME_UNMAPPED, 0);
        return KRES_OK;
    case ABI_CAP_PAGE_TABLE:
    case ABI_CAP_PAGE_DIRECTORY:
    case ABI_CAP_PDPT:
    case ABI_CAP_IO_PAGE_TABLE:
        if (!cap_table_is_mapped(cap)) {
            return fail_illegal_operation();
        }
        break;
    case ABI_CAP_PML4:
        if (cap_pml4_asid(cap) == 0) {
            return fail_illegal_operation();
        }
        break;
    case ABI_CAP_IO_PORT_CONTROL:
        *out = cap_null();
        return KRES_OK;
    case ABI_CAP_ASID_CONTROL:
    case ABI_CAP_ASID_POOL:
    case ABI_CAP_IO_SPACE:
    case ABI_CAP_IO_PORT:
        break;
    }
    *out = cap;
    return KRES_OK;
}

struct cap arch_cap_mask_rights(struct cap cap, word_t rights)
{
    if (cap_tag(cap) != ABI_CAP_FRAME) {
        return cap;
    }
    enum frame_rights masked = FRAME_KERNEL_ONLY;
    if ((rights & RIGHT_READ) && cap_frame_rights(cap) != FRAME_KERNEL_ONLY) {
        masked = rights & RIGHT_WRITE ? cap_frame_rights(cap) : FRAME_READ_ONLY;
    }
    return cap_frame_set_rights(cap, masked);
}

struct cap arch_cap_update_data(struct cap cap, word_t data, bool preserve)
{
    if (CONFIG_IOMMU && cap_tag(cap) == ABI_CAP_IO_SPACE) {
        return preserve ? cap_null() : iommu_update_data(cap, data);
    }
    return cap;
}

bool arch_cap_object_region(struct cap cap, kptr_t *base, word_t *size_bits)
{
    switch ((enum abi_arch_cap_tag)cap_tag(cap)) {
    case ABI_CAP_FRAME:
        *size_bits = cap_frame_bits(cap);
        break;
    case ABI_CAP_PAGE_TABLE:
    case ABI_CAP_PAGE_DIRECTORY:
    case ABI_CAP_PDPT:
    case ABI_CAP_PML4:
    case ABI_CAP_ASID_POOL:
    case ABI_CAP_IO_PAGE_TABLE:
        *size_bits = seL4_PageBits;
        break;
    case ABI_CAP_ASID_CONTROL:
    case ABI_CAP_IO_SPACE:
    case ABI_CAP_IO_PORT:
    case ABI_CAP_IO_PORT_CONTROL:
        return false;
    }
    *base = cap_kptr(cap);
    return true;
}

/* True if the tags are equal and, where there is an object, so is its address. */
static bool same_kind(struct cap a, struct cap b)
{
    if (cap_tag(a) != cap_tag(b)) {
        return false;
    }
    if (cap_tag(a) == ABI_CAP_IO_PORT) {
        return a.w1 == b.w1;
    }
    if (cap_tag(a) == ABI_CAP_IO_SPACE) {
        return (a.w1 & MASK(16)) == (b.w1 & MASK(16)); /* the device; its domain does not count */
    }
    return cap_kptr(a) == cap_kptr(b);
}

bool arch_same_region(struct cap a, struct cap b)
{
    if (cap_tag(a) == ABI_CAP_FRAME && cap_tag(b) == ABI_CAP_FRAME) {
        kptr_t last_a = cap_kptr(a) + MASK(cap_frame_bits(a));
        kptr_t last_b = cap_kptr(b) + MASK(cap_frame_bits(b));
        return cap_kptr(a) <= cap_kptr(b) && last_b <= last_a;
    }
    if (cap_tag(a) == ABI_CAP_IO_PORT_CONTROL && cap_tag(b) == ABI_CAP_IO_PORT) {
        return true;
    }
    return same_kind(a, b);
}

bool arch_same_object(struct cap a, struct cap b)
{
    if (cap_tag(a) == ABI_CAP_FRAME && cap_tag(b) == ABI_CAP_FRAME) {
        return cap_kptr(a) == cap_kptr(b) && cap_frame_size(a) == cap_frame_size(b);
    }
    return same_kind(a, b);
}

bool arch_cap_is_revocable(struct cap cap, struct cap source)
{
    return cap_tag(cap) == ABI_CAP_IO_PORT && cap_tag(source) == ABI_CAP_IO_PORT_CONTROL;
}

bool arch_is_parent(struct cap parent, struct cap child, bool child_first_badged)
{
    (void)parent;
    (void)child;
    (void)child_first_badged;
    return true;
}

void arch_cap_finalise(struct cap cap, bool final)
{
    if (cap_tag(cap) == ABI_CAP_FRAME) {
        vspace_unmap_frame(cap);
        return;
    }
    if (!final) {
        return;
    }
    switch ((enum abi_arch_cap_tag)cap_tag(cap)) {
    case ABI_CAP_PAGE_TABLE:
    case ABI_CAP_PAGE_DIRECTORY:
    case ABI_CAP_PDPT:
        vspace_unmap_table(cap);
        break;
    case ABI_CAP_PML4:
        asid_delete(cap);
        break;
    case ABI_CAP_ASID_POOL:
        asid_delete_pool(cap);
        break;
    case ABI_CAP_IO_PORT:
        ioport_release(cap);
        break;
    case ABI_CAP_IO_SPACE:
        if (CONFIG_IOMMU) {
            iommu_delete_space(cap);
        }
        break;
    case ABI_CAP_IO_PAGE_TABLE:
        if (CONFIG_IOMMU) {
            iommu_unmap_table(cap);
        }
        break;
    case ABI_CAP_FRAME:
    case ABI_CAP_ASID_CONTROL:
    case ABI_CAP_IO_PORT_CONTROL:
        break;
    }
}

BOOT_CODE void arch_boot_caps(void)
{
    boot_set_cap(seL4_CapASIDControl, cap_control(ABI_CAP_ASID_CONTROL));
    boot_set_cap(seL4_CapIOPortControl, cap_control(ABI_CAP_IO_PORT_CONTROL));
    if (CONFIG_IOMMU && iommu_levels > 0) {
        boot_set_cap(seL4_CapIOSpace, cap_control(ABI_CAP_IO_SPACE));
    }
}
