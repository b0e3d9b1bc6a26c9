/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Invocations of x86_64. See <interfaces/sel4_client.h>.
 */
#pragma once

/* Paging objects. */

/* Puts a table that covers 512 GiB into an address space. */
LIBSEL4_INLINE seL4_Error seL4_X86_PDPT_Map(seL4_X86_PDPT _service, seL4_CPtr vspace,
                                            seL4_Word vaddr, seL4_X86_VMAttributes attr)
{
    seL4_SetCap(0, vspace);
    return libsel4_invoke_words(_service, X86PDPTMap, 1, 2, vaddr, (seL4_Word)attr, 0, 0);
}

/* Takes it out again; what it mapped disappears. */
LIBSEL4_INLINE seL4_Error seL4_X86_PDPT_Unmap(seL4_X86_PDPT _service)
{
    return libsel4_invoke_words(_service, X86PDPTUnmap, 0, 0, 0, 0, 0, 0);
}

/* Puts a table that covers 1 GiB into an address space. */
LIBSEL4_INLINE seL4_Error seL4_X86_PageDirectory_Map(seL4_X86_PageDirectory _service,
                                                     seL4_CPtr vspace, seL4_Word vaddr,
                                                     seL4_X86_VMAttributes attr)
{
    seL4_SetCap(0, vspace);
    return libsel4_invoke_words(_service, X86PageDirectoryMap, 1, 2, vaddr, (seL4_Word)attr, 0, 0);
}

/* Takes it out again; what it mapped disappears. */
LIBSEL4_INLINE seL4_Error seL4_X86_PageDirectory_Unmap(seL4_X86_PageDirectory _service)
{
    return libsel4_invoke_words(_service, X86PageDirectoryUnmap, 0, 0, 0, 0, 0, 0);
}

/* Puts a table that covers 2 MiB into an address space. */
LIBSEL4_INLINE seL4_Error seL4_X86_PageTable_Map(seL4_X86_PageTable _service, seL4_CPtr vspace,
                                                 seL4_Word vaddr, seL4_X86_VMAttributes attr)
{
    seL4_SetCap(0, vspace);
    return libsel4_invoke_words(_service, X86PageTableMap, 1, 2, vaddr, (seL4_Word)attr, 0, 0);
}

/* Takes it out again; what it mapped disappears. */
LIBSEL4_INLINE seL4_Error seL4_X86_PageTable_Unmap(seL4_X86_PageTable _service)
{
    return libsel4_invoke_words(_service, X86PageTableUnmap, 0, 0, 0, 0, 0, 0);
}

/* Pages. */

/* Maps a page, or changes rights and attributes of its mapping. */
LIBSEL4_INLINE seL4_Error seL4_X86_Page_Map(seL4_X86_Page _service, seL4_CPtr vspace,
                                            seL4_Word vaddr, seL4_CapRights_t rights,
                                            seL4_X86_VMAttributes attr)
{
    seL4_SetCap(0, vspace);
    return libsel4_invoke_words(_service, X86PageMap, 1, 3, vaddr, rights.words[0], (seL4_Word)attr,
                                0);
}

/* Ends its mapping. */
LIBSEL4_INLINE seL4_Error seL4_X86_Page_Unmap(seL4_X86_Page _service)
{
    return libsel4_invoke_words(_service, X86PageUnmap, 0, 0, 0, 0, 0, 0);
}

struct seL4_X86_Page_GetAddress {
    int error;
    seL4_Word paddr;
};
typedef struct seL4_X86_Page_GetAddress seL4_X86_Page_GetAddress_t;

/* Its physical address. */
LIBSEL4_INLINE seL4_X86_Page_GetAddress_t seL4_X86_Page_GetAddress(seL4_X86_Page _service)
{
    seL4_Word mrs[4] = {0, 0, 0, 0};
    seL4_Error error = libsel4_invoke(_service, X86PageGetAddress, 0, 0, mrs);
    return (seL4_X86_Page_GetAddress_t){.error = (int)error, .paddr = mrs[0]};
}

#if ABI_IOMMU
/* I/O address spaces. */

/* Maps a 4 KiB page for a device. */
LIBSEL4_INLINE seL4_Error seL4_X86_Page_MapIO(seL4_X86_Page _service, seL4_X86_IOSpace iospace,
                                              seL4_CapRights_t rights, seL4_Word ioaddr)
{
    seL4_SetCap(0, iospace);
    return libsel4_invoke_words(_service, X86PageMapIO, 1, 2, rights.words[0], ioaddr, 0, 0);
}

/* Puts the next missing table into a device's address space. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPageTable_Map(seL4_X86_IOPageTable _service,
                                                   seL4_X86_IOSpace iospace, seL4_Word ioaddr)
{
    seL4_SetCap(0, iospace);
    return libsel4_invoke_words(_service, X86IOPageTableMap, 1, 1, ioaddr, 0, 0, 0);
}

/* Takes it out again. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPageTable_Unmap(seL4_X86_IOPageTable _service)
{
    return libsel4_invoke_words(_service, X86IOPageTableUnmap, 0, 0, 0, 0, 0, 0);
}
#endif

/* Address space identifiers. */

/* Makes a pool of 512 address space numbers from a 4 KiB untyped. */
LIBSEL4_INLINE seL4_Error seL4_X86_ASIDControl_MakePool(seL4_X86_ASIDControl _service,
                                                        seL4_Untyped untyped, seL4_CNode root,
                                                        seL4_Word index, seL4_Uint8 depth)
{
    seL4_SetCap(0, untyped);
    seL4_SetCap(1, root);
    return libsel4_invoke_words(_service, X86ASIDControlMakePool, 2, 2, index, depth, 0, 0);
}

