/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The hooks with which kernel_boot() builds the root task's address space. */
#include <arch/asid.h>
#include <arch/sysreg.h>
#include <arch/walk.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>

BOOT_CODE struct cap arch_boot_create_asid_pool(void *pool)
{
    asid_pool_add(pool, 0);
    return cap_asid_pool((kptr_t)pool, 0);
}

#define BOOT_ASID 1

BOOT_CODE struct cap arch_boot_create_vspace(void *root, void *pool)
{
    asid_assign(pool, BOOT_ASID, root);
    return cap_set_mapping(cap_vspace((kptr_t)root), BOOT_ASID, 0);
}

BOOT_CODE struct cap arch_boot_map_table(struct cap vspace, void *table, vaddr_t vaddr, word_t bits)
{
    struct walk walk = walk_tables(cap_ptr(vspace), vaddr);
    KERNEL_ASSERT(walk.level == bits);
    *walk.entry = kptr_to_paddr((kptr_t)table) | PTE_TABLE;
    barrier_table_written();
    return cap_set_mapping(cap_page_table((kptr_t)table), BOOT_ASID, vaddr);
}

BOOT_CODE struct cap arch_boot_map_frame(struct cap vspace, paddr_t paddr, vaddr_t vaddr,
                                         bool executable)
{
    struct walk walk = walk_tables(cap_ptr(vspace), vaddr);
    word_t attributes = seL4_ARM_Default_VMAttributes | (executable ? 0 : seL4_ARM_ExecuteNever);
    *walk.entry = pte_for_frame(paddr, LEVEL_LAST, FRAME_READ_WRITE, attributes);
    struct cap frame = cap_frame(paddr_to_kptr(paddr), FRAME_4K, FRAME_READ_WRITE, false);
    return cap_set_mapping(frame, BOOT_ASID, vaddr);
}

BOOT_CODE void arch_boot_caps(void)
{
    boot_set_cap(seL4_CapASIDControl, cap_control(ABI_CAP_ASID_CONTROL));
    if (CONFIG_ALLOW_SMC_CALLS) {
        boot_set_cap(seL4_CapSMC, cap_control(ABI_CAP_SMC));
    }
}
