/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Invocations of aarch64. See <interfaces/sel4_client.h>.
 */
#pragma once

/* Cache maintenance by virtual address in an address space, and by offset in a page. */

/* Writes cached data back; the range lies in one page. */
LIBSEL4_INLINE seL4_Error seL4_ARM_VSpace_Clean_Data(seL4_ARM_VSpace _service, seL4_Word start,
                                                     seL4_Word end)
{
    return libsel4_invoke_words(_service, ARMVSpaceClean_Data, 0, 2, start, end, 0, 0);
}

/* Drops cached data. */
LIBSEL4_INLINE seL4_Error seL4_ARM_VSpace_Invalidate_Data(seL4_ARM_VSpace _service, seL4_Word start,
                                                          seL4_Word end)
{
    return libsel4_invoke_words(_service, ARMVSpaceInvalidate_Data, 0, 2, start, end, 0, 0);
}

/* Both. */
LIBSEL4_INLINE seL4_Error seL4_ARM_VSpace_CleanInvalidate_Data(seL4_ARM_VSpace _service,
                                                               seL4_Word start, seL4_Word end)
{
    return libsel4_invoke_words(_service, ARMVSpaceCleanInvalidate_Data, 0, 2, start, end, 0, 0);
}

/* Makes written instructions visible to instruction fetch. */
LIBSEL4_INLINE seL4_Error seL4_ARM_VSpace_Unify_Instruction(seL4_ARM_VSpace _service,
                                                            seL4_Word start, seL4_Word end)
{
    return libsel4_invoke_words(_service, ARMVSpaceUnify_Instruction, 0, 2, start, end, 0, 0);
}

/* Writes cached data of a mapped page back. */
LIBSEL4_INLINE seL4_Error seL4_ARM_Page_Clean_Data(seL4_ARM_Page _service, seL4_Word start_offset,
                                                   seL4_Word end_offset)
{
    return libsel4_invoke_words(_service, ARMPageClean_Data, 0, 2, start_offset, end_offset, 0, 0);
}

/* Drops cached data. */
LIBSEL4_INLINE seL4_Error seL4_ARM_Page_Invalidate_Data(seL4_ARM_Page _service,
                                                        seL4_Word start_offset,
                                                        seL4_Word end_offset)
{
    return libsel4_invoke_words(_service, ARMPageInvalidate_Data, 0, 2, start_offset, end_offset, 0,
                                0);
}

/* Both. */
LIBSEL4_INLINE seL4_Error seL4_ARM_Page_CleanInvalidate_Data(seL4_ARM_Page _service,
                                                             seL4_Word start_offset,
                                                             seL4_Word end_offset)
{
    return libsel4_invoke_words(_service, ARMPageCleanInvalidate_Data, 0, 2, start_offset,
                                end_offset, 0, 0);
}

/* Makes written instructions visible to instruction fetch. */
LIBSEL4_INLINE seL4_Error seL4_ARM_Page_Unify_Instruction(seL4_ARM_Page _service,
                                                          seL4_Word start_offset,
                                                          seL4_Word end_offset)
{
    return libsel4_invoke_words(_service, ARMPageUnify_Instruction, 0, 2, start_offset, end_offset,
                                0, 0);
}

/* Paging objects and pages. */

/* Puts a table into an address space, at the first level that is missing for vaddr. */
LIBSEL4_INLINE seL4_Error seL4_ARM_PageTable_Map(seL4_ARM_PageTable _service, seL4_CPtr vspace,
                                                 seL4_Word vaddr, seL4_ARM_VMAttributes attr)
{
    seL4_SetCap(0, vspace);
    return libsel4_invoke_words(_service, ARMPageTableMap, 1, 2, vaddr, (seL4_Word)attr, 0, 0);
}

/* Takes it out again; what it mapped disappears. */
LIBSEL4_INLINE seL4_Error seL4_ARM_PageTable_Unmap(seL4_ARM_PageTable _service)
{
    return libsel4_invoke_words(_service, ARMPageTableUnmap, 0, 0, 0, 0, 0, 0);
}

/* Maps a page, or changes rights and attributes of its mapping. */
LIBSEL4_INLINE seL4_Error seL4_ARM_Page_Map(seL4_ARM_Page _service, seL4_CPtr vspace,
                                            seL4_Word vaddr, seL4_CapRights_t rights,
                                            seL4_ARM_VMAttributes attr)
{
    seL4_SetCap(0, vspace);
    return libsel4_invoke_words(_service, ARMPageMap, 1, 3, vaddr, rights.words[0], (seL4_Word)attr,
                                0);
}

