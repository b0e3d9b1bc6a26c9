/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A forest of untypeds: the roots are the kernel's, each split one has two halves made by Retype.
 * RAM that is free hangs in a list per size. Splitting goes down from the smallest list that fits;
 * merging goes up, and for RAM only when an allocation found nothing, because a merged untyped is
 * cleared as a whole by its next Retype.
 */
#include <kaal/untyped.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/sel4_error.h>

static_assert(sizeof(struct kaal_untyped) <= KAAL_RECORD_BYTES, "records share one storage");
static_assert(KAAL_RECORD_BYTES % 8 == 0, "records stay aligned");

/* An unused record: the link, and poison that shows a use after the record was given back. */
struct free_record {
    struct free_record *next;
    uint8_t poison[KAAL_RECORD_BYTES - sizeof(struct free_record *)];
};
#define RECORD_POISON 0xA5

void *kaal_record_take(struct kaal_untyped_manager *manager)
{
    struct free_record *record = manager->free_records;
    if (record == NULL) {
        return NULL;
    }
    manager->free_records = record->next;
    manager->free_record_count--;
    __builtin_memset(record, 0, sizeof(*record));
    return record;
}

void kaal_record_put(struct kaal_untyped_manager *manager, void *record)
{
    ASSERT(record != NULL);
    struct free_record *unused = record;
    unused->next = manager->free_records;
    __builtin_memset(unused->poison, RECORD_POISON, sizeof(unused->poison));
    manager->free_records = unused;
    manager->free_record_count++;
}

void kaal_untyped_add_storage(struct kaal_untyped_manager *manager, void *storage,
                              size_t storage_bytes)
{
    ASSERT((uintptr_t)storage % 8 == 0);
    uint8_t *bytes = storage;
    for (size_t i = 0; i < storage_bytes / KAAL_RECORD_BYTES; i++) {
        struct free_record *record = (void *)(bytes + i * KAAL_RECORD_BYTES);
        record->next = manager->free_records;
        manager->free_records = record;
        manager->free_record_count++;
        manager->total_record_count++;
    }
}

static uint64_t bytes_of(const struct kaal_untyped *untyped)
{
    return BIT64(untyped->bits);
}

/* Free list: RAM only; a free device untyped is found by its address instead. */
static void list_add(struct kaal_untyped_manager *manager, struct kaal_untyped *untyped)
{
    untyped->state = KAAL_UNTYPED_FREE;
    untyped->previous = NULL;
    untyped->next = NULL;
    if (untyped->device) {
        return;
    }
    untyped->next = manager->free_ram[untyped->bits];
    if (untyped->next != NULL) {
        untyped->next->previous = untyped;
    }
    manager->free_ram[untyped->bits] = untyped;
    manager->free_mask |= BIT64(untyped->bits);
}

static void list_remove(struct kaal_untyped_manager *manager, struct kaal_untyped *untyped)
{
    ASSERT(untyped->state == KAAL_UNTYPED_FREE);
    if (untyped->device) {
        return;
    }
    if (untyped->previous != NULL) {
        untyped->previous->next = untyped->next;
    } else {
        manager->free_ram[untyped->bits] = untyped->next;
        if (untyped->next == NULL) {
            manager->free_mask &= ~BIT64(untyped->bits);
        }
    }
    if (untyped->next != NULL) {
        untyped->next->previous = untyped->previous;
    }
    untyped->next = NULL;
    untyped->previous = NULL;
}

static void account(struct kaal_untyped_manager *manager, const struct kaal_untyped *untyped,
                    bool now_free)
{
    uint64_t *bytes = untyped->device ? &manager->device_free_bytes : &manager->free_bytes;
    *bytes = now_free ? *bytes + bytes_of(untyped) : *bytes - bytes_of(untyped);
}

