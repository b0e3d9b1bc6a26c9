/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What devices see behind an IOMMU. The host kernel has none, so the four functions of
 * io_space_arch.c are a model of the kernel's here: it knows which table and which page is where,
 * and takes each for gone once its capability is (which is how the broker unmaps). Everything else,
 * the capabilities, memory, quotas and configuration space, is as it is in the broker's other
 * tests.
 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include <abi/invocation.h>
#include <arch/host_entry.h>

#include "server_internal.h"
#include <kaal/pci_registers.h>

#define WINDOW        UINT64_C(0x10000000)
#define WINDOW_BYTES  UINT64_C(0x10000000)
#define PAGE          UINT64_C(4096)
#define CONFIG        UINT64_C(0xB0000000)
#define PCIE_AT       0x80u
#define DEVICES_MAX   5u
#define OBJECTS_MAX   1024u
#define LEVELS        3u
#define ROOT_COVERS   39u
#define LOWEST_COVERS 21u
#define PAGE_COVERS   12u
#define STEPS_MAX     2000u
#define LIVES         20u

static struct kaal_broker broker;
static struct kaal_platform platform;
static struct kaal_device_registry registry;
static struct kaal_account driver;
static struct kaal_account other;
static uint64_t ram; /* a free megabyte that plays the devices' registers */
static seL4_CPtr scratch;
static uint32_t config[DEVICES_MAX][PCI_CONFIG_BYTES / 4];

/* ---- failures, as in test_transactions.c ---- */

static bool armed;
static uint64_t steps_left;
static bool fired;

static bool fails_now(void)
{
    if (!armed || steps_left > 0) {
        steps_left -= armed ? 1 : 0;
        return false;
    }
    armed = false;
    fired = true;
    return true;
}

static void forget_dead(void);
static bool forgetting;

void __real_kernel_host_syscall(struct kernel_host_regs *regs);
void __wrap_kernel_host_syscall(struct kernel_host_regs *regs);

void __wrap_kernel_host_syscall(struct kernel_host_regs *regs)
{
    uint64_t label = regs->x[1] >> 12;
    bool undoes = label == CNodeRevoke || label == CNodeDelete || label == ARMPageUnmap;
    bool invokes = regs->x[7] == (uint64_t)seL4_SysCall;
    if (invokes && !undoes && fails_now()) {
        regs->x[1] = (uint64_t)seL4_IllegalOperation << 12;
        return;
    }
    __real_kernel_host_syscall(regs);
    if (invokes && (label == CNodeDelete || label == CNodeRevoke)) {
        forget_dead(); /* before the slot is used again */
    }
}

void *__real_kaal_record_take(struct kaal_untyped_manager *manager);
void *__wrap_kaal_record_take(struct kaal_untyped_manager *manager);

void *__wrap_kaal_record_take(struct kaal_untyped_manager *manager)
{
    return fails_now() ? NULL : __real_kaal_record_take(manager);
}

int __real_kaal_cspace_allocate_run(struct kaal_cspace *cspace, uint32_t count, seL4_CPtr *first);
int __wrap_kaal_cspace_allocate_run(struct kaal_cspace *cspace, uint32_t count, seL4_CPtr *first);

int __wrap_kaal_cspace_allocate_run(struct kaal_cspace *cspace, uint32_t count, seL4_CPtr *first)
{
    return fails_now() ? KAAL_ERR_NO_SLOT : __real_kaal_cspace_allocate_run(cspace, count, first);
}

int __real_kaal_cspace_expand(struct kaal_cspace *cspace, struct kaal_untyped_manager *untyped);
int __wrap_kaal_cspace_expand(struct kaal_cspace *cspace, struct kaal_untyped_manager *untyped);

int __wrap_kaal_cspace_expand(struct kaal_cspace *cspace, struct kaal_untyped_manager *untyped)
{
    return fired ? KAAL_ERR_NO_SPACE : __real_kaal_cspace_expand(cspace, untyped);
}

/* ---- the IOMMU ---- */

/* A table or page that is mapped. */
struct object {
    seL4_CPtr slot; /* 0: the firmware's, never gone */
    uint64_t paddr;
    seL4_CPtr space;
    uint64_t address;
    uint32_t covers;
};
static struct object objects[OBJECTS_MAX];
static uint32_t object_count;
static uint32_t mints;
static uint32_t minted_ids[8];
static uint32_t firmware_domains; /* the kernel keeps the first ones */
static bool firmware_root;        /* spaces have a root table from the start */

