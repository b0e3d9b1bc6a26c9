/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Discovery runs on callbacks; here they are real: tables are mapped from physical memory page by
 * page and given back at the end, configuration space is mapped in 2 MiB frames (two buses each)
 * and stays mapped, because a dead driver's device must be silenced through it.
 */
#include "devices.h"

#include <string.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/mmio.h>
#include <kaal/sel4_error.h>

#include "early_console.h"
#include "log.h"
#include "memory.h"
#include "serve.h"

#define PAGE_BYTES     4096u
#define TABLE_MAPS_MAX 48u
#define PAGE_MAPS_MAX  256u
#define ECAM_BITS      21u
#define ECAM_BYTES     (UINT64_C(1) << ECAM_BITS)
#define ECAM_MAPS_MAX  128u /* 256 buses */
#define IO_LEVELS_MAX  6u   /* all ones: a kernel without an IOMMU */

/* A physical page that discovery reads. */
struct page_map {
    uint64_t paddr;
    struct kaal_untyped *untyped;
    seL4_CPtr frame;
};

/* A contiguous range of such pages in init's window, through copies of their frames. */
struct table_map {
    uint64_t paddr;
    uint32_t pages;
    uint32_t how; /* bits of enum kaal_map */
    seL4_CPtr first;
    unsigned char *address;
};

struct ecam_map {
    uint64_t paddr;
    unsigned char *address;
};

static struct kaal_platform platform;
static struct kaal_device_registry registry;
static struct kaal_broker the_broker;
static struct page_map pages[PAGE_MAPS_MAX];
static uint32_t page_count;
static struct table_map tables[TABLE_MAPS_MAX];
static uint32_t table_count;
static struct ecam_map ecams[ECAM_MAPS_MAX];
static uint32_t ecam_count;

struct kaal_broker *broker(void)
{
    return &the_broker;
}

const struct kaal_platform *devices_platform(void)
{
    return &platform;
}

struct kaal_device_registry *devices_registry(void)
{
    return &registry;
}

static int page_frame(uint64_t paddr, seL4_CPtr *frame)
{
    for (uint32_t i = 0; i < page_count; i++) {
        if (pages[i].paddr == paddr) {
            *frame = pages[i].frame;
            return KAAL_OK;
        }
    }
    if (page_count == PAGE_MAPS_MAX) {
        return KAAL_ERR_NO_SPACE;
    }
    struct page_map *page = &pages[page_count];
    int error = kaal_untyped_allocate_at(memory_untyped(), paddr, 12, &page->untyped);
    if (error != KAAL_OK) {
        return error;
    }
    error = kaal_cspace_allocate(memory_cspace(), &page->frame);
    if (error == KAAL_OK) {
        error = kaal_cspace_retype(memory_cspace(), page->untyped->cap, kaal_frame_type(12), 0,
                                   page->frame, 1);
        if (error != KAAL_OK) {
            (void)!kaal_cspace_free(memory_cspace(), page->frame);
        }
    }
    if (error != KAAL_OK) {
        (void)!kaal_untyped_free(memory_untyped(), page->untyped);
        return error;
    }
    page->paddr = paddr;
    page_count++;
    *frame = page->frame;
    return KAAL_OK;
}

static void drop_copies(seL4_CPtr first, uint32_t made, uint32_t count)
{
    struct kaal_cspace *cspace = memory_cspace();
    for (uint32_t i = 0; i < made; i++) {
        seL4_Error error = seL4_CNode_Delete(cspace->root, first + i, cspace->depth);
        ASSERT(error == seL4_NoError);
    }
    int error = kaal_cspace_free_run(cspace, first, count);
    ASSERT(error == KAAL_OK);
}

static int map_table(uint64_t paddr, uint32_t count, uint32_t how)
{
    struct kaal_cspace *cspace = memory_cspace();
    struct table_map *table = &tables[table_count];
    void *address = NULL;
    int error = kaal_cspace_allocate_run(cspace, count, &table->first);
    if (error != KAAL_OK) {
        return error;
    }
    uint32_t made = 0;
    while (error == KAAL_OK && made < count) {
        seL4_CPtr frame;
        error = page_frame(paddr + (uint64_t)made * PAGE_BYTES, &frame);
        if (error == KAAL_OK) {
            error = kaal_error_from_sel4(seL4_CNode_Copy(cspace->root, table->first + made,
                                                         cspace->depth, cspace->root, frame,
                                                         cspace->depth, seL4_AllRights));
        }
        made += error == KAAL_OK;
    }
    if (error == KAAL_OK) {
        error = memory_map(table->first, count, 12, how, &address);
    }
    if (error != KAAL_OK) {
        drop_copies(table->first, made, count);
        return error;
    }
    table->paddr = paddr;
    table->pages = count;
    table->how = how;
    table->address = address;
    table_count++;
    return KAAL_OK;
}

