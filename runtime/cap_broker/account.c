/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Accounts: what one component holds. Everything of an instance hangs off its arena, its grants or
 * its list of holdings, so that ending it needs no knowledge of what it was given.
 */
#include "server_internal.h"

#include <kaal/sel4_error.h>

void name_copy(char *to, const char *from)
{
    uint32_t i = 0;
    for (; i < KAAL_NAME_BYTES - 1 && from[i] != '\0'; i++) {
        to[i] = from[i];
    }
    for (; i < KAAL_NAME_BYTES; i++) {
        to[i] = '\0';
    }
}

void kaal_broker_init(struct kaal_broker *broker, struct kaal_cspace *cspace,
                      struct kaal_untyped_manager *untyped, struct kaal_platform *platform,
                      struct kaal_device_registry *registry)
{
    *broker = (struct kaal_broker){
        .cspace = cspace,
        .untyped = untyped,
        .platform = platform,
        .registry = registry,
        .next_handle = 1,
    };
    broker_arch_messages(&platform->msi);
    kaal_arena_init(&broker->arena, untyped, &broker->usage);
}

int kaal_account_open(struct kaal_account *account, struct kaal_broker *broker,
                      const struct kaal_system_component *ceiling,
                      const struct kaal_driver_declaration *declaration)
{
    *account = (struct kaal_account){
        .broker = broker,
        .ceiling = ceiling,
        .declaration = declaration,
    };
    account->holdings_end = &account->holdings;
    int error =
        kaal_arena_allocate(&broker->arena, seL4_NotificationObject, 0, 1, &account->notification);
    if (error != KAAL_OK) {
        return error;
    }
    account->next = broker->accounts;
    broker->accounts = account;
    return KAAL_OK;
}

int kaal_account_start(struct kaal_account *account, uint64_t reserve_bytes, uint64_t window_base,
                       uint64_t window_bytes)
{
    if (account->running) {
        return KAAL_ERR_STATE;
    }
    account->usage = (struct kaal_usage){
        .bytes_max = account->ceiling->memory_bytes,
        .slots_max = account->ceiling->slots_max,
        .interrupts_max = account->ceiling->interrupts_max,
    };
    account->badge_bits = account->badge_bits_fixed;
    __builtin_memset(account->slots_used, 0, sizeof(account->slots_used));
    account->slots_used[0] = 1; /* a null capability is never given */
    account->vspace = (struct kaal_vspace){.arena = &account->arena};
    account->running = true;
    kaal_arena_init(&account->arena, account->broker->untyped, &account->usage);
    /* What does not fit into the quota is refused later; until then it costs nobody else memory. */
    if (account->usage.bytes_max != 0 && reserve_bytes > account->usage.bytes_max) {
        reserve_bytes = account->usage.bytes_max;
    }
    int error = reserve_bytes == 0 ? KAAL_OK : kaal_arena_reserve(&account->arena, reserve_bytes);
    if (error == KAAL_OK) {
        error = kaal_arena_allocate(&account->arena, seL4_CapTableObject, KAAL_ACCOUNT_CNODE_BITS,
                                    1, &account->cnode);
    }
    if (error == KAAL_OK) {
        error = kaal_vspace_create(&account->vspace, &account->arena, window_base, window_bytes);
    }
    if (error != KAAL_OK) {
        kaal_account_stop(account);
    }
    return error;
}

static uint32_t slots_in_use(const struct kaal_account *account)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < ARRAY_COUNT(account->slots_used); i++) {
        count += (uint32_t)__builtin_popcountll(account->slots_used[i]);
    }
    return count;
}

void kaal_account_stop(struct kaal_account *account)
{
    if (!account->running) {
        return;
    }
    grants_release_all(account);
    while (account->holdings != NULL) {
        struct kaal_holding *holding = account->holdings;
        account->holdings = holding->next;
        kaal_record_put(account->broker->untyped, holding);
    }
    account->holdings_end = &account->holdings;
    kaal_usage_refund(&account->usage, 0, slots_in_use(account) - 1, 0);
    __builtin_memset(account->slots_used, 0, sizeof(account->slots_used));
    kaal_vspace_deinit(&account->vspace);
    kaal_arena_release(&account->arena);
    account->cnode = seL4_CapNull;
    account->badge_bits = account->badge_bits_fixed;
    account->running = false;
    ASSERT(account->usage.bytes == 0 && account->usage.slots == 0 && account->usage.frames == 0);
}