/* The physical address of the frame in a slot, or 0 if it is empty. */
static uint64_t paddr_in(seL4_CPtr slot)
{
    seL4_CPtr root = fixture.cspace.root;
    uint8_t depth = fixture.cspace.depth;
    if (seL4_CNode_Copy(root, scratch, depth, root, slot, depth, seL4_AllRights) != seL4_NoError) {
        return 0;
    }
    uint64_t paddr = seL4_ARM_Page_GetAddress(scratch).paddr;
    assert_int_equal(seL4_CNode_Delete(root, scratch, depth), seL4_NoError);
    return paddr;
}

/* Forgets what has lost its capability. */
static void forget_dead(void)
{
    if (forgetting) {
        return;
    }
    bool was_armed = armed;
    armed = false;
    forgetting = true;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < object_count; i++) {
        if (objects[i].slot == 0 || paddr_in(objects[i].slot) == objects[i].paddr) {
            objects[kept++] = objects[i];
        }
    }
    object_count = kept;
    forgetting = false;
    armed = was_armed;
}

static bool has(seL4_CPtr space, uint32_t covers, uint64_t address)
{
    if (covers == ROOT_COVERS && firmware_root) {
        return true;
    }
    for (uint32_t i = 0; i < object_count; i++) {
        if (objects[i].space == space && objects[i].covers == covers &&
            objects[i].address >> covers == address >> covers) {
            return true;
        }
    }
    return false;
}

static void add(seL4_CPtr slot, seL4_CPtr space, uint64_t address, uint32_t covers)
{
    bool was_armed = armed;
    armed = false;
    forgetting = true;
    assert_true(object_count < OBJECTS_MAX);
    objects[object_count++] = (struct object){slot, paddr_in(slot), space, address, covers};
    forgetting = false;
    armed = was_armed;
}

seL4_Word broker_arch_io_table_type(void)
{
    return kaal_frame_type(12); /* any object of 4 KiB */
}

seL4_Error broker_arch_io_space_mint(const struct kaal_cspace *cspace, uint32_t request_id,
                                     uint32_t domain, seL4_CPtr slot)
{
    (void)cspace;
    (void)slot;
    if (fails_now()) {
        return seL4_DeleteFirst;
    }
    if (domain == 0 || domain <= firmware_domains) {
        return seL4_IllegalOperation;
    }
    minted_ids[mints++ % ARRAY_COUNT(minted_ids)] = request_id;
    return seL4_NoError;
}

seL4_Error broker_arch_io_table_map(seL4_CPtr table, seL4_CPtr space, uint64_t address)
{
    if (fails_now()) {
        return seL4_InvalidCapability;
    }
    forget_dead();
    for (uint32_t covers = ROOT_COVERS; covers >= LOWEST_COVERS; covers -= 9) {
        if (!has(space, covers, address)) {
            add(table, space, address, covers);
            return seL4_NoError;
        }
    }
    return seL4_DeleteFirst;
}

seL4_Error broker_arch_io_page_map(seL4_CPtr frame, seL4_CPtr space, uint64_t address)
{
    if (fails_now()) {
        return seL4_InvalidCapability;
    }
    forget_dead();
    for (uint32_t covers = ROOT_COVERS; covers >= LOWEST_COVERS; covers -= 9) {
        if (!has(space, covers, address)) {
            return seL4_FailedLookup;
        }
    }
    if (has(space, PAGE_COVERS, address)) {
        return seL4_DeleteFirst;
    }
    add(frame, space, address, PAGE_COVERS);
    assert_int_equal(objects[object_count - 1].paddr, address); /* bus address = physical address */
    return seL4_NoError;
}

static uint32_t count_objects(uint32_t covers)
{
    uint32_t count = 0;
    forget_dead();
    for (uint32_t i = 0; i < object_count; i++) {
        count += objects[i].covers == covers;
    }
    return count;
}

/* How many spaces reach a page. */
static uint32_t reached(uint64_t address)
{
    uint32_t count = 0;
    forget_dead();
    for (uint32_t i = 0; i < object_count; i++) {
        count += objects[i].covers == PAGE_COVERS && objects[i].address == address;
    }
    return count;
}

/* ---- the machine ---- */

static uint32_t pages_at_master_on;
static uint32_t pages_at_master_off;

static uint32_t config_read32(void *context, uint64_t paddr)
{
    (void)context;
    return config[(paddr - CONFIG) / PCI_CONFIG_BYTES][paddr % PCI_CONFIG_BYTES / 4];
}

