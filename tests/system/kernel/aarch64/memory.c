/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Address spaces: table levels, page sizes, remapping, stale records, ASID pools. */
#include "arch_test.h"

#define LARGE_BYTES UINT64_C(0x200000)
#define HUGE_BITS   30

static seL4_Error table_map(seL4_CPtr table, seL4_Word vaddr)
{
    return seL4_ARM_PageTable_Map(table, seL4_CapInitThreadVSpace, vaddr,
                                  seL4_ARM_Default_VMAttributes);
}

/* The answer to a map call at TEST_VADDR: FailedLookup, and the level that is missing. */
static void expect_missing(seL4_Error error, seL4_Word level, const char *name)
{
    check(error == seL4_FailedLookup && seL4_GetMR(0) == 0 &&
              seL4_GetMR(1) == seL4_MissingCapability && seL4_MappingFailedLookupLevel() == level,
          name);
}

static void test_tables(seL4_CPtr frame, seL4_CPtr last_table)
{
    expect_missing(page_map(frame, TEST_VADDR, seL4_AllRights, 3), 39, "no level-2 table");
    check_equal(table_map(world_object(seL4_ARM_PageTableObject, 0), TEST_VADDR + 0x12345),
                seL4_NoError, "a table goes to the first missing level");
    expect_missing(page_map(frame, TEST_VADDR, seL4_AllRights, 3), 30, "then level 30 is missing");
    check_equal(table_map(world_object(seL4_ARM_PageTableObject, 0), TEST_VADDR), seL4_NoError,
                "the second table");
    expect_missing(page_map(frame, TEST_VADDR, seL4_AllRights, 3), 21, "then level 21");
    check_equal(table_map(last_table, TEST_VADDR), seL4_NoError, "the third table");
    check_equal(table_map(last_table, TEST_VADDR), seL4_InvalidCapability, "not mapped twice");
    check_equal(seL4_GetMR(0), 0, "it is the invoked capability");
    check_equal(table_map(world_object(seL4_ARM_PageTableObject, 0), TEST_VADDR), seL4_DeleteFirst,
                "there is no fourth level");
    check_equal(table_map(world_object(seL4_ARM_PageTableObject, 0), UINT64_C(0x800000000000)),
                seL4_InvalidArgument, "no table above the user half");
}

