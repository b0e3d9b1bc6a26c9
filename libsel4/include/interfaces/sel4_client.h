/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Invocations: one function per label. The first parameter is the capability that is invoked.
 *
 * Each puts extra capabilities and words beyond the fourth into the IPC buffer and calls
 * libsel4_invoke(). On an error the four register words go to the IPC buffer, where
 * seL4_GetMR(0..3) finds the details (see <abi/errors.h> for what they mean).
 */
#pragma once

#include <sel4/functions.h>
#include <sel4/invocation.h>
#include <sel4/syscalls.h>

/*
 * Calls `service`. mrs: [4], words in and, on success, result words out; words from the fourth on
 * and capabilities are in the IPC buffer already.
 */
LIBSEL4_INLINE_FUNC seL4_Error libsel4_invoke(seL4_CPtr service, seL4_Word label, seL4_Word caps,
                                              seL4_Word length, seL4_Word mrs[4])
{
    seL4_Word info = seL4_MessageInfo_new(label, 0, caps, length).words[0];
    seL4_Word badge;
    libsel4_call(seL4_SysCall, service, &badge, &info, mrs);
    seL4_Error error = (seL4_Error)seL4_MessageInfo_get_label((seL4_MessageInfo_t){{info}});
    if (error != seL4_NoError) {
        libsel4_mrs_to_buffer(mrs);
    }
    return error;
}

/* The same for invocations without result words. */
LIBSEL4_INLINE_FUNC seL4_Error libsel4_invoke_words(seL4_CPtr service, seL4_Word label,
                                                    seL4_Word caps, seL4_Word length, seL4_Word mr0,
                                                    seL4_Word mr1, seL4_Word mr2, seL4_Word mr3)
{
    seL4_Word mrs[4] = {mr0, mr1, mr2, mr3};
    return libsel4_invoke(service, label, caps, length, mrs);
}

/* Untyped memory. */

/*
 * Makes num_objects (1..256) objects of a type; their capabilities go to consecutive slots from
 * node_offset on of the CNode that root, node_index and node_depth name (depth 0: root itself).
 * size_bits counts for untypeds, CNodes (log2 of slots) and scheduling contexts.
 */
LIBSEL4_INLINE seL4_Error seL4_Untyped_Retype(seL4_Untyped _service, seL4_Word type,
                                              seL4_Word size_bits, seL4_CNode root,
                                              seL4_Word node_index, seL4_Word node_depth,
                                              seL4_Word node_offset, seL4_Word num_objects)
{
    seL4_SetCap(0, root);
    seL4_SetMR(4, node_offset);
    seL4_SetMR(5, num_objects);
    return libsel4_invoke_words(_service, UntypedRetype, 1, 6, type, size_bits, node_index,
                                node_depth);
}

/* Threads. */

/* Reads the first count registers of another thread, suspending it first if asked to. */
LIBSEL4_INLINE seL4_Error seL4_TCB_ReadRegisters(seL4_TCB _service, seL4_Bool suspend_source,
                                                 seL4_Uint8 arch_flags, seL4_Word count,
                                                 seL4_UserContext *regs)
{
    seL4_Word mrs[4] = {(seL4_Word)(suspend_source & 1) | (seL4_Word)arch_flags << 8, count, 0, 0};
    seL4_Error error = libsel4_invoke(_service, TCBReadRegisters, 0, 2, mrs);
    if (error == seL4_NoError) {
        seL4_Word *words = (seL4_Word *)regs;
        for (seL4_Word i = 0; i < count && i < ABI_CONTEXT_WORDS; i++) {
            words[i] = i < 4 ? mrs[i] : seL4_GetMR((int)i);
        }
    }
    return error;
}

/* Always sends the whole context; the kernel takes the first `count` words. */
LIBSEL4_INLINE seL4_Error seL4_TCB_WriteRegisters(seL4_TCB _service, seL4_Bool resume_target,
                                                  seL4_Uint8 arch_flags, seL4_Word count,
                                                  seL4_UserContext *regs)
{
    const seL4_Word *words = (const seL4_Word *)regs;
    for (int i = 2; i < ABI_CONTEXT_WORDS; i++) {
        seL4_SetMR(i + 2, words[i]);
    }
    return libsel4_invoke_words(_service, TCBWriteRegisters, 0, ABI_CONTEXT_WORDS + 2,
                                (seL4_Word)(resume_target & 1) | (seL4_Word)arch_flags << 8, count,
                                words[0], words[1]);
}

