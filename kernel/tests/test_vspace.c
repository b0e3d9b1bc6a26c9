/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Address spaces, in the aarch64 form that the host shares: tables, frames, rights, ASIDs. */
#include "harness.h"
#include "inspect.h"

#define VADDR 0x700000000000ul /* shares no table with the root task's image */

static seL4_CPtr own(void)
{
    return seL4_CapInitThreadVSpace;
}

static seL4_CPtr frame(void)
{
    return harness_object(seL4_ARM_SmallPageObject, 0);
}

static seL4_Error map(seL4_CPtr page, seL4_Word vaddr, seL4_CapRights_t rights)
{
    return seL4_ARM_Page_Map(page, own(), vaddr, rights, seL4_ARM_Default_VMAttributes);
}

static seL4_Error map_table(seL4_CPtr table)
{
    return seL4_ARM_PageTable_Map(table, own(), VADDR, seL4_ARM_Default_VMAttributes);
}

static void map_all_tables(seL4_CPtr tables[3])
{
    for (int i = 0; i < 3; i++) {
        tables[i] = harness_object(seL4_ARM_PageTableObject, 0);
        assert_ok(map_table(tables[i]));
    }
}

static void test_missing_levels_are_named_from_the_top(void)
{
    static const seL4_Word levels[] = {39, 30, 21};
    seL4_CPtr page = frame();
    for (int i = 0; i < 3; i++) {
        assert_failed_lookup(map(page, VADDR, seL4_ReadWrite), 0, seL4_MissingCapability,
                             levels[i]);
        assert_ok(map_table(harness_object(seL4_ARM_PageTableObject, 0)));
    }
    assert_error(map_table(harness_object(seL4_ARM_PageTableObject, 0)), seL4_DeleteFirst);
    assert_ok(map(page, VADDR, seL4_ReadWrite));
    assert_non_null(kernel_host_translate(VADDR, true));
}

static void test_map_errors(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr page = frame();
    seL4_CPtr bare_root = harness_object(seL4_ARM_VSpaceObject, 0);
    map_all_tables(tables);
    assert_error_word(seL4_ARM_Page_Map(page, page, VADDR, seL4_ReadWrite, 3),
                      seL4_InvalidCapability, 1);
    assert_error_word(seL4_ARM_Page_Map(page, bare_root, VADDR, seL4_ReadWrite, 3),
                      seL4_InvalidCapability, 1);
    assert_error(map(page, VADDR + 8, seL4_ReadWrite), seL4_AlignmentError);
    assert_error_word(map(page, 0x800000000000, seL4_ReadWrite), seL4_InvalidArgument, 0);
    assert_ok(map(page, VADDR, seL4_ReadWrite));
    assert_error_word(map(page, VADDR + 0x1000, seL4_ReadWrite), seL4_InvalidArgument, 0);
    assert_ok(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, bare_root));
    assert_error_word(seL4_ARM_Page_Map(page, bare_root, VADDR, seL4_ReadWrite, 3),
                      seL4_InvalidCapability, 1);
    assert_error_word(map_table(tables[0]), seL4_InvalidCapability, 0);
}

static void test_rights_are_those_of_capability_and_call(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr page = frame();
    seL4_CPtr read_only = harness_mint(page, seL4_CanRead, 0);
    map_all_tables(tables);
    assert_ok(map(page, VADDR, seL4_CanRead));
    assert_null(kernel_host_translate(VADDR, true));
    assert_non_null(kernel_host_translate(VADDR, false));
    assert_ok(map(page, VADDR, seL4_AllRights)); /* map again: new rights */
    assert_non_null(kernel_host_translate(VADDR, true));
    assert_ok(map(page, VADDR, seL4_NoRights));
    assert_null(kernel_host_translate(VADDR, false));
    assert_ok(map(read_only, VADDR + 0x1000, seL4_AllRights));
    assert_null(kernel_host_translate(VADDR + 0x1000, true));
    assert_non_null(kernel_host_translate(VADDR + 0x1000, false));
}

