/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The root task's address space, as kernel_boot() builds it. */
#include <arch/tlb.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>
#include <kernel/vspace.h>

#define BOOT_ASID 1

BOOT_CODE struct cap boot_create_vspace(void *root, void *pool)
{
    asid_pools[0] = pool;
    asid_pools[0]->roots[BOOT_ASID] = root;
    arch_vspace_init(root);
    struct cap vspace = cap_set_mapping(cap_make(CAP_VSPACE, 0, (kptr_t)root, 0), BOOT_ASID, 0);
    boot_set_cap(seL4_CapInitThreadASIDPool, cap_make(CAP_ASID_POOL, 0, (kptr_t)pool, 0));
    boot_set_cap(seL4_CapInitThreadVSpace, vspace);
    boot_set_cap(seL4_CapASIDControl, cap_control(CAP_ASID_CONTROL));
    return vspace;
}

BOOT_CODE struct cap boot_map_table(struct cap vspace, void *table, vaddr_t vaddr, word_t bits)
{
    struct walk walk = vspace_walk(vspace_of(vspace), vaddr);
    KERNEL_ASSERT(walk.level == bits);
    *walk.entry = pte_for_table(kptr_to_paddr((kptr_t)table), 0);
    tlb_entry_added();
    return cap_set_mapping(cap_make(CAP_PAGE_TABLE, arch_table_tag(bits), (kptr_t)table, 0),
                           BOOT_ASID, vaddr);
}

BOOT_CODE struct cap boot_map_frame(struct cap vspace, paddr_t paddr, vaddr_t vaddr,
                                    bool executable)
{
    struct walk walk = vspace_walk(vspace_of(vspace), vaddr);
    KERNEL_ASSERT(walk.level == LEVEL_LAST);
    *walk.entry =
        pte_for_page(paddr, LEVEL_LAST, FRAME_READ_WRITE, arch_boot_attributes(executable));
    struct cap frame = cap_frame(paddr_to_kptr(paddr), LEVEL_LAST, false);
    return cap_set_mapping(frame, BOOT_ASID, vaddr);
}
