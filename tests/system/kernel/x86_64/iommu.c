/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Tests of VT-d with QEMU's `edu` device, which copies between memory and a buffer of its own at
 * the bus addresses it is told. Source: QEMU docs/specs/edu (registers 0x80..0x98); PCI Local Bus
 * Specification 3.0, 3.2.2.3.2.
 */
#include "arch_test.h"

#define PCI_ADDRESS   0xcf8
#define PCI_DATA      0xcfc
#define PCI_COMMAND   0x04
#define PCI_BAR0      0x10
#define PCI_MASTER    0x06 /* memory and bus master */
#define EDU_ID        0x11e81234
#define EDU_DEVICE    5
#define EDU_REGISTERS UINT64_C(0x500000000000) /* where this program maps them */
#define EDU_BUFFER    0x40000
#define EDU_SOURCE    0x80
#define EDU_DEST      0x88
#define EDU_COUNT     0x90
#define EDU_COMMAND   0x98
#define EDU_START     1
#define EDU_TO_MEMORY 2

#define FRAME_VADDR UINT64_C(0x500000400000)
#define IO_FRAME    UINT64_C(0x10000)
#define IO_READONLY UINT64_C(0x11000)
#define PATTERN     UINT64_C(0x1122334455667788)

static seL4_CPtr pci;
static volatile uint64_t *const words = (volatile uint64_t *)FRAME_VADDR;

static uint32_t pci_read(uint32_t offset)
{
    (void)seL4_X86_IOPort_Out32(pci, PCI_ADDRESS, 0x80000000 | EDU_DEVICE << 11 | offset);
    return (uint32_t)seL4_X86_IOPort_In32(pci, PCI_DATA).result;
}

static void pci_write(uint32_t offset, uint32_t value)
{
    (void)seL4_X86_IOPort_Out32(pci, PCI_ADDRESS, 0x80000000 | EDU_DEVICE << 11 | offset);
    (void)seL4_X86_IOPort_Out32(pci, PCI_DATA, value);
}

/* A 4 KiB frame of device memory: the untyped that holds it is halved until a page is left. */
static seL4_CPtr device_frame(uint64_t paddr)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const seL4_UntypedDesc *desc = &info->untypedList[i];
        uint64_t base = desc->paddr;
        seL4_Word bits = desc->sizeBits;
        if (!desc->isDevice || paddr < base || paddr - base >= UINT64_C(1) << bits) {
            continue;
        }
        seL4_CPtr untyped = info->untyped.start + i;
        for (; bits > seL4_PageBits; bits--) {
            seL4_CPtr halves = world_slot();
            (void)world_slot();
            world_check(seL4_Untyped_Retype(untyped, seL4_UntypedObject, bits - 1,
                                            seL4_CapInitThreadCNode, 0, 0, halves, 2) == 0,
                        "halving device memory");
            bool upper = (paddr >> (bits - 1) & 1) != 0;
            untyped = upper ? halves + 1 : halves;
        }
        seL4_CPtr frame = world_slot();
        world_check(seL4_Untyped_Retype(untyped, seL4_X86_4K, 0, seL4_CapInitThreadCNode, 0, 0,
                                        frame, 1) == 0,
                    "device frame");
        return frame;
    }
    world_check(false, "device memory");
    return 0;
}

static void map(seL4_CPtr frame, uint64_t vaddr)
{
    while (seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_AllRights, 0) ==
           seL4_FailedLookup) {
        (void)arch_map_table(seL4_CapInitThreadVSpace, vaddr, seL4_MappingFailedLookupLevel());
    }
}

static void edu_copy(uint64_t source, uint64_t dest, uint64_t command)
{
    volatile uint64_t *edu = (volatile uint64_t *)EDU_REGISTERS;
    edu[EDU_SOURCE / 8] = source;
    edu[EDU_DEST / 8] = dest;
    edu[EDU_COUNT / 8] = 8;
    edu[EDU_COMMAND / 8] = command | EDU_START;
    while ((edu[EDU_COMMAND / 8] & EDU_START) != 0) {
    }
}

/* True if a word travels from frame word 0 through the device to frame word 1. */
static bool dma_works(void)
{
    words[0] = PATTERN;
    words[1] = 0;
    edu_copy(IO_FRAME, EDU_BUFFER, 0);
    edu_copy(EDU_BUFFER, IO_FRAME + 8, EDU_TO_MEMORY);
    return words[1] == PATTERN;
}