int account_list(struct kaal_account *account, kaal_handle handle,
                 const struct kaal_holding_record *record)
{
    struct kaal_holding *holding = kaal_record_take(account->broker->untyped);
    if (holding == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    holding->handle = handle;
    holding->record = *record;
    *account->holdings_end = holding;
    account->holdings_end = &holding->next;
    return KAAL_OK;
}

static int slot_take(struct kaal_account *account, uint32_t *slot)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(account->slots_used); i++) {
        uint64_t free_bits = ~account->slots_used[i];
        if (free_bits != 0) {
            uint32_t bit = (uint32_t)__builtin_ctzll(free_bits);
            account->slots_used[i] |= BIT64(bit);
            *slot = i * 64 + bit;
            return KAAL_OK;
        }
    }
    return KAAL_ERR_NO_SLOT;
}

static void slot_put(struct kaal_account *account, uint32_t slot)
{
    account->slots_used[slot / 64] &= ~BIT64(slot % 64);
    kaal_usage_refund(&account->usage, 0, 1, 0);
}

int account_place(struct kaal_account *account, kaal_handle handle, seL4_CPtr source,
                  seL4_CapRights_t rights, seL4_Word badge,
                  const struct kaal_holding_record *holding, seL4_CPtr *cap)
{
    const struct kaal_cspace *cspace = account->broker->cspace;
    uint32_t slot;
    if (!account->running) {
        return KAAL_ERR_STATE;
    }
    int error = kaal_usage_charge(&account->usage, 0, 1, 0);
    if (error != KAAL_OK) {
        return error;
    }
    error = slot_take(account, &slot);
    if (error != KAAL_OK) {
        kaal_usage_refund(&account->usage, 0, 1, 0);
        return error;
    }
    if (badge == 0) {
        error = kaal_error_from_sel4(seL4_CNode_Copy(account->cnode, slot, KAAL_ACCOUNT_CNODE_BITS,
                                                     cspace->root, source, cspace->depth, rights));
    } else {
        error = kaal_error_from_sel4(seL4_CNode_Mint(account->cnode, slot, KAAL_ACCOUNT_CNODE_BITS,
                                                     cspace->root, source, cspace->depth, rights,
                                                     badge));
    }
    if (error != KAAL_OK) {
        slot_put(account, slot);
        return KAAL_ERR_KERNEL;
    }
    struct kaal_holding_record record = *holding;
    record.cap = slot;
    if (record.kind == KAAL_HOLDING_ENDPOINT || record.kind == KAAL_HOLDING_NOTIFICATION ||
        record.kind == KAAL_HOLDING_CHANNEL || record.kind == KAAL_HOLDING_SERVICE) {
        record.rights = (uint32_t)rights.words[0]; /* other capabilities have none */
    }
    error = account_list(account, handle, &record);
    if (error != KAAL_OK) {
        (void)seL4_CNode_Delete(account->cnode, slot, KAAL_ACCOUNT_CNODE_BITS);
        slot_put(account, slot);
        return error;
    }
    *cap = slot;
    return KAAL_OK;
}

int kaal_account_place(struct kaal_account *account, seL4_CPtr source, seL4_CapRights_t rights,
                       seL4_Word badge, const struct kaal_holding_record *holding, seL4_CPtr *cap)
{
    return account_place(account, 0, source, rights, badge, holding, cap);
}

void account_unplace(struct kaal_account *account, kaal_handle handle)
{
    struct kaal_holding **link = &account->holdings;
    while (*link != NULL) {
        struct kaal_holding *holding = *link;
        if (holding->handle != handle) {
            link = &holding->next;
            continue;
        }
        if (holding->record.cap != 0) {
            seL4_Error error =
                seL4_CNode_Delete(account->cnode, holding->record.cap, KAAL_ACCOUNT_CNODE_BITS);
            ASSERT(error == seL4_NoError);
            slot_put(account, (uint32_t)holding->record.cap);
        }
        *link = holding->next;
        kaal_record_put(account->broker->untyped, holding);
    }
    account->holdings_end = link;
}