static void test_unmap_and_delete_remove_the_page(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr page = frame();
    seL4_CPtr copy = harness_mint(page, seL4_AllRights, 0);
    map_all_tables(tables);
    assert_ok(seL4_ARM_Page_Unmap(page)); /* not mapped: nothing to do */
    assert_ok(map(page, VADDR, seL4_ReadWrite));
    assert_ok(map(copy, VADDR + 0x1000, seL4_ReadWrite));
    assert_ptr_equal(kernel_host_translate(VADDR, true),
                     kernel_host_translate(VADDR + 0x1000, true));
    assert_ok(seL4_ARM_Page_Unmap(page));
    assert_null(kernel_host_translate(VADDR, false));
    assert_non_null(kernel_host_translate(VADDR + 0x1000, false));
    assert_ok(harness_delete(copy));
    assert_null(kernel_host_translate(VADDR + 0x1000, false));
}

static void test_a_stale_record_does_not_unmap_another_page(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr first = frame();
    seL4_CPtr second = frame();
    map_all_tables(tables);
    assert_ok(map(first, VADDR, seL4_ReadWrite));
    assert_ok(map(second, VADDR, seL4_ReadWrite)); /* replaces it silently */
    assert_ok(seL4_ARM_Page_Unmap(first));
    assert_non_null(kernel_host_translate(VADDR, true));
    assert_ok(harness_delete(second));
    assert_null(kernel_host_translate(VADDR, false));
}

static void test_unmapping_a_table_takes_its_pages_along(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr page = frame();
    map_all_tables(tables);
    assert_ok(map(page, VADDR, seL4_ReadWrite));
    seL4_CPtr copy = harness_mint(tables[2], seL4_AllRights, 0);
    assert_error(seL4_ARM_PageTable_Unmap(tables[2]), seL4_RevokeFirst);
    assert_ok(harness_delete(copy));
    assert_ok(seL4_ARM_PageTable_Unmap(tables[2]));
    assert_null(kernel_host_translate(VADDR, false));
    assert_ok(map_table(tables[2]));
    assert_null(kernel_host_translate(VADDR, false)); /* it is empty now */
    assert_ok(harness_delete(tables[0]));
    assert_failed_lookup(map(frame(), VADDR, seL4_ReadWrite), 0, seL4_MissingCapability, 39);
}

static void test_large_pages(void)
{
    seL4_CPtr large = harness_object(seL4_ARM_LargePageObject, 0);
    assert_ok(map_table(harness_object(seL4_ARM_PageTableObject, 0)));
    assert_ok(map_table(harness_object(seL4_ARM_PageTableObject, 0)));
    assert_error(map(large, VADDR + 0x1000, seL4_ReadWrite), seL4_AlignmentError);
    assert_ok(map(large, VADDR, seL4_ReadWrite));
    char *start = kernel_host_translate(VADDR, true);
    assert_ptr_equal(kernel_host_translate(VADDR + 0x123456, true), start + 0x123456);
    assert_error(map_table(harness_object(seL4_ARM_PageTableObject, 0)), seL4_DeleteFirst);
    assert_failed_lookup(map(frame(), VADDR, seL4_ReadWrite), 0, seL4_MissingCapability, 21);
}

static void test_get_address_tells_the_physical_address(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr page = frame();
    map_all_tables(tables);
    assert_ok(map(page, VADDR, seL4_ReadWrite));
    seL4_ARM_Page_GetAddress_t result = seL4_ARM_Page_GetAddress(page);
    assert_ok(result.error);
    assert_ptr_equal(kernel_host_memory(result.paddr), kernel_host_translate(VADDR, true));
}

