/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Address spaces: page sizes, remapping, stale records, ASID pools. */
#include "arch_test.h"

#define LARGE_BYTES UINT64_C(0x200000)

/* Tables above a page of `level_bits` at TEST_VADDR, as far as they are missing. */
static void map_tables(seL4_CPtr frame, seL4_Word vaddr)
{
    while (seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_AllRights, 0) ==
           seL4_FailedLookup) {
        world_check(arch_map_table(seL4_CapInitThreadVSpace, vaddr,
                                   seL4_MappingFailedLookupLevel()) == seL4_NoError,
                    "table");
    }
}

static seL4_Error page_map(seL4_CPtr frame, seL4_Word vaddr, seL4_CapRights_t rights)
{
    return seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, rights,
                             seL4_X86_Default_VMAttributes);
}

void test_pages(void)
{
    seL4_CPtr small = world_object(seL4_X86_4K, 0);
    volatile uint64_t *words = (volatile uint64_t *)TEST_VADDR;
    map_tables(small, TEST_VADDR);
    words[1] = 0xabc;
    check_equal(words[1], 0xabc, "a mapped page can be written");
    check_equal(page_map(small, TEST_VADDR, seL4_CanRead), seL4_NoError, "remap it read-only");
    check_equal(words[1], 0xabc, "it can be read");
    expect_vm_fault(code_write, (seL4_Word)code_write_ip, TEST_VADDR + 0x18, 0,
                    FAULT_USER | FAULT_WRITE | 1, "but not written");
    check_equal(page_map(small, TEST_VADDR, seL4_CanWrite), seL4_NoError, "remap it kernel-only");
    expect_vm_fault(code_read, (seL4_Word)code_read_ip, TEST_VADDR + 0x10, 0, FAULT_USER | 1,
                    "it can't be read");
    check_equal(page_map(small, TEST_VADDR + 0x1000, seL4_AllRights), seL4_InvalidArgument,
                "another address is InvalidArgument");
    check_equal(seL4_GetMR(0), 0, "number 0");
    seL4_CPtr space = arch_vspace_create();
    check_equal(seL4_X86_Page_Map(small, space, TEST_VADDR, seL4_AllRights, 0),
                seL4_InvalidCapability, "another address space is InvalidCapability");
    check_equal(seL4_GetMR(0), 1, "number 1");
    check_equal(seL4_X86_Page_Unmap(small), seL4_NoError, "unmap it");
    expect_vm_fault(code_read, (seL4_Word)code_read_ip, TEST_VADDR + 0x10, 0, FAULT_USER,
                    "it is gone");
    check_equal(seL4_X86_Page_Unmap(small), seL4_NoError, "unmap it twice");
    check_equal(page_map(small, 0x7fffffffe000, seL4_AllRights), seL4_FailedLookup,
                "the highest page is only missing its tables");
    check(seL4_GetMR(0) == 0 && seL4_GetMR(1) == seL4_MissingCapability && seL4_GetMR(2) == 39,
          "all of them");
    check_equal(page_map(small, 0x7ffffffff000, seL4_AllRights), seL4_InvalidArgument,
                "the page behind it is InvalidArgument");
    check_equal(page_map(small, 0xffffffffffffe000, seL4_AllRights), seL4_InvalidArgument,
                "so is one of the kernel");

    seL4_CPtr large = world_object(seL4_X86_LargePageObject, 0);
    check_equal(page_map(large, TEST_VADDR + 0x1000, seL4_AllRights), seL4_AlignmentError,
                "a 2 MiB page needs 2 MiB alignment");
    check_equal(page_map(large, TEST_VADDR, seL4_AllRights), seL4_DeleteFirst,
                "and no page table in its place");
    check_equal(page_map(large, TEST_VADDR + LARGE_BYTES, seL4_AllRights), seL4_NoError,
                "map it beside");
    words = (volatile uint64_t *)(TEST_VADDR + 2 * LARGE_BYTES - 8);
    *words = 0x77;
    check_equal(*words, 0x77, "it can be written to its end");
    check_equal(page_map(small, TEST_VADDR + LARGE_BYTES, seL4_AllRights), seL4_FailedLookup,
                "a 4 KiB page inside it misses a table");
    check_equal(seL4_GetMR(2), 21, "the last one");
    seL4_CPtr table = world_object(seL4_X86_PageTableObject, 0);
    check_equal(
        seL4_X86_PageTable_Map(table, seL4_CapInitThreadVSpace, TEST_VADDR + LARGE_BYTES, 0),
        seL4_DeleteFirst, "which can't be put there");
    check_equal(seL4_X86_Page_Unmap(large), seL4_NoError, "unmap the large page");
    check_equal(
        seL4_X86_PageTable_Map(table, seL4_CapInitThreadVSpace, TEST_VADDR + LARGE_BYTES, 0),
        seL4_NoError, "then a table fits");
    check_equal(seL4_X86_PageTable_Map(table, seL4_CapInitThreadVSpace, TEST_VADDR, 0),
                seL4_InvalidCapability, "a mapped table is InvalidCapability");
    check_equal(page_map(small, TEST_VADDR + LARGE_BYTES, seL4_AllRights), seL4_NoError,
                "map the small page in it");
    seL4_CPtr copy = world_slot();
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, 64, seL4_CapInitThreadCNode, table,
                                64, seL4_AllRights),
                seL4_NoError, "copy the table's capability");
    check_equal(seL4_X86_PageTable_Unmap(table), seL4_RevokeFirst, "it can't be unmapped now");
    check_equal(seL4_CNode_Revoke(seL4_CapInitThreadCNode, table, 64), seL4_NoError, "revoke");
    check_equal(seL4_X86_PageTable_Unmap(table), seL4_NoError, "now it can");
    check_equal(page_map(small, TEST_VADDR + LARGE_BYTES + 0x1000, seL4_AllRights),
                seL4_InvalidArgument, "the page under it still remembers its place");
    check_equal(seL4_X86_Page_Unmap(small), seL4_NoError, "unmapping it does nothing");
    check_equal(page_map(small, TEST_VADDR, seL4_AllRights), seL4_NoError, "and it is free again");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, small, 64), seL4_NoError, "delete it");
    expect_vm_fault(code_read, (seL4_Word)code_read_ip, TEST_VADDR + 0x10, 0, FAULT_USER,
                    "that unmaps it");
    seL4_X86_Page_GetAddress_t address = seL4_X86_Page_GetAddress(large);
    check(address.error == 0 && address.paddr % LARGE_BYTES == 0, "address of the large page");
}