int kaal_untyped_init(struct kaal_untyped_manager *manager, struct kaal_cspace *cspace,
                      const seL4_BootInfo *bootinfo, void *storage, size_t storage_bytes)
{
    __builtin_memset(manager, 0, sizeof(*manager));
    manager->cspace = cspace;
    kaal_untyped_add_storage(manager, storage, storage_bytes);
    uint64_t count = bootinfo->untyped.end - bootinfo->untyped.start;
    /* From the last to the first: the lists then hand out low addresses first. */
    for (uint64_t i = count; i > 0; i--) {
        const seL4_UntypedDesc *entry = &bootinfo->untypedList[i - 1];
        struct kaal_untyped *untyped = kaal_record_take(manager);
        if (untyped == NULL) {
            return KAAL_ERR_NO_SPACE;
        }
        untyped->cap = bootinfo->untyped.start + i - 1;
        untyped->paddr = entry->paddr;
        untyped->bits = entry->sizeBits;
        untyped->device = entry->isDevice != 0;
        untyped->boot = true;
        untyped->next_boot = manager->boot;
        manager->boot = untyped;
        list_add(manager, untyped);
        account(manager, untyped, true);
    }
    manager->total_bytes = manager->free_bytes;
    manager->device_total_bytes = manager->device_free_bytes;
    return KAAL_OK;
}

/* Makes the two halves of a free untyped, which leaves its list; both halves are free then. */
static int split(struct kaal_untyped_manager *manager, struct kaal_untyped *parent)
{
    ASSERT(parent->state == KAAL_UNTYPED_FREE);
    if (manager->free_record_count < 2) {
        return KAAL_ERR_NO_SPACE;
    }
    seL4_CPtr slots;
    int error = kaal_cspace_allocate_run(manager->cspace, 2, &slots);
    if (error != KAAL_OK) {
        return error;
    }
    uint8_t bits = (uint8_t)(parent->bits - 1);
    error = kaal_cspace_retype(manager->cspace, parent->cap, seL4_UntypedObject, bits, slots, 2);
    if (error != KAAL_OK) {
        (void)kaal_cspace_free_run(manager->cspace, slots, 2);
        return error == KAAL_ERR_NO_MEMORY ? KAAL_ERR_KERNEL : error;
    }
    struct kaal_untyped *halves[2];
    for (unsigned i = 0; i < 2; i++) {
        halves[i] = kaal_record_take(manager);
        ASSERT(halves[i] != NULL);
        halves[i]->cap = slots + i;
        halves[i]->paddr = parent->paddr + i * BIT64(bits);
        halves[i]->bits = bits;
        halves[i]->device = parent->device;
        halves[i]->parent = parent;
    }
    list_remove(manager, parent);
    parent->state = KAAL_UNTYPED_SPLIT;
    parent->low = halves[0];
    parent->high = halves[1];
    list_add(manager, halves[1]); /* behind the lower half, which is taken first */
    list_add(manager, halves[0]);
    return KAAL_OK;
}

/* Puts the two free halves of a split untyped together again. */
static void merge(struct kaal_untyped_manager *manager, struct kaal_untyped *parent)
{
    struct kaal_untyped *halves[2] = {parent->low, parent->high};
    for (unsigned i = 0; i < 2; i++) {
        list_remove(manager, halves[i]);
        int error = kaal_cspace_delete(manager->cspace, halves[i]->cap);
        ASSERT(error == KAAL_OK);
        kaal_record_put(manager, halves[i]);
    }
    parent->low = NULL;
    parent->high = NULL;
    list_add(manager, parent);
}

static bool can_merge(const struct kaal_untyped *untyped)
{
    return untyped->state == KAAL_UNTYPED_SPLIT && untyped->low->state == KAAL_UNTYPED_FREE &&
           untyped->high->state == KAAL_UNTYPED_FREE;
}

/*
 * The untyped visited after this one when every untyped of a tree is visited halves first; NULL
 * after the root. Start with first_leaf(root). No recursion, and the parent is visited right after
 * its upper half, so it may be merged then.
 */
static struct kaal_untyped *first_leaf(struct kaal_untyped *root)
{
    while (root->state == KAAL_UNTYPED_SPLIT) {
        root = root->low;
    }
    return root;
}

