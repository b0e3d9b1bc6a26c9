/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The loaded address space. Every root shares the kernel's half: one entry, written at birth. */
#include "mm/vspace.h"

#include <arch/tlb.h>
#include <kernel/arch_hooks.h>

#define KERNEL_SLOT (TABLE_ENTRIES - 1)

extern pte_t kernel_pml4[TABLE_ENTRIES];

void vspace_load(paddr_t root)
{
    if (root != node()->loaded_root) {
        node()->loaded_root = root;
        cpu_write_cr3(root);
    }
}

/* Out of line, or the compiler computes it on the way to every thread switch. */
NOINLINE static paddr_t kernel_root(void)
{
    return (paddr_t)kernel_pml4 - KERNEL_BASE;
}

paddr_t vspace_root_of(struct cap cap)
{
    if (LIKELY(cap_tag(cap) == CAP_VSPACE && asid_is_live(cap))) {
        return kptr_to_paddr(cap_kptr(cap));
    }
    return kernel_root();
}

void arch_vspace_init(void *root)
{
    ((pte_t *)root)[KERNEL_SLOT] = kernel_pml4[KERNEL_SLOT];
}