static void test_asid_pools(void)
{
    seL4_CPtr untyped = harness_untyped(12);
    seL4_CPtr big = harness_untyped(13);
    seL4_CPtr pool = harness_slot();
    seL4_CPtr root = harness_object(seL4_ARM_VSpaceObject, 0);
    assert_error_word(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, big, ROOT, pool, DEPTH),
                      seL4_InvalidCapability, 1);
    assert_error(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, root, DEPTH),
                 seL4_DeleteFirst);
    assert_ok(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, pool, DEPTH));
    assert_int_equal(harness_tag(pool), 13);
    assert_ok(seL4_ARM_ASIDPool_Assign(pool, root));
    assert_error_word(seL4_ARM_ASIDPool_Assign(pool, root), seL4_InvalidCapability, 1);
    /* With the pool its address spaces are gone. */
    assert_ok(harness_delete(pool));
    assert_failed_lookup(
        seL4_ARM_PageTable_Map(harness_object(seL4_ARM_PageTableObject, 0), root, 0, 3), 0,
        seL4_InvalidRoot, seL4_GetMR(2));
    inspect_tree();
}

static void test_an_asid_pool_has_512_entries(void)
{
    seL4_CPtr untyped = harness_untyped(12);
    seL4_CPtr pool = harness_slot();
    assert_ok(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, pool, DEPTH));
    for (int i = 0; i < 512; i++) {
        assert_ok(seL4_ARM_ASIDPool_Assign(pool, harness_object(seL4_ARM_VSpaceObject, 0)));
    }
    assert_error(seL4_ARM_ASIDPool_Assign(pool, harness_object(seL4_ARM_VSpaceObject, 0)),
                 seL4_DeleteFirst);
}

static void test_cache_operations_check_their_range(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr page = frame();
    map_all_tables(tables);
    assert_error(seL4_ARM_Page_Clean_Data(page, 0, 64), seL4_IllegalOperation); /* not mapped */
    assert_ok(map(page, VADDR, seL4_CanRead));
    assert_error_word(seL4_ARM_Page_Clean_Data(page, 64, 64), seL4_InvalidArgument, 1);
    assert_error_word(seL4_ARM_Page_Clean_Data(page, 0, 4097), seL4_InvalidArgument, 0);
    assert_error(seL4_ARM_Page_Invalidate_Data(page, 0, 64), seL4_IllegalOperation);
    assert_ok(seL4_ARM_Page_Unify_Instruction(page, 0, 4096));
    assert_error_word(seL4_ARM_VSpace_Clean_Data(own(), VADDR, VADDR), seL4_InvalidArgument, 1);
    assert_range_error(seL4_ARM_VSpace_Clean_Data(own(), VADDR, VADDR + 4097), VADDR, VADDR + 4095);
    assert_ok(seL4_ARM_VSpace_Clean_Data(own(), VADDR + 0x1000, VADDR + 0x9000)); /* no page */
}

/* ---- the order of checks ---- */

/* A root whose ASID pool is gone: its ASID stands for nothing. */
static seL4_CPtr root_without_pool(void)
{
    seL4_CPtr pool = harness_slot();
    seL4_CPtr root = harness_object(seL4_ARM_VSpaceObject, 0);
    assert_ok(
        seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, harness_untyped(12), ROOT, pool, DEPTH));
    assert_ok(seL4_ARM_ASIDPool_Assign(pool, root));
    assert_ok(harness_delete(pool));
    return root;
}