/* Ends its mapping. */
LIBSEL4_INLINE seL4_Error seL4_ARM_Page_Unmap(seL4_ARM_Page _service)
{
    return libsel4_invoke_words(_service, ARMPageUnmap, 0, 0, 0, 0, 0, 0);
}

struct seL4_ARM_Page_GetAddress {
    int error;
    seL4_Word paddr;
};
typedef struct seL4_ARM_Page_GetAddress seL4_ARM_Page_GetAddress_t;

/* Its physical address. */
LIBSEL4_INLINE seL4_ARM_Page_GetAddress_t seL4_ARM_Page_GetAddress(seL4_ARM_Page _service)
{
    seL4_Word mrs[4] = {0, 0, 0, 0};
    seL4_Error error = libsel4_invoke(_service, ARMPageGetAddress, 0, 0, mrs);
    return (seL4_ARM_Page_GetAddress_t){.error = (int)error, .paddr = mrs[0]};
}

/* Address space identifiers. */

/* Makes a pool of 512 address space numbers from a 4 KiB untyped. */
LIBSEL4_INLINE seL4_Error seL4_ARM_ASIDControl_MakePool(seL4_ARM_ASIDControl _service,
                                                        seL4_Untyped untyped, seL4_CNode root,
                                                        seL4_Word index, seL4_Uint8 depth)
{
    seL4_SetCap(0, untyped);
    seL4_SetCap(1, root);
    return libsel4_invoke_words(_service, ARMASIDControlMakePool, 2, 2, index, depth, 0, 0);
}

/* Gives an address space root a number, without which it cannot be used. */
LIBSEL4_INLINE seL4_Error seL4_ARM_ASIDPool_Assign(seL4_ARM_ASIDPool _service, seL4_CPtr vspace)
{
    seL4_SetCap(0, vspace);
    return libsel4_invoke_words(_service, ARMASIDPoolAssign, 1, 0, 0, 0, 0, 0);
}

/* Interrupts. */

/* Makes a handler for an interrupt; trigger 0: level, else edge. */
LIBSEL4_INLINE seL4_Error seL4_IRQControl_GetTrigger(seL4_IRQControl _service, seL4_Word irq,
                                                     seL4_Word trigger, seL4_CNode root,
                                                     seL4_Word index, seL4_Uint8 depth)
{
    seL4_SetCap(0, root);
    return libsel4_invoke_words(_service, ARMIRQIssueIRQHandlerTrigger, 1, 4, irq, trigger, index,
                                depth);
}

/* Makes a capability that sends software-generated interrupt irq to a core. */
LIBSEL4_INLINE seL4_Error seL4_IRQControl_IssueSGISignal(seL4_IRQControl _service, seL4_Word irq,
                                                         seL4_Word target, seL4_CNode root,
                                                         seL4_Word index, seL4_Uint8 depth)
{
    seL4_SetCap(0, root);
    return libsel4_invoke_words(_service, ARMIRQIssueSGISignal, 1, 4, irq, target, index, depth);
}

/* Secure monitor calls: smc_args are x0..x7 of the call, smc_response those of its return. */

LIBSEL4_INLINE seL4_Error seL4_ARM_SMC_Call(seL4_ARM_SMC _service, seL4_ARM_SMCContext *smc_args,
                                            seL4_ARM_SMCContext *smc_response)
{
    seL4_Word mrs[4] = {smc_args->x0, smc_args->x1, smc_args->x2, smc_args->x3};
    seL4_SetMR(4, smc_args->x4);
    seL4_SetMR(5, smc_args->x5);
    seL4_SetMR(6, smc_args->x6);
    seL4_SetMR(7, smc_args->x7);
    seL4_Error error = libsel4_invoke(_service, ARMSMCCall, 0, 8, mrs);
    if (error == seL4_NoError) {
        *smc_response = (seL4_ARM_SMCContext){.x0 = mrs[0],
                                              .x1 = mrs[1],
                                              .x2 = mrs[2],
                                              .x3 = mrs[3],
                                              .x4 = seL4_GetMR(4),
                                              .x5 = seL4_GetMR(5),
                                              .x6 = seL4_GetMR(6),
                                              .x7 = seL4_GetMR(7)};
    }
    return error;
}