static seL4_Error mint(seL4_CPtr dest, seL4_CPtr source, seL4_Word domain)
{
    seL4_X86_IOSpace_CapData_t data = seL4_X86_IOSpace_CapData_new(domain, 0, EDU_DEVICE, 0);
    return seL4_CNode_Mint(seL4_CapInitThreadCNode, dest, 64, seL4_CapInitThreadCNode, source, 64,
                           seL4_AllRights, data.words[0]);
}

static seL4_CPtr map_tables(seL4_CPtr space)
{
    seL4_CPtr last = 0;
    for (int level = 0; level < 3; level++) {
        last = world_object(seL4_X86_IOPageTableObject, 0);
        check_equal(seL4_X86_IOPageTable_Map(last, space, IO_FRAME), seL4_NoError,
                    "map an IO page table");
    }
    return last;
}

static void test_errors(seL4_CPtr space, seL4_CPtr frame)
{
    seL4_CPtr extra = world_object(seL4_X86_IOPageTableObject, 0);
    check_equal(seL4_X86_IOPageTable_Map(extra, space, IO_FRAME), seL4_DeleteFirst,
                "a fourth table has no place");
    seL4_CPtr other = world_object(seL4_X86_4K, 0);
    check_equal(seL4_X86_Page_MapIO(other, space, seL4_AllRights, IO_FRAME), seL4_DeleteFirst,
                "a second page neither");
    check_equal(seL4_X86_Page_MapIO(frame, space, seL4_AllRights, IO_FRAME), seL4_InvalidCapability,
                "a mapped frame is InvalidCapability");
    check_equal(seL4_X86_Page_MapIO(other, space, seL4_NoRights, IO_READONLY), seL4_InvalidArgument,
                "no rights are InvalidArgument");
    check_equal(seL4_X86_Page_MapIO(other, space, seL4_AllRights, IO_FRAME + 0x40000000),
                seL4_FailedLookup, "a missing table is FailedLookup");
    check_equal(seL4_X86_Page_MapIO(other, seL4_CapIOSpace, seL4_AllRights, IO_READONLY),
                seL4_InvalidCapability, "the master capability maps nothing");
    check_equal(
        seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, FRAME_VADDR + 0x1000, seL4_AllRights, 0),
        seL4_InvalidCapability, "an IO-mapped frame can't go into a VSpace");
    check_equal(seL4_GetMR(0), 1, "capability 1");
    seL4_CPtr large = world_object(seL4_X86_LargePageObject, 0);
    check_equal(seL4_X86_Page_MapIO(large, space, seL4_AllRights, IO_READONLY),
                seL4_InvalidCapability, "a 2 MiB page is InvalidCapability");
    check_equal(seL4_X86_Page_MapIO(other, space, seL4_CanRead, IO_READONLY), seL4_NoError,
                "map a page read-only for the device");
}

/* Each copy of a table's capability remembers a place; the table must not get to two of them. */
static void test_copied_table(seL4_CPtr space, seL4_CPtr table)
{
    seL4_CPtr copy = world_slot();
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, 64, seL4_CapInitThreadCNode, table,
                                64, seL4_AllRights),
                seL4_NoError, "a mapped table's capability can be copied");
    check_equal(seL4_X86_IOPageTable_Unmap(table), seL4_NoError, "it is unmapped all the same");
    check_equal(seL4_X86_IOPageTable_Map(copy, space, IO_FRAME), seL4_InvalidCapability,
                "the copy says that it is mapped");
    check_equal(seL4_X86_IOPageTable_Map(table, space, IO_FRAME), seL4_RevokeFirst,
                "with a copy it can't be mapped again");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, copy, 64), seL4_NoError,
                "delete the copy");
    check_equal(seL4_X86_IOPageTable_Map(table, space, IO_FRAME), seL4_NoError, "then it can");
}

/* Write-only is a right of its own for devices. */
static void test_write_only(seL4_CPtr space, seL4_CPtr frame)
{
    check_equal(seL4_X86_Page_MapIO(frame, space, seL4_CanWrite, IO_FRAME), seL4_NoError,
                "map a page write-only");
    words[1] = 0;
    edu_copy(EDU_BUFFER, IO_FRAME + 8, EDU_TO_MEMORY);
    check_equal(words[1], PATTERN, "the device can write to it");
    check_equal(seL4_X86_Page_Unmap(frame), seL4_NoError, "unmap it");
    words[1] = 0;
    edu_copy(EDU_BUFFER, IO_FRAME + 8, EDU_TO_MEMORY);
    check_equal(words[1], 0, "then it can't");
}