static void test_of_two_errors_the_abi_says_which_comes_first(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr page = frame();
    seL4_CPtr stale = root_without_pool();
    seL4_CPtr other = harness_object(seL4_ARM_VSpaceObject, 0);
    assert_ok(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, other));
    map_all_tables(tables);
    assert_ok(map(page, VADDR, seL4_ReadWrite));
    /* Page: root, its ASID, alignment, place, missing table. */
    assert_error_word(seL4_ARM_Page_Map(page, page, VADDR + 8, seL4_ReadWrite, 3),
                      seL4_InvalidCapability, 1);
    assert_failed_lookup(seL4_ARM_Page_Map(page, stale, VADDR + 8, seL4_ReadWrite, 3), 0,
                         seL4_InvalidRoot, seL4_GetMR(2));
    assert_error(seL4_ARM_Page_Map(page, other, VADDR + 8, seL4_ReadWrite, 3), seL4_AlignmentError);
    assert_error_word(seL4_ARM_Page_Map(page, other, VADDR + 0x1000, seL4_ReadWrite, 3),
                      seL4_InvalidCapability, 1);
    assert_error_word(map(frame(), 0x800000000000, seL4_ReadWrite), seL4_InvalidArgument, 0);
    /* Table: mapped already, root, address, its ASID, place. */
    seL4_CPtr table = harness_object(seL4_ARM_PageTableObject, 0);
    assert_error_word(seL4_ARM_PageTable_Map(tables[0], page, VADDR, 3), seL4_InvalidCapability, 0);
    assert_error_word(seL4_ARM_PageTable_Map(table, page, 0x800000000000, 3),
                      seL4_InvalidCapability, 1);
    assert_error_word(seL4_ARM_PageTable_Map(table, stale, 0x800000000000, 3), seL4_InvalidArgument,
                      0);
    assert_failed_lookup(seL4_ARM_PageTable_Map(table, stale, VADDR, 3), 0, seL4_InvalidRoot,
                         seL4_GetMR(2));
    /* Cache operations: a range that is wrong twice, a root that is stale, too. */
    assert_error_word(seL4_ARM_VSpace_Clean_Data(stale, 8, 8), seL4_InvalidArgument, 1);
    assert_error(seL4_ARM_VSpace_Clean_Data(stale, 8, 0x800000000000), seL4_IllegalOperation);
    assert_failed_lookup(seL4_ARM_VSpace_Clean_Data(stale, 8, 16), 0, seL4_InvalidRoot,
                         seL4_GetMR(2));
    assert_error_word(seL4_ARM_Page_Clean_Data(page, 8192, 8192), seL4_InvalidArgument, 1);
}

static void test_pages_end_at_the_top_of_the_user_half(void)
{
    seL4_CPtr large = harness_object(seL4_ARM_LargePageObject, 0);
    assert_failed_lookup(map(frame(), 0x7ffffffff000, seL4_ReadWrite), 0, seL4_MissingCapability,
                         39);
    assert_failed_lookup(map(large, 0x7fffffe00000, seL4_ReadWrite), 0, seL4_MissingCapability, 39);
    assert_error_word(map(large, 0x800000000000, seL4_ReadWrite), seL4_InvalidArgument, 0);
    assert_error_word(map(large, 0xffffffffffe00000, seL4_ReadWrite), seL4_InvalidArgument, 0);
}

/* ---- records of mappings that are gone ---- */

static void test_a_stale_asid_maps_nothing_and_unmaps(void)
{
    seL4_CPtr pool = harness_slot();
    seL4_CPtr root = harness_object(seL4_ARM_VSpaceObject, 0);
    seL4_CPtr page = frame();
    seL4_CPtr table = harness_object(seL4_ARM_PageTableObject, 0);
    assert_ok(
        seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, harness_untyped(12), ROOT, pool, DEPTH));
    assert_ok(seL4_ARM_ASIDPool_Assign(pool, root));
    assert_ok(seL4_ARM_PageTable_Map(table, root, VADDR, 3));
    for (int i = 0; i < 2; i++) {
        assert_ok(
            seL4_ARM_PageTable_Map(harness_object(seL4_ARM_PageTableObject, 0), root, VADDR, 3));
    }
    assert_ok(seL4_ARM_Page_Map(page, root, VADDR, seL4_ReadWrite, 3));
    assert_ok(harness_delete(pool));
    assert_failed_lookup(seL4_ARM_Page_Map(page, root, VADDR, seL4_ReadWrite, 3), 0,
                         seL4_InvalidRoot, seL4_GetMR(2));
    assert_failed_lookup(seL4_ARM_Page_Clean_Data(page, 0, 64), 0, seL4_InvalidRoot, seL4_GetMR(2));
    assert_error_word(map(page, VADDR, seL4_ReadWrite), seL4_InvalidCapability, 1);
    assert_error_word(map_table(table), seL4_InvalidCapability, 0);
    assert_ok(seL4_ARM_Page_Unmap(page));
    assert_ok(seL4_ARM_PageTable_Unmap(table));
    assert_ok(map_table(table));
    assert_failed_lookup(map(page, VADDR, seL4_ReadWrite), 0, seL4_MissingCapability, 30);
}