static void config_write32(void *context, uint64_t paddr, uint32_t value)
{
    (void)context;
    uint32_t *word = &config[(paddr - CONFIG) / PCI_CONFIG_BYTES][paddr % PCI_CONFIG_BYTES / 4];
    if (paddr % PCI_CONFIG_BYTES == PCI_COMMAND) {
        bool was = (*word & PCI_COMMAND_BUS_MASTER) != 0;
        bool is = (value & PCI_COMMAND_BUS_MASTER) != 0;
        if (is && !was) {
            pages_at_master_on = count_objects(PAGE_COVERS);
        } else if (was && !is) {
            pages_at_master_off = count_objects(PAGE_COVERS);
        }
    }
    *word = value;
}

static uint64_t now(void *context)
{
    (void)context;
    return 1000;
}

static const struct kaal_device_access access_callbacks = {
    .config_read32 = config_read32, .config_write32 = config_write32, .now_ns = now};

static const struct kaal_driver_declaration net_driver = {
    .magic = KAAL_DRIVER_MAGIC,
    .version = KAAL_DRIVER_VERSION,
    .name = "net",
    .match_count = 1,
    .resource_count = 3,
    .matches = {{.kind = KAAL_SELECT_PCI, .value = 0x80861234}},
    .resources = {{.name = "regs", .kind = KAAL_RESOURCE_REGISTERS, .bytes = 0x100},
                  {.name = "ring", .kind = KAAL_RESOURCE_DMA, .bytes = 2 * 4096},
                  {.name = "more", .kind = KAAL_RESOURCE_DMA, .bytes = 4096}},
};
static const struct kaal_system_component driver_line = {
    .name = "net0",
    .memory_bytes = 1 << 20,
    .slots_max = 200,
    .interrupts_max = 8,
    .selector_count = 2,
    .selectors = {{.kind = KAAL_SELECT_AUTO}, {.kind = KAAL_SELECT_AUTO}},
};
static const struct kaal_system_component other_line = {
    .name = "net1",
    .memory_bytes = 1 << 20,
    .slots_max = 200,
    .interrupts_max = 8,
    .selector_count = 1,
    .selectors = {{.kind = KAAL_SELECT_AUTO}},
};
static const struct kaal_system_component client_line = {
    .name = "client", .memory_bytes = 1 << 20, .slots_max = 200};
static const struct kaal_device_selector any = {.kind = KAAL_SELECT_AUTO};

static struct kaal_device *add_function(uint32_t number, uint32_t address, uint16_t parent)
{
    struct kaal_device *device = kaal_registry_add(&registry);
    device->record.bus = KAAL_BUS_PCI;
    device->record.pci_id = 0x80861234;
    device->record.pci_address = address;
    kaal_device_set_range(device, 0, ram + 0x8000 * (uint64_t)number, PAGE);
    device->pci.parent = parent;
    device->pci.decode = PCI_COMMAND_MEMORY;
    device->pci.config_paddr = CONFIG + number * (uint64_t)PCI_CONFIG_BYTES;
    return device;
}

static void add_bridge(uint32_t number, uint32_t address, uint16_t parent, uint32_t express_type)
{
    struct kaal_device *bridge = add_function(number, address, parent);
    bridge->record.pci_id = 0x80860001;
    bridge->pci.header_type = PCI_HEADER_BRIDGE;
    bridge->pci.secondary_bus = (uint8_t)(number + 1);
    if (express_type != 0) {
        bridge->pci.pcie_offset = PCIE_AT;
        config[number][PCIE_AT / 4] = field_set(0, PCI_PCIE_TYPE, express_type);
    }
}

static void start(uint32_t levels)
{
    fixture_init(true);
    memset(&registry, 0, sizeof(registry));
    memset(config, 0, sizeof(config));
    object_count = 0;
    mints = 0;
    firmware_domains = 0;
    firmware_root = false;
    platform = (struct kaal_platform){0};
    struct kaal_untyped *block;
    assert_kaal(kaal_untyped_allocate(&fixture.untyped, 21, &block));
    ram = block->paddr + (1 << 20);
    assert_kaal(kaal_untyped_free(&fixture.untyped, block));
    assert_kaal(kaal_cspace_allocate(&fixture.cspace, &scratch));
    kaal_broker_init(&broker, &fixture.cspace, &fixture.untyped, &platform, &registry);
    broker.access = &access_callbacks;
    broker.io_levels = levels;
    assert_kaal(kaal_account_open(&driver, &broker, &driver_line, &net_driver));
    assert_kaal(kaal_account_open(&other, &broker, &other_line, &net_driver));
}

static void start_accounts(void)
{
    assert_kaal(kaal_account_start(&driver, 0, WINDOW, WINDOW_BYTES));
    assert_kaal(kaal_account_start(&other, 0, WINDOW, WINDOW_BYTES));
}

