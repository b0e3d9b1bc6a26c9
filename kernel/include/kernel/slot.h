/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Capability slots and the derivation tree. A slot is 32 bytes: a capability and its node in the
 * tree, which is one doubly linked list: a capability's descendants follow it directly, as far as
 * mdb_is_parent_of() holds.
 *
 * Life of a slot: empty -> slot_insert*() or slot_move() -> slot_delete() -> empty. A slot in the
 * tree is never copied by assignment.
 */
#pragma once

#include <kernel/cap.h>
#include <kernel/error.h>

struct slot {
    struct cap cap;
    struct slot *prev;
    word_t next_flags; /* next slot | MDB_* flags: slots are 32-byte aligned */
};
static_assert(sizeof(struct slot) == 32, "objects.md: a CNode slot is 2^5 bytes");

#define SLOT_BITS        5
#define MDB_REVOCABLE    ((word_t)1) /* "original": may be the parent of others */
#define MDB_FIRST_BADGED ((word_t)2)
#define MDB_FLAGS        ((word_t)3)

static inline struct slot *slot_next(const struct slot *slot)
{
    return (struct slot *)(slot->next_flags & ~MDB_FLAGS);
}

static inline void slot_set_next(struct slot *slot, const struct slot *next)
{
    slot->next_flags = (word_t)next | (slot->next_flags & MDB_FLAGS);
}

static inline bool slot_is_empty(const struct slot *slot)
{
    return cap_is_null(slot->cap);
}

/* ---- relations ---- */

/* True if b's object is the same as, or lies inside, a's region (table "sameRegion"). */
bool cap_same_region(struct cap a, struct cap b);

/* True if both name the same object in the sense of finality. */
bool cap_same_object(struct cap a, struct cap b);

/* True if b was derived from a; b must follow a in the list. */
bool mdb_is_parent_of(const struct slot *a, const struct slot *b);

/* True if anything is derived from the capability in slot. */
bool slot_has_children(const struct slot *slot);

/* True if no other capability refers to the same object. */
bool slot_is_final(const struct slot *slot);

/* What the objects of a capability's tag are like. */
struct object_kind {
    uint8_t bits;      /* log2 of the bytes of kernel memory, or of those to each of 2^size ... */
    uint8_t size_mask; /* ... which is in these bits of aux */
    uint8_t rights;    /* of a new object's capability */
    uint8_t size_min;  /* that users may ask for */
};
extern const struct object_kind object_kinds[CAP_KINDS];

/* log2 of the bytes of kernel memory behind a capability, at cap_kptr(); 0 if it has none. */
word_t cap_object_bits(struct cap cap);

/* ---- changes ---- */

/* Put a capability derived from parent's into the empty slot dest, directly behind parent. */
void slot_insert(struct slot *dest, struct cap cap, struct slot *parent);

/* Put a freshly made object's capability into the empty slot dest as an original child of parent.
 */
void slot_insert_original(struct slot *dest, struct cap cap, struct slot *parent);

/* Put a capability into the empty slot dest at the root of the tree (boot only). */
void slot_insert_root(struct slot *dest, struct cap cap);

/* Move src to the empty slot dest as new_cap, keeping its place in the tree. */
void slot_move(struct slot *dest, struct cap new_cap, struct slot *src);

/* Exchange two slots with new capability words, keeping both places in the tree. */
void slot_swap(struct slot *a, struct cap new_a, struct slot *b, struct cap new_b);

/*
 * Delete the capability in slot, destroying the object with its last capability.
 * Returns KRES_OK or KRES_PREEMPTED; when preempted the call is simply repeated later.
 */
enum kernel_result slot_delete(struct slot *slot) MUST_CHECK;

/* Delete a capability that is known not to need long work: not the last one of a CNode, a TCB or an
 * object that threads wait for. */
void slot_delete_short(struct slot *slot);

/* Delete everything derived from the capability in slot. Preemptible as slot_delete(). */
enum kernel_result slot_revoke(struct slot *slot) MUST_CHECK;

/* ---- deriving ---- */

/*
 * Make the capability that a copy of slot's would hold.
 * Returns KRES_OK with *out (which may be null: not derivable); a system call error else.
 */
enum kernel_result cap_derive(struct slot *slot, struct cap cap, struct cap *out) MUST_CHECK;

/* True if w1 is a badge, which is set once and makes a group of its own in the tree. */
bool cap_has_badge(struct cap cap);

/* The capability with its rights reduced by the user's rights word. */
struct cap cap_mask_rights(struct cap cap, word_t rights);

/*
 * Apply a user's data word (badge, guard).
 *   preserve  the capability keeps its place in the tree (Mutate, Rotate): badges are refused
 * Returns the new capability, null if the data is not allowed for it.
 */
struct cap cap_update_data(struct cap cap, word_t data, bool preserve);