/* ---- which error comes first ---- */

static seL4_CPtr root_without_pool(void)
{
    seL4_CPtr untyped = world_object(seL4_UntypedObject, seL4_PageBits);
    seL4_CPtr pool = world_slot();
    seL4_CPtr root = world_object(seL4_X64_PML4Object, 0);
    world_check(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, untyped, seL4_CapInitThreadCNode,
                                              pool, 64) == seL4_NoError &&
                    seL4_X86_ASIDPool_Assign(pool, root) == seL4_NoError &&
                    seL4_CNode_Delete(seL4_CapInitThreadCNode, pool, 64) == seL4_NoError,
                "a root without pool");
    return root;
}

/* The answer to a map call: FailedLookup, and the level that is missing. */
static void expect_missing(seL4_Error error, seL4_Word level, const char *name)
{
    check(error == seL4_FailedLookup && seL4_GetMR(0) == 0 &&
              seL4_GetMR(1) == seL4_MissingCapability && seL4_MappingFailedLookupLevel() == level,
          name);
}

void test_page_map_order(void)
{
    seL4_CPtr page = world_object(seL4_X86_4K, 0);
    seL4_CPtr mapped = world_object(seL4_X86_4K, 0);
    seL4_CPtr stale = root_without_pool();
    seL4_CPtr space = arch_vspace_create();
    map_tables(mapped, TEST_VADDR);
    check_equal(seL4_X86_Page_Map(mapped, stale, TEST_VADDR + 1, seL4_AllRights, 0),
                seL4_InvalidCapability, "where a page is mapped counts before its address space");
    check_equal(seL4_GetMR(0), 1, "which is capability 1");
    check_equal(page_map(mapped, TEST_VADDR + 1, seL4_AllRights), seL4_InvalidArgument,
                "and before alignment");
    check_equal(seL4_X86_Page_Map(page, stale, 0x7ffffffff001, seL4_AllRights, 0),
                seL4_InvalidArgument, "so does the end of the user half");
    check_equal(seL4_X86_Page_Map(page, stale, TEST_VADDR + 1, seL4_AllRights, 0),
                seL4_FailedLookup, "an unknown ASID counts before alignment");
    check_equal(seL4_GetMR(1), seL4_InvalidRoot, "as an invalid root");
    check_equal(seL4_X86_Page_Map(page, space, 0x7fffffffefff, seL4_AllRights, 0),
                seL4_AlignmentError, "alignment counts before missing tables");
    check_equal(seL4_X86_Page_Unmap(mapped), seL4_NoError, "unmap the page");
}