static uint64_t bus_of(const struct kaal_bundle *bundle, const char *name)
{
    for (uint32_t i = 0; i < bundle->resource_count; i++) {
        if (strcmp(bundle->resources[i].name, name) == 0) {
            return bundle->resources[i].dma.bus;
        }
    }
    fail_msg("the bundle has no %s", name);
    return 0;
}

/* Everything that must be the same after a request as before. */
struct state {
    struct kaal_usage driver;
    struct kaal_usage other;
    struct kaal_usage broker;
    struct fixture_counts memory;
    uint64_t slots;
    uint64_t records;
    uint32_t pages;
    uint32_t tables;
};

static struct state state_now(void)
{
    return (struct state){
        .driver = driver.usage,
        .other = other.usage,
        .broker = broker.usage,
        .memory = fixture_count(),
        .slots = fixture_free_slots_after_merging(),
        .records = fixture.untyped.free_record_count,
        .pages = count_objects(PAGE_COVERS),
        .tables = count_objects(LOWEST_COVERS) + count_objects(30) + count_objects(ROOT_COVERS),
    };
}

static void assert_same_state(const struct state *a, const struct state *b)
{
    assert_memory_equal(&a->driver, &b->driver, sizeof(a->driver));
    assert_memory_equal(&a->other, &b->other, sizeof(a->other));
    assert_memory_equal(&a->broker, &b->broker, sizeof(a->broker));
    fixture_assert_equal(&a->memory, &b->memory);
    assert_int_equal(a->slots, b->slots);
    assert_int_equal(a->records, b->records);
    assert_int_equal(a->pages, b->pages);
    assert_int_equal(a->tables, b->tables);
}

/* ---- tests ---- */

static void test_device_sees_its_bundle_pools_and_channels(void)
{
    static struct kaal_broker_channel channel;
    static struct kaal_account client;
    static const struct kaal_system_channel line = {
        .name = "rx", .message_bytes = 64, .capacity = 4};
    struct kaal_resource end;
    struct kaal_resource bus;
    struct kaal_dma_resource early;
    struct kaal_dma_resource late;
    struct kaal_bundle bundle;
    kaal_handle early_handle;
    kaal_handle late_handle;
    uint64_t vaddr;
    uint64_t bytes;
    start(LEVELS);
    add_function(0, 3 << 3, KAAL_PCI_NO_PARENT);
    start_accounts();
    static struct kaal_system_component with_memory;
    with_memory = driver_line;
    with_memory.allow = KAAL_ALLOW_MEMORY;
    driver.ceiling = &with_memory;
    assert_kaal(kaal_account_open(&client, &broker, &client_line, NULL));
    assert_kaal(kaal_broker_channel_create(&channel, &broker, &line, &driver, &client, 3 * PAGE));
    assert_kaal(kaal_broker_channel_connect(&channel, 0, &end));
    assert_true(kaal_broker_channel_bus(&channel, 0, &end, &bus));
    assert_kaal(kaal_broker_allocate_dma(&driver, 3 * PAGE, PAGE, false, &early_handle, &early));
    assert_int_equal(count_objects(PAGE_COVERS), 0); /* it has no device yet */
    uint32_t channel_slots = channel.usage.slots;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_kaal(kaal_broker_allocate_dma(&driver, 2 * PAGE, PAGE, false, &late_handle, &late));
    kaal_handle plain;
    assert_kaal(kaal_broker_allocate_memory(&driver, 4 * PAGE, &plain, &vaddr, &bytes));

    assert_int_equal(count_objects(PAGE_COVERS), 3 + 6 + 3 + 2);
    const struct {
        uint64_t bus;
        uint32_t pages;
    } seen[] = {{bus_of(&bundle, "ring"), 2},
                {bus_of(&bundle, "more"), 1},
                {bus.dma.bus, 6},
                {early.bus, 3},
                {late.bus, 2}};
    for (uint32_t i = 0; i < ARRAY_COUNT(seen); i++) {
        for (uint32_t page = 0; page < seen[i].pages; page++) {
            assert_int_equal(reached(seen[i].bus + page * PAGE), 1);
        }
    }
    assert_int_equal(mints, 1);
    assert_int_equal(minted_ids[0], 3 << 3);
    assert_int_equal(count_objects(ROOT_COVERS), 1);
    assert_int_equal(channel.usage.slots, channel_slots + 6); /* copies are the channel's */
    assert_int_equal(pages_at_master_on, 3 + 6 + 3);          /* mapped before the device may */

    /* It is no memory that could be shared, or that a component could be loaded from. */
    seL4_CPtr frame;
    assert_kaal_error(kaal_broker_memory_frame(&driver, late_handle, 0, &frame),
                      KAAL_ERR_NOT_FOUND);
    assert_kaal(kaal_broker_release(&driver, early_handle));
    assert_int_equal(count_objects(PAGE_COVERS), 3 + 6 + 2);
    assert_int_equal(reached(early.bus), 0);
    assert_kaal(kaal_broker_release(&driver, bundle.handle));
    assert_int_equal(pages_at_master_off, 3 + 6 + 2); /* unmapped after the device may not */
    assert_int_equal(count_objects(PAGE_COVERS), 0);
    assert_int_equal(count_objects(LOWEST_COVERS) + count_objects(30), 0);
    assert_int_equal(count_objects(ROOT_COVERS), 1);
    assert_int_equal(channel.usage.slots, channel_slots);

    /* Whoever has the device next sees none of it. */
    assert_kaal(kaal_broker_request_device(&other, &any, 0, &bundle));
    assert_int_equal(count_objects(PAGE_COVERS), 3);
    assert_int_equal(reached(late.bus), 0);
    assert_int_equal(mints, 1);
}

