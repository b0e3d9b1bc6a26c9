/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Grants: a device bundle, memory, an interrupt or a child, each a transaction. A grant is built
 * step by
 * step in an arena of its own; the first step that fails releases the grant, which undoes exactly
 * the steps that were done. Ending a grant later is the same function.
 */
#include "server_internal.h"

#include <kaal/sel4_error.h>

struct kaal_grant *grant_create(struct kaal_account *account)
{
    struct kaal_grant *grant = kaal_record_take(account->broker->untyped);
    if (grant == NULL) {
        return NULL;
    }
    grant->handle = account->broker->next_handle++;
    grant->next = account->grants;
    account->grants = grant;
    grant->account = account;
    kaal_arena_init_tight(&grant->arena, account->broker->untyped, &account->usage);
    return grant;
}

/* The resource's own things that no arena holds. */
static void resource_destroy(struct kaal_account *account, struct grant_resource *entry)
{
    struct kaal_broker *broker = account->broker;
    if (entry->window_bytes != 0) {
        int error =
            kaal_vspace_range_put(&account->vspace, entry->window_vaddr, entry->window_bytes);
        ASSERT(error != KAAL_ERR_DOUBLE_FREE);
    }
    if (entry->resource.kind == KAAL_RESOURCE_IRQ) {
        interrupt_take_back(account, entry);
    } else if (entry->resource.kind == KAAL_RESOURCE_CHANNEL) {
        account->badge_bits &= ~BIT64(entry->resource.channel.badge_bit);
    }
    kaal_record_put(broker->untyped, entry);
}

static void grant_silence(struct kaal_account *account, struct kaal_grant *grant)
{
    if (grant->device != NULL && grant->device->holder == account && !grant->silent) {
        if (!grant->closed) { /* else it is silent since it was handed over */
            device_close(account->broker, grant->device);
        }
        grant->silent = true;
    }
}

void grant_destroy(struct kaal_account *account, struct kaal_grant *grant)
{
    grant_end_shares(grant);
    if (grant->kind == GRANT_CHILD) {
        child_end(account, grant->child);
    }
    struct kaal_grant **link = &account->grants;
    while (*link != grant) {
        link = &(*link)->next;
    }
    *link = grant->next;
    /* The device is silent before its memory is anybody else's. Then capabilities in the component,
     * then their originals, then what no arena holds. */
    grant_silence(account, grant);
    io_grant_end(account, grant);
    account_unplace(account, grant->handle);
    kaal_arena_release(&grant->arena);
    while (grant->resources != NULL) {
        struct grant_resource *entry = grant->resources;
        grant->resources = entry->next;
        resource_destroy(account, entry);
    }
    if (grant->device != NULL) {
        if (grant->device->holder == account) { /* it may be another's: see handover.c */
            grant->device->holder = NULL;
            grant->device->record.owner[0] = '\0';
        }
        device_dereference(account->broker, grant->device);
    }
    kaal_record_put(account->broker->untyped, grant);
}

void kaal_account_silence(struct kaal_account *account)
{
    for (struct kaal_grant *grant = account->grants; grant != NULL; grant = grant->next) {
        grant_silence(account, grant);
    }
}

void grants_release_all(struct kaal_account *account)
{
    while (account->grants != NULL) {
        grant_destroy(account, account->grants);
    }
}

struct grant_resource *resource_add(struct kaal_account *account, struct kaal_grant *grant,
                                    const char *name, uint32_t kind, uint32_t device)
{
    struct grant_resource *entry = kaal_record_take(account->broker->untyped);
    if (entry == NULL) {
        return NULL;
    }
    name_copy(entry->resource.name, name);
    entry->resource.kind = kind;
    entry->resource.device = device;
    entry->message = KAAL_VECTORS_MAX;
    struct grant_resource **end = &grant->resources;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = entry;
    return entry;
}