/*
 * Copies registers from source to the invoked thread: frame registers, integer registers, or both.
 */
LIBSEL4_INLINE seL4_Error seL4_TCB_CopyRegisters(seL4_TCB _service, seL4_TCB source,
                                                 seL4_Bool suspend_source, seL4_Bool resume_target,
                                                 seL4_Bool transfer_frame,
                                                 seL4_Bool transfer_integer, seL4_Uint8 arch_flags)
{
    seL4_SetCap(0, source);
    seL4_Word flags = (seL4_Word)(suspend_source & 1) | (seL4_Word)(resume_target & 1) << 1 |
                      (seL4_Word)(transfer_frame & 1) << 2 |
                      (seL4_Word)(transfer_integer & 1) << 3 | (seL4_Word)arch_flags << 8;
    return libsel4_invoke_words(_service, TCBCopyRegisters, 1, 1, flags, 0, 0, 0);
}

/*
 * Gives a thread its CSpace (data 0: the guard of the capability), VSpace and IPC buffer (address
 * 0: none). The fault handler is SetSchedParams' or SetSpace's.
 */
LIBSEL4_INLINE seL4_Error seL4_TCB_Configure(seL4_TCB _service, seL4_CNode cspace_root,
                                             seL4_Word cspace_root_data, seL4_CPtr vspace_root,
                                             seL4_Word vspace_root_data, seL4_Word buffer,
                                             seL4_CPtr bufferFrame)
{
    seL4_SetCap(0, cspace_root);
    seL4_SetCap(1, vspace_root);
    seL4_SetCap(2, bufferFrame);
    return libsel4_invoke_words(_service, TCBConfigure, 3, 3, cspace_root_data, vspace_root_data,
                                buffer, 0);
}

/* Sets the priority, at most the maximum controlled priority of authority. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetPriority(seL4_TCB _service, seL4_TCB authority,
                                               seL4_Word priority)
{
    seL4_SetCap(0, authority);
    return libsel4_invoke_words(_service, TCBSetPriority, 1, 1, priority, 0, 0, 0);
}

/* Sets the maximum controlled priority, at most that of authority. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetMCPriority(seL4_TCB _service, seL4_TCB authority,
                                                 seL4_Word mcp)
{
    seL4_SetCap(0, authority);
    return libsel4_invoke_words(_service, TCBSetMCPriority, 1, 1, mcp, 0, 0, 0);
}

/*
 * Sets both priorities, the scheduling context (null: unbinds) and the fault handler (null: none).
 */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetSchedParams(seL4_TCB _service, seL4_TCB authority,
                                                  seL4_Word mcp, seL4_Word priority,
                                                  seL4_CPtr sched_context, seL4_CPtr fault_ep)
{
    seL4_SetCap(0, authority);
    seL4_SetCap(1, sched_context);
    seL4_SetCap(2, fault_ep);
    return libsel4_invoke_words(_service, TCBSetSchedParams, 3, 2, mcp, priority, 0, 0);
}

/* Sets the endpoint that hears when the budget is used up (null: nobody). */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetTimeoutEndpoint(seL4_TCB _service, seL4_CPtr timeout_fault_ep)
{
    seL4_SetCap(0, timeout_fault_ep);
    return libsel4_invoke_words(_service, TCBSetTimeoutEndpoint, 1, 0, 0, 0, 0, 0);
}