static void test_space_and_root_table_stay_over_restarts(void)
{
    struct kaal_bundle bundle;
    struct kaal_dma_resource pool;
    kaal_handle handle;
    struct state states[2];
    start(LEVELS);
    add_function(0, 3 << 3, KAAL_PCI_NO_PARENT);
    start_accounts();
    for (uint32_t life = 0; life < LIVES; life++) {
        assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
        assert_kaal(kaal_broker_allocate_dma(&driver, PAGE, PAGE, false, &handle, &pool));
        assert_int_equal(count_objects(PAGE_COVERS), 4);
        kaal_account_silence(&driver);
        assert_int_equal(count_objects(PAGE_COVERS), 4); /* Bus Master first, then unmapping */
        assert_int_equal(config[0][PCI_COMMAND / 4] & PCI_COMMAND_BUS_MASTER, 0);
        kaal_account_stop(&driver);
        assert_int_equal(count_objects(PAGE_COVERS), 0);
        assert_kaal(kaal_account_start(&driver, 0, WINDOW, WINDOW_BYTES));
        states[life != 0] = state_now();
        assert_same_state(&states[0], &states[life != 0]);
    }
    assert_int_equal(mints, 1);
    assert_int_equal(count_objects(ROOT_COVERS), 1);
}

static void test_devices_of_one_holder_do_not_see_each_others_bundles(void)
{
    struct kaal_bundle bundles[2];
    struct kaal_dma_resource pool;
    kaal_handle handle;
    start(LEVELS);
    add_function(0, 3 << 3, KAAL_PCI_NO_PARENT);
    add_function(1, 4 << 3, KAAL_PCI_NO_PARENT);
    start_accounts();
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundles[0]));
    assert_kaal(kaal_broker_request_device(&driver, &any, 1, &bundles[1]));
    assert_kaal(kaal_broker_allocate_dma(&driver, PAGE, PAGE, false, &handle, &pool));
    assert_int_equal(mints, 2);
    assert_int_equal(reached(bus_of(&bundles[0], "ring")), 1);
    assert_int_equal(reached(bus_of(&bundles[1], "ring")), 1);
    assert_int_equal(reached(pool.bus), 2); /* a pool is for any device of its holder */
    assert_kaal(kaal_broker_release(&driver, bundles[0].handle));
    assert_int_equal(reached(bus_of(&bundles[1], "ring")), 1);
    assert_int_equal(reached(pool.bus), 1);
}

static int request_bundle(void)
{
    struct kaal_bundle bundle;
    int error = kaal_broker_request_device(&driver, &any, 0, &bundle);
    if (error == KAAL_OK) {
        armed = false;
        assert_kaal(kaal_broker_release(&driver, bundle.handle));
    }
    return error;
}

static int request_pool(void)
{
    struct kaal_dma_resource pool;
    kaal_handle handle;
    int error = kaal_broker_allocate_dma(&driver, 3 * PAGE, PAGE, false, &handle, &pool);
    if (error == KAAL_OK) {
        armed = false;
        assert_kaal(kaal_broker_release(&driver, handle));
    }
    return error;
}

static void fail_every_step(const char *name, int (*request)(void), uint64_t steps_least)
{
    assert_kaal(request()); /* the space and page tables are there now */
    struct state before = state_now();
    uint64_t failures = 0;
    for (uint64_t step = 0;; step++) {
        assert_true(step < STEPS_MAX);
        steps_left = step;
        fired = false;
        armed = true;
        int error = request();
        armed = false;
        if (!fired) {
            assert_kaal(error);
            break;
        }
        fired = false;
        failures += error != KAAL_OK;
        struct state after = state_now();
        assert_same_state(&before, &after);
    }
    printf("# %s: %llu steps failed\n", name, (unsigned long long)failures);
    assert_true(failures >= steps_least);
}