struct kaal_holding_record holding_of(const struct grant_resource *entry, uint32_t kind,
                                      uint64_t base, uint64_t bytes)
{
    struct kaal_holding_record record = {.kind = kind, .base = base, .bytes = bytes};
    name_copy(record.name, entry->resource.name);
    return record;
}

int grant_take_window(struct kaal_account *account, struct grant_resource *entry, uint64_t bytes,
                      uint64_t alignment)
{
    int error = kaal_vspace_range_take(&account->vspace, bytes, alignment, &entry->window_vaddr);
    if (error == KAAL_OK) {
        entry->window_bytes = bytes;
    }
    return error;
}

/* Maps the pages that hold the first `declared` bytes of a range; 0 = all of it. */
static int give_registers(struct kaal_account *account, struct kaal_grant *grant,
                          struct grant_resource *entry, uint32_t range, uint64_t declared)
{
    struct kaal_device *device = grant->device;
    const struct kaal_device_range *wanted = &device->record.ranges[range];
    int error = device_range_open(account->broker, device, range);
    if (error != KAAL_OK) {
        return error;
    }
    uint64_t start = align_down(wanted->base, PAGE_BYTES);
    uint64_t needed = declared == 0 ? wanted->bytes : declared;
    uint64_t bytes = align_up(wanted->base + needed, PAGE_BYTES) - start;
    uint64_t usable = start + bytes - wanted->base;
    struct device_piece *piece = device_first_piece(device, range);
    /* Large frames keep their alignment because the window has it too. */
    uint64_t alignment = PAGE_BYTES;
    for (struct device_piece *at = piece; at != NULL; at = device_next_piece(at)) {
        if (at->frame_bits == LARGE_PAGE_BITS) {
            alignment = BIT64(LARGE_PAGE_BITS);
        }
    }
    uint64_t lead = start & (alignment - 1);
    error = grant_take_window(account, entry, align_up(bytes, alignment) + lead, alignment);
    uint64_t vaddr = entry->window_vaddr + lead;
    for (uint64_t left = bytes; error == KAAL_OK && left > 0; piece = device_next_piece(piece)) {
        uint64_t frame_bytes = BIT64(piece->frame_bits);
        uint64_t frames = align_up(left, frame_bytes) / frame_bytes;
        uint32_t count = frames < piece->count ? (uint32_t)frames : piece->count;
        uint32_t how = KAAL_MAP_READ | KAAL_MAP_DEVICE | (piece->protected ? 0 : KAAL_MAP_WRITE);
        error = account_map_copies(account, &grant->arena, piece->first, count, vaddr,
                                   piece->frame_bits, how);
        vaddr += count * frame_bytes;
        left -= left < count * frame_bytes ? left : count * frame_bytes;
    }
    if (error != KAAL_OK) {
        return error;
    }
    entry->resource.registers = (struct kaal_registers_resource){
        .vaddr = entry->window_vaddr + lead + (wanted->base - start),
        .bytes = usable < wanted->bytes ? usable : wanted->bytes,
        .paddr = wanted->base,
    };
    struct kaal_holding_record record =
        holding_of(entry, KAAL_HOLDING_REGISTERS, wanted->base, entry->resource.registers.bytes);
    return account_list(account, grant->handle, &record);
}

static int give_ports(struct kaal_account *account, struct kaal_grant *grant,
                      struct grant_resource *entry, uint32_t range)
{
    const struct kaal_device_range *wanted = &grant->device->record.ranges[range];
    int error = device_range_open(account->broker, grant->device, range);
    if (error != KAAL_OK) {
        return error;
    }
    uint64_t count = wanted->bytes & ~KAAL_DEVICE_RANGE_PORTS;
    struct kaal_holding_record record = holding_of(entry, KAAL_HOLDING_PORTS, wanted->base, count);
    seL4_CPtr cap = seL4_CapNull;
    error = account_place(account, grant->handle, device_first_piece(grant->device, range)->first,
                          seL4_AllRights, 0, &record, &cap);
    entry->resource.ports =
        (struct kaal_ports_resource){.cap = cap, .first = wanted->base, .count = count};
    return error;
}

