/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See harness.h. */
#include "harness.h"

#define LOG_MAX   256
#define WEIGHT_US 10000

seL4_BootInfo *harness_bootinfo;

static seL4_CPtr next_slot;
static seL4_CPtr pool; /* untyped that objects come from */
static char log_text[LOG_MAX];
static size_t log_length;

void harness_begin(seL4_BootInfo *bootinfo, seL4_CPtr first_slot)
{
    harness_bootinfo = bootinfo;
    next_slot = first_slot;
    pool = seL4_CapNull;
    log_length = 0;
    log_text[0] = '\0';
}

/* ---- objects ---- */

seL4_CPtr harness_slot(void)
{
    assert_true(next_slot < harness_bootinfo->empty.end);
    return next_slot++;
}

static seL4_CPtr retype(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr slot = harness_slot();
    seL4_Error error = seL4_Untyped_Retype(untyped, type, size_bits, ROOT, 0, 0, slot, 1);
    assert_int_equal(error, seL4_NoError);
    return slot;
}

seL4_CPtr harness_object(seL4_Word type, seL4_Word size_bits)
{
    if (pool == seL4_CapNull) {
        pool = harness_pool();
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
    seL4_Error error = seL4_CNode_Mint(ROOT, slot, DEPTH, ROOT, source, DEPTH, rights, badge);
    assert_int_equal(error, seL4_NoError);
    return slot;
}

seL4_Error harness_delete(seL4_CPtr slot)
{
    return seL4_CNode_Delete(ROOT, slot, DEPTH);
}

seL4_Error harness_revoke(seL4_CPtr slot)
{
    return seL4_CNode_Revoke(ROOT, slot, DEPTH);
}

seL4_Word harness_tag(seL4_CPtr slot)
{
    return seL4_DebugCapIdentify(slot);
}

/* ---- threads ---- */

struct harness_thread harness_passive_thread(seL4_Word priority)
{
    struct harness_thread thread = {0};
    seL4_Word vaddr;
    thread.tcb = harness_object(seL4_TCBObject, 0);
    thread.reply = harness_object(seL4_ReplyObject, 0);
    thread.buffer = harness_buffer(&thread, &vaddr);
    assert_ok(
        seL4_TCB_Configure(thread.tcb, ROOT, 0, seL4_CapInitThreadVSpace, 0, vaddr, thread.buffer));
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
    assert_true(log_length + 1 < LOG_MAX);
    log_text[log_length++] = event;
    log_text[log_length] = '\0';
}

const char *harness_log_text(void)
{
    return log_text;
}