static void test_every_step_can_fail(void)
{
    struct kaal_bundle bundle;
    start(LEVELS);
    add_function(0, 3 << 3, KAAL_PCI_NO_PARENT);
    start_accounts();
    fail_every_step("confined bundle", request_bundle, 40);
    assert_null(registry.devices[0].holder);
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    fail_every_step("confined pool", request_pool, 18);
}

/* `driver` holds the device and a pool, `other` a pool. */
static struct kaal_bundle giver_bundle;
static struct kaal_dma_resource giver_pool;
static struct kaal_dma_resource taker_pool;

static void start_giver(void)
{
    static struct kaal_system_component line;
    kaal_handle handle;
    start(LEVELS);
    add_function(0, 3 << 3, KAAL_PCI_NO_PARENT);
    start_accounts();
    line = driver_line;
    line.delegate_count = 1;
    line.delegates[0] = 1;
    driver.ceiling = &line;
    other.index = 1;
    assert_kaal(kaal_broker_allocate_dma(&driver, PAGE, PAGE, false, &handle, &giver_pool));
    assert_kaal(kaal_broker_allocate_dma(&other, 2 * PAGE, PAGE, false, &handle, &taker_pool));
}

static bool is_master(void)
{
    return (config[0][PCI_COMMAND / 4] & PCI_COMMAND_BUS_MASTER) != 0;
}

static int hand_over(void)
{
    kaal_handle handle = 0;
    bool was_armed = armed;
    armed = false;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &giver_bundle));
    uint64_t ring = bus_of(&giver_bundle, "ring");
    armed = was_armed;
    int error = kaal_broker_delegate(&driver, giver_bundle.handle, &other, KAAL_MAP_READ, &handle);
    armed = false;
    if (error != KAAL_OK) { /* the giver's device works as before */
        assert_ptr_equal(registry.devices[0].holder, &driver);
        assert_true(is_master());
        assert_int_equal(count_objects(PAGE_COVERS), 3 + 1);
        assert_int_equal(reached(ring), 1);
        assert_int_equal(reached(giver_pool.bus), 1);
        assert_kaal(kaal_broker_release(&driver, giver_bundle.handle));
        return error;
    }
    assert_kaal(kaal_broker_release(&other, handle));
    return KAAL_OK;
}

static void test_handing_over_changes_what_the_device_sees(void)
{
    kaal_handle handle;
    uint32_t count;
    start_giver();
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &giver_bundle));
    uint64_t ring = bus_of(&giver_bundle, "ring");
    assert_kaal(kaal_broker_delegate(&driver, giver_bundle.handle, &other, KAAL_MAP_READ, &handle));
    assert_int_equal(pages_at_master_off, 3 + 1); /* nothing changes while it may */
    assert_false(is_master());
    assert_int_equal(count_objects(PAGE_COVERS), 3 + 2);
    assert_int_equal(reached(giver_pool.bus), 0);
    assert_int_equal(reached(taker_pool.bus), 1);
    assert_kaal(kaal_broker_bundle_open(&other, handle, &count));
    assert_true(is_master());
    assert_int_equal(count, 3);
    struct kaal_resource dma;
    assert_kaal(kaal_broker_bundle_resource(&other, handle, 1, &dma));
    assert_string_equal(dma.name, "ring");
    assert_int_not_equal(dma.dma.bus, ring); /* built while the giver still had its own */
    assert_int_equal(reached(dma.dma.bus), 1);
    kaal_account_stop(&driver);
    assert_int_equal(count_objects(PAGE_COVERS), 3 + 2);
    kaal_account_stop(&other);
    assert_int_equal(count_objects(PAGE_COVERS), 0);
    assert_false(is_master());
}

static void test_every_step_of_handing_over_can_fail(void)
{
    start_giver();
    fail_every_step("handing over", hand_over, 50);
}

/* Past the taker's quota only when the device is to see its memory: changed back. */
static void test_quota_for_what_the_device_sees_is_the_takers(void)
{
    kaal_handle handle;
    start_giver();
    assert_kaal(kaal_broker_request_device(&other, &any, 0, &giver_bundle));
    uint64_t bytes = other.usage.bytes;
    assert_kaal(kaal_broker_release(&other, giver_bundle.handle));
    other.usage.bytes_max = bytes - 1;
    assert_int_equal(hand_over(), KAAL_ERR_QUOTA_MEMORY);
    other.usage.bytes_max = bytes;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &giver_bundle));
    assert_kaal(kaal_broker_delegate(&driver, giver_bundle.handle, &other, KAAL_MAP_READ, &handle));
}