int kaal_account_badge_bit(struct kaal_account *account, bool fixed, uint32_t *bit)
{
    uint64_t free_bits = ~(account->badge_bits | account->badge_bits_fixed) & BADGE_BITS_USABLE;
    if (free_bits == 0) {
        return KAAL_ERR_NO_SPACE;
    }
    *bit = (uint32_t)__builtin_ctzll(free_bits);
    account->badge_bits |= BIT64(*bit);
    if (fixed) {
        account->badge_bits_fixed |= BIT64(*bit);
    }
    return KAAL_OK;
}

int account_map_copies(struct kaal_account *account, struct kaal_arena *arena, seL4_CPtr frames,
                       uint32_t count, uint64_t vaddr, uint32_t bits, uint32_t how)
{
    const struct kaal_cspace *cspace = account->broker->cspace;
    seL4_CPtr copies;
    int error = kaal_arena_slots(arena, count, &copies);
    if (error != KAAL_OK) {
        return error;
    }
    for (uint32_t i = 0; i < count; i++) {
        seL4_Error refused = seL4_CNode_Copy(cspace->root, copies + i, cspace->depth, cspace->root,
                                             frames + i, cspace->depth, seL4_AllRights);
        if (refused != seL4_NoError) {
            return KAAL_ERR_KERNEL;
        }
    }
    return kaal_vspace_map(&account->vspace, copies, count, vaddr, bits, how);
}

int kaal_account_map_shared(struct kaal_account *account, seL4_CPtr frames, uint32_t count,
                            uint64_t vaddr, uint32_t how)
{
    return account_map_copies(account, &account->arena, frames, count, vaddr, PAGE_BITS, how);
}

int kaal_account_holding(const struct kaal_account *account, uint32_t index,
                         struct kaal_holding_record *record)
{
    const struct kaal_holding *holding = account->holdings;
    for (uint32_t i = 0; i < index && holding != NULL; i++) {
        holding = holding->next;
    }
    if (holding == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    *record = holding->record;
    return KAAL_OK;
}

void kaal_account_slots_occupied(const struct kaal_account *account,
                                 uint64_t occupied[KAAL_ACCOUNT_SLOT_WORDS])
{
    const struct kaal_cspace *cspace = account->broker->cspace;
    for (uint32_t slot = 0; slot < KAAL_ACCOUNT_SLOTS; slot++) {
        bool in = (account->slots_used[slot / 64] >> (slot % 64) & 1) != 0 && slot != 0;
        occupied[slot / 64] = slot % 64 == 0 ? 0 : occupied[slot / 64];
        if (!in && account->running) {
            /* A slot is empty if something fits into it: its own notification, without rights. */
            seL4_Error error =
                seL4_CNode_Copy(account->cnode, slot, KAAL_ACCOUNT_CNODE_BITS, cspace->root,
                                account->notification, cspace->depth, seL4_NoRights);
            in = error != seL4_NoError;
            if (!in) {
                error = seL4_CNode_Delete(account->cnode, slot, KAAL_ACCOUNT_CNODE_BITS);
                ASSERT(error == seL4_NoError);
            }
        }
        occupied[slot / 64] |= in ? BIT64(slot % 64) : 0;
    }
}

void kaal_broker_memory(const struct kaal_broker *broker, struct kaal_memory_record *record)
{
    struct kaal_untyped_totals totals;
    kaal_untyped_totals(broker->untyped, &totals);
    *record = (struct kaal_memory_record){
        .untyped_total_bytes = totals.total_bytes,
        .untyped_free_bytes = totals.free_bytes,
        .largest_free_bytes = totals.largest_bytes,
        .broker_slots_total = broker->cspace->total_count,
        .broker_slots_free = broker->cspace->free_count,
    };
}
