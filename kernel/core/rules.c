/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every invocation of the generic capabilities: the capability, how many words and further
 * capabilities it needs, and the function that decodes it.
 */
#include <kernel/arch_hooks.h>

const struct invocation_rule invocation_rules[nInvocationLabels] = {
    [UntypedRetype] = {CAP_UNTYPED, 6, 1, untyped_decode_retype},
    [TCBReadRegisters] = {CAP_TCB, 2, 0, tcb_decode_read_registers},
    [TCBWriteRegisters] = {CAP_TCB, 2, 0, tcb_decode_write_registers},
    [TCBCopyRegisters] = {CAP_TCB, 1, 1, tcb_decode_copy_registers},
    [TCBConfigure] = {CAP_TCB, 3, 3, tcb_decode_configure},
    [TCBSetPriority] = {CAP_TCB, 1, 1, tcb_decode_set_priority},
    [TCBSetMCPriority] = {CAP_TCB, 1, 1, tcb_decode_set_priority},
    [TCBSetSchedParams] = {CAP_TCB, 2, 3, tcb_decode_set_sched_params},
    [TCBSetTimeoutEndpoint] = {CAP_TCB, 0, 1, tcb_decode_set_timeout_endpoint},
    [TCBSetIPCBuffer] = {CAP_TCB, 1, 1, tcb_decode_set_ipc_buffer},
    [TCBSetSpace] = {CAP_TCB, 2, 3, tcb_decode_set_space},
    [TCBSuspend] = {CAP_TCB, 0, 0, tcb_decode_suspend_or_resume},
    [TCBResume] = {CAP_TCB, 0, 0, tcb_decode_suspend_or_resume},
    [TCBBindNotification] = {CAP_TCB, 0, 1, tcb_decode_bind_notification},
    [TCBUnbindNotification] = {CAP_TCB, 0, 0, tcb_decode_unbind_notification},
#if CONFIG_HARDWARE_DEBUG_API
    [TCBSetBreakpoint] = {CAP_TCB, 5, 0, breakpoint_decode_set},
    [TCBGetBreakpoint] = {CAP_TCB, 1, 0, breakpoint_decode_get},
    [TCBUnsetBreakpoint] = {CAP_TCB, 1, 0, breakpoint_decode_unset},
    [TCBConfigureSingleStepping] = {CAP_TCB, 2, 0, breakpoint_decode_step},
#endif
    [TCBSetTLSBase] = {CAP_TCB, 1, 0, tcb_decode_set_tls_base},
    [TCBSetFlags] = {CAP_TCB, 2, 0, tcb_decode_set_flags},
    [CNodeRevoke] = {CAP_CNODE, 2, 0, cnode_decode_revoke},
    [CNodeDelete] = {CAP_CNODE, 2, 0, cnode_decode_delete},
    [CNodeCancelBadgedSends] = {CAP_CNODE, 2, 0, cnode_decode_cancel_badged_sends},
    [CNodeCopy... CNodeMutate] = {CAP_CNODE, 2, 0, cnode_decode_copy},
    [CNodeRotate] = {CAP_CNODE, 2, 0, cnode_decode_rotate},
    [IRQIssueIRQHandler] = {CAP_IRQ_CONTROL, 3, 1, arch_decode_irq_get},
    [IRQAckIRQ] = {CAP_IRQ_HANDLER, 0, 0, irq_decode_ack},
    [IRQSetIRQHandler] = {CAP_IRQ_HANDLER, 0, 1, irq_decode_set_notification},
    [IRQClearIRQHandler] = {CAP_IRQ_HANDLER, 0, 0, irq_decode_clear},
    [DomainSetSet] = {CAP_DOMAIN, 1, 0, domain_decode_set},
    [DomainScheduleConfigure] = {CAP_DOMAIN, 3, 0, domain_decode_configure},
    [DomainScheduleSetStart] = {CAP_DOMAIN, 1, 0, domain_decode_set_start},
    [SchedControlConfigureFlags] = {CAP_SCHED_CONTROL, 5, 1, sched_control_decode_configure},
    [SchedContextBind] = {CAP_SCHED_CONTEXT, 0, 1, sched_context_decode_bind},
    [SchedContextUnbind] = {CAP_SCHED_CONTEXT, 0, 0, sched_context_decode_unbind},
    [SchedContextUnbindObject] = {CAP_SCHED_CONTEXT, 0, 1, sched_context_decode_unbind_object},
    [SchedContextConsumed] = {CAP_SCHED_CONTEXT, 0, 0, sched_context_decode_consumed},
    [SchedContextYieldTo] = {CAP_SCHED_CONTEXT, 0, 0, sched_context_decode_yield_to},
};
