/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The tests' machine on the host, see harness.h. Assertions jump out of the kernel run to cmocka,
 * so fibers never return to it.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKS_PER_US_TIMES_10 625
#define BUFFER_VADDR          0x10000000

/* ---- running ---- */

static void root(void *bootinfo, void *argument)
{
    harness_test test;
    memcpy(&test, argument, sizeof(test));
    seL4_BootInfo *info = bootinfo;
    seL4_SetIPCBuffer(info->ipcBuffer);
    harness_begin(info, info->empty.start);
    test();
}

enum kernel_host_end harness_run_with(const struct kernel_host_options *options, harness_test test)
{
    struct kernel_host_options full = {0};
    if (options != NULL) {
        full = *options;
    }
    full.fiber_local = (void **)&__sel4_ipc_buffer;
    full.quiet = getenv("KAAL_TEST_CONSOLE") == NULL;
    enum kernel_host_end end = kernel_host_run(&full, root, &test);
    if (end == KERNEL_HOST_STUCK) {
        fprintf(stderr, "%s\n", kernel_host_console());
    }
    return end;
}

void harness_run(harness_test test)
{
    assert_int_equal(harness_run_with(NULL, test), KERNEL_HOST_RETURNED);
}

void harness_entry(void **state)
{
    harness_test test;
    memcpy(&test, state, sizeof(test));
    harness_run(test);
}

/* ---- objects and threads ---- */

seL4_CPtr harness_pool(void)
{
    seL4_CPtr best = seL4_CapNull;
    seL4_Word best_bits = 0;
    for (seL4_Word i = 0; i < harness_bootinfo->untyped.end - harness_bootinfo->untyped.start;
         i++) {
        const seL4_UntypedDesc *desc = &harness_bootinfo->untypedList[i];
        if (!desc->isDevice && desc->sizeBits > best_bits) {
            best = harness_bootinfo->untyped.start + i;
            best_bits = desc->sizeBits;
        }
    }
    assert_int_not_equal(best, seL4_CapNull);
    return best;
}

seL4_CPtr harness_buffer(struct harness_thread *thread, seL4_Word *vaddr)
{
    (void)thread;
    *vaddr = BUFFER_VADDR;
    return harness_object(HARNESS_PAGE, 0);
}

void harness_start(const struct harness_thread *thread, harness_function function, seL4_Word a,
                   seL4_Word b)
{
    seL4_UserContext context = {0};
    context.pc = (seL4_Word)function;
    context.x0 = a;
    context.x1 = b;
    context.x2 = thread->reply;
    assert_ok(seL4_TCB_WriteRegisters(thread->tcb, true, 0, sizeof(context) / sizeof(seL4_Word),
                                      &context));
}

unsigned char *harness_memory(seL4_CPtr frame)
{
    return kernel_host_memory(harness_page_address(frame));
}

/* ---- time ---- */

uint64_t harness_ticks(uint64_t us)
{
    return us * TICKS_PER_US_TIMES_10 / 10;
}

uint64_t harness_us_max(void)
{
    return 36893488147419ul;
}

uint64_t harness_now_us(void)
{
    return kernel_host_now() * 10 / TICKS_PER_US_TIMES_10;
}

void harness_compute_us(uint64_t us)
{
    kernel_host_advance(harness_ticks(us));
}
