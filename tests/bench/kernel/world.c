/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Objects, threads and a second address space for the benchmark, see world.h.
 */
#include "world.h"

#define BENCH_IPC_BUFFER_VADDR UINT64_C(0x70000000)

static seL4_CPtr untyped;
static seL4_CPtr next_slot;
static seL4_CPtr last_slot;
static uint64_t next_ipc_vaddr = BENCH_IPC_BUFFER_VADDR;

void world_check(bool good, const char *what)
{
    if (!good) {
        arch_console_write("bench: error: ");
        arch_console_write(what);
        arch_console_write(" failed\n");
        arch_power_off();
    }
}

void world_init(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    uint8_t best_bits = 0;
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const seL4_UntypedDesc *desc = &info->untypedList[i];
        if (!desc->isDevice && desc->sizeBits > best_bits) {
            best_bits = desc->sizeBits;
            untyped = info->untyped.start + i;
        }
    }
    next_slot = info->empty.start;
    last_slot = info->empty.end;
}

seL4_CPtr world_slot(void)
{
    world_check(next_slot < last_slot, "slot allocation");
    return next_slot++;
}

seL4_CPtr world_untyped(void)
{
    return untyped;
}

seL4_CPtr world_object(seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr slot = world_slot();
    seL4_Error error =
        seL4_Untyped_Retype(untyped, type, size_bits, seL4_CapInitThreadCNode, 0, 0, slot, 1);
    world_check(error == seL4_NoError, "retype");
    return slot;
}

void world_map(seL4_CPtr frame, seL4_CPtr vspace, uint64_t vaddr)
{
    for (int levels = 0; levels < 4; levels++) {
        seL4_Error error = arch_map_page(frame, vspace, vaddr);
        if (error == seL4_NoError) {
            return;
        }
        world_check(error == seL4_FailedLookup, "page map");
        world_check(arch_map_table(vspace, vaddr, seL4_MappingFailedLookupLevel()) == seL4_NoError,
                    "table map");
    }
    world_check(false, "page map after all tables");
}

seL4_CPtr world_clone_vspace(void)
{
    extern const char __ehdr_start[]; /* first byte of the image */
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_CPtr vspace = arch_vspace_create();
    uint64_t vaddr = (uint64_t)__ehdr_start;
    for (seL4_CPtr frame = info->userImageFrames.start; frame < info->userImageFrames.end;
         frame++, vaddr += 4096) {
        seL4_CPtr copy = world_slot();
        seL4_Error error =
            seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, seL4_WordBits, seL4_CapInitThreadCNode,
                            frame, seL4_WordBits, seL4_AllRights);
        world_check(error == seL4_NoError, "frame copy");
        world_map(copy, vspace, vaddr);
    }
    return vspace;
}

void world_thread_start(struct thread *thread, seL4_CPtr vspace, void (*function)(uint64_t),
                        uint64_t argument, seL4_Word priority)
{
    thread->tcb = world_object(seL4_TCBObject, 0);
    thread->sched_context = world_object(seL4_SchedContextObject, seL4_MinSchedContextBits);
    thread->ipc_frame = world_object(arch_page_type(), 0);
    thread->ipc_buffer = next_ipc_vaddr;
    next_ipc_vaddr += 4096;
    world_map(thread->ipc_frame, vspace, thread->ipc_buffer);

    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_Error error = seL4_SchedControl_Configure(info->schedcontrol.start, thread->sched_context,
                                                   10000, 10000, 0, 0);
    world_check(error == seL4_NoError, "scheduling context");
    error = seL4_TCB_Configure(thread->tcb, seL4_CapInitThreadCNode, 0, vspace, 0,
                               thread->ipc_buffer, thread->ipc_frame);
    world_check(error == seL4_NoError, "TCB configure");
    error = seL4_TCB_SetSchedParams(thread->tcb, seL4_CapInitThreadTCB, seL4_MaxPrio, priority,
                                    thread->sched_context, seL4_CapNull);
    world_check(error == seL4_NoError, "TCB scheduling parameters");
    seL4_UserContext context = {0};
    arch_thread_context(&context, (uint64_t)function, (uint64_t)(thread->stack + STACK_WORDS),
                        argument);
    error = seL4_TCB_WriteRegisters(thread->tcb, true, 0, sizeof(context) / sizeof(seL4_Word),
                                    &context);
    world_check(error == seL4_NoError, "TCB start");
}

void world_own_priority(seL4_Word priority)
{
    world_check(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, priority) ==
                    seL4_NoError,
                "own priority");
}

void world_make_passive(struct thread *thread)
{
    world_check(seL4_SchedContext_Unbind(thread->sched_context) == seL4_NoError, "unbind");
}

void world_thread_stop(struct thread *thread)
{
    world_check(seL4_TCB_Suspend(thread->tcb) == seL4_NoError, "suspend");
    seL4_CPtr gone[] = {thread->tcb, thread->sched_context};
    for (unsigned i = 0; i < 2; i++) {
        world_check(seL4_CNode_Delete(seL4_CapInitThreadCNode, gone[i], seL4_WordBits) ==
                        seL4_NoError,
                    "delete");
    }
}

void world_print_number(uint64_t value)
{
    char text[24];
    unsigned at = sizeof(text) - 1;
    text[at] = '\0';
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    arch_console_write(&text[at]);
}