/* The space itself, which no release undoes: until it is made, a failure leaves nothing of it. */
static void test_making_the_space_can_fail(void)
{
    uint64_t step = 0;
    start(LEVELS);
    add_function(0, 3 << 3, KAAL_PCI_NO_PARENT);
    start_accounts();
    struct kaal_usage before = broker.usage;
    for (; broker.io_spaces == NULL; step++) {
        assert_true(step < STEPS_MAX);
        assert_memory_equal(&before, &broker.usage, sizeof(before));
        assert_int_equal(count_objects(ROOT_COVERS), 0);
        assert_null(registry.devices[0].holder);
        steps_left = step;
        fired = false;
        armed = true;
        int error = request_bundle();
        armed = false;
        assert_true(fired);
        fired = false;
        assert_true(error != KAAL_OK || broker.io_spaces != NULL);
    }
    printf("# the space is there when step %llu fails\n", (unsigned long long)step);
    assert_int_equal(count_objects(ROOT_COVERS), 1);
    assert_int_equal(broker.usage.slots, before.slots + 2);
}

static void test_copies_and_tables_count_against_the_quota(void)
{
    static struct kaal_system_component tight;
    struct kaal_bundle bundle;
    start(LEVELS);
    add_function(0, 3 << 3, KAAL_PCI_NO_PARENT);
    start_accounts();
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    uint32_t slots = driver.usage.slots;
    uint64_t bytes = driver.usage.bytes;
    kaal_account_stop(&driver);
    for (uint32_t what = 0; what < 2; what++) {
        tight = driver_line;
        tight.slots_max = what == 0 ? slots - 1 : slots;
        tight.memory_bytes = what == 1 ? bytes - 1 : bytes;
        driver.ceiling = &tight;
        assert_kaal(kaal_account_start(&driver, 0, WINDOW, WINDOW_BYTES));
        assert_kaal_error(kaal_broker_request_device(&driver, &any, 0, &bundle),
                          what == 0 ? KAAL_ERR_QUOTA_SLOTS : KAAL_ERR_QUOTA_MEMORY);
        assert_int_equal(count_objects(PAGE_COVERS), 0);
        assert_int_equal(count_objects(LOWEST_COVERS), 0);
        assert_null(registry.devices[0].holder);
        assert_int_equal(config[0][PCI_COMMAND / 4] & PCI_COMMAND_BUS_MASTER, 0);
        kaal_account_stop(&driver);
    }
    tight.memory_bytes = bytes;
    assert_kaal(kaal_account_start(&driver, 0, WINDOW, WINDOW_BYTES));
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
}

/* Behind a bridge from PCI Express to PCI all functions have one request id. */
static void test_functions_with_one_request_id_have_one_holder(void)
{
    struct kaal_bundle bundles[2];
    struct kaal_bundle refused;
    struct kaal_dma_resource pool;
    kaal_handle handle;
    start(LEVELS);
    add_bridge(0, 1 << 3, KAAL_PCI_NO_PARENT, 4);   /* a root port: bus 1 */
    add_bridge(1, 1 << 8, 0, PCI_PCIE_TYPE_TO_PCI); /* bus 2 */
    add_function(2, 2 << 8 | 3 << 3, 1);
    add_function(3, 2 << 8 | 4 << 3, 1);
    start_accounts();
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundles[0]));
    assert_int_equal(minted_ids[0], 2 << 8);
    assert_kaal_error(kaal_broker_request_device(&other, &any, 0, &refused), KAAL_ERR_BUSY);
    assert_kaal(kaal_broker_request_device(&driver, &any, 1, &bundles[1]));
    assert_kaal(kaal_broker_allocate_dma(&driver, PAGE, PAGE, false, &handle, &pool));
    assert_int_equal(mints, 1);
    assert_int_equal(reached(pool.bus), 1);
    assert_kaal(kaal_broker_release(&driver, bundles[0].handle));
    assert_int_equal(reached(bus_of(&bundles[0], "ring")), 0);
    assert_int_equal(reached(bus_of(&bundles[1], "ring")), 1);
    assert_int_equal(reached(pool.bus), 1);
    assert_kaal(kaal_broker_release(&driver, bundles[1].handle));
    assert_int_equal(count_objects(PAGE_COVERS), 0);
    assert_kaal(kaal_broker_request_device(&other, &any, 0, &refused));
}

