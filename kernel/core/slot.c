/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The derivation tree as a doubly linked list of slots. A capability's descendants follow it
 * directly, so "has children" and "is final" look at neighbours only.
 */
#include <kernel/node.h>

/* ---- relations ---- */

/* Badged capabilities are parents only of their own badge's group. */
static bool badge_group_matches(const struct slot *a, const struct slot *b)
{
    word_t badge = a->cap.badge;
    return badge == 0 || (badge == b->cap.badge && (b->next_flags & MDB_FIRST_BADGED) == 0);
}

bool mdb_is_parent_of(const struct slot *a, const struct slot *b)
{
    if ((a->next_flags & MDB_REVOCABLE) == 0 || !cap_same_region(a->cap, b->cap)) {
        return false;
    }
    if (cap_has_badge(a->cap)) {
        return badge_group_matches(a, b);
    }
    /* Two capabilities may be issued for one software interrupt: they are siblings. */
    return a->cap.tag == CAP_UNTYPED || a->cap.tag != b->cap.tag ||
           (b->next_flags & MDB_FIRST_BADGED) == 0;
}

bool slot_has_children(const struct slot *slot)
{
    const struct slot *next = slot_next(slot);
    return next != NULL && mdb_is_parent_of(slot, next);
}

bool slot_is_final(const struct slot *slot)
{
    const struct slot *next = slot_next(slot);
    return (slot->prev == NULL || !cap_same_object(slot->prev->cap, slot->cap)) &&
           (next == NULL || !cap_same_object(slot->cap, next->cap));
}

/* ---- changes ---- */

static void link_behind(struct slot *dest, struct slot *parent, word_t flags)
{
    struct slot *next = slot_next(parent);
    KERNEL_ASSERT(slot_is_empty(dest) && dest != parent);
    dest->prev = parent;
    dest->next_flags = (word_t)next | flags;
    slot_set_next(parent, dest);
    if (next != NULL) {
        next->prev = dest;
    }
}

/* A derived capability starts a group of its own ("original") when its badge or kind is new. */
static bool is_original(struct cap cap, struct cap source)
{
    return cap_has_badge(cap) ? cap.badge != source.badge
                              : cap.tag == CAP_UNTYPED || cap.tag != source.tag;
}

void slot_insert(struct slot *dest, struct cap cap, struct slot *parent)
{
    bool original = is_original(cap, parent->cap);
    link_behind(dest, parent, original ? MDB_REVOCABLE | MDB_FIRST_BADGED : 0);
    dest->cap = cap;
    if (cap.tag == CAP_UNTYPED && parent->cap.tag == CAP_UNTYPED) {
        /* Two capabilities to the same memory: only the copy may be used while it exists. */
        parent->cap.w1 = cap_untyped_max_index(parent->cap);
    }
}

void slot_insert_original(struct slot *dest, struct cap cap, struct slot *parent)
{
    link_behind(dest, parent, MDB_REVOCABLE | MDB_FIRST_BADGED);
    dest->cap = cap;
}

void slot_insert_root(struct slot *dest, struct cap cap)
{
    KERNEL_ASSERT(slot_is_empty(dest));
    *dest = (struct slot){.cap = cap, .next_flags = MDB_REVOCABLE | MDB_FIRST_BADGED};
}

/* Make the neighbours of a node point to `slot`, where it lives from now on. */
static void relink_neighbours(const struct slot *node, struct slot *slot)
{
    struct slot *next = slot_next(node);
    if (node->prev != NULL) {
        slot_set_next(node->prev, slot);
    }
    if (next != NULL) {
        next->prev = slot;
    }
}

void slot_move(struct slot *dest, struct cap new_cap, struct slot *src)
{
    KERNEL_ASSERT(slot_is_empty(dest) && dest != src);
    *dest = *src;
    dest->cap = new_cap;
    *src = (struct slot){0};
    relink_neighbours(dest, dest);
    if (kernel_state.unfinished == src) {
        kernel_state.unfinished = dest;
    }
}

void slot_swap(struct slot *a, struct cap new_a, struct slot *b, struct cap new_b)
{
    struct slot old_a = *a;
    relink_neighbours(&old_a, b);
    /* Only now read b: if it was a's neighbour its links have just been redirected to itself. */
    *a = *b;
    *b = old_a;
    relink_neighbours(a, a);
    a->cap = new_a;
    b->cap = new_b;
    if (kernel_state.unfinished == a || kernel_state.unfinished == b) {
        kernel_state.unfinished = kernel_state.unfinished == a ? b : a;
    }
}