/* Makes physical memory readable until unmap_tables(); NULL if that is not possible. */
static const uint8_t *map_memory(uint64_t paddr, uint64_t bytes, uint32_t how)
{
    uint64_t start = align_down(paddr, PAGE_BYTES);
    if (bytes == 0 || paddr + bytes < paddr || bytes > 256u * PAGE_BYTES - PAGE_BYTES) {
        return NULL;
    }
    uint32_t count = (uint32_t)((align_up(paddr + bytes, PAGE_BYTES) - start) / PAGE_BYTES);
    for (uint32_t i = 0; i < table_count; i++) {
        const struct table_map *table = &tables[i];
        if (table->how == how && start >= table->paddr &&
            range_inside(start - table->paddr, (uint64_t)count * PAGE_BYTES,
                         (uint64_t)table->pages * PAGE_BYTES)) {
            return table->address + (paddr - table->paddr);
        }
    }
    if (table_count == TABLE_MAPS_MAX || map_table(start, count, how) != KAAL_OK) {
        return NULL;
    }
    return tables[table_count - 1].address + (paddr - start);
}

static const uint8_t *access_map(void *context, uint64_t paddr, uint64_t bytes)
{
    (void)context;
    return map_memory(paddr, bytes, KAAL_MAP_READ);
}

static uint32_t access_register_read32(void *context, uint64_t paddr)
{
    (void)context;
    const uint8_t *word = map_memory(paddr, sizeof(uint32_t), KAAL_MAP_READ | KAAL_MAP_DEVICE);
    return word == NULL ? UINT32_MAX : mmio_read32(word);
}

/* Everything mapped for tables goes back; what was allocated stays in the free lists. */
static void unmap_tables(void)
{
    for (uint32_t i = 0; i < table_count; i++) {
        memory_unmap(tables[i].first, tables[i].pages, 12, tables[i].address);
        drop_copies(tables[i].first, tables[i].pages, tables[i].pages);
    }
    table_count = 0;
    for (uint32_t i = 0; i < page_count; i++) {
        int error = kaal_untyped_free(memory_untyped(), pages[i].untyped);
        ASSERT(error == KAAL_OK);
        error = kaal_cspace_free(memory_cspace(), pages[i].frame);
        ASSERT(error == KAAL_OK);
    }
    page_count = 0;
}

/* The mapping of a word of configuration space, or NULL. */
static volatile unsigned char *config_word(uint64_t paddr)
{
    uint64_t base = align_down(paddr, ECAM_BYTES);
    for (uint32_t i = 0; i < ecam_count; i++) {
        if (ecams[i].paddr == base) {
            return ecams[i].address == NULL ? NULL : ecams[i].address + (paddr - base);
        }
    }
    if (ecam_count == ECAM_MAPS_MAX) {
        return NULL;
    }
    struct ecam_map *map = &ecams[ecam_count++];
    struct kaal_untyped *untyped;
    seL4_CPtr frame;
    void *address;
    map->paddr = base;
    map->address = NULL;
    int error = kaal_untyped_allocate_at(memory_untyped(), base, ECAM_BITS, &untyped);
    if (error == KAAL_OK) {
        error = kaal_cspace_allocate(memory_cspace(), &frame);
    }
    if (error == KAAL_OK) {
        error = kaal_cspace_retype(memory_cspace(), untyped->cap, kaal_frame_type(ECAM_BITS), 0,
                                   frame, 1);
    }
    if (error == KAAL_OK) {
        error = memory_map(frame, 1, ECAM_BITS, KAAL_MAP_READ | KAAL_MAP_WRITE | KAAL_MAP_DEVICE,
                           &address);
    }
    if (error != KAAL_OK) {
        log_line("init: warning: PCI configuration space at 0x%llx cannot be mapped: %s",
                 (unsigned long long)base, kaal_error_text(error));
        return NULL;
    }
    map->address = address;
    return map->address + (paddr - base);
}

static uint32_t access_config_read32(void *context, uint64_t paddr)
{
    (void)context;
    volatile unsigned char *word = config_word(paddr);
    return word == NULL ? UINT32_MAX : mmio_read32(word); /* all ones: nobody answers */
}

static void access_config_write32(void *context, uint64_t paddr, uint32_t value)
{
    (void)context;
    volatile unsigned char *word = config_word(paddr);
    if (word != NULL) {
        mmio_write32(word, value);
    }
}

/* Memory for discovery alone: one block, given back when discovery ends. */
static struct kaal_arena work;
static struct kaal_usage work_usage;
static seL4_CPtr work_first;
static uint32_t work_pages;
static void *work_address;