static void test_bridges_pass_ids_on_or_use_their_own(void)
{
    struct kaal_bundle bundle;
    start(LEVELS);
    add_bridge(0, 1 << 3, KAAL_PCI_NO_PARENT, 4);
    add_function(1, 1 << 8, 0);
    add_bridge(2, 2 << 3, KAAL_PCI_NO_PARENT, 0); /* conventional */
    add_function(3, 3 << 8 | 5 << 3, 2);
    start_accounts();
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_kaal(kaal_broker_request_device(&other, &any, 0, &bundle));
    assert_int_equal(mints, 2);
    assert_int_equal(minted_ids[0], 1 << 8);
    assert_int_equal(minted_ids[1], 2 << 3);
}

static void test_firmwares_domains_and_tables_are_no_obstacle(void)
{
    struct kaal_bundle bundle;
    start(LEVELS);
    add_function(0, 3 << 3, KAAL_PCI_NO_PARENT);
    add_function(1, 4 << 3, KAAL_PCI_NO_PARENT);
    start_accounts();
    firmware_domains = 32;
    firmware_root = true;
    for (uint32_t life = 0; life < 3; life++) {
        assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
        assert_int_equal(count_objects(PAGE_COVERS), 3);
        assert_kaal(kaal_broker_release(&driver, bundle.handle));
        assert_int_equal(count_objects(PAGE_COVERS), 0);
    }
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_kaal(kaal_broker_request_device(&other, &any, 0, &bundle));
    assert_int_equal(broker.io_domains, 34);
}

static void test_memory_beyond_the_tables_is_refused(void)
{
    struct kaal_bundle bundle;
    start(1); /* 2 MiB */
    add_function(0, 3 << 3, KAAL_PCI_NO_PARENT);
    start_accounts();
    assert_kaal_error(kaal_broker_request_device(&driver, &any, 0, &bundle), KAAL_ERR_RANGE);
    assert_null(registry.devices[0].holder);
    assert_int_equal(count_objects(PAGE_COVERS), 0);
}

static void test_other_segments_have_no_spaces(void)
{
    struct kaal_bundle bundle;
    start(LEVELS);
    add_function(0, 3 << 3, KAAL_PCI_NO_PARENT);
    add_function(1, 3 << 3, KAAL_PCI_NO_PARENT)->pci.segment = 1;
    start_accounts();
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_kaal_error(kaal_broker_request_device(&other, &any, 0, &bundle), KAAL_ERR_UNSUPPORTED);
    assert_int_equal(count_objects(PAGE_COVERS), 3); /* the first one's are still there */
    assert_null(registry.devices[1].holder);
}

static void check_trust(uint32_t levels)
{
    static struct kaal_driver_declaration plain;
    struct kaal_bundle bundle;
    start(levels);
    add_function(0, 3 << 3, KAAL_PCI_NO_PARENT);
    start_accounts();
    assert_false(kaal_account_trusts_dma(&driver));
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_equal(kaal_account_trusts_dma(&driver), levels == 0);
    assert_false(kaal_account_trusts_dma(&other));
    assert_int_equal(mints, levels == 0 ? 0 : 1);
    assert_kaal(kaal_broker_release(&driver, bundle.handle));
    assert_false(kaal_account_trusts_dma(&driver));
    plain = net_driver;
    plain.resource_count = 1; /* registers alone are no DMA */
    driver.declaration = &plain;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_false(kaal_account_trusts_dma(&driver));
}

static void test_without_an_iommu_the_holder_is_trusted(void)
{
    check_trust(0);
}

static void test_with_an_iommu_nobody_is_trusted(void)
{
    check_trust(LEVELS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_device_sees_its_bundle_pools_and_channels),
        HARNESS_TEST(test_space_and_root_table_stay_over_restarts),
        HARNESS_TEST(test_devices_of_one_holder_do_not_see_each_others_bundles),
        HARNESS_TEST(test_every_step_can_fail),
        HARNESS_TEST(test_handing_over_changes_what_the_device_sees),
        HARNESS_TEST(test_every_step_of_handing_over_can_fail),
        HARNESS_TEST(test_quota_for_what_the_device_sees_is_the_takers),
        HARNESS_TEST(test_making_the_space_can_fail),
        HARNESS_TEST(test_copies_and_tables_count_against_the_quota),
        HARNESS_TEST(test_functions_with_one_request_id_have_one_holder),
        HARNESS_TEST(test_bridges_pass_ids_on_or_use_their_own),
        HARNESS_TEST(test_firmwares_domains_and_tables_are_no_obstacle),
        HARNESS_TEST(test_memory_beyond_the_tables_is_refused),
        HARNESS_TEST(test_other_segments_have_no_spaces),
        HARNESS_TEST(test_without_an_iommu_the_holder_is_trusted),
        HARNESS_TEST(test_with_an_iommu_nobody_is_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
