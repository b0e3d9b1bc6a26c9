/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Address spaces of the model: tables with a handful of entries, ASIDs, frames. */
#include "fail.h"
#include "model.h"

#include <stddef.h>

#define LEVEL_TOP  39
#define LEVEL_LAST 12
#define LEVEL_BITS 9

/* ---- ASIDs ---- */

static struct model_object **asid_entry(uint64_t asid)
{
    struct model_object *pool = model()->asid_pools[asid / MODEL_ASID_POOL_ENTRIES];
    return pool == NULL ? NULL : &pool->roots[asid % MODEL_ASID_POOL_ENTRIES];
}

/* The root table that an ASID stands for; null without one. */
static struct model_object *asid_root(uint64_t asid)
{
    struct model_object **entry = asid == 0 ? NULL : asid_entry(asid);
    return entry == NULL ? NULL : *entry;
}

void model_forget_root(const struct model_cap *cap)
{
    struct model_object **entry = cap->asid == 0 ? NULL : asid_entry(cap->asid);
    if (entry != NULL && *entry == cap->object) {
        *entry = NULL;
    }
}

/* ---- tables ---- */

static struct model_entry *find(struct model_object *table, unsigned index)
{
    for (unsigned i = 0; i < MODEL_TABLE_ENTRIES; i++) {
        struct model_entry *entry = &table->table.entries[i];
        if (entry->target != NULL && entry->index == index) {
            return entry;
        }
    }
    return NULL;
}

static void enter(struct model_object *table, unsigned index, struct model_object *target,
                  uint8_t rights)
{
    struct model_entry *entry = find(table, index);
    for (unsigned i = 0; entry == NULL && i < MODEL_TABLE_ENTRIES; i++) {
        if (table->table.entries[i].target == NULL) {
            entry = &table->table.entries[i];
        }
    }
    check(entry != NULL, "model: a table has more entries than the model has room for");
    *entry = (struct model_entry){.index = index, .target = target, .rights = rights};
}

struct position {
    struct model_object *table;
    unsigned index;
    unsigned level;
    struct model_entry *entry; /* null = absent */
};

/* Follow tables as far as they go. */
static struct position walk(struct model_object *root, uint64_t vaddr)
{
    struct position at = {.table = root, .level = LEVEL_TOP};
    for (;;) {
        at.index = (unsigned)(vaddr >> at.level & ((1u << LEVEL_BITS) - 1));
        at.entry = find(at.table, at.index);
        if (at.level == LEVEL_LAST || at.entry == NULL ||
            at.entry->target->kind != ABI_CAP_PAGE_TABLE) {
            return at;
        }
        at.table = at.entry->target;
        at.level -= LEVEL_BITS;
    }
}

void model_unmap_frame(const struct model_cap *cap)
{
    struct model_object *root = asid_root(cap->asid);
    if (root == NULL) {
        return;
    }
    struct position at = walk(root, cap->vaddr);
    if (at.level == cap->object->bits && at.entry != NULL && at.entry->target == cap->object) {
        at.entry->target = NULL;
    }
}

void model_unmap_table(const struct model_cap *cap)
{
    struct model_object *table = asid_root(cap->asid);
    for (unsigned level = LEVEL_TOP; table != NULL && level > LEVEL_LAST; level -= LEVEL_BITS) {
        struct model_entry *entry =
            find(table, (unsigned)(cap->vaddr >> level & ((1u << LEVEL_BITS) - 1)));
        if (entry == NULL || entry->target->kind != ABI_CAP_PAGE_TABLE) {
            return;
        }
        if (entry->target == cap->object) {
            entry->target = NULL;
            return;
        }
        table = entry->target;
    }
}

/* ---- invocations ---- */

static bool invalid_root(void)
{
    model()->lookup = (struct model_lookup){.kind = seL4_InvalidRoot};
    return model_fail_lookup(false);
}

static bool root_argument(const struct model_invocation *inv, struct model_object **root,
                          uint64_t *asid)
{
    const struct model_cap *vspace = &inv->extra[0]->cap;
    if (vspace->kind != ABI_CAP_VSPACE || vspace->asid == 0) {
        return model_fail_word(seL4_InvalidCapability, 1);
    }
    *asid = vspace->asid;
    *root = asid_root(*asid);
    if (*root == NULL) {
        return invalid_root();
    }
    return *root == vspace->object || model_fail_word(seL4_InvalidCapability, 1);
}

