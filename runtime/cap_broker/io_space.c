/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * DMA confinement. Where the kernel has an IOMMU, a PCI function reaches only what is mapped in
 * its I/O address space, and what is mapped there is what its holder was given for it: the DMA
 * memory of its bundle, the holder's pools, and the frames of the holder's channels that have a bus
 * address. Bus addresses are physical addresses, so drivers are the same with and without an IOMMU.
 *
 * Life of a space: made when a function is first given with Bus Master (capability and root table,
 * the broker's own) and kept for ever, so that a restart changes no context entry. Mappings come
 * with a grant, before Bus Master is switched on; they go with it, after Bus Master was switched
 * off and before the memory is anybody else's. A mapping is a run of copies of frame capabilities:
 * deleting a copy unmaps the page. Tables below the root live as long as a page below them is
 * mapped. Tables are charged to the holder; copies, too, except a channel's, which are the
 * channel's own: their number is the description's, not the holder's.
 *
 * Spaces belong to request ids, not to functions: what sits behind a bridge that puts its own id on
 * requests shares one, and can only have one holder.
 */
#include "server_internal.h"

#include <kaal/pci_registers.h>
#include <kaal/sel4_error.h>

#define LEVEL_BITS   9u
#define TABLE_COVERS (PAGE_BITS + LEVEL_BITS) /* of the lowest table, log2 bytes */
/* The kernel keeps ids for devices that the firmware uses: at most 32 with its default options. */
#define DOMAINS_TRIED 64u
#define PCI_BUS_SHIFT 8u

/* A table below the root. */
struct io_table {
    struct io_table *next;
    uint64_t base;   /* first address that it covers */
    uint64_t pages;  /* mapped below it */
    uint32_t covers; /* log2 bytes */
    struct kaal_arena arena;
};
static_assert(sizeof(struct io_table) <= KAAL_RECORD_BYTES, "shared storage");

/* A run of pages. */
struct io_mapping {
    struct io_mapping *next;
    const void *owner; /* the grant or channel whose frames these are */
    uint64_t bus;
    seL4_CPtr copies;
    uint32_t count; /* pages mapped so far */
    struct kaal_arena arena;
};
static_assert(sizeof(struct io_mapping) <= KAAL_RECORD_BYTES, "shared storage");

struct io_space {
    struct io_space *next;
    seL4_CPtr cap;
    uint32_t request_id;
    bool firmware; /* it has tables that the broker did not make */
    struct io_table *tables;
    struct io_mapping *mappings;
    struct kaal_arena arena; /* capability and root table */
};
static_assert(sizeof(struct io_space) <= KAAL_RECORD_BYTES, "shared storage");

bool io_confined(const struct kaal_broker *broker, const struct kaal_device *device)
{
    return broker->io_levels != 0 && device->record.bus == KAAL_BUS_PCI;
}

/* The id under which the IOMMU sees a function's requests: its own, or that of a bridge above it.
 * Sources: Intel VT-d specification 3.0, 3.4.1 (source ids); PCI Express to PCI/PCI-X Bridge
 * Specification 1.0 (what a bridge forwards comes from the bus behind it, device 0). */
static uint32_t request_id(const struct kaal_broker *broker, const struct kaal_device *device)
{
    uint32_t id = device->record.pci_address;
    for (uint16_t up = device->pci.parent; up != KAAL_PCI_NO_PARENT;) {
        const struct kaal_device *bridge = &broker->registry->devices[up];
        uint32_t at = bridge->pci.pcie_offset;
        if (at == 0) {
            id = bridge->record.pci_address;
        } else {
            uint32_t word = broker->access->config_read32(broker->access->context,
                                                          bridge->pci.config_paddr + at);
            if (field_get(word, PCI_PCIE_TYPE) == PCI_PCIE_TYPE_TO_PCI) {
                id = (uint32_t)bridge->pci.secondary_bus << PCI_BUS_SHIFT;
            }
        }
        up = bridge->pci.parent;
    }
    return id;
}

bool io_same_requester(const struct kaal_broker *broker, const struct kaal_device *a,
                       const struct kaal_device *b)
{
    return io_confined(broker, a) && io_confined(broker, b) && broker->access != NULL &&
           a->pci.segment == b->pci.segment && request_id(broker, a) == request_id(broker, b);
}

static struct io_space *find_space(const struct kaal_broker *broker,
                                   const struct kaal_device *device)
{
    if (device->pci.segment != 0) {
        return NULL; /* the kernel has spaces for the first segment only */
    }
    uint32_t id = request_id(broker, device);
    struct io_space *space = broker->io_spaces;
    while (space != NULL && space->request_id != id) {
        space = space->next;
    }
    return space;
}

/* Capability and root table of a new space. */
static int fill_space(struct kaal_broker *broker, struct io_space *space, uint32_t *domain)
{
    seL4_CPtr root = seL4_CapNull;
    int error = kaal_arena_slots(&space->arena, 1, &space->cap);
    if (error == KAAL_OK) {
        error = kaal_arena_allocate(&space->arena, broker_arch_io_table_type(), 0, 1, &root);
    }
    if (error != KAAL_OK) {
        return error;
    }
    seL4_Error refused = seL4_IllegalOperation;
    uint32_t first = *domain;
    for (; refused == seL4_IllegalOperation && *domain < first + DOMAINS_TRIED; (*domain)++) {
        refused = broker_arch_io_space_mint(broker->cspace, space->request_id, *domain, space->cap);
    }
    if (refused == seL4_NoError) {
        refused = broker_arch_io_table_map(root, space->cap, 0);
    }
    return refused == seL4_NoError ? KAAL_OK : KAAL_ERR_KERNEL;
}

/* The space of a device; made if there is none. */
static int open_space(struct kaal_broker *broker, const struct kaal_device *device,
                      struct io_space **space)
{
    *space = find_space(broker, device);
    if (*space != NULL) {
        return KAAL_OK;
    }
    uint32_t id = request_id(broker, device);
    if (id == 0 || device->pci.segment != 0) {
        return KAAL_ERR_UNSUPPORTED; /* id 0 is no device's */
    }
    struct io_space *made = kaal_record_take(broker->untyped);
    if (made == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    made->request_id = id;
    kaal_arena_init_tight(&made->arena, broker->untyped, &broker->usage);
    uint32_t domain = broker->io_domains + 1;
    int error = fill_space(broker, made, &domain);
    if (error != KAAL_OK) {
        kaal_arena_release(&made->arena);
        kaal_record_put(broker->untyped, made);
        return error;
    }
    broker->io_domains = domain - 1;
    made->next = broker->io_spaces;
    broker->io_spaces = made;
    *space = made;
    return KAAL_OK;
}

static struct io_table *find_table(const struct io_space *space, uint32_t covers, uint64_t address)
{
    struct io_table *table = space->tables;
    while (table != NULL &&
           (table->covers != covers || table->base >> covers != address >> covers)) {
        table = table->next;
    }
    return table;
}

static int add_table(struct io_space *space, struct kaal_account *account, uint32_t covers,
                     uint64_t address)
{
    struct kaal_untyped_manager *untyped = account->broker->untyped;
    struct io_table *table = kaal_record_take(untyped);
    if (table == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    table->base = align_down(address, BIT64(covers));
    table->covers = covers;
    kaal_arena_init_tight(&table->arena, untyped, &account->usage);
    seL4_CPtr cap;
    int error = kaal_arena_allocate(&table->arena, broker_arch_io_table_type(), 0, 1, &cap);
    if (error == KAAL_OK) {
        error = kaal_error_from_sel4(broker_arch_io_table_map(cap, space->cap, address));
    }
    if (error != KAAL_OK) {
        kaal_arena_release(&table->arena);
        kaal_record_put(untyped, table);
        return error;
    }
    table->next = space->tables;
    space->tables = table;
    return KAAL_OK;
}

/* Frees tables without pages. */
static void sweep_tables(struct kaal_broker *broker, struct io_space *space)
{
    struct io_table **link = &space->tables;
    while (*link != NULL) {
        struct io_table *table = *link;
        if (table->pages != 0) {
            link = &table->next;
            continue;
        }
        *link = table->next;
        kaal_arena_release(&table->arena);
        kaal_record_put(broker->untyped, table);
    }
}

/* Adds the highest table that is missing for an address; KAAL_ERR_NOT_FOUND if none is. */
static int add_missing_table(struct io_space *space, struct kaal_account *account, uint64_t address)
{
    uint32_t covers = PAGE_BITS + LEVEL_BITS * (account->broker->io_levels - 1);
    for (; covers >= TABLE_COVERS; covers -= LEVEL_BITS) {
        if (find_table(space, covers, address) == NULL) {
            return add_table(space, account, covers, address);
        }
    }
    return KAAL_ERR_NOT_FOUND;
}

/* Adds the tables for an address, then maps the page. */
static int map_at_once(struct io_space *space, struct kaal_account *account, seL4_CPtr copy,
                       uint64_t address)
{
    int error;
    do {
        error = add_missing_table(space, account, address);
    } while (error == KAAL_OK);
    return error == KAAL_ERR_NOT_FOUND
               ? kaal_error_from_sel4(broker_arch_io_page_map(copy, space->cap, address))
               : error;
}

/*
 * A space that the firmware uses has tables already (the kernel made them): a table of the broker's
 * is then lower than the broker believes, and is kept longer than needed, but never too short.
 * There the kernel is asked first, which in its debug build prints a message for each table.
 */
static int map_by_steps(struct io_space *space, struct kaal_account *account, seL4_CPtr copy,
                        uint64_t address)
{
    seL4_Error refused = broker_arch_io_page_map(copy, space->cap, address);
    while (refused == seL4_FailedLookup) {
        int error = add_missing_table(space, account, address);
        if (error != KAAL_OK) {
            return error == KAAL_ERR_NOT_FOUND ? KAAL_ERR_KERNEL : error;
        }
        refused = broker_arch_io_page_map(copy, space->cap, address);
    }
    return refused == seL4_NoError ? KAAL_OK : KAAL_ERR_KERNEL;
}

static int map_page(struct io_space *space, struct kaal_account *account, seL4_CPtr copy,
                    uint64_t address)
{
    int error = KAAL_OK;
    if (!space->firmware) {
        error = map_at_once(space, account, copy, address);
        if (error == KAAL_ERR_BUSY) { /* something is there already */
            space->firmware = true;
            sweep_tables(account->broker, space); /* what was just added in a wrong place */
        }
    }
    if (space->firmware) {
        error = map_by_steps(space, account, copy, address);
    }
    if (error != KAAL_OK) {
        return error;
    }
    for (struct io_table *table = space->tables; table != NULL; table = table->next) {
        table->pages += table->base >> table->covers == address >> table->covers;
    }
    return KAAL_OK;
}

static void mapping_destroy(struct kaal_broker *broker, struct io_space *space,
                            struct io_mapping *mapping)
{
    struct io_mapping **link = &space->mappings;
    while (*link != mapping) {
        link = &(*link)->next;
    }
    *link = mapping->next;
    kaal_arena_release(&mapping->arena); /* deletes the copies, which unmaps the pages */
    for (uint32_t i = 0; i < mapping->count; i++) {
        uint64_t address = mapping->bus + i * PAGE_BYTES;
        for (struct io_table *table = space->tables; table != NULL; table = table->next) {
            table->pages -= table->base >> table->covers == address >> table->covers;
        }
    }
    sweep_tables(broker, space);
    kaal_record_put(broker->untyped, mapping);
}

static int fill_mapping(struct io_space *space, struct kaal_account *account,
                        struct io_mapping *mapping, seL4_CPtr frames, uint32_t count)
{
    const struct kaal_cspace *cspace = account->broker->cspace;
    int error = kaal_arena_slots(&mapping->arena, count, &mapping->copies);
    for (uint32_t i = 0; error == KAAL_OK && i < count; i++) {
        seL4_CPtr copy = mapping->copies + i;
        error =
            kaal_error_from_sel4(seL4_CNode_Copy(cspace->root, copy, cspace->depth, cspace->root,
                                                 frames + i, cspace->depth, seL4_AllRights));
        if (error == KAAL_OK) {
            error = map_page(space, account, copy, mapping->bus + i * PAGE_BYTES);
        }
        mapping->count += error == KAAL_OK;
    }
    return error;
}

/* Lets a device see frames at their physical addresses; nothing to do if it does.
 *   usage  who is charged for the copies */
static int space_map(struct io_space *space, struct kaal_account *account, struct kaal_usage *usage,
                     const void *owner, seL4_CPtr frames, uint32_t count, uint64_t bus)
{
    struct kaal_broker *broker = account->broker;
    for (const struct io_mapping *at = space->mappings; at != NULL; at = at->next) {
        if (at->owner == owner && at->bus == bus) {
            return KAAL_OK;
        }
    }
    if (!range_inside(bus, count * PAGE_BYTES, BIT64(PAGE_BITS + LEVEL_BITS * broker->io_levels))) {
        return KAAL_ERR_RANGE; /* beyond what the IOMMU's tables can name */
    }
    struct io_mapping *mapping = kaal_record_take(broker->untyped);
    if (mapping == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    mapping->owner = owner;
    mapping->bus = bus;
    kaal_arena_init_tight(&mapping->arena, broker->untyped, usage);
    mapping->next = space->mappings;
    space->mappings = mapping;
    int error = fill_mapping(space, account, mapping, frames, count);
    if (error != KAAL_OK) {
        mapping_destroy(broker, space, mapping);
    }
    return error;
}

/* All DMA memory of a grant. */
static int map_grant(struct io_space *space, struct kaal_account *account,
                     const struct kaal_grant *grant)
{
    int error = KAAL_OK;
    for (const struct grant_resource *entry = grant->resources; error == KAAL_OK && entry != NULL;
         entry = entry->next) {
        if (entry->resource.kind == KAAL_RESOURCE_DMA && entry->frame_count != 0) {
            error = space_map(space, account, &account->usage, grant, entry->frames,
                              entry->frame_count, entry->resource.dma.bus);
        }
    }
    return error;
}

static int map_channel(struct io_space *space, struct kaal_account *account,
                       struct kaal_broker_channel *channel)
{
    uint32_t pages = (uint32_t)(channel->region_bytes / PAGE_BYTES);
    return space_map(space, account, &channel->usage, channel, channel->frames[0][0], 2 * pages,
                     channel->paddr);
}

int io_device_begin(struct kaal_account *account, struct kaal_grant *grant)
{
    struct kaal_broker *broker = account->broker;
    if (!io_confined(broker, grant->device)) {
        return KAAL_OK;
    }
    struct io_space *space;
    int error = open_space(broker, grant->device, &space);
    if (error == KAAL_OK) {
        error = map_grant(space, account, grant);
    }
    for (const struct kaal_grant *pool = account->grants; error == KAAL_OK && pool != NULL;
         pool = pool->next) {
        error = pool->device == NULL ? map_grant(space, account, pool) : KAAL_OK;
    }
    struct kaal_broker_channel *channel = account->bus_channels;
    while (error == KAAL_OK && channel != NULL) {
        error = map_channel(space, account, channel);
        channel = channel->next_bus[channel->ends[0] == account ? 0 : 1];
    }
    return error;
}

/* The space of a device that can do DMA by this grant, or NULL. */
static struct io_space *space_of(const struct kaal_broker *broker, const struct kaal_grant *grant)
{
    return grant->device != NULL && grant->master && io_confined(broker, grant->device)
               ? find_space(broker, grant->device)
               : NULL;
}

int io_pool_begin(struct kaal_account *account, struct kaal_grant *grant)
{
    int error = KAAL_OK;
    for (const struct kaal_grant *at = account->grants; error == KAAL_OK && at != NULL;
         at = at->next) {
        struct io_space *space = space_of(account->broker, at);
        error = space == NULL ? KAAL_OK : map_grant(space, account, grant);
    }
    return error;
}

/* Removes an owner's mappings from a space; NULL: everybody's. */
static void space_unmap(struct kaal_broker *broker, struct io_space *space, const void *owner)
{
    struct io_mapping *mapping = space->mappings;
    while (mapping != NULL) {
        struct io_mapping *next = mapping->next;
        if (owner == NULL || mapping->owner == owner) {
            mapping_destroy(broker, space, mapping);
        }
        mapping = next;
    }
}

void io_grant_end(struct kaal_account *account, struct kaal_grant *grant)
{
    struct kaal_broker *broker = account->broker;
    for (struct io_space *space = broker->io_spaces; space != NULL; space = space->next) {
        space_unmap(broker, space, grant);
    }
    struct io_space *space = space_of(broker, grant);
    if (space == NULL) {
        return;
    }
    for (const struct kaal_grant *other = account->grants; other != NULL; other = other->next) {
        if (other != grant && space_of(broker, other) == space) {
            return; /* its other function still sees pools and channels */
        }
    }
    space_unmap(broker, space, NULL);
}

bool kaal_account_trusts_dma(const struct kaal_account *account)
{
    for (const struct kaal_grant *grant = account->grants; grant != NULL; grant = grant->next) {
        if (grant->device == NULL || io_confined(account->broker, grant->device)) {
            continue;
        }
        bool dma = grant->master || grant->device->record.bus == KAAL_BUS_VIRTIO_MMIO;
        for (const struct grant_resource *entry = grant->resources; !dma && entry != NULL;
             entry = entry->next) {
            dma = entry->resource.kind == KAAL_RESOURCE_DMA;
        }
        if (dma) {
            return true;
        }
    }
    return false;
}
