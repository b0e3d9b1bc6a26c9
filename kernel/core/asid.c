/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* ASID control and ASID pools: the names of address spaces. */
#include <arch/tlb.h>
#include <kernel/arch_hooks.h>
#include <kernel/node.h>

struct asid_pool *asid_pools[ASID_POOL_COUNT];

void asid_forget_root(struct cap vspace)
{
    word_t asid = vspace.memory.asid;
    if (cap_is_mapped(vspace) && asid_is_live(vspace)) {
        asid_pools[asid >> seL4_ASIDPoolIndexBits]->roots[asid & MASK(seL4_ASIDPoolIndexBits)] =
            NULL;
        kernel_state.vspace_epoch++;
        /* The running thread's own may be gone: it goes on in an empty address space. */
        tcb_vspace_changed(node()->current);
        tlb_invalidate_space((struct vspace){cap_ptr(vspace), asid});
    }
}

void asid_forget_pool(struct cap pool)
{
    struct asid_pool **entry = &asid_pools[pool.w1 >> seL4_ASIDPoolIndexBits];
    if (*entry == cap_ptr(pool)) {
        *entry = NULL;
        kernel_state.vspace_epoch++;
        tcb_vspace_changed(node()->current);
        tlb_invalidate_all();
    }
}

enum kernel_result asid_decode_make_pool(struct invocation *inv)
{
    struct slot *untyped = inv->extra[0];
    struct cap memory = untyped->cap;
    struct slot *dest;
    word_t index = 0;
    while (index < ASID_POOL_COUNT && asid_pools[index] != NULL) {
        index++;
    }
    enum kernel_result result = index == ASID_POOL_COUNT ? fail(seL4_DeleteFirst)
                                : memory.tag != CAP_UNTYPED || memory.untyped.device ||
                                        memory.untyped.bits != seL4_ASIDPoolBits
                                    ? fail_invalid_capability(1)
                                : slot_has_children(untyped)
                                    ? fail(seL4_RevokeFirst)
                                    : cspace_lookup_empty_slot(inv->extra[1]->cap, inv_word(inv, 0),
                                                               inv_word(inv, 1), &dest);
    if (result != KRES_OK) {
        return result;
    }

    struct asid_pool *pool = cap_ptr(memory);
    *pool = (struct asid_pool){0};
    asid_pools[index] = pool;
    untyped->cap.w1 = cap_untyped_max_index(memory);
    slot_insert_original(
        dest, cap_make(CAP_ASID_POOL, 0, (kptr_t)pool, index << seL4_ASIDPoolIndexBits), untyped);
    return KRES_OK;
}

enum kernel_result asid_decode_assign(struct invocation *inv)
{
    struct slot *vspace = inv->extra[0];
    word_t first = inv->cap.w1;
    struct asid_pool *pool = asid_pools[first >> seL4_ASIDPoolIndexBits];
    word_t index = first == 0 ? 1 : 0; /* ASID 0 is nobody's */
    if (vspace->cap.tag != CAP_VSPACE || cap_is_mapped(vspace->cap)) {
        return fail_invalid_capability(1);
    }
    if (pool != cap_ptr(inv->cap)) {
        return pool == NULL ? fail_lookup_invalid_root(false) : fail_invalid_capability(0);
    }
    while (index < ASID_POOL_ENTRIES && pool->roots[index] != NULL) {
        index++;
    }
    if (index == ASID_POOL_ENTRIES) {
        return fail(seL4_DeleteFirst);
    }

    pool->roots[index] = cap_ptr(vspace->cap);
    vspace->cap = cap_set_mapping(vspace->cap, first + index, 0);
    return KRES_OK;
}