static void *access_work_memory(void *context, uint64_t bytes)
{
    (void)context;
    uint32_t count = (uint32_t)(align_up(bytes, PAGE_BYTES) / PAGE_BYTES);
    kaal_arena_init(&work, memory_untyped(), &work_usage);
    int error = kaal_arena_allocate(&work, kaal_frame_type(12), 12, count, &work_first);
    if (error == KAAL_OK) {
        error = memory_map(work_first, count, 12, KAAL_MAP_READ | KAAL_MAP_WRITE, &work_address);
    }
    if (error != KAAL_OK) {
        kaal_arena_release(&work);
        return NULL;
    }
    work_pages = count;
    return work_address;
}

static void drop_work_memory(void)
{
    if (work_pages > 0) {
        memory_unmap(work_first, work_pages, 12, work_address);
        kaal_arena_release(&work);
        work_pages = 0;
    }
}

static void access_report(void *context, const struct kaal_problem *problem)
{
    (void)context;
    log_line("init: warning: %s", problem->text);
}

/* Where the broker's own accesses to registers are mapped; taken once, so that its page tables are
 * there when a dead driver's device must be reached. */
static uint64_t broker_page;

static volatile unsigned char *broker_map(void *context, seL4_CPtr frame)
{
    (void)context;
    int error = KAAL_OK;
    if (broker_page == 0) {
        error = kaal_vspace_range_take(memory_vspace(), PAGE_BYTES, PAGE_BYTES, &broker_page);
    }
    if (error == KAAL_OK) {
        error = kaal_vspace_map(memory_vspace(), frame, 1, broker_page, 12,
                                KAAL_MAP_READ | KAAL_MAP_WRITE | KAAL_MAP_DEVICE);
    }
    return error == KAAL_OK ? (unsigned char *)broker_page : NULL;
}

static uint64_t broker_now_ns(void *context)
{
    (void)context;
    return kaal_now_ns();
}

static const struct kaal_device_access broker_access = {
    .config_read32 = access_config_read32,
    .config_write32 = access_config_write32,
    .map = broker_map,
    .now_ns = broker_now_ns,
};

void devices_start(const struct kaal_bootinfo *info)
{
    struct kaal_discovery_access access = {
        .map = access_map,
        .config_read32 = access_config_read32,
        .config_write32 = access_config_write32,
        .register_read32 = access_register_read32,
        .work_memory = access_work_memory,
        .report = access_report,
    };
    arch_port_access(&access);
    int error = kaal_discover(info, &access, &platform, &registry);
    if (error != KAAL_OK) {
        log_line("init: warning: no device tables could be read: %s; only legacy devices are known",
                 kaal_error_text(error));
    }
    unmap_tables();
    drop_work_memory();
    if (registry.dropped > 0) {
        log_line("init: warning: %u more devices than init can list were left out",
                 registry.dropped);
    }
    kaal_broker_init(&the_broker, memory_cspace(), memory_untyped(), &platform, &registry);
    the_broker.access = &broker_access;
    the_broker.line_notification = init_notification();
    the_broker.line_bits_free = BADGE_INIT_LINES;
    if (info->raw->numIOPTLevels != 0 && info->raw->numIOPTLevels <= IO_LEVELS_MAX) {
        the_broker.io_levels = (uint32_t)info->raw->numIOPTLevels;
        log_line("init: an IOMMU confines PCI devices to their holders' DMA memory");
    }
}

static const char *selector_text(const struct kaal_device_selector *selector)
{
    switch (selector->kind) {
    case KAAL_SELECT_AUTO:
        return "auto";
    case KAAL_SELECT_SERIAL:
        return "serial";
    case KAAL_SELECT_PCI:
        return "pci";
    case KAAL_SELECT_PCI_CLASS:
        return "pci-class";
    case KAAL_SELECT_VIRTIO:
        return "virtio";
    default:
        return selector->id;
    }
}

int devices_give(struct component *component)
{
    const struct kaal_system_component *description = component->description;
    struct kaal_startup *startup = component->startup;
    if ((description->allow & KAAL_ALLOW_DEVICES) != 0) {
        return KAAL_OK; /* it asks for them itself */
    }
    for (uint32_t i = 0; i < description->selector_count; i++) {
        struct kaal_bundle bundle;
        int error =
            kaal_broker_request_device(&component->account, &description->selectors[i], i, &bundle);
        if (error != KAAL_OK) {
            log_line("init: error: %s: device '%s' (0x%x): %s; try: the devices line of "
                     "compose.yaml, and `devices` in the shell",
                     description->name, selector_text(&description->selectors[i]),
                     description->selectors[i].value, kaal_error_text(error));
            return error;
        }
        if (bundle.resource_count > KAAL_STARTUP_RESOURCES_MAX - startup->resource_count) {
            return KAAL_ERR_NO_SPACE;
        }
        memcpy(&startup->resources[startup->resource_count], bundle.resources,
               bundle.resource_count * sizeof(bundle.resources[0]));
        startup->resource_count += bundle.resource_count;
    }
    return KAAL_OK;
}