static struct kaal_untyped *next_in_tree(struct kaal_untyped *untyped)
{
    struct kaal_untyped *parent = untyped->parent;
    if (parent == NULL) {
        return NULL;
    }
    return untyped == parent->low ? first_leaf(parent->high) : parent;
}

/* Merges everything below an untyped; all of it is free. */
static void merge_below(struct kaal_untyped_manager *manager, struct kaal_untyped *root)
{
    for (struct kaal_untyped *at = first_leaf(root); at != root; at = next_in_tree(at)) {
        if (can_merge(at)) {
            merge(manager, at);
        }
    }
    if (can_merge(root)) {
        merge(manager, root);
    }
}

/*
 * The smallest untyped of a tree that is of at least 2^bits bytes and holds nothing allocated, or
 * NULL. Halves are visited first and addresses ascend, so an untyped is clean if the last allocated
 * byte seen lies before it.
 */
static struct kaal_untyped *smallest_clean(struct kaal_untyped *root, uint32_t bits)
{
    struct kaal_untyped *smallest = NULL;
    uint64_t clean_since = root->paddr;
    for (struct kaal_untyped *at = first_leaf(root); at != NULL; at = next_in_tree(at)) {
        if (at->state == KAAL_UNTYPED_ALLOCATED) {
            clean_since = at->paddr + bytes_of(at);
        } else if (at->paddr >= clean_since && at->bits >= bits &&
                   (smallest == NULL || at->bits < smallest->bits)) {
            smallest = at;
        }
    }
    return smallest;
}

/* Merges just the smallest part of the forest that then gives an untyped of the wanted size. */
static bool merge_for(struct kaal_untyped_manager *manager, uint32_t bits)
{
    struct kaal_untyped *best = NULL;
    for (struct kaal_untyped *root = manager->boot; root != NULL; root = root->next_boot) {
        struct kaal_untyped *clean = root->device ? NULL : smallest_clean(root, bits);
        if (clean != NULL && (best == NULL || clean->bits < best->bits)) {
            best = clean;
        }
    }
    if (best == NULL) {
        return false;
    }
    merge_below(manager, best);
    return true;
}

int kaal_untyped_allocate_aligned(struct kaal_untyped_manager *manager, uint32_t bits,
                                  uint32_t alignment_bits, struct kaal_untyped **untyped)
{
    uint32_t fit_bits = alignment_bits > bits ? alignment_bits : bits;
    if (bits < KAAL_UNTYPED_BITS_MIN || fit_bits > KAAL_UNTYPED_BITS_MAX) {
        return KAAL_ERR_INVALID;
    }
    uint64_t fitting = manager->free_mask >> fit_bits << fit_bits;
    if (fitting == 0) {
        if (!merge_for(manager, fit_bits)) {
            return KAAL_ERR_NO_MEMORY;
        }
        fitting = manager->free_mask >> fit_bits << fit_bits;
    }
    /* The low half keeps the alignment of the whole. */
    struct kaal_untyped *found = manager->free_ram[__builtin_ctzll(fitting)];
    while (found->bits > bits) {
        int error = split(manager, found);
        if (error != KAAL_OK) {
            return error; /* what was split stays split: all of it is free */
        }
        found = found->low;
    }
    list_remove(manager, found);
    found->state = KAAL_UNTYPED_ALLOCATED;
    account(manager, found, false);
    *untyped = found;
    return KAAL_OK;
}

int kaal_untyped_allocate(struct kaal_untyped_manager *manager, uint32_t bits,
                          struct kaal_untyped **untyped)
{
    return kaal_untyped_allocate_aligned(manager, bits, bits, untyped);
}

/* Merges a free untyped with its sibling as far up as it goes. */
static void merge_upwards(struct kaal_untyped_manager *manager, struct kaal_untyped *untyped)
{
    for (struct kaal_untyped *parent = untyped->parent; parent != NULL && can_merge(parent);) {
        struct kaal_untyped *above = parent->parent;
        merge(manager, parent);
        parent = above;
    }
}