/* Three tables at VADDR in a fresh root that has an ASID of the pool; the last of the tables. */
static seL4_CPtr space_with_tables(seL4_CPtr pool, seL4_CPtr *last_table)
{
    seL4_CPtr root = harness_object(seL4_ARM_VSpaceObject, 0);
    assert_ok(seL4_ARM_ASIDPool_Assign(pool, root));
    for (int i = 0; i < 3; i++) {
        *last_table = harness_object(seL4_ARM_PageTableObject, 0);
        assert_ok(seL4_ARM_PageTable_Map(*last_table, root, VADDR, 3));
    }
    return root;
}

/* A new address space gets the ASID of one that is gone, and with it the old records point there.
 */
static void test_old_records_spare_the_asids_next_owner(void)
{
    seL4_CPtr old_table;
    seL4_CPtr new_table;
    seL4_CPtr old_page = frame();
    seL4_CPtr new_page = frame();
    seL4_CPtr pool = harness_slot();
    seL4_CPtr untyped = harness_untyped(12);
    assert_ok(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, pool, DEPTH));
    seL4_CPtr old_root = space_with_tables(pool, &old_table);
    assert_ok(seL4_ARM_Page_Map(old_page, old_root, VADDR, seL4_ReadWrite, 3));
    assert_ok(harness_delete(old_root));
    seL4_CPtr new_root = space_with_tables(pool, &new_table);
    assert_ok(seL4_ARM_Page_Map(new_page, new_root, VADDR, seL4_ReadWrite, 3));
    assert_error_word(seL4_ARM_Page_Clean_Data(old_page, 0, 64), seL4_InvalidCapability, 0);
    assert_ok(seL4_ARM_Page_Unmap(old_page));
    assert_ok(seL4_ARM_PageTable_Unmap(old_table));
    assert_ok(seL4_ARM_Page_Clean_Data(new_page, 0, 64)); /* it is still mapped */
    /* The same with the pool: the next one has its number. */
    assert_ok(seL4_ARM_Page_Map(old_page, new_root, VADDR + 0x1000, seL4_ReadWrite, 3));
    assert_ok(harness_delete(pool));
    assert_ok(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, pool, DEPTH));
    assert_error_word(seL4_ARM_ASIDPool_Assign(pool, new_root), seL4_InvalidCapability, 1);
    seL4_CPtr third_root = space_with_tables(pool, &old_table);
    seL4_CPtr third_page = frame();
    assert_ok(seL4_ARM_Page_Map(third_page, third_root, VADDR + 0x1000, seL4_ReadWrite, 3));
    assert_ok(harness_delete(old_page));
    assert_ok(harness_delete(new_table));
    assert_ok(harness_delete(new_root));
    assert_ok(seL4_ARM_Page_Clean_Data(third_page, 0, 64));
    inspect_tree();
}

static void test_cache_operations_know_a_replaced_page(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr first = frame();
    seL4_CPtr second = frame();
    map_all_tables(tables);
    assert_ok(map(first, VADDR, seL4_ReadWrite));
    assert_ok(map(second, VADDR, seL4_ReadWrite));
    assert_error_word(seL4_ARM_Page_Clean_Data(first, 0, 64), seL4_InvalidCapability, 0);
    assert_ok(seL4_ARM_Page_Clean_Data(second, 0, 64));
    assert_ok(map(first, VADDR, seL4_ReadWrite)); /* its record is right again: a re-map */
    assert_ok(seL4_ARM_Page_Clean_Data(first, 0, 64));
}

static void test_a_large_page_does_not_replace_a_table(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr large = harness_object(seL4_ARM_LargePageObject, 0);
    map_all_tables(tables);
    assert_failed_lookup(map(large, VADDR, seL4_ReadWrite), 0, seL4_MissingCapability, 12);
    assert_ok(seL4_ARM_PageTable_Unmap(tables[2]));
    assert_ok(map(large, VADDR, seL4_ReadWrite));
    assert_ok(map(large, VADDR, seL4_CanRead)); /* again, with other rights */
    assert_null(kernel_host_translate(VADDR, true));
}