void iommu_tests(void)
{
    pci = world_slot();
    world_check(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, PCI_ADDRESS, PCI_DATA + 3,
                                             seL4_CapInitThreadCNode, pci, 64) == 0,
                "PCI ports");
    check_equal(seL4_GetBootInfo()->numIOPTLevels, 3, "devices have three levels");
    check_equal(pci_read(0), EDU_ID, "the test device is there");
    pci_write(PCI_COMMAND, PCI_MASTER);
    map(device_frame(pci_read(PCI_BAR0) & ~0xfu), EDU_REGISTERS);

    seL4_CPtr shared = world_object(seL4_X86_4K, 0);
    map(shared, FRAME_VADDR);
    seL4_CPtr frame = world_slot();
    world_check(seL4_CNode_Copy(seL4_CapInitThreadCNode, frame, 64, seL4_CapInitThreadCNode, shared,
                                64, seL4_AllRights) == 0,
                "copy of the frame");

    seL4_CPtr space = world_slot();
    check_equal(mint(space, seL4_CapIOSpace, 0), seL4_IllegalOperation, "domain 0 is refused");
    check_equal(mint(space, seL4_CapIOSpace, 1), seL4_NoError, "mint an IO space");
    check_equal(mint(world_slot(), space, 2), seL4_IllegalOperation, "only from the master");
    check_equal(seL4_X86_Page_MapIO(frame, space, seL4_AllRights, IO_FRAME), seL4_FailedLookup,
                "without tables nothing can be mapped");
    seL4_CPtr last = map_tables(space);
    check(!dma_works(), "the device reaches nothing yet");
    check_equal(seL4_X86_Page_MapIO(frame, space, seL4_AllRights, IO_FRAME), seL4_NoError,
                "map a page for the device");
    check(dma_works(), "now it does");
    test_errors(space, frame);
    check_equal(seL4_X86_Page_Unmap(frame), seL4_NoError, "unmap the page");
    check(!dma_works(), "it is out of the device's reach");
    check_equal(seL4_X86_Page_MapIO(frame, space, seL4_CanRead, IO_FRAME), seL4_NoError,
                "map it read-only");
    check(!dma_works(), "the device can't write to it");
    check_equal(seL4_X86_Page_Unmap(frame), seL4_NoError, "unmap it");
    test_write_only(space, frame);
    check_equal(seL4_X86_Page_MapIO(frame, space, seL4_AllRights, IO_FRAME), seL4_NoError,
                "map it again");
    check(dma_works(), "and use it");
    check_equal(seL4_X86_IOPageTable_Unmap(last), seL4_NoError, "unmap its table");
    check(!dma_works(), "that takes the page away");
    check_equal(seL4_X86_IOPageTable_Map(last, space, IO_FRAME), seL4_NoError, "map the table");
    check(!dma_works(), "it comes back empty");
    test_copied_table(space, last);
    check_equal(seL4_X86_Page_Unmap(frame), seL4_NoError, "forget the page's place");
    check_equal(seL4_X86_Page_MapIO(frame, space, seL4_AllRights, IO_FRAME), seL4_NoError,
                "map the page");
    check(dma_works(), "and use it");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, space, 64), seL4_NoError,
                "delete the IO space");
    check(!dma_works(), "the device has lost everything at once");
    check_equal(mint(space, seL4_CapIOSpace, 3), seL4_NoError, "mint it again");
    check_equal(seL4_X86_Page_MapIO(shared, space, seL4_AllRights, IO_FRAME),
                seL4_InvalidCapability, "a frame that is mapped in a VSpace is InvalidCapability");
    (void)map_tables(space);
    check(!dma_works(), "the new space is empty");
    check_equal(seL4_X86_Page_Unmap(frame), seL4_NoError, "unmap the page from the old one");
    check_equal(seL4_X86_Page_MapIO(frame, space, seL4_AllRights, IO_FRAME), seL4_NoError,
                "map it in the new one");
    check(dma_works(), "it works");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, frame, 64), seL4_NoError,
                "delete the frame's capability");
    check(!dma_works(), "that unmaps it");
}