static int give_dma(struct kaal_account *account, struct kaal_grant *grant,
                    struct grant_resource *entry, uint64_t bytes)
{
    seL4_CPtr frames;
    uint32_t count;
    uint64_t paddr;
    int error = kaal_arena_allocate_dma(&grant->arena, bytes, PAGE_BYTES, &frames, &count, &paddr);
    if (error != KAAL_OK) {
        return error;
    }
    entry->frames = frames;
    entry->frame_count = count;
    error = grant_take_window(account, entry, (uint64_t)count * PAGE_BYTES, PAGE_BYTES);
    if (error == KAAL_OK) {
        error = kaal_vspace_map(&account->vspace, frames, count, entry->window_vaddr, PAGE_BITS,
                                KAAL_MAP_READ | KAAL_MAP_WRITE);
    }
    if (error != KAAL_OK) {
        return error;
    }
    entry->resource.dma = (struct kaal_dma_resource){
        .vaddr = entry->window_vaddr, .bytes = (uint64_t)count * PAGE_BYTES, .bus = paddr};
    struct kaal_holding_record record =
        holding_of(entry, KAAL_HOLDING_DMA, paddr, entry->resource.dma.bytes);
    return account_list(account, grant->handle, &record);
}

/* Whether a device has what a declaration asks for. */
static bool device_has(const struct kaal_broker *broker, const struct kaal_device *device,
                       const struct kaal_driver_resource *wanted)
{
    uint32_t index = wanted->index & KAAL_DRIVER_INDEX;
    bool line = (wanted->index & KAAL_DRIVER_LINE) != 0;
    const struct kaal_device_range *range =
        index < device->record.range_count ? &device->record.ranges[index] : NULL;
    bool ports = range != NULL && (range->bytes & KAAL_DEVICE_RANGE_PORTS) != 0;
    bool usable = range != NULL && range->bytes != 0 &&
                  (range->bytes & ~KAAL_DEVICE_RANGE_PORTS) >= wanted->bytes &&
                  (range->base != 0 || device->record.bus != KAAL_BUS_PCI);
    switch (wanted->kind) {
    case KAAL_RESOURCE_REGISTERS:
        return usable && !ports;
    case KAAL_RESOURCE_PORTS:
        return usable && ports;
    case KAAL_RESOURCE_IRQ:
        return index < interrupt_count(broker, device, line);
    default:
        return wanted->kind == KAAL_RESOURCE_DMA;
    }
}

