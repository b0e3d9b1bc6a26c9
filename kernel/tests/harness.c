/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See harness.h. Assertions jump out of the kernel run to cmocka, so fibers never return to it. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN_DEPTH    64
#define LOG_MAX      256
#define RESERVE_BITS 22
#define WEIGHT_US    10000

seL4_BootInfo *harness_bootinfo;

static seL4_CPtr next_slot;
static seL4_CPtr pool; /* untyped that objects come from */
static char log_text[LOG_MAX];
static size_t log_length;
static bool log_overflow;

/* ---- running ---- */

static void root(void *bootinfo, void *argument)
{
    harness_test test;
    memcpy(&test, argument, sizeof(test));
    harness_bootinfo = bootinfo;
    seL4_SetIPCBuffer(harness_bootinfo->ipcBuffer);
    next_slot = harness_bootinfo->empty.start;
    pool = seL4_CapNull;
    log_length = 0;
    log_overflow = false;
    log_text[0] = '\0';
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
    enum kernel_host_end end = harness_run_with(NULL, test);
    assert_int_equal(end, KERNEL_HOST_RETURNED);
    assert_false(log_overflow);
}

void harness_entry(void **state)
{
    harness_test test;
    memcpy(&test, state, sizeof(test));
    harness_run(test);
}

/* ---- objects ---- */

seL4_CPtr harness_slot(void)
{
    assert_true(next_slot < harness_bootinfo->empty.end);
    return next_slot++;
}

static seL4_CPtr largest_untyped(void)
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

static seL4_CPtr retype(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr slot = harness_slot();
    seL4_Error error =
        seL4_Untyped_Retype(untyped, type, size_bits, seL4_CapInitThreadCNode, 0, 0, slot, 1);
    assert_int_equal(error, seL4_NoError);
    return slot;
}

seL4_CPtr harness_object(seL4_Word type, seL4_Word size_bits)
{
    if (pool == seL4_CapNull) {
        pool = largest_untyped();
    }
    return retype(pool, type, size_bits);
}

seL4_CPtr harness_untyped(seL4_Word size_bits)
{
    return harness_object(seL4_UntypedObject, size_bits);
}

seL4_CPtr harness_mint(seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge)
{
    seL4_CPtr slot = harness_slot();
    seL4_Error error = seL4_CNode_Mint(seL4_CapInitThreadCNode, slot, OWN_DEPTH,
                                       seL4_CapInitThreadCNode, source, OWN_DEPTH, rights, badge);
    assert_int_equal(error, seL4_NoError);
    return slot;
}

seL4_Error harness_delete(seL4_CPtr slot)
{
    return seL4_CNode_Delete(seL4_CapInitThreadCNode, slot, OWN_DEPTH);
}

seL4_Error harness_revoke(seL4_CPtr slot)
{
    return seL4_CNode_Revoke(seL4_CapInitThreadCNode, slot, OWN_DEPTH);
}

seL4_Word harness_tag(seL4_CPtr slot)
{
    return seL4_DebugCapIdentify(slot);
}

/* ---- threads ---- */

struct harness_thread harness_passive_thread(seL4_Word priority)
{
    struct harness_thread thread = {0};
    thread.tcb = harness_object(seL4_TCBObject, 0);
    thread.reply = harness_object(seL4_ReplyObject, 0);
    thread.buffer = harness_object(seL4_ARM_SmallPageObject, 0);
    assert_int_equal(seL4_TCB_Configure(thread.tcb, seL4_CapInitThreadCNode, 0,
                                        seL4_CapInitThreadVSpace, 0, 0x10000000, thread.buffer),
                     seL4_NoError);
    assert_int_equal(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 255, priority,
                                             seL4_CapNull, seL4_CapNull),
                     seL4_NoError);
    return thread;
}

struct harness_thread harness_thread(seL4_Word priority)
{
    struct harness_thread thread = harness_passive_thread(priority);
    thread.sc = harness_object(seL4_SchedContextObject, seL4_MinSchedContextBits);
    assert_int_equal(seL4_SchedControl_ConfigureFlags(harness_bootinfo->schedcontrol.start,
                                                      thread.sc, WEIGHT_US, WEIGHT_US, 0, 0, 0),
                     seL4_NoError);
    assert_int_equal(seL4_SchedContext_Bind(thread.sc, thread.tcb), seL4_NoError);
    return thread;
}

void harness_start(const struct harness_thread *thread, harness_function function, seL4_Word a,
                   seL4_Word b)
{
    seL4_UserContext context = {0};
    context.pc = (seL4_Word)function;
    context.x0 = a;
    context.x1 = b;
    context.x2 = thread->reply;
    assert_int_equal(seL4_TCB_WriteRegisters(thread->tcb, true, 0,
                                             sizeof(context) / sizeof(seL4_Word), &context),
                     seL4_NoError);
}

void harness_set_own_priority(seL4_Word priority)
{
    assert_int_equal(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, priority),
                     seL4_NoError);
}

void harness_let_run(void)
{
    harness_set_own_priority(0);
    seL4_Yield();
    harness_set_own_priority(255);
}

/* ---- log ---- */

void harness_log(char event)
{
    if (log_length + 1 < LOG_MAX) {
        log_text[log_length++] = event;
        log_text[log_length] = '\0';
    } else {
        log_overflow = true;
    }
}

const char *harness_log_text(void)
{
    return log_text;
}