static struct kaal_untyped *boot_untyped_at(struct kaal_untyped_manager *manager, uint64_t paddr)
{
    for (struct kaal_untyped *at = manager->boot; at != NULL; at = at->next_boot) {
        if (paddr >= at->paddr && paddr - at->paddr < bytes_of(at)) {
            return at;
        }
    }
    return NULL;
}

/* True if nothing below a split untyped is allocated. */
static bool all_free(struct kaal_untyped *root)
{
    for (struct kaal_untyped *at = first_leaf(root); at != root; at = next_in_tree(at)) {
        if (at->state == KAAL_UNTYPED_ALLOCATED) {
            return false;
        }
    }
    return true;
}

int kaal_untyped_allocate_at(struct kaal_untyped_manager *manager, uint64_t paddr, uint32_t bits,
                             struct kaal_untyped **untyped)
{
    if (bits < KAAL_UNTYPED_BITS_MIN || bits > KAAL_UNTYPED_BITS_MAX) {
        return KAAL_ERR_INVALID;
    }
    if (paddr % BIT64(bits) != 0) {
        return KAAL_ERR_ALIGN;
    }
    struct kaal_untyped *at = boot_untyped_at(manager, paddr);
    if (at == NULL || at->bits < bits) {
        return KAAL_ERR_NOT_FOUND;
    }
    while (at->bits > bits) {
        if (at->state == KAAL_UNTYPED_ALLOCATED) {
            return KAAL_ERR_BUSY;
        }
        if (at->state == KAAL_UNTYPED_FREE) {
            int error = split(manager, at);
            if (error != KAAL_OK) {
                if (at->device) {
                    merge_upwards(manager, at);
                }
                return error;
            }
        }
        at = paddr < at->high->paddr ? at->low : at->high;
    }
    if (at->state == KAAL_UNTYPED_SPLIT && all_free(at)) {
        merge_below(manager, at);
    }
    if (at->state != KAAL_UNTYPED_FREE) {
        return KAAL_ERR_BUSY;
    }
    list_remove(manager, at);
    at->state = KAAL_UNTYPED_ALLOCATED;
    account(manager, at, false);
    *untyped = at;
    return KAAL_OK;
}

int kaal_untyped_free(struct kaal_untyped_manager *manager, struct kaal_untyped *untyped)
{
    if (untyped == NULL) {
        return KAAL_ERR_FOREIGN;
    }
    if (untyped->state != KAAL_UNTYPED_ALLOCATED) {
        return KAAL_ERR_DOUBLE_FREE;
    }
    struct kaal_cspace *cspace = manager->cspace;
    int error = kaal_error_from_sel4(seL4_CNode_Revoke(cspace->root, untyped->cap, cspace->depth));
    if (error != KAAL_OK) {
        return error;
    }
    list_add(manager, untyped);
    account(manager, untyped, true);
    if (untyped->device) {
        merge_upwards(manager, untyped);
    }
    return KAAL_OK;
}

/* Bytes of the largest block that a tree could give after merging. */
static uint64_t largest_in(struct kaal_untyped *root)
{
    uint64_t largest = 0;
    uint64_t clean_since = root->paddr;
    for (struct kaal_untyped *at = first_leaf(root); at != NULL; at = next_in_tree(at)) {
        if (at->state == KAAL_UNTYPED_ALLOCATED) {
            clean_since = at->paddr + bytes_of(at);
        } else if (at->paddr >= clean_since && bytes_of(at) > largest) {
            largest = bytes_of(at);
        }
    }
    return largest;
}

void kaal_untyped_totals(const struct kaal_untyped_manager *manager,
                         struct kaal_untyped_totals *totals)
{
    *totals = (struct kaal_untyped_totals){
        .total_bytes = manager->total_bytes,
        .free_bytes = manager->free_bytes,
        .device_total_bytes = manager->device_total_bytes,
        .device_free_bytes = manager->device_free_bytes,
    };
    for (struct kaal_untyped *root = manager->boot; root != NULL; root = root->next_boot) {
        uint64_t largest = root->device ? 0 : largest_in(root);
        if (largest > totals->largest_bytes) {
            totals->largest_bytes = largest;
        }
    }
}