/* Sets the IPC buffer: its address (1 KiB aligned, 0: none) and the frame that it lies in. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetIPCBuffer(seL4_TCB _service, seL4_Word buffer,
                                                seL4_CPtr bufferFrame)
{
    seL4_SetCap(0, bufferFrame);
    return libsel4_invoke_words(_service, TCBSetIPCBuffer, 1, 1, buffer, 0, 0, 0);
}

/* Sets fault handler, CSpace and VSpace. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetSpace(seL4_TCB _service, seL4_CPtr fault_ep,
                                            seL4_CNode cspace_root, seL4_Word cspace_root_data,
                                            seL4_CPtr vspace_root, seL4_Word vspace_root_data)
{
    seL4_SetCap(0, fault_ep);
    seL4_SetCap(1, cspace_root);
    seL4_SetCap(2, vspace_root);
    return libsel4_invoke_words(_service, TCBSetSpace, 3, 2, cspace_root_data, vspace_root_data, 0,
                                0);
}

/* Stops a thread; what it waited for is cancelled. */
LIBSEL4_INLINE seL4_Error seL4_TCB_Suspend(seL4_TCB _service)
{
    return libsel4_invoke_words(_service, TCBSuspend, 0, 0, 0, 0, 0, 0);
}

/* Lets a stopped or blocked thread go on; a system call that it was blocked in is made again. */
LIBSEL4_INLINE seL4_Error seL4_TCB_Resume(seL4_TCB _service)
{
    return libsel4_invoke_words(_service, TCBResume, 0, 0, 0, 0, 0, 0);
}

/* Binds a notification: its signals also end the receive that the thread is blocked in. */
LIBSEL4_INLINE seL4_Error seL4_TCB_BindNotification(seL4_TCB _service, seL4_CPtr notification)
{
    seL4_SetCap(0, notification);
    return libsel4_invoke_words(_service, TCBBindNotification, 1, 0, 0, 0, 0, 0);
}

/* Ends the binding. */
LIBSEL4_INLINE seL4_Error seL4_TCB_UnbindNotification(seL4_TCB _service)
{
    return libsel4_invoke_words(_service, TCBUnbindNotification, 0, 0, 0, 0, 0, 0);
}

#if ABI_HARDWARE_DEBUG_API
/*
 * Sets a breakpoint (type seL4_InstructionBreakpoint, size 0, seL4_BreakOnRead) or a watchpoint on
 * size (1, 2, 4, 8) bytes; hits come as DebugException faults.
 */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetBreakpoint(seL4_TCB _service, seL4_Uint16 bp_num,
                                                 seL4_Word vaddr, seL4_Word type, seL4_Word size,
                                                 seL4_Word rw)
{
    seL4_SetMR(4, rw);
    return libsel4_invoke_words(_service, TCBSetBreakpoint, 0, 5, bp_num, vaddr, type, size);
}

struct seL4_TCB_GetBreakpoint {
    int error;
    seL4_Word vaddr;
    seL4_Word type;
    seL4_Word size;
    seL4_Word rw;
    seL4_Bool is_enabled;
};
typedef struct seL4_TCB_GetBreakpoint seL4_TCB_GetBreakpoint_t;

/* Tells how a breakpoint is set. */
LIBSEL4_INLINE seL4_TCB_GetBreakpoint_t seL4_TCB_GetBreakpoint(seL4_TCB _service,
                                                               seL4_Uint16 bp_num)
{
    seL4_Word mrs[4] = {bp_num, 0, 0, 0};
    seL4_Error error = libsel4_invoke(_service, TCBGetBreakpoint, 0, 1, mrs);
    return (seL4_TCB_GetBreakpoint_t){.error = (int)error,
                                      .vaddr = mrs[0],
                                      .type = mrs[1],
                                      .size = mrs[2],
                                      .rw = mrs[3],
                                      .is_enabled = error == seL4_NoError && seL4_GetMR(4) != 0};
}

/* Takes a breakpoint away. */
LIBSEL4_INLINE seL4_Error seL4_TCB_UnsetBreakpoint(seL4_TCB _service, seL4_Uint16 bp_num)
{
    return libsel4_invoke_words(_service, TCBUnsetBreakpoint, 0, 1, bp_num, 0, 0, 0);
}

struct seL4_TCB_ConfigureSingleStepping {
    int error;
    seL4_Bool bp_was_consumed;
};
typedef struct seL4_TCB_ConfigureSingleStepping seL4_TCB_ConfigureSingleStepping_t;