/* One resource that a declaration asks for. */
static int give_declared(struct kaal_account *account, struct kaal_grant *grant, uint32_t device,
                         const struct kaal_driver_resource *wanted)
{
    struct kaal_broker *broker = account->broker;
    uint32_t index = wanted->index & KAAL_DRIVER_INDEX;
    bool line = (wanted->index & KAAL_DRIVER_LINE) != 0;
    if (!device_has(broker, grant->device, wanted)) {
        return (wanted->index & KAAL_DRIVER_OPTIONAL) != 0 ? KAAL_OK : KAAL_ERR_UNSUPPORTED;
    }
    struct grant_resource *entry = resource_add(account, grant, wanted->name, wanted->kind, device);
    if (entry == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    switch (wanted->kind) {
    case KAAL_RESOURCE_REGISTERS:
        return give_registers(account, grant, entry, index, wanted->bytes);
    case KAAL_RESOURCE_PORTS:
        return give_ports(account, grant, entry, index);
    case KAAL_RESOURCE_IRQ:
        entry->resource.kind = KAAL_RESOURCE_NONE; /* until there is something to take back */
        return interrupt_give(account, grant, entry, index, line);
    default:
        return give_dma(account, grant, entry, wanted->bytes);
    }
}

/* Without a declaration: every range and interrupt, under names that count up. */
static int give_everything(struct kaal_account *account, struct kaal_grant *grant, uint32_t device)
{
    const struct kaal_device *from = grant->device;
    uint32_t given = 0;
    for (uint32_t i = 0; i < from->record.range_count && given < KAAL_BUNDLE_RESOURCES_MAX; i++) {
        if (from->record.ranges[i].bytes == 0 ||
            (from->record.bus == KAAL_BUS_PCI && from->record.ranges[i].base == 0)) {
            continue;
        }
        bool ports = (from->record.ranges[i].bytes & KAAL_DEVICE_RANGE_PORTS) != 0;
        struct kaal_driver_resource wanted = {
            .name = "range0",
            .kind = ports ? KAAL_RESOURCE_PORTS : KAAL_RESOURCE_REGISTERS,
            .index = i,
        };
        wanted.name[5] = (char)('0' + i);
        int error = give_declared(account, grant, device, &wanted);
        if (error != KAAL_OK) {
            return error;
        }
        given++;
    }
    uint32_t irqs = interrupt_count(account->broker, from, false);
    irqs = irqs < KAAL_DEVICE_IRQS_MAX ? irqs : KAAL_DEVICE_IRQS_MAX;
    for (uint32_t i = 0; i < irqs && given < KAAL_BUNDLE_RESOURCES_MAX; i++, given++) {
        struct kaal_driver_resource wanted = {
            .name = "irq0", .kind = KAAL_RESOURCE_IRQ, .index = i};
        wanted.name[3] = (char)('0' + i);
        int error = give_declared(account, grant, device, &wanted);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return KAAL_OK;
}

bool ceiling_allows(const struct kaal_account *account, const struct kaal_device *device)
{
    const struct kaal_system_component *ceiling = account->ceiling;
    for (uint32_t i = 0; i < ceiling->selector_count && i < KAAL_SYSTEM_SELECTORS_MAX; i++) {
        if (kaal_device_selected(device, &ceiling->selectors[i], account->declaration)) {
            return true;
        }
    }
    return false;
}

/* Nobody holds it, and nobody else holds a device with registers in the same page or with the same
 * I/O address space: what can touch one can touch the other. */
static bool available(const struct kaal_account *account, const struct kaal_device *device)
{
    const struct kaal_device_registry *registry = account->broker->registry;
    for (uint32_t i = 0; i < registry->count; i++) {
        const struct kaal_device *other = &registry->devices[i];
        if (other->holder != NULL && other->holder != account &&
            (device_shares_page(device, other) ||
             io_same_requester(account->broker, device, other))) {
            return false;
        }
    }
    return device->holder == NULL;
}

/* The first free device that the selector names and the ceiling allows; says why if there is none.
 */
static int find_device(struct kaal_account *account, const struct kaal_device_selector *selector,
                       struct kaal_device **found)
{
    struct kaal_device_registry *registry = account->broker->registry;
    int error = KAAL_ERR_NOT_FOUND;
    for (uint32_t i = 0; i < registry->count; i++) {
        struct kaal_device *device = &registry->devices[i];
        if (!kaal_device_selected(device, selector, account->declaration)) {
            continue;
        }
        if (!ceiling_allows(account, device)) {
            error = error == KAAL_ERR_BUSY ? error : KAAL_ERR_DENIED;
        } else if (!available(account, device)) {
            error = KAAL_ERR_BUSY;
        } else {
            *found = device;
            return KAAL_OK;
        }
    }
    return error;
}

int grant_fill_bundle(struct kaal_account *account, struct kaal_grant *grant, uint32_t device)
{
    const struct kaal_driver_declaration *declaration = account->declaration;
    if (declaration == NULL || !kaal_device_declared(grant->device, declaration, NULL)) {
        return give_everything(account, grant, device);
    }
    for (uint32_t i = 0; i < declaration->resource_count && i < KAAL_DRIVER_RESOURCES_MAX; i++) {
        int error = give_declared(account, grant, device, &declaration->resources[i]);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return KAAL_OK;
}

/* A device writes to memory for DMA and for messages; without either it stays unable to. */
bool grant_needs_master(const struct kaal_broker *broker, const struct kaal_grant *grant)
{
    const struct grant_resource *entry = grant->resources;
    for (; entry != NULL; entry = entry->next) {
        if (entry->resource.kind == KAAL_RESOURCE_DMA ||
            (entry->resource.kind == KAAL_RESOURCE_IRQ && entry->line == NULL)) {
            break;
        }
    }
    return entry != NULL && broker->access != NULL && grant->device->record.bus == KAAL_BUS_PCI;
}

/* The grant whose device has an index among the component's, or NULL. */
static struct kaal_grant *find_device_grant(const struct kaal_account *account, uint32_t index)
{
    struct kaal_grant *grant = account->grants;
    while (grant != NULL && (grant->device == NULL || grant->index != index)) {
        grant = grant->next;
    }
    return grant;
}

/* Selectors of the description have the indices of their places; requests have those behind. */
uint32_t grant_free_index(const struct kaal_account *account)
{
    uint32_t index = account->ceiling->selector_count;
    while (find_device_grant(account, index) != NULL) {
        index++;
    }
    return index;
}

int grant_device(struct kaal_account *account, const struct kaal_device_selector *selector,
                 uint32_t device, struct kaal_bundle *bundle)
{
    struct kaal_device *found;
    if (!account->running) {
        return KAAL_ERR_STATE;
    }
    int error = find_device(account, selector, &found);
    if (error != KAAL_OK) {
        return error;
    }
    if (device == KAAL_DEVICE_INDEX_FREE) {
        device = grant_free_index(account);
    }
    struct kaal_grant *grant = grant_create(account);
    if (grant == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    error = device_reference(account->broker, found);
    if (error == KAAL_OK) {
        grant->device = found;
        grant->index = device;
        error = device_open(account->broker, found);
    }
    if (error == KAAL_OK) {
        found->holder = account;
        name_copy(found->record.owner, account->ceiling->name);
        error = grant_fill_bundle(account, grant, device);
    }
    if (error == KAAL_OK && grant_needs_master(account->broker, grant)) {
        grant->master = true;
        error = io_device_begin(account, grant);
    }
    if (error == KAAL_OK && grant->master) {
        pci_set_master(account->broker, found);
    }
    found->refused_to = error == KAAL_OK ? NULL : account;
    found->refusal = error;
    if (error != KAAL_OK) {
        grant_destroy(account, grant);
        return error;
    }
    *bundle = (struct kaal_bundle){.handle = grant->handle};
    for (struct grant_resource *entry = grant->resources; entry != NULL; entry = entry->next) {
        bundle->resources[bundle->resource_count++] = entry->resource;
    }
    return KAAL_OK;
}

/* An interrupt of a device that the ceiling allows and nobody else holds. */
static int find_irq(struct kaal_account *account, uint64_t number,
                    const struct kaal_interrupt **found)
{
    struct kaal_device_registry *registry = account->broker->registry;
    int error = KAAL_ERR_DENIED;
    for (uint32_t i = 0; i < registry->count; i++) {
        const struct kaal_device *device = &registry->devices[i];
        for (uint32_t j = 0; j < device->irq_count; j++) {
            if (device->irqs[j].source != number || !ceiling_allows(account, device)) {
                continue;
            }
            if (device->holder == NULL || device->holder == account) {
                *found = &device->irqs[j];
                return KAAL_OK;
            }
            error = KAAL_ERR_BUSY;
        }
    }
    return error;
}

int grant_irq(struct kaal_account *account, uint64_t number, kaal_handle *handle,
              struct kaal_resource *resource)
{
    const struct kaal_interrupt *irq;
    if (!account->running) {
        return KAAL_ERR_STATE;
    }
    if (number > UINT32_MAX) {
        return KAAL_ERR_RANGE;
    }
    int error = find_irq(account, number, &irq);
    if (error != KAAL_OK) {
        return error;
    }
    struct kaal_grant *grant = grant_create(account);
    if (grant == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    struct grant_resource *entry = resource_add(account, grant, "irq", KAAL_RESOURCE_NONE, 0);
    error = entry == NULL ? KAAL_ERR_NO_SPACE : interrupt_give_line(account, grant, entry, irq);
    if (error != KAAL_OK) {
        grant_destroy(account, grant);
        return error;
    }
    *handle = grant->handle;
    *resource = entry->resource;
    return KAAL_OK;
}

struct kaal_grant *grant_find(const struct kaal_account *account, kaal_handle handle)
{
    struct kaal_grant *grant = account->grants;
    while (grant != NULL && grant->handle != handle) {
        grant = grant->next;
    }
    return grant;
}

int grant_missing(const struct kaal_broker *broker, kaal_handle handle)
{
    for (const struct kaal_account *other = broker->accounts; other != NULL; other = other->next) {
        if (grant_find(other, handle) != NULL) {
            return KAAL_ERR_FOREIGN;
        }
    }
    return handle != 0 && handle < broker->next_handle ? KAAL_ERR_DOUBLE_FREE : KAAL_ERR_FOREIGN;
}

int grant_release(struct kaal_account *account, kaal_handle handle)
{
    struct kaal_grant *grant = grant_find(account, handle);
    if (grant == NULL) {
        return grant_missing(account->broker, handle);
    }
    grant_destroy(account, grant);
    return KAAL_OK;
}

int kaal_broker_bundle_resource(struct kaal_account *account, kaal_handle handle, uint32_t index,
                                struct kaal_resource *resource)
{
    const struct kaal_grant *grant = grant_find(account, handle);
    const struct grant_resource *entry = grant == NULL ? NULL : grant->resources;
    for (uint32_t i = 0; i < index && entry != NULL; i++) {
        entry = entry->next;
    }
    if (entry == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    *resource = entry->resource;
    return KAAL_OK;
}

int kaal_broker_bundle_find(const struct kaal_account *account, uint32_t device,
                            kaal_handle *handle)
{
    const struct kaal_grant *grant = find_device_grant(account, device);
    *handle = grant == NULL ? 0 : grant->handle;
    return grant == NULL ? KAAL_ERR_NOT_FOUND : KAAL_OK;
}

/* A PCI device that the account holds, by its index. */
static int find_function(struct kaal_account *account, uint32_t index, struct kaal_device **device)
{
    const struct kaal_grant *grant = find_device_grant(account, index);
    if (grant == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    if (grant->device->record.bus != KAAL_BUS_PCI) {
        return KAAL_ERR_UNSUPPORTED;
    }
    *device = grant->device;
    return KAAL_OK;
}

int kaal_broker_config_read(struct kaal_account *account, uint32_t device, uint32_t offset,
                            uint32_t width, uint32_t *value)
{
    struct kaal_device *function;
    int error = find_function(account, device, &function);
    return error == KAAL_OK ? pci_config_read(account->broker, function, offset, width, value)
                            : error;
}

int kaal_broker_config_write(struct kaal_account *account, uint32_t device, uint32_t offset,
                             uint32_t width, uint32_t value)
{
    struct kaal_device *function;
    int error = find_function(account, device, &function);
    return error == KAAL_OK ? pci_config_write(account->broker, function, offset, width, value)
                            : error;
}

uint64_t kaal_account_ready_ns(const struct kaal_account *account)
{
    const struct kaal_device_registry *registry = account->broker->registry;
    uint64_t latest_ns = 0;
    for (uint32_t i = 0; i < registry->count; i++) {
        const struct kaal_device *device = &registry->devices[i];
        if (device->ready_ns > latest_ns && ceiling_allows(account, device)) {
            latest_ns = device->ready_ns;
        }
    }
    return latest_ns;
}