void test_pages(void)
{
    seL4_CPtr frame = world_object(seL4_ARM_SmallPageObject, 0);
    seL4_CPtr last_table = world_object(seL4_ARM_PageTableObject, 0);
    volatile uint64_t *words = (volatile uint64_t *)TEST_VADDR;
    test_tables(frame, last_table);
    check_equal(page_map(frame, TEST_VADDR, seL4_AllRights, 3), seL4_NoError, "map a page");
    words[0] = 0x1234;
    check_equal(words[0], 0x1234, "it can be written");
    check_equal(page_map(frame, TEST_VADDR, seL4_CanRead, 3), seL4_NoError, "map it read-only");
    expect_write_fault(TEST_VADDR, ESR_PERMISSION_L3, "writing faults");
    check_equal(words[0], 0x1234, "reading does not");
    check_equal(page_map(frame, TEST_VADDR, seL4_NoRights, 3), seL4_NoError, "map for the kernel");
    expect_read_fault(TEST_VADDR, ESR_PERMISSION_L3, "reading faults");
    check_equal(page_map(frame, TEST_VADDR, seL4_AllRights, 7), seL4_NoError, "not executable");
    expect_vm_fault(code_jump, TEST_VADDR, TEST_VADDR, 1, ESR_FETCH | ESR_PERMISSION_L3,
                    "jumping there faults");
    check_equal(page_map(frame, TEST_VADDR + PAGE_BYTES, seL4_AllRights, 3), seL4_InvalidArgument,
                "a mapped frame cannot be mapped elsewhere");
    check_equal(seL4_GetMR(0), 0, "the address is wrong");
    seL4_CPtr other_space = arch_vspace_create();
    check_equal(seL4_ARM_Page_Map(frame, other_space, TEST_VADDR, seL4_AllRights, 3),
                seL4_InvalidCapability, "nor in another address space");
    check_equal(seL4_GetMR(0), 1, "the address space is wrong");
    check_equal(seL4_ARM_Page_GetAddress(frame).paddr & (PAGE_BYTES - 1), 0, "its address");

    seL4_CPtr copy = copy_of(frame);
    check_equal(page_map(copy, TEST_VADDR + 1, seL4_AllRights, 3), seL4_AlignmentError,
                "an address inside a page");
    check_equal(page_map(copy, UINT64_C(0x800000000000), seL4_AllRights, 3), seL4_InvalidArgument,
                "an address above the user half");
    check_equal(page_map(copy, TEST_VADDR + PAGE_BYTES, seL4_AllRights, 3), seL4_NoError,
                "a copy is mapped on its own");
    words[PAGE_BYTES / 8] = 0x9999;
    check_equal(words[0], 0x9999, "both show the same memory");
    check_equal(seL4_ARM_Page_Unmap(frame), seL4_NoError, "unmap");
    expect_read_fault(TEST_VADDR, ESR_TRANSLATION + 3, "then reading faults");
    check_equal(words[PAGE_BYTES / 8], 0x9999, "the copy stays");
    check_equal(seL4_ARM_Page_Unmap(frame), seL4_NoError, "unmapping again is no error");
    check_equal(delete_slot(copy), seL4_NoError, "delete the copy");
    expect_read_fault(TEST_VADDR + PAGE_BYTES, ESR_TRANSLATION + 3, "its mapping is gone");

    seL4_CPtr second = world_object(seL4_ARM_SmallPageObject, 0);
    check_equal(page_map(frame, TEST_VADDR, seL4_AllRights, 3), seL4_NoError, "map it again");
    check_equal(page_map(second, TEST_VADDR, seL4_AllRights, 3), seL4_NoError,
                "another page replaces it silently");
    check_equal(words[0], 0, "which is zero");
    check_equal(seL4_ARM_Page_Unmap(frame), seL4_NoError, "unmapping the first does nothing");
    check_equal(words[0], 0, "the second stays");

    seL4_CPtr table_copy = copy_of(last_table);
    check_equal(seL4_ARM_PageTable_Unmap(last_table), seL4_RevokeFirst,
                "a table with two capabilities is not unmapped");
    check_equal(delete_slot(table_copy), seL4_NoError, "delete one");
    check_equal(words[0], 0, "the table is still there");
    check_equal(seL4_ARM_PageTable_Unmap(last_table), seL4_NoError, "unmap the table");
    expect_read_fault(TEST_VADDR, ESR_TRANSLATION + 2, "with it the page is gone");
    check_equal(table_map(last_table, TEST_VADDR), seL4_NoError, "map it again");
    expect_read_fault(TEST_VADDR, ESR_TRANSLATION + 3, "it was emptied");
    check_equal(seL4_ARM_Page_Unmap(second), seL4_NoError, "a stale frame is unmapped");
}

static seL4_CPtr device_untyped_of(unsigned bits)
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