/* Gives an address space root a number, without which it cannot be used. */
LIBSEL4_INLINE seL4_Error seL4_X86_ASIDPool_Assign(seL4_X86_ASIDPool _service, seL4_CPtr vspace)
{
    seL4_SetCap(0, vspace);
    return libsel4_invoke_words(_service, X86ASIDPoolAssign, 1, 0, 0, 0, 0, 0);
}

/* I/O ports. */

/* Makes a capability for the ports first..last, if no other one has any of them. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPortControl_Issue(seL4_X86_IOPortControl _service,
                                                       seL4_Word first_port, seL4_Word last_port,
                                                       seL4_CNode root, seL4_Word index,
                                                       seL4_Uint8 depth)
{
    seL4_SetCap(0, root);
    return libsel4_invoke_words(_service, X86IOPortControlIssue, 1, 4, first_port, last_port, index,
                                depth);
}

struct seL4_X86_IOPort_In8 {
    int error;
    seL4_Uint8 result;
};
typedef struct seL4_X86_IOPort_In8 seL4_X86_IOPort_In8_t;

/* Reads a port. */
LIBSEL4_INLINE seL4_X86_IOPort_In8_t seL4_X86_IOPort_In8(seL4_X86_IOPort _service, seL4_Uint16 port)
{
    seL4_Word mrs[4] = {port, 0, 0, 0};
    seL4_Error error = libsel4_invoke(_service, X86IOPortIn8, 0, 1, mrs);
    return (seL4_X86_IOPort_In8_t){.error = (int)error, .result = (seL4_Uint8)mrs[0]};
}

struct seL4_X86_IOPort_In16 {
    int error;
    seL4_Uint16 result;
};
typedef struct seL4_X86_IOPort_In16 seL4_X86_IOPort_In16_t;

/* Reads two ports. */
LIBSEL4_INLINE seL4_X86_IOPort_In16_t seL4_X86_IOPort_In16(seL4_X86_IOPort _service,
                                                           seL4_Uint16 port)
{
    seL4_Word mrs[4] = {port, 0, 0, 0};
    seL4_Error error = libsel4_invoke(_service, X86IOPortIn16, 0, 1, mrs);
    return (seL4_X86_IOPort_In16_t){.error = (int)error, .result = (seL4_Uint16)mrs[0]};
}

struct seL4_X86_IOPort_In32 {
    int error;
    seL4_Uint32 result;
};
typedef struct seL4_X86_IOPort_In32 seL4_X86_IOPort_In32_t;

/* Reads four ports. */
LIBSEL4_INLINE seL4_X86_IOPort_In32_t seL4_X86_IOPort_In32(seL4_X86_IOPort _service,
                                                           seL4_Uint16 port)
{
    seL4_Word mrs[4] = {port, 0, 0, 0};
    seL4_Error error = libsel4_invoke(_service, X86IOPortIn32, 0, 1, mrs);
    return (seL4_X86_IOPort_In32_t){.error = (int)error, .result = (seL4_Uint32)mrs[0]};
}

/* Writes a port. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPort_Out8(seL4_X86_IOPort _service, seL4_Word port,
                                               seL4_Word data)
{
    return libsel4_invoke_words(_service, X86IOPortOut8, 0, 2, port, data, 0, 0);
}

/* Writes two ports. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPort_Out16(seL4_X86_IOPort _service, seL4_Word port,
                                                seL4_Word data)
{
    return libsel4_invoke_words(_service, X86IOPortOut16, 0, 2, port, data, 0, 0);
}

/* Writes four ports. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPort_Out32(seL4_X86_IOPort _service, seL4_Word port,
                                                seL4_Word data)
{
    return libsel4_invoke_words(_service, X86IOPortOut32, 0, 2, port, data, 0, 0);
}

/* Interrupts. */

/*
 * Makes a handler for an IOAPIC pin; level 1: level-triggered, polarity 1: active low, vector: a
 * free number of 0..107.
 */
LIBSEL4_INLINE seL4_Error seL4_IRQControl_GetIOAPIC(seL4_IRQControl _service, seL4_CNode root,
                                                    seL4_Word index, seL4_Uint8 depth,
                                                    seL4_Word ioapic, seL4_Word pin,
                                                    seL4_Word level, seL4_Word polarity,
                                                    seL4_Word vector)
{
    seL4_SetCap(0, root);
    seL4_SetMR(4, level);
    seL4_SetMR(5, polarity);
    seL4_SetMR(6, vector);
    return libsel4_invoke_words(_service, X86IRQIssueIRQHandlerIOAPIC, 1, 7, index, depth, ioapic,
                                pin);
}

/* Makes a handler for a message-signalled interrupt; the device is programmed by the user. */
LIBSEL4_INLINE seL4_Error seL4_IRQControl_GetMSI(seL4_IRQControl _service, seL4_CNode root,
                                                 seL4_Word index, seL4_Uint8 depth,
                                                 seL4_Word pci_bus, seL4_Word pci_dev,
                                                 seL4_Word pci_func, seL4_Word handle,
                                                 seL4_Word vector)
{
    seL4_SetCap(0, root);
    seL4_SetMR(4, pci_func);
    seL4_SetMR(5, handle);
    seL4_SetMR(6, vector);
    return libsel4_invoke_words(_service, X86IRQIssueIRQHandlerMSI, 1, 7, index, depth, pci_bus,
                                pci_dev);
}
