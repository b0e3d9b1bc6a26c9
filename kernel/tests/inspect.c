/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See inspect.h. */
#include "inspect.h"

#include <kernel/node.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define LIST_MAX 100000

static void check_links(struct slot *slot)
{
    struct slot *next = slot_next(slot);
    if (slot->prev != NULL) {
        assert_ptr_equal(slot_next(slot->prev), slot);
        assert_false(slot_is_empty(slot->prev));
    }
    if (next != NULL) {
        assert_ptr_equal(next->prev, slot);
        assert_false(slot_is_empty(next));
    }
}

static bool overlap(struct cap a, struct cap b)
{
    kptr_t a_base;
    kptr_t b_base;
    word_t a_bits;
    word_t b_bits;
    if (!cap_object_region(a, &a_base, &a_bits) || !cap_object_region(b, &b_base, &b_bits)) {
        return false;
    }
    return a_base <= b_base + MASK(b_bits) && b_base <= a_base + MASK(a_bits);
}

/* Of two neighbours the second is a child or copy of the first, or their memory is disjoint. */
static void check_neighbours(const struct slot *slot)
{
    const struct slot *next = slot_next(slot);
    if (next == NULL || cap_tag(slot->cap) == CAP_ZOMBIE || cap_tag(next->cap) == CAP_ZOMBIE) {
        return;
    }
    if (overlap(slot->cap, next->cap)) {
        assert_true(cap_same_region(slot->cap, next->cap));
    }
}

/* Free memory of an untyped lies behind everything made from it. */
static void check_untyped(const struct slot *slot)
{
    word_t used = cap_untyped_free_index(slot->cap) << UNTYPED_UNIT_BITS;
    if (cap_tag(slot->cap) != CAP_UNTYPED) {
        return;
    }
    for (const struct slot *child = slot_next(slot); child != NULL && mdb_is_parent_of(slot, child);
         child = slot_next(child)) {
        kptr_t base;
        word_t bits;
        assert_true(cap_object_region(child->cap, &base, &bits));
        assert_true(base + BIT(bits) <= cap_kptr(slot->cap) + used);
    }
}

void inspect_tree(void)
{
    struct cap root = node()->current->slots[TCB_CSPACE].cap;
    struct slot *slots = cap_ptr(root);
    assert_int_equal(cap_tag(root), CAP_CNODE);
    for (word_t i = 0; i < BIT(cap_cnode_radix(root)); i++) {
        if (slot_is_empty(&slots[i])) {
            assert_null(slots[i].prev);
            assert_int_equal(slots[i].next_flags, 0);
            continue;
        }
        check_links(&slots[i]);
        check_neighbours(&slots[i]);
        check_untyped(&slots[i]);
    }
}
