/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The hooks with which kernel_boot() builds the root task's address space. */
#include <arch/asid.h>
#include <arch/sysreg.h>
#include <arch/walk.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>

/* Tables at one level that cover [start, end). */
BOOT_CODE static word_t tables_at(word_t entry_level, vaddr_t start, vaddr_t end)
{
    word_t table_bits = entry_level + TABLE_INDEX_BITS;
    return ((end - 1) >> table_bits) - (start >> table_bits) + 1;
}

BOOT_CODE word_t arch_boot_paging_count(vaddr_t start, vaddr_t end)
{
    return tables_at(30, start, end) + tables_at(21, start, end) + tables_at(12, start, end);
}

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

BOOT_CODE bool arch_boot_map_tables(struct cap vspace, vaddr_t start, vaddr_t end)
{
    for (word_t level = LEVEL_TOP; level > LEVEL_LAST; level -= TABLE_INDEX_BITS) {
        for (vaddr_t vaddr = ALIGN_DOWN(start, level); vaddr < end; vaddr += BIT(level)) {
            struct walk walk = walk_tables(cap_ptr(vspace), vaddr);
            kptr_t table = (kptr_t)boot_take_paging_page();
            *walk.entry = kptr_to_paddr(table) | PTE_TABLE;
            if (!boot_add_cap(cap_set_mapping(cap_page_table(table), BOOT_ASID, vaddr))) {
                return false;
            }
        }
    }
    barrier_table_written();
    return true;
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
