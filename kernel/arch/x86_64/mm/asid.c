/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ASID pools. An ASID names a root table; frames and tables remember the ASID they were mapped
 * under, so that a root or a pool may go away without visiting what was mapped in it. ASID 0 is
 * never given.
 */
#include "mm/asid.h"

#include "mm/vspace.h"

#include <abi/arch/invocation.h>
#include <arch/vspace.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>
#include <kernel/node.h>

#define INITIAL_ASID 1

struct asid_pool *asid_pools[ASID_POOL_COUNT];

/* The running thread's root may just have lost its ASID: it goes on in an empty address space. */
static void reload_current(void)
{
    vspace_load(vspace_root_of(node()->current->slots[TCB_VSPACE].cap));
}

void asid_delete(struct cap pml4)
{
    word_t asid = cap_pml4_asid(pml4);
    if (asid != 0 && asid_root(asid) == cap_ptr(pml4)) {
        asid_pools[asid >> ASID_POOL_BITS]->roots[asid & MASK(ASID_POOL_BITS)] = 0;
        reload_current();
    }
}

void asid_delete_pool(struct cap pool)
{
    struct asid_pool **entry = &asid_pools[cap_asid_pool_base(pool) >> ASID_POOL_BITS];
    if (*entry == cap_ptr(pool)) {
        *entry = 0;
        reload_current();
    }
}

enum kernel_result asid_decode_control(struct invocation *inv)
{
    if (inv->label != X86ASIDControlMakePool) {
        return fail_illegal_operation();
    }
    if (inv->length < 2 || inv->extra_count < 2) {
        return fail_truncated();
    }
    struct slot *untyped = inv->extra[0];
    word_t index = 0;
    while (index < ASID_POOL_COUNT && asid_pools[index]) {
        index++;
    }
    if (index == ASID_POOL_COUNT) {
        return fail_delete_first();
    }
    if (cap_tag(untyped->cap) != CAP_UNTYPED ||
        cap_untyped_bits(untyped->cap) != seL4_ASIDPoolBits ||
        cap_untyped_is_device(untyped->cap)) {
        return fail_invalid_capability(1);
    }
    if (slot_has_children(untyped)) {
        return fail_revoke_first();
    }
    struct slot *dest;
    enum kernel_result result =
        cspace_lookup_empty_slot(inv->extra[1]->cap, inv_word(inv, 0), inv_word(inv, 1), &dest);
    if (result != KRES_OK) {
        return result;
    }

    struct asid_pool *pool = cap_ptr(untyped->cap);
    *pool = (struct asid_pool){0};
    asid_pools[index] = pool;
    untyped->cap.w1 = cap_untyped_max_index(untyped->cap);
    slot_insert_original(
        dest, cap_make(ABI_CAP_ASID_POOL, 0, (kptr_t)pool, index << ASID_POOL_BITS), untyped);
    return KRES_OK;
}

enum kernel_result asid_decode_pool(struct invocation *inv)
{
    if (inv->label != X86ASIDPoolAssign) {
        return fail_illegal_operation();
    }
    if (inv->extra_count < 1) {
        return fail_truncated();
    }
    struct slot *vspace = inv->extra[0];
    if (cap_tag(vspace->cap) != ABI_CAP_PML4 || cap_pml4_asid(vspace->cap) != 0) {
        return fail_invalid_capability(1);
    }
    word_t base = cap_asid_pool_base(inv->cap);
    struct asid_pool *pool = asid_pools[base >> ASID_POOL_BITS];
    if (!pool) {
        return fail_lookup_invalid_root(false);
    }
    if (pool != cap_ptr(inv->cap)) {
        return fail_invalid_capability(0);
    }
    word_t index = base == 0 ? 1 : 0;
    while (index < ARRAY_LENGTH(pool->roots) && pool->roots[index]) {
        index++;
    }
    if (index == ARRAY_LENGTH(pool->roots)) {
        return fail_delete_first();
    }

    pool->roots[index] = cap_ptr(vspace->cap);
    vspace->cap.w1 = base + index;
    return KRES_OK;
}

BOOT_CODE struct cap arch_boot_create_asid_pool(void *pool)
{
    asid_pools[0] = pool;
    return cap_make(ABI_CAP_ASID_POOL, 0, (kptr_t)pool, 0);
}

BOOT_CODE struct cap arch_boot_create_vspace(void *root, void *pool)
{
    vspace_init_root(root);
    ((struct asid_pool *)pool)->roots[INITIAL_ASID] = root;
    return cap_make(ABI_CAP_PML4, 0, (kptr_t)root, INITIAL_ASID);
}
