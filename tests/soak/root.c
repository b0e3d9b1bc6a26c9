/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The soak as a root task: SOAK_SECONDS of virtual time, then the planted leak; prints TAP.
 */
#include <stdio.h>

#include <kaal/startup.h>

#include "fuzz.h" /* what the system call fuzzer needs of the architecture is what is needed here */
#include "soak.h"

#ifndef SOAK_SECONDS
#define SOAK_SECONDS 10u
#endif
#define NS_PER_SECOND UINT64_C(1000000000)
/* Beside the image, under its page table. */
#define SCRATCH 0x5fd000ul

const uint64_t soak_period_us = 1000;

uint64_t soak_now_ns(void)
{
    return kaal_now_ns();
}

void soak_fault(void)
{
    volatile int *volatile nowhere = (volatile int *)0x10;
    *nowhere = 1;
}

void soak_thread_begin(seL4_UserContext *regs, void (*entry)(seL4_Word argument),
                       seL4_Word stack_top, seL4_Word argument)
{
    arch_thread_begin(regs, (seL4_Word)entry, stack_top, argument);
}

seL4_Word soak_page_type(void)
{
    return arch_page_type();
}

seL4_Error soak_map_page(seL4_CPtr frame)
{
    return arch_map_page(frame, seL4_CapInitThreadVSpace, SCRATCH, seL4_ReadWrite);
}

seL4_Error soak_unmap_page(seL4_CPtr frame)
{
    return arch_unmap_page(frame);
}

static void print(const char *text)
{
    for (; *text != 0; text++) {
        seL4_DebugPutChar(*text);
    }
}

int main(void)
{
    char line[200];
    struct soak_result result = soak_run(kaal_now_ns() + SOAK_SECONDS * NS_PER_SECOND, false);
    snprintf(line, sizeof(line), "# %llu rounds, %llu calls, %llu signals, %llu faults in %u s\n",
             (unsigned long long)result.rounds, (unsigned long long)result.calls,
             (unsigned long long)result.signals, (unsigned long long)result.faults, SOAK_SECONDS);
    print(line);
    bool clean = result.problem == NULL && result.rounds >= SOAK_SECONDS * 100;
    snprintf(line, sizeof(line), "%sok 1 - nothing is left behind: %s\n", clean ? "" : "not ",
             result.problem == NULL ? "clean" : result.problem);
    print(line);

    /* The arena's slot must be free for the second run. */
    (void)seL4_CNode_Revoke(seL4_CapInitThreadCNode, seL4_GetBootInfo()->empty.start,
                            seL4_WordBits);
    (void)seL4_CNode_Delete(seL4_CapInitThreadCNode, seL4_GetBootInfo()->empty.start,
                            seL4_WordBits);
    result = soak_run(kaal_now_ns() + NS_PER_SECOND, true);
    bool found = result.problem != NULL && result.rounds == 100;
    snprintf(line, sizeof(line), "%sok 2 - a planted leak is found: %s\n1..2\n",
             found ? "" : "not ", result.problem == NULL ? "it is not" : result.problem);
    print(line);
    arch_power_off();
}
