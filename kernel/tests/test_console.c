/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the kernel tells on its console. The host only: it can read that. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

static void test_failed_invocations_are_explained_on_the_console(void)
{
    seL4_CPtr tcb = harness_object(seL4_TCBObject, 0);
    char expected[128];
    assert_error_word(seL4_TCB_SetPriority(tcb, seL4_CapNull, 1), seL4_InvalidCapability, 1);
    snprintf(expected, sizeof(expected),
             "kernel: InvalidCapability(1): TCBSetPriority on TCB capability 0x%lx by 'rootserver'",
             (unsigned long)tcb);
    assert_non_null(strstr(kernel_host_console(), expected));
    assert_error(seL4_CNode_Delete(ROOT, 0, 51), seL4_FailedLookup);
    assert_non_null(strstr(kernel_host_console(),
                           "FailedLookup(0, GuardMismatch, 51, 0, 52): CNodeDelete on CNODE"));
}

static void test_names_are_shown_in_messages(void)
{
    struct harness_thread thread = harness_thread(10);
    seL4_DebugNameThread(thread.tcb, "worker-7");
    seL4_DebugDumpScheduler();
    assert_non_null(strstr(kernel_host_console(), "INACTIVE 10 0x0 worker-7"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_failed_invocations_are_explained_on_the_console),
        HARNESS_TEST(test_names_are_shown_in_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