static bool map_table(struct model_invocation *inv)
{
    struct model_object *root;
    uint64_t asid;
    if (inv->length < 2 || inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    if (inv->cap.asid != 0) {
        return model_fail_word(seL4_InvalidCapability, 0);
    }
    uint64_t vaddr = model_word(inv, 0);
    const struct model_cap *vspace = &inv->extra[0]->cap;
    if (vspace->kind == ABI_CAP_VSPACE && vspace->asid != 0 && vaddr > seL4_UserTop) {
        return model_fail_word(seL4_InvalidArgument, 0);
    }
    if (!root_argument(inv, &root, &asid)) {
        return false;
    }
    struct position at = walk(root, vaddr);
    if (at.level == LEVEL_LAST || at.entry != NULL) {
        return model_fail(seL4_DeleteFirst);
    }
    enter(at.table, at.index, inv->cap.object, 0);
    inv->slot->cap.asid = asid;
    inv->slot->cap.vaddr = vaddr >> at.level << at.level;
    return true;
}

static bool unmap_table(struct model_invocation *inv)
{
    if (inv->cap.object->refs > 1) {
        return model_fail(seL4_RevokeFirst);
    }
    if (inv->cap.asid != 0) {
        model_unmap_table(&inv->cap);
        inv->cap.object->table = (struct model_table){0};
        inv->slot->cap.asid = 0;
        inv->slot->cap.vaddr = 0;
    }
    return true;
}

static bool map_frame(struct model_invocation *inv)
{
    struct model_object *root;
    uint64_t asid;
    if (inv->length < 3 || inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    if (!root_argument(inv, &root, &asid)) {
        return false;
    }
    uint64_t vaddr = model_word(inv, 0);
    uint64_t bytes = UINT64_C(1) << inv->cap.object->bits;
    if (vaddr % bytes != 0) {
        return model_fail(seL4_AlignmentError);
    }
    if (inv->cap.asid != 0) {
        if (inv->cap.asid != asid) {
            return model_fail_word(seL4_InvalidCapability, 1);
        }
        if (inv->cap.vaddr != vaddr) {
            return model_fail_word(seL4_InvalidArgument, 0);
        }
    } else if (vaddr > seL4_UserTop || vaddr + bytes - 1 > seL4_UserTop) {
        return model_fail_word(seL4_InvalidArgument, 0);
    }
    struct position at = walk(root, vaddr);
    if (at.level != inv->cap.object->bits) {
        model_lookup_missing(at.level);
        return model_fail_lookup(false);
    }
    struct model_cap masked = model_cap_mask(inv->cap, model_word(inv, 1));
    enter(at.table, at.index, inv->cap.object, masked.rights);
    inv->slot->cap.asid = asid;
    inv->slot->cap.vaddr = vaddr;
    return true;
}

static bool make_pool(struct model_invocation *inv)
{
    struct model_slot *dest;
    if (inv->length < 2 || inv->extra_count < 2) {
        return model_fail(seL4_TruncatedMessage);
    }
    unsigned index = 0;
    while (index < MODEL_ASID_POOLS && model()->asid_pools[index] != NULL) {
        index++;
    }
    if (index == MODEL_ASID_POOLS) {
        return model_fail(seL4_DeleteFirst);
    }
    struct model_slot *untyped = inv->extra[0];
    if (untyped->cap.kind != ABI_CAP_UNTYPED || untyped->cap.bits != seL4_ASIDPoolBits) {
        return model_fail_word(seL4_InvalidCapability, 1);
    }
    if (untyped->child != NULL) {
        return model_fail(seL4_RevokeFirst);
    }
    if (!model_lookup_empty(&inv->extra[1]->cap, model_word(inv, 0), model_word(inv, 1), &dest)) {
        return false;
    }
    struct model_object *pool =
        model_object_create(ABI_CAP_ASID_POOL, seL4_ASIDPoolBits, untyped->cap.paddr);
    model()->asid_pools[index] = pool;
    untyped->cap.value = UINT64_C(1) << seL4_ASIDPoolBits;
    struct model_cap cap = {.kind = ABI_CAP_ASID_POOL,
                            .object = pool,
                            .value = (uint64_t)index * MODEL_ASID_POOL_ENTRIES};
    model_slot_insert_original(dest, cap, untyped);
    return true;
}

static bool assign(struct model_invocation *inv)
{
    if (inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    struct model_cap *root = &inv->extra[0]->cap;
    if (root->kind != ABI_CAP_VSPACE || root->asid != 0) {
        return model_fail_word(seL4_InvalidCapability, 1);
    }
    struct model_object *pool = inv->cap.object; /* alive: this capability names it */
    for (unsigned i = 0; i < MODEL_ASID_POOL_ENTRIES; i++) {
        if (pool->roots[i] == NULL && inv->cap.value + i != 0) {
            pool->roots[i] = root->object;
            root->asid = inv->cap.value + i;
            return true;
        }
    }
    return model_fail(seL4_DeleteFirst);
}

/* ---- cache operations: nothing but their errors is visible ---- */

static bool clean_space(const struct model_invocation *inv)
{
    uint64_t start = model_word(inv, 0);
    uint64_t end = model_word(inv, 1);
    if (end <= start) {
        return model_fail_word(seL4_InvalidArgument, 1);
    }
    if (end > seL4_UserTop) {
        return model_fail(seL4_IllegalOperation);
    }
    if (inv->cap.asid == 0) {
        return model_fail_word(seL4_InvalidCapability, 0);
    }
    struct model_object *root = asid_root(inv->cap.asid);
    if (root == NULL) {
        return invalid_root();
    }
    if (root != inv->cap.object) {
        return model_fail_word(seL4_InvalidCapability, 0);
    }
    struct position at = walk(root, start);
    if (at.entry == NULL) {
        return true;
    }
    uint64_t last = start | ((UINT64_C(1) << at.level) - 1);
    if (end - 1 > last) {
        return model_fail_range(start, last);
    }
    return inv->label != ARMVSpaceInvalidate_Data || at.entry->rights == MODEL_FRAME_WRITE ||
           model_fail(seL4_IllegalOperation);
}

static bool clean_page(const struct model_invocation *inv)
{
    uint64_t start = model_word(inv, 0);
    uint64_t end = model_word(inv, 1);
    uint64_t bytes = UINT64_C(1) << inv->cap.object->bits;
    if (inv->cap.asid == 0) {
        return model_fail(seL4_IllegalOperation);
    }
    struct model_object *root = asid_root(inv->cap.asid);
    if (root == NULL) {
        return invalid_root();
    }
    if (end <= start) {
        return model_fail_word(seL4_InvalidArgument, 1);
    }
    if (start >= bytes || end > bytes) {
        return model_fail_word(seL4_InvalidArgument, 0);
    }
    struct position at = walk(root, inv->cap.vaddr);
    if (at.entry == NULL || at.entry->target != inv->cap.object) {
        return model_fail_word(seL4_InvalidCapability, 0);
    }
    return inv->label != ARMPageInvalidate_Data || at.entry->rights == MODEL_FRAME_WRITE ||
           model_fail(seL4_IllegalOperation);
}

static bool clean(const struct model_invocation *inv)
{
    if (inv->length < 2) {
        return model_fail(seL4_TruncatedMessage);
    }
    return inv->cap.kind == ABI_CAP_VSPACE ? clean_space(inv) : clean_page(inv);
}

/* Beyond every label. */
#define KIND_SHIFT 52

bool model_memory(struct model_invocation *inv)
{
    switch (inv->label | (uint64_t)inv->cap.kind << KIND_SHIFT) {
    case (uint64_t)ABI_CAP_PAGE_TABLE << KIND_SHIFT | ARMPageTableMap:
        return map_table(inv);
    case (uint64_t)ABI_CAP_PAGE_TABLE << KIND_SHIFT | ARMPageTableUnmap:
        return unmap_table(inv);
    case (uint64_t)ABI_CAP_FRAME << KIND_SHIFT | ARMPageMap:
        return map_frame(inv);
    case (uint64_t)ABI_CAP_FRAME << KIND_SHIFT | ARMPageUnmap:
        model_unmap_frame(&inv->cap);
        inv->slot->cap.asid = 0;
        inv->slot->cap.vaddr = 0;
        return true;
    case (uint64_t)ABI_CAP_FRAME << KIND_SHIFT | ARMPageGetAddress:
        model_result(inv, inv->cap.object->paddr);
        return true;
    case (uint64_t)ABI_CAP_ASID_CONTROL << KIND_SHIFT | ARMASIDControlMakePool:
        return make_pool(inv);
    case (uint64_t)ABI_CAP_ASID_POOL << KIND_SHIFT | ARMASIDPoolAssign:
        return assign(inv);
    case (uint64_t)ABI_CAP_VSPACE << KIND_SHIFT | ARMVSpaceClean_Data:
    case (uint64_t)ABI_CAP_VSPACE << KIND_SHIFT | ARMVSpaceInvalidate_Data:
    case (uint64_t)ABI_CAP_VSPACE << KIND_SHIFT | ARMVSpaceCleanInvalidate_Data:
    case (uint64_t)ABI_CAP_VSPACE << KIND_SHIFT | ARMVSpaceUnify_Instruction:
    case (uint64_t)ABI_CAP_FRAME << KIND_SHIFT | ARMPageClean_Data:
    case (uint64_t)ABI_CAP_FRAME << KIND_SHIFT | ARMPageInvalidate_Data:
    case (uint64_t)ABI_CAP_FRAME << KIND_SHIFT | ARMPageCleanInvalidate_Data:
    case (uint64_t)ABI_CAP_FRAME << KIND_SHIFT | ARMPageUnify_Instruction:
        return clean(inv);
    default:
        return model_fail(seL4_IllegalOperation);
    }
}