/* A DebugException after each num_instructions; 0 ends it. */
LIBSEL4_INLINE seL4_TCB_ConfigureSingleStepping_t
seL4_TCB_ConfigureSingleStepping(seL4_TCB _service, seL4_Uint16 bp_num, seL4_Word num_instructions)
{
    seL4_Word mrs[4] = {bp_num, num_instructions, 0, 0};
    seL4_Error error = libsel4_invoke(_service, TCBConfigureSingleStepping, 0, 2, mrs);
    return (seL4_TCB_ConfigureSingleStepping_t){.error = (int)error,
                                                .bp_was_consumed = mrs[0] != 0};
}
#endif

/* Sets the thread pointer (FS base, TPIDR_EL0). */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetTLSBase(seL4_TCB _service, seL4_Word tls_base)
{
    return libsel4_invoke_words(_service, TCBSetTLSBase, 0, 1, tls_base, 0, 0, 0);
}

struct seL4_TCB_SetFlags {
    int error;
    seL4_Word flags;
};
typedef struct seL4_TCB_SetFlags seL4_TCB_SetFlags_t;

/* Clears, then sets flags (seL4_TCBFlag_*); gives the flags that hold now. */
LIBSEL4_INLINE seL4_TCB_SetFlags_t seL4_TCB_SetFlags(seL4_TCB _service, seL4_Word clear,
                                                     seL4_Word set)
{
    seL4_Word mrs[4] = {clear, set, 0, 0};
    seL4_Error error = libsel4_invoke(_service, TCBSetFlags, 0, 2, mrs);
    return (seL4_TCB_SetFlags_t){.error = (int)error, .flags = mrs[0]};
}

/* Capability nodes. */

/* Deletes every capability derived from the one in the slot; that one stays. */
LIBSEL4_INLINE seL4_Error seL4_CNode_Revoke(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth)
{
    return libsel4_invoke_words(_service, CNodeRevoke, 0, 2, index, depth, 0, 0);
}

/* Empties a slot; the last capability of an object ends the object. */
LIBSEL4_INLINE seL4_Error seL4_CNode_Delete(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth)
{
    return libsel4_invoke_words(_service, CNodeDelete, 0, 2, index, depth, 0, 0);
}

/* Cancels waiting sends that were made with the badge of the slot's endpoint capability. */
LIBSEL4_INLINE seL4_Error seL4_CNode_CancelBadgedSends(seL4_CNode _service, seL4_Word index,
                                                       seL4_Uint8 depth)
{
    return libsel4_invoke_words(_service, CNodeCancelBadgedSends, 0, 2, index, depth, 0, 0);
}

/* Puts a copy with at most these rights into an empty slot. */
LIBSEL4_INLINE seL4_Error seL4_CNode_Copy(seL4_CNode _service, seL4_Word dest_index,
                                          seL4_Uint8 dest_depth, seL4_CNode src_root,
                                          seL4_Word src_index, seL4_Uint8 src_depth,
                                          seL4_CapRights_t rights)
{
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, rights.words[0]);
    return libsel4_invoke_words(_service, CNodeCopy, 1, 5, dest_index, dest_depth, src_index,
                                src_depth);
}

/* As Copy, with a badge (endpoints, notifications) or a guard (CNodes). */
LIBSEL4_INLINE seL4_Error seL4_CNode_Mint(seL4_CNode _service, seL4_Word dest_index,
                                          seL4_Uint8 dest_depth, seL4_CNode src_root,
                                          seL4_Word src_index, seL4_Uint8 src_depth,
                                          seL4_CapRights_t rights, seL4_Word badge)
{
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, rights.words[0]);
    seL4_SetMR(5, badge);
    return libsel4_invoke_words(_service, CNodeMint, 1, 6, dest_index, dest_depth, src_index,
                                src_depth);
}

