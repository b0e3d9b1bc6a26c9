/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From the loader's hand-off to kernel_boot(), and the hooks with which kernel_boot() builds the
 * root task's address space. All of this is given away as untyped memory afterwards.
 */
#include "gic.h"
#include "kernel_map.h"
#include "trap.h"

#include <kernel/arch_hooks.h>
#include <kernel/boot.h>
#include <kernel/image.h>
#include <kernel/irq.h>
#include <kernel/print.h>

/* x0..x5 at kernel entry; head.S stores them. */
struct handoff {
    paddr_t image_start;
    paddr_t image_end;
    word_t image_offset; /* physical minus virtual */
    vaddr_t image_entry;
    paddr_t tree;
    word_t tree_bytes;
};

void boot_main(const struct handoff *handoff);

#define SCTLR_EL0_MAY \
    (SCTLR_EL0_ZVA | SCTLR_EL0_CTR | SCTLR_EL0_WFI | SCTLR_EL0_WFE | SCTLR_EL0_MAIN)

BOOT_CODE static void cpu_init(void)
{
    sysreg_write(sctlr_el1, SCTLR_RES1 | SCTLR_MMU | SCTLR_DCACHE | SCTLR_ICACHE | SCTLR_EL0_MAY);
    sysreg_write(cntkctl_el1, (CONFIG_EXPORT_VCNT_USER ? CNTKCTL_EL0_VCT : 0) |
                                  (CONFIG_EXPORT_PCNT_USER ? CNTKCTL_EL0_PCT | CNTKCTL_EL0_PT : 0));
    sysreg_write(cntv_ctl_el0, 0ul);
    sysreg_write(cpacr_el1, 0ul);
    sysreg_write(mdscr_el1, 0ul);
    sysreg_write(tpidr_el0, 0ul);
    sysreg_write(tpidrro_el0, 0ul);
    /* Performance counters: no access from EL0, if there are any. */
    if ((sysreg_read(id_aa64dfr0_el1) >> 8 & 15) != 0) {
        sysreg_write(pmuserenr_el0, 0ul);
    }
    barrier_instruction();
}

BOOT_CODE static void reserve(paddr_t start, word_t bytes)
{
    boot_memory_reserve((struct boot_region){start, start + bytes});
}

/* The handed-over pieces must lie in RAM apart from each other and from the kernel. */
BOOT_CODE static void memory_init(const struct handoff *handoff)
{
    paddr_t ram_end = PLATFORM_RAM_BASE + (paddr_t)PLATFORM_RAM_BYTES;
    if (!kernel_probe((void *)paddr_to_kptr(ram_end - sizeof(word_t)))) {
        boot_stop("less RAM than this kernel was built for, which ends at 0x%lx", ram_end);
    }
    boot_memory_init();
    boot_memory_add_ram((struct boot_region){PLATFORM_RAM_BASE, ram_end});
    reserve(PLATFORM_RAM_BASE, (word_t)(kernel_image_end - kernel_image_start));
    reserve(PLATFORM_GIC_DISTRIBUTOR, PLATFORM_GIC_DISTRIBUTOR_BYTES);
    reserve(PLATFORM_GIC_CPU, PLATFORM_GIC_ALL_CPUS_BYTES);
    struct boot_region tree = {ALIGN_DOWN(handoff->tree, seL4_PageBits),
                               ALIGN_UP(handoff->tree + handoff->tree_bytes, seL4_PageBits)};
    if (handoff->tree_bytes != 0 && !boot_memory_take(tree)) {
        boot_stop("the device tree is not in free RAM: 0x%lx", handoff->tree);
    }
    if (!IS_ALIGNED(handoff->image_start | handoff->image_end | handoff->image_offset,
                    seL4_PageBits) ||
        !boot_memory_take((struct boot_region){handoff->image_start, handoff->image_end})) {
        boot_stop("the root task is not in free RAM or not page aligned: 0x%lx",
                  handoff->image_start);
    }
}

static BOOT_DATA struct boot_args boot_args;

BOOT_CODE void boot_main(const struct handoff *handoff)
{
    cpu_init();
    kernel_map_init();
    memory_init(handoff);
    gic_init();
    irq_reserve(IRQ_TIMER);
    gic_set_trigger(IRQ_TIMER, false);
    gic_set_enabled(IRQ_TIMER, true);

    boot_args = (struct boot_args){
        .reusable = {kernel_image_paddr(kernel_image_start), kernel_image_paddr(kernel_boot_end)},
        .image = {handoff->image_start, handoff->image_end},
        .image_vaddr = handoff->image_start - handoff->image_offset,
        .entry = handoff->image_entry,
    };
    if (handoff->tree_bytes != 0) {
        boot_args.extra[boot_args.extra_count++] =
            (struct boot_extra){.id = SEL4_BOOTINFO_HEADER_FDT,
                                .data = (const void *)paddr_to_kptr(handoff->tree),
                                .bytes = handoff->tree_bytes};
    }
    kernel_boot(&boot_args);
}
