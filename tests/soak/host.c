/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The soak inside the host kernel, in virtual time: ten minutes, then once more with the planted
 * leak.
 */
#include <stdio.h>
#include <stdlib.h>

#include <arch/host_kernel.h>

#include "soak.h"

#define NS_PER_TICK   16u
#define SCRATCH       0x40000000ul
#define MINUTES       UINT64_C(10)
#define NS_PER_MINUTE UINT64_C(60000000000)

const uint64_t soak_period_us = 10000;

static bool tables_made;

uint64_t soak_now_ns(void)
{
    return kernel_host_now() * NS_PER_TICK;
}

void soak_fault(void)
{
    kernel_host_fault_vm(0x10, false, 0);
}

void soak_thread_begin(seL4_UserContext *regs, void (*entry)(seL4_Word argument),
                       seL4_Word stack_top, seL4_Word argument)
{
    (void)stack_top; /* fibers bring their own */
    regs->pc = (seL4_Word)entry;
    regs->x0 = argument;
}

seL4_Word soak_page_type(void)
{
    return seL4_ARM_SmallPageObject;
}

/* Tables for the scratch page, once; they stay. */
static void make_tables(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_CPtr memory = info->untyped.end - 1;
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (!info->untypedList[i].isDevice && info->untypedList[i].sizeBits == 14) {
            memory = info->untyped.start + i;
        }
    }
    for (seL4_CPtr slot = info->empty.end - 3; slot < info->empty.end; slot++) {
        if (seL4_Untyped_Retype(memory, seL4_ARM_PageTableObject, 0, seL4_CapInitThreadCNode, 0, 0,
                                slot, 1) != seL4_NoError ||
            seL4_ARM_PageTable_Map(slot, seL4_CapInitThreadVSpace, SCRATCH,
                                   seL4_ARM_Default_VMAttributes) != seL4_NoError) {
            break;
        }
    }
}

seL4_Error soak_map_page(seL4_CPtr frame)
{
    if (!tables_made) {
        make_tables();
        tables_made = true;
    }
    return seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, SCRATCH, seL4_ReadWrite,
                             seL4_ARM_Default_VMAttributes);
}

seL4_Error soak_unmap_page(seL4_CPtr frame)
{
    return seL4_ARM_Page_Unmap(frame);
}

struct run {
    uint64_t until_ns;
    bool plant;
    struct soak_result result;
};

static void root(void *bootinfo, void *argument)
{
    struct run *run = argument;
    seL4_BootInfo *info = bootinfo;
    seL4_InitBootInfo(info);
    seL4_SetIPCBuffer(info->ipcBuffer);
    tables_made = false;
    run->result = soak_run(run->until_ns, run->plant);
}

static struct soak_result soak(uint64_t until_ns, bool plant)
{
    struct kernel_host_options options = {
        .fiber_local = (void **)&__sel4_ipc_buffer, .quiet = true, .syscall_ticks = 60};
    struct run run = {.until_ns = until_ns, .plant = plant};
    if (kernel_host_run(&options, root, &run) != KERNEL_HOST_RETURNED) {
        run.result.problem = "the kernel got stuck";
    }
    return run.result;
}

/* Usage: soak_host [MINUTES] */
int main(int argc, char **argv)
{
    uint64_t minutes = argc > 1 ? strtoull(argv[1], NULL, 10) : MINUTES;
    struct soak_result result = soak(minutes * NS_PER_MINUTE, false);
    printf("# %llu rounds, %llu calls, %llu signals, %llu faults in %llu virtual minutes\n",
           (unsigned long long)result.rounds, (unsigned long long)result.calls,
           (unsigned long long)result.signals, (unsigned long long)result.faults,
           (unsigned long long)minutes);
    bool clean = result.problem == NULL && result.rounds > 1000;
    printf("%sok 1 - nothing is left behind: %s\n", clean ? "" : "not ",
           result.problem == NULL ? "clean" : result.problem);
    result = soak(NS_PER_MINUTE, true);
    bool found = result.problem != NULL && result.rounds == 100;
    printf("%sok 2 - a planted leak is found: %s\n", found ? "" : "not ",
           result.problem == NULL ? "it is not" : result.problem);
    printf("1..2\n");
    return clean && found ? 0 : 1;
}