static void test_write_only_is_kernel_only(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr page = frame();
    seL4_CPtr write_only = harness_mint(page, seL4_CanWrite, 0);
    map_all_tables(tables);
    assert_ok(map(page, VADDR, seL4_CanWrite));
    assert_null(kernel_host_translate(VADDR, false));
    assert_ok(map(write_only, VADDR + 0x1000, seL4_AllRights));
    assert_null(kernel_host_translate(VADDR + 0x1000, false));
    assert_ok(seL4_ARM_Page_Clean_Data(write_only, 0, 64)); /* mapped all the same */
    assert_error(seL4_ARM_Page_Invalidate_Data(write_only, 0, 64), seL4_IllegalOperation);
}

static void test_a_copy_has_no_mapping_and_a_moved_page_keeps_its(void)
{
    seL4_CPtr tables[3];
    seL4_CPtr page = frame();
    seL4_CPtr moved = harness_slot();
    map_all_tables(tables);
    assert_ok(map(page, VADDR, seL4_ReadWrite));
    seL4_CPtr copy = harness_mint(page, seL4_AllRights, 0);
    assert_error(seL4_ARM_Page_Clean_Data(copy, 0, 64), seL4_IllegalOperation);
    assert_ok(harness_delete(copy));
    assert_non_null(kernel_host_translate(VADDR, true));
    assert_ok(seL4_CNode_Move(ROOT, moved, DEPTH, ROOT, page, DEPTH));
    assert_error_word(map(moved, VADDR + 0x1000, seL4_ReadWrite), seL4_InvalidArgument, 0);
    assert_ok(harness_delete(moved));
    assert_null(kernel_host_translate(VADDR, false));
}

static void test_an_unused_untyped_becomes_a_pool(void)
{
    seL4_CPtr untyped = harness_untyped(12);
    seL4_CPtr child = harness_slot();
    assert_ok(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, ROOT, 0, 0, child, 1));
    assert_error(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, child, DEPTH),
                 seL4_RevokeFirst);
    assert_ok(harness_delete(child));
    assert_failed_lookup(
        seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, untyped, child, DEPTH), 0,
        seL4_InvalidRoot, seL4_GetMR(2));
    assert_ok(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, child, DEPTH));
    assert_error(
        seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, harness_slot(), DEPTH),
        seL4_RevokeFirst);
    assert_ok(harness_revoke(untyped));
    assert_ok(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, child, DEPTH));
    inspect_tree();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_missing_levels_are_named_from_the_top),
        HARNESS_TEST(test_map_errors),
        HARNESS_TEST(test_rights_are_those_of_capability_and_call),
        HARNESS_TEST(test_unmap_and_delete_remove_the_page),
        HARNESS_TEST(test_a_stale_record_does_not_unmap_another_page),
        HARNESS_TEST(test_unmapping_a_table_takes_its_pages_along),
        HARNESS_TEST(test_large_pages),
        HARNESS_TEST(test_get_address_tells_the_physical_address),
        HARNESS_TEST(test_asid_pools),
        HARNESS_TEST(test_an_asid_pool_has_512_entries),
        HARNESS_TEST(test_cache_operations_check_their_range),
        HARNESS_TEST(test_of_two_errors_the_abi_says_which_comes_first),
        HARNESS_TEST(test_pages_end_at_the_top_of_the_user_half),
        HARNESS_TEST(test_a_stale_asid_maps_nothing_and_unmaps),
        HARNESS_TEST(test_old_records_spare_the_asids_next_owner),
        HARNESS_TEST(test_cache_operations_know_a_replaced_page),
        HARNESS_TEST(test_a_large_page_does_not_replace_a_table),
        HARNESS_TEST(test_write_only_is_kernel_only),
        HARNESS_TEST(test_a_copy_has_no_mapping_and_a_moved_page_keeps_its),
        HARNESS_TEST(test_an_unused_untyped_becomes_a_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