/* Moves a capability to an empty slot. */
LIBSEL4_INLINE seL4_Error seL4_CNode_Move(seL4_CNode _service, seL4_Word dest_index,
                                          seL4_Uint8 dest_depth, seL4_CNode src_root,
                                          seL4_Word src_index, seL4_Uint8 src_depth)
{
    seL4_SetCap(0, src_root);
    return libsel4_invoke_words(_service, CNodeMove, 1, 4, dest_index, dest_depth, src_index,
                                src_depth);
}

/* As Move, with a new guard (CNodes). */
LIBSEL4_INLINE seL4_Error seL4_CNode_Mutate(seL4_CNode _service, seL4_Word dest_index,
                                            seL4_Uint8 dest_depth, seL4_CNode src_root,
                                            seL4_Word src_index, seL4_Uint8 src_depth,
                                            seL4_Word badge)
{
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, badge);
    return libsel4_invoke_words(_service, CNodeMutate, 1, 5, dest_index, dest_depth, src_index,
                                src_depth);
}

/*
 * Moves the pivot to dest and the source to the pivot's slot, with new guards; dest may be the
 * source's slot, which swaps them.
 */
LIBSEL4_INLINE seL4_Error seL4_CNode_Rotate(seL4_CNode _service, seL4_Word dest_index,
                                            seL4_Uint8 dest_depth, seL4_Word dest_badge,
                                            seL4_CNode pivot_root, seL4_Word pivot_index,
                                            seL4_Uint8 pivot_depth, seL4_Word pivot_badge,
                                            seL4_CNode src_root, seL4_Word src_index,
                                            seL4_Uint8 src_depth)
{
    seL4_SetCap(0, pivot_root);
    seL4_SetCap(1, src_root);
    seL4_SetMR(4, pivot_depth);
    seL4_SetMR(5, pivot_badge);
    seL4_SetMR(6, src_index);
    seL4_SetMR(7, src_depth);
    return libsel4_invoke_words(_service, CNodeRotate, 2, 8, dest_index, dest_depth, dest_badge,
                                pivot_index);
}

/* Interrupts. */

/* Makes an interrupt handler capability (aarch64; x86_64 has GetIOAPIC and GetMSI). */
LIBSEL4_INLINE seL4_Error seL4_IRQControl_Get(seL4_IRQControl _service, seL4_Word irq,
                                              seL4_CNode root, seL4_Word index, seL4_Uint8 depth)
{
    seL4_SetCap(0, root);
    return libsel4_invoke_words(_service, IRQIssueIRQHandler, 1, 3, irq, index, depth, 0);
}

/* Lets the interrupt strike again. */
LIBSEL4_INLINE seL4_Error seL4_IRQHandler_Ack(seL4_IRQHandler _service)
{
    return libsel4_invoke_words(_service, IRQAckIRQ, 0, 0, 0, 0, 0, 0);
}

/* Signals this notification, with its badge, at each interrupt. */
LIBSEL4_INLINE seL4_Error seL4_IRQHandler_SetNotification(seL4_IRQHandler _service,
                                                          seL4_CPtr notification)
{
    seL4_SetCap(0, notification);
    return libsel4_invoke_words(_service, IRQSetIRQHandler, 1, 0, 0, 0, 0, 0);
}

/* Signals nobody any more. */
LIBSEL4_INLINE seL4_Error seL4_IRQHandler_Clear(seL4_IRQHandler _service)
{
    return libsel4_invoke_words(_service, IRQClearIRQHandler, 0, 0, 0, 0, 0, 0);
}

/* Scheduling domains. */

/* Moves a thread to a scheduling domain. */
LIBSEL4_INLINE seL4_Error seL4_DomainSet_Set(seL4_DomainSet _service, seL4_Uint8 domain,
                                             seL4_TCB thread)
{
    seL4_SetCap(0, thread);
    return libsel4_invoke_words(_service, DomainSetSet, 1, 1, domain, 0, 0, 0);
}

/* Sets an entry of the domain schedule; duration in timer ticks, 0: end marker. */
LIBSEL4_INLINE seL4_Error seL4_DomainSet_ScheduleConfigure(seL4_DomainSet _service, seL4_Word index,
                                                           seL4_Uint8 domain, seL4_Time duration)
{
    return libsel4_invoke_words(_service, DomainScheduleConfigure, 0, 3, index, domain, duration,
                                0);
}

