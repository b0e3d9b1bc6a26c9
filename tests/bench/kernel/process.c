/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A minimal process by hand: an address space with code, stack and IPC buffer, a CNode with one
 * notification, a thread with its scheduling context. It runs until it signals; then one Revoke
 * ends it. All its memory is one untyped that is used again in each round, so clearing it is part
 * of the figure.
 */
#include "world.h"

#define UNTYPED_BITS 16
#define CNODE_BITS   4
#define TABLE_LEVELS 3
#define FRAMES       2
#define SIGNAL_SLOT  1
#define PRIORITY     (seL4_MaxPrio - 1)
#define BUDGET_US    10000
#define PAGE_BYTES   UINT64_C(4096)
#define STACK_VADDR  UINT64_C(0x500000)
#define IPC_VADDR    (STACK_VADDR + PAGE_BYTES)

/* Slots of the root CNode that every round uses again. */
static struct {
    seL4_CPtr untyped;
    seL4_CPtr notification;
    seL4_CPtr cnode;
    seL4_CPtr tcb;
    seL4_CPtr sched_context;
    seL4_CPtr vspace;
    seL4_CPtr tables[TABLE_LEVELS];
    seL4_CPtr frames[FRAMES]; /* stack, IPC buffer: consecutive slots */
    seL4_CPtr code;           /* copy of the image frame that holds process() */
} slots;

/* What the process does; aligned, so that it lies in one page. */
__attribute__((aligned(64))) static void process(uint64_t argument)
{
    (void)argument;
    seL4_Signal(SIGNAL_SLOT);
    for (;;) {
        seL4_Yield();
    }
}

static void prepare(void)
{
    slots.untyped = world_object(seL4_UntypedObject, UNTYPED_BITS);
    slots.notification = world_object(seL4_NotificationObject, 0);
    slots.cnode = world_slot();
    slots.tcb = world_slot();
    slots.sched_context = world_slot();
    slots.vspace = world_slot();
    for (unsigned i = 0; i < TABLE_LEVELS; i++) {
        slots.tables[i] = world_slot();
    }
    for (unsigned i = 0; i < FRAMES; i++) {
        slots.frames[i] = world_slot();
    }
    slots.code = world_slot();
}

static seL4_Error make(seL4_Word type, seL4_Word size_bits, seL4_CPtr slot, seL4_Word count)
{
    return seL4_Untyped_Retype(slots.untyped, type, size_bits, seL4_CapInitThreadCNode, 0, 0, slot,
                               count);
}

/* Largest objects first, so that aligning them wastes nothing. */
static seL4_Error make_objects(void)
{
    seL4_Error error = make(arch_vspace_type(), 0, slots.vspace, 1);
    for (unsigned level = 0; level < TABLE_LEVELS && error == seL4_NoError; level++) {
        error = make(arch_table_type(level), 0, slots.tables[level], 1);
    }
    if (error == seL4_NoError) {
        error = make(arch_page_type(), 0, slots.frames[0], FRAMES);
    }
    if (error == seL4_NoError) {
        error = make(seL4_TCBObject, 0, slots.tcb, 1);
    }
    if (error == seL4_NoError) {
        error = make(seL4_CapTableObject, CNODE_BITS, slots.cnode, 1);
    }
    if (error == seL4_NoError) {
        error = make(seL4_SchedContextObject, seL4_MinSchedContextBits, slots.sched_context, 1);
    }
    return error;
}

static seL4_Error make_space(void)
{
    extern const char __ehdr_start[]; /* first byte of the image */
    uint64_t code_vaddr = (uint64_t)process & ~(PAGE_BYTES - 1);
    seL4_CPtr code = seL4_GetBootInfo()->userImageFrames.start +
                     (code_vaddr - (uint64_t)__ehdr_start) / PAGE_BYTES;
    seL4_Error error = arch_vspace_assign(slots.vspace);
    for (unsigned level = 0; level < TABLE_LEVELS && error == seL4_NoError; level++) {
        error = arch_table_install(level, slots.tables[level], slots.vspace, STACK_VADDR);
    }
    if (error == seL4_NoError) {
        error = seL4_CNode_Copy(seL4_CapInitThreadCNode, slots.code, seL4_WordBits,
                                seL4_CapInitThreadCNode, code, seL4_WordBits, seL4_AllRights);
    }
    if (error == seL4_NoError) {
        error = arch_map_page(slots.code, slots.vspace, code_vaddr);
    }
    for (unsigned i = 0; i < FRAMES && error == seL4_NoError; i++) {
        error = arch_map_page(slots.frames[i], slots.vspace, STACK_VADDR + i * PAGE_BYTES);
    }
    return error;
}

static seL4_Error make_thread(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_CNode_CapData_t guard = seL4_CNode_CapData_new(0, seL4_WordBits - CNODE_BITS);
    seL4_UserContext context = {0};
    arch_thread_context(&context, (uint64_t)process, STACK_VADDR + PAGE_BYTES, 0);
    seL4_Error error =
        seL4_CNode_Copy(slots.cnode, SIGNAL_SLOT, CNODE_BITS, seL4_CapInitThreadCNode,
                        slots.notification, seL4_WordBits, seL4_CanWrite);
    if (error == seL4_NoError) {
        error = seL4_TCB_Configure(slots.tcb, slots.cnode, guard.words[0], slots.vspace, 0,
                                   IPC_VADDR, slots.frames[1]);
    }
    if (error == seL4_NoError) {
        error = seL4_SchedControl_Configure(info->schedcontrol.start, slots.sched_context,
                                            BUDGET_US, BUDGET_US, 0, 0);
    }
    if (error == seL4_NoError) {
        error = seL4_TCB_SetSchedParams(slots.tcb, seL4_CapInitThreadTCB, seL4_MinPrio, PRIORITY,
                                        slots.sched_context, seL4_CapNull);
    }
    if (error == seL4_NoError) {
        error = seL4_TCB_WriteRegisters(slots.tcb, true, 0, sizeof(context) / sizeof(seL4_Word),
                                        &context);
    }
    return error;
}

static void one_life(void)
{
    seL4_Word badge;
    world_check(make_objects() == seL4_NoError, "making a process's objects");
    world_check(make_space() == seL4_NoError, "making a process's address space");
    world_check(make_thread() == seL4_NoError, "making a process's thread");
    seL4_Wait(slots.notification, &badge);
    world_check(seL4_CNode_Revoke(seL4_CapInitThreadCNode, slots.untyped, seL4_WordBits) ==
                    seL4_NoError,
                "revoke");
    world_check(seL4_CNode_Delete(seL4_CapInitThreadCNode, slots.code, seL4_WordBits) ==
                    seL4_NoError,
                "delete");
}

uint64_t process_create_run_destroy(unsigned rounds)
{
    prepare();
    one_life(); /* warm */
    uint64_t start = arch_counter();
    for (unsigned i = 0; i < rounds; i++) {
        one_life();
    }
    return arch_counter() - start;
}