void test_table_map_order(void)
{
    seL4_CPtr page = world_object(seL4_X86_4K, 0);
    seL4_CPtr pdpt = world_object(seL4_X86_PDPTObject, 0);
    seL4_CPtr directory = world_object(seL4_X86_PageDirectoryObject, 0);
    seL4_CPtr table = world_object(seL4_X86_PageTableObject, 0);
    seL4_CPtr stale = root_without_pool();
    seL4_CPtr space = arch_vspace_create();
    check_equal(seL4_X86_PageTable_Map(table, page, 0x800000000000, 0), seL4_InvalidCapability,
                "a page is no root");
    check_equal(seL4_GetMR(0), 1, "that counts before the address");
    check_equal(seL4_X86_PageTable_Map(table, stale, 0x800000000000, 0), seL4_InvalidArgument,
                "which counts before the ASID");
    check_equal(seL4_X86_PageTable_Map(table, stale, TEST_VADDR, 0), seL4_FailedLookup,
                "which is unknown");
    expect_missing(seL4_X86_PageTable_Map(table, space, TEST_VADDR, 0), 39, "no PDPT");
    expect_missing(seL4_X86_PageDirectory_Map(directory, space, TEST_VADDR, 0), 39,
                   "no PDPT for a directory either");
    check_equal(seL4_X86_PDPT_Map(pdpt, space, TEST_VADDR + 0x12345, 0), seL4_NoError,
                "a PDPT takes any address in its range");
    expect_missing(seL4_X86_PageTable_Map(table, space, TEST_VADDR, 0), 30, "no directory");
    check_equal(seL4_X86_PDPT_Map(table, space, TEST_VADDR, 0), seL4_IllegalOperation,
                "a page table is no PDPT");
    check_equal(seL4_X86_PageDirectory_Map(directory, space, TEST_VADDR, 0), seL4_NoError,
                "map the directory");
    check_equal(seL4_X86_PDPT_Map(pdpt, space, TEST_VADDR, 0), seL4_InvalidCapability,
                "the PDPT is mapped");
    check_equal(seL4_X86_PDPT_Map(world_object(seL4_X86_PDPTObject, 0), space, TEST_VADDR, 0),
                seL4_DeleteFirst, "there is no room for another");
    check_equal(seL4_X86_PDPT_Unmap(pdpt), seL4_NoError, "unmap the PDPT");
    expect_missing(seL4_X86_PageTable_Map(table, space, TEST_VADDR, 0), 39, "all is gone");
    check_equal(seL4_X86_PageDirectory_Unmap(directory), seL4_NoError,
                "a directory that lost its place is unmapped");
}

static seL4_CPtr device_untyped_of(seL4_Word bits)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (info->untypedList[i].isDevice && info->untypedList[i].sizeBits >= bits) {
            return info->untyped.start + i;
        }
    }
    world_check(false, "device untyped");
    return 0;
}