/* Sets where the schedule begins, and goes there at once. */
LIBSEL4_INLINE seL4_Error seL4_DomainSet_ScheduleSetStart(seL4_DomainSet _service, seL4_Word index)
{
    return libsel4_invoke_words(_service, DomainScheduleSetStart, 0, 1, index, 0, 0, 0);
}

/* Scheduling contexts; times are microseconds. */

/*
 * Sets budget and period (budget = period: round robin), the refills beyond two, the badge of its
 * timeout faults, and flags (seL4_SchedContext_*).
 */
LIBSEL4_INLINE seL4_Error seL4_SchedControl_ConfigureFlags(seL4_SchedControl _service,
                                                           seL4_SchedContext sched_context,
                                                           seL4_Time budget, seL4_Time period,
                                                           seL4_Word extra_refills, seL4_Word badge,
                                                           seL4_Word flags)
{
    seL4_SetCap(0, sched_context);
    seL4_SetMR(4, flags);
    return libsel4_invoke_words(_service, SchedControlConfigureFlags, 1, 5, budget, period,
                                extra_refills, badge);
}

/* The same without flags. */
LIBSEL4_INLINE seL4_Error seL4_SchedControl_Configure(seL4_SchedControl _service,
                                                      seL4_SchedContext sched_context,
                                                      seL4_Time budget, seL4_Time period,
                                                      seL4_Word extra_refills, seL4_Word badge)
{
    return seL4_SchedControl_ConfigureFlags(_service, sched_context, budget, period, extra_refills,
                                            badge, seL4_SchedContext_NoFlag);
}

/* Binds a thread, or a notification whose passive waiters then run on it. */
LIBSEL4_INLINE seL4_Error seL4_SchedContext_Bind(seL4_SchedContext _service, seL4_CPtr cap)
{
    seL4_SetCap(0, cap);
    return libsel4_invoke_words(_service, SchedContextBind, 1, 0, 0, 0, 0, 0);
}

/* Unbinds whatever is bound. */
LIBSEL4_INLINE seL4_Error seL4_SchedContext_Unbind(seL4_SchedContext _service)
{
    return libsel4_invoke_words(_service, SchedContextUnbind, 0, 0, 0, 0, 0, 0);
}

/* Unbinds this thread or notification. */
LIBSEL4_INLINE seL4_Error seL4_SchedContext_UnbindObject(seL4_SchedContext _service, seL4_CPtr cap)
{
    seL4_SetCap(0, cap);
    return libsel4_invoke_words(_service, SchedContextUnbindObject, 1, 0, 0, 0, 0, 0);
}

struct seL4_SchedContext_Consumed {
    int error;
    seL4_Time consumed;
};
typedef struct seL4_SchedContext_Consumed seL4_SchedContext_Consumed_t;

/* Gives the time used since it was last asked, and starts anew. */
LIBSEL4_INLINE seL4_SchedContext_Consumed_t seL4_SchedContext_Consumed(seL4_SchedContext _service)
{
    seL4_Word mrs[4] = {0, 0, 0, 0};
    seL4_Error error = libsel4_invoke(_service, SchedContextConsumed, 0, 0, mrs);
    return (seL4_SchedContext_Consumed_t){.error = (int)error, .consumed = mrs[0]};
}

struct seL4_SchedContext_YieldTo {
    int error;
    seL4_Time consumed;
};
typedef struct seL4_SchedContext_YieldTo seL4_SchedContext_YieldTo_t;

/* Runs the bound thread if its priority is not lower; gives the time that it used. */
LIBSEL4_INLINE seL4_SchedContext_YieldTo_t seL4_SchedContext_YieldTo(seL4_SchedContext _service)
{
    seL4_Word mrs[4] = {0, 0, 0, 0};
    seL4_Error error = libsel4_invoke(_service, SchedContextYieldTo, 0, 0, mrs);
    return (seL4_SchedContext_YieldTo_t){.error = (int)error, .consumed = mrs[0]};
}

#include <sel4/arch/sel4_client.h>
