/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names for debug messages: see names.h. */
#include <kernel/invocation.h>
#include <kernel/names.h>

static const char *const label_names[nInvocationLabels] = {
    [InvalidInvocation] = "InvalidInvocation",
    [UntypedRetype] = "UntypedRetype",
    [TCBReadRegisters] = "TCBReadRegisters",
    [TCBWriteRegisters] = "TCBWriteRegisters",
    [TCBCopyRegisters] = "TCBCopyRegisters",
    [TCBConfigure] = "TCBConfigure",
    [TCBSetPriority] = "TCBSetPriority",
    [TCBSetMCPriority] = "TCBSetMCPriority",
    [TCBSetSchedParams] = "TCBSetSchedParams",
    [TCBSetTimeoutEndpoint] = "TCBSetTimeoutEndpoint",
    [TCBSetIPCBuffer] = "TCBSetIPCBuffer",
    [TCBSetSpace] = "TCBSetSpace",
    [TCBSuspend] = "TCBSuspend",
    [TCBResume] = "TCBResume",
    [TCBBindNotification] = "TCBBindNotification",
    [TCBUnbindNotification] = "TCBUnbindNotification",
#if ABI_HARDWARE_DEBUG_API
    [TCBSetBreakpoint] = "TCBSetBreakpoint",
    [TCBGetBreakpoint] = "TCBGetBreakpoint",
    [TCBUnsetBreakpoint] = "TCBUnsetBreakpoint",
    [TCBConfigureSingleStepping] = "TCBConfigureSingleStepping",
#endif
    [TCBSetTLSBase] = "TCBSetTLSBase",
    [TCBSetFlags] = "TCBSetFlags",
    [CNodeRevoke] = "CNodeRevoke",
    [CNodeDelete] = "CNodeDelete",
    [CNodeCancelBadgedSends] = "CNodeCancelBadgedSends",
    [CNodeCopy] = "CNodeCopy",
    [CNodeMint] = "CNodeMint",
    [CNodeMove] = "CNodeMove",
    [CNodeMutate] = "CNodeMutate",
    [CNodeRotate] = "CNodeRotate",
    [IRQIssueIRQHandler] = "IRQIssueIRQHandler",
    [IRQAckIRQ] = "IRQAckIRQ",
    [IRQSetIRQHandler] = "IRQSetIRQHandler",
    [IRQClearIRQHandler] = "IRQClearIRQHandler",
    [DomainSetSet] = "DomainSetSet",
    [DomainScheduleConfigure] = "DomainScheduleConfigure",
    [DomainScheduleSetStart] = "DomainScheduleSetStart",
    [SchedControlConfigureFlags] = "SchedControlConfigureFlags",
    [SchedContextBind] = "SchedContextBind",
    [SchedContextUnbind] = "SchedContextUnbind",
    [SchedContextUnbindObject] = "SchedContextUnbindObject",
    [SchedContextConsumed] = "SchedContextConsumed",
    [SchedContextYieldTo] = "SchedContextYieldTo",
};

static const char *const cap_names[CAP_TAG_COUNT] = {
    [CAP_NULL] = "null",
    [CAP_UNTYPED] = "untyped",
    [CAP_ENDPOINT] = "endpoint",
    [CAP_NOTIFICATION] = "notification",
    [CAP_REPLY] = "reply",
    [CAP_CNODE] = "CNode",
    [CAP_TCB] = "TCB",
    [CAP_IRQ_CONTROL] = "IRQ control",
    [CAP_IRQ_HANDLER] = "IRQ handler",
    [CAP_ZOMBIE] = "zombie",
    [CAP_DOMAIN] = "domain",
    [CAP_SCHED_CONTEXT] = "scheduling context",
    [CAP_SCHED_CONTROL] = "scheduling control",
    [CAP_FRAME] = "frame",
    [CAP_PAGE_TABLE] = "page table",
    [CAP_VSPACE] = "VSpace",
    [CAP_ASID_CONTROL] = "ASID control",
    [CAP_ASID_POOL] = "ASID pool",
};

static const char *const error_names[] = {
    [seL4_NoError] = "NoError",
    [seL4_InvalidArgument] = "InvalidArgument",
    [seL4_InvalidCapability] = "InvalidCapability",
    [seL4_IllegalOperation] = "IllegalOperation",
    [seL4_RangeError] = "RangeError",
    [seL4_AlignmentError] = "AlignmentError",
    [seL4_FailedLookup] = "FailedLookup",
    [seL4_TruncatedMessage] = "TruncatedMessage",
    [seL4_DeleteFirst] = "DeleteFirst",
    [seL4_RevokeFirst] = "RevokeFirst",
    [seL4_NotEnoughMemory] = "NotEnoughMemory",
};

static const char *const lookup_names[] = {
    [seL4_NoFailure] = "NoFailure",
    [seL4_InvalidRoot] = "InvalidRoot",
    [seL4_MissingCapability] = "MissingCapability",
    [seL4_DepthMismatch] = "DepthMismatch",
    [seL4_GuardMismatch] = "GuardMismatch",
};

static const char *const fault_names[] = {
    [seL4_Fault_NullFault] = "no fault",
    [seL4_Fault_CapFault] = "capability fault",
    [seL4_Fault_UnknownSyscall] = "unknown system call",
    [seL4_Fault_UserException] = "exception",
    [seL4_Fault_DebugException] = "debug exception",
    [seL4_Fault_Timeout] = "timeout",
    [seL4_Fault_VMFault] = "page fault",
};

static const char *look_up(const char *const *names, word_t count, word_t i)
{
    return i < count && names[i] != NULL ? names[i] : "?";
}

const char *name_of_label(word_t label)
{
    if (label < nInvocationLabels) {
        return look_up(label_names, nInvocationLabels, label);
    }
    return label < nArchInvocationLabels ? arch_invocations[label - nInvocationLabels].name : "?";
}

const char *name_of_cap_tag(word_t tag)
{
    return look_up(cap_names[tag] != NULL ? cap_names : arch_cap_names, CAP_TAG_COUNT, tag);
}

const char *name_of_error(word_t code)
{
    return look_up(error_names, ARRAY_LENGTH(error_names), code);
}

const char *name_of_lookup_failure(word_t kind)
{
    return look_up(lookup_names, ARRAY_LENGTH(lookup_names), kind);
}

const char *name_of_fault(word_t kind)
{
    return look_up(fault_names, ARRAY_LENGTH(fault_names), kind);
}