void test_huge_page(void)
{
    seL4_CPtr huge = world_slot();
    seL4_Error error =
        seL4_Untyped_Retype(device_untyped_of(seL4_HugePageBits), seL4_X64_HugePageObject, 0,
                            seL4_CapInitThreadCNode, 0, 0, huge, 1);
#ifdef CONFIG_HUGE_PAGE
    seL4_Word beside = TEST_VADDR + (UINT64_C(1) << seL4_HugePageBits);
    seL4_CPtr small = world_object(seL4_X86_4K, 0);
    check_equal(error, seL4_NoError, "make 1 GiB of device memory a frame");
    map_tables(small, TEST_VADDR);
    check_equal(page_map(huge, TEST_VADDR, seL4_AllRights), seL4_DeleteFirst,
                "it does not fit where a directory is");
    check_equal(page_map(huge, beside, seL4_AllRights), seL4_NoError, "map it beside");
    check_equal(seL4_X86_Page_Unmap(small), seL4_NoError, "a small page");
    expect_missing(page_map(small, beside, seL4_AllRights), 30, "has no directory inside it");
    check_equal(seL4_X86_PageDirectory_Map(world_object(seL4_X86_PageDirectoryObject, 0),
                                           seL4_CapInitThreadVSpace, beside, 0),
                seL4_DeleteFirst, "nor place for one");
    check_equal(seL4_X86_Page_Map(huge, seL4_CapInitThreadVSpace, beside, seL4_CanRead,
                                  seL4_X86_WriteCombining),
                seL4_NoError, "map it again, differently");
    check_equal(seL4_X86_Page_Unmap(huge), seL4_NoError, "unmap it");
    expect_missing(page_map(small, beside, seL4_AllRights), 30, "a directory is still missing");
    check_equal(seL4_X86_PageDirectory_Map(world_object(seL4_X86_PageDirectoryObject, 0),
                                           seL4_CapInitThreadVSpace, beside, 0),
                seL4_NoError, "which fits now");
#else
    check_equal(error, seL4_InvalidArgument, "there are no 1 GiB pages in this build");
    check_equal(seL4_GetMR(0), 0, "the type is wrong");
#endif
}

#ifdef CONFIG_DEBUG_BUILD
void test_identify(void)
{
    check(seL4_DebugCapIdentify(world_object(seL4_X86_PageTableObject, 0)) == 3 &&
              seL4_DebugCapIdentify(world_object(seL4_X86_PageDirectoryObject, 0)) == 5 &&
              seL4_DebugCapIdentify(world_object(seL4_X86_PDPTObject, 0)) == 7 &&
              seL4_DebugCapIdentify(world_object(seL4_X64_PML4Object, 0)) == 9,
          "tables of every level are told apart");
#ifdef CONFIG_IOMMU
    check_equal(seL4_DebugCapIdentify(world_object(seL4_X86_IOPageTableObject, 0)), 17,
                "IO page tables, too");
#endif
}
#endif

/* ---- ASIDs ---- */

void test_asids(void)
{
    seL4_CPtr space = world_object(seL4_X64_PML4Object, 0);
    seL4_CPtr frame = world_object(seL4_X86_4K, 0);
    check_equal(seL4_X86_Page_Map(frame, space, 0x1000, seL4_AllRights, 0), seL4_InvalidCapability,
                "a root without ASID can't be mapped into");
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, world_slot(), 64, seL4_CapInitThreadCNode,
                                space, 64, seL4_AllRights),
                seL4_IllegalOperation, "nor copied");
    seL4_CPtr untyped = world_object(seL4_UntypedObject, 12);
    seL4_CPtr pool = world_slot();
    check_equal(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, untyped, seL4_CapInitThreadCNode,
                                              pool, 64),
                seL4_NoError, "make an ASID pool");
    check_equal(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, untyped, seL4_CapInitThreadCNode,
                                              pool, 64),
                seL4_RevokeFirst, "its untyped has a child now");
    check_equal(seL4_X86_ASIDPool_Assign(pool, space), seL4_NoError, "assign an ASID from it");
    check_equal(seL4_X86_ASIDPool_Assign(pool, space), seL4_InvalidCapability, "only once");
    check_equal(seL4_X86_Page_Map(frame, space, 0x1000, seL4_AllRights, 0), seL4_FailedLookup,
                "now tables are missing");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, pool, 64), seL4_NoError,
                "delete the pool");
    check_equal(seL4_X86_Page_Map(frame, space, 0x1000, seL4_AllRights, 0), seL4_FailedLookup,
                "the ASID is unknown");
    check_equal(seL4_GetMR(1), seL4_InvalidRoot, "as invalid root");
    int made = 0;
    while (made < 9) {
        seL4_CPtr memory = world_object(seL4_UntypedObject, 12);
        if (seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, memory, seL4_CapInitThreadCNode,
                                          world_slot(), 64) != seL4_NoError) {
            break;
        }
        made++;
    }
    check_equal((uint64_t)made, 7, "there are eight pools");
}