void test_large_pages(void)
{
    seL4_CPtr small = world_object(seL4_ARM_SmallPageObject, 0);
    seL4_CPtr large = world_object(seL4_ARM_LargePageObject, 0);
    volatile uint64_t *words = (volatile uint64_t *)(TEST_VADDR + LARGE_BYTES);
    expect_missing(page_map(large, TEST_VADDR, seL4_AllRights, 3), 12,
                   "a 2 MiB page does not fit where a table is");
    check_equal(page_map(large, TEST_VADDR + LARGE_BYTES, seL4_AllRights, 3), seL4_NoError,
                "map 2 MiB");
    words[0] = 1;
    words[LARGE_BYTES / 8 - 1] = 2;
    check(words[0] == 1 && words[LARGE_BYTES / 8 - 1] == 2, "all of it can be written");
    expect_missing(page_map(small, TEST_VADDR + LARGE_BYTES, seL4_AllRights, 3), 21,
                   "no small page in it");
    check_equal(table_map(world_object(seL4_ARM_PageTableObject, 0), TEST_VADDR + LARGE_BYTES),
                seL4_DeleteFirst, "nor a table");
    check_equal(seL4_ARM_Page_Unmap(large), seL4_NoError, "unmap it");
    expect_read_fault(TEST_VADDR + LARGE_BYTES, ESR_TRANSLATION + 2, "all of it is gone");

    seL4_CPtr huge = world_slot();
    check_equal(seL4_Untyped_Retype(device_untyped_of(HUGE_BITS), seL4_ARM_HugePageObject, 0,
                                    seL4_CapInitThreadCNode, 0, 0, huge, 1),
                seL4_NoError, "make 1 GiB of device memory a frame");
    expect_missing(page_map(huge, TEST_VADDR, seL4_AllRights, 0), 12,
                   "it does not fit above other tables");
    check_equal(page_map(huge, TEST_VADDR + (1ul << HUGE_BITS), seL4_AllRights, 0), seL4_NoError,
                "map 1 GiB");
    expect_missing(page_map(small, TEST_VADDR + (1ul << HUGE_BITS), seL4_AllRights, 3), 30,
                   "no small page in it");
    check_equal(seL4_ARM_Page_Unmap(huge), seL4_NoError, "unmap it");
}

/* ---- ASIDs ---- */

void test_asids(void)
{
    seL4_CPtr frame = world_object(seL4_ARM_SmallPageObject, 0);
    seL4_CPtr root = world_object(seL4_ARM_VSpaceObject, 0);
    check_equal(seL4_ARM_Page_Map(frame, root, TEST_VADDR, seL4_AllRights, 3),
                seL4_InvalidCapability, "a root without ASID cannot be mapped into");
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, world_slot(), seL4_WordBits,
                                seL4_CapInitThreadCNode, root, seL4_WordBits, seL4_AllRights),
                seL4_IllegalOperation, "nor copied");

    seL4_CPtr pool = 0;
    seL4_CPtr pool_untyped = 0;
    unsigned count = 0;
    seL4_Error error;
    for (;;) {
        seL4_CPtr untyped = world_object(seL4_UntypedObject, seL4_PageBits);
        seL4_CPtr slot = world_slot();
        error = seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, seL4_CapInitThreadCNode,
                                              slot, seL4_WordBits);
        if (error != seL4_NoError || count > 200) {
            break;
        }
        pool = slot;
        pool_untyped = untyped;
        count++;
    }
    check_equal(count, 127, "127 more ASID pools can be made");
    check_equal(error, seL4_DeleteFirst, "then one must be deleted first");
    check_equal(seL4_ARM_ASIDPool_Assign(pool, root), seL4_NoError, "assign an ASID of the last");
    check_equal(seL4_ARM_ASIDPool_Assign(pool, root), seL4_InvalidCapability, "only once");
    expect_missing(seL4_ARM_Page_Map(frame, root, TEST_VADDR, seL4_AllRights, 3), 39,
                   "now it can be mapped into");
    check_equal(delete_slot(pool), seL4_NoError, "delete the pool");
    check_equal(seL4_ARM_Page_Map(frame, root, TEST_VADDR, seL4_AllRights, 3), seL4_FailedLookup,
                "its ASIDs are gone");
    check_equal(seL4_GetMR(1), seL4_InvalidRoot, "as an invalid root");
    check_equal(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, pool_untyped,
                                              seL4_CapInitThreadCNode, pool, seL4_WordBits),
                seL4_NoError, "a new pool can be made");

    unsigned assigned = 0;
    for (;;) {
        error = seL4_ARM_ASIDPool_Assign(pool, world_object(seL4_ARM_VSpaceObject, 0));
        if (error != seL4_NoError || assigned > 600) {
            break;
        }
        assigned++;
    }
    check_equal(assigned, 512, "a pool has 512 ASIDs");
    check_equal(error, seL4_DeleteFirst, "then it is full");
}
