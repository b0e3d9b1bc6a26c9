/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * PCI functions, virtio transports and shared interrupt lines on the host kernel. The "registers"
 * of these devices are RAM, so that the test sees what the broker writes there; configuration space
 * is a few words that remember the order in which they were written.
 */
#include "fixture.h"

#include <string.h>

#include <kaal/broker_server.h>
#include <kaal/pci_registers.h>

#define WINDOW       UINT64_C(0x10000000)
#define WINDOW_BYTES UINT64_C(0x10000000)
#define PAGE         UINT64_C(4096)
#define MSI_FIRST    80u
#define MSI_ADDRESS  UINT64_C(0x108020040)
#define LINE         60u
#define CONFIG       UINT64_C(0xB0000000)
#define MSI_AT       0x40u
#define MSIX_AT      0x60u
#define PCIE_AT      0x80u
#define TABLE        0x2000u
#define WRITES_MAX   64
#define DEVICES_MAX  4

static struct kaal_broker broker;
static struct kaal_platform platform;
static struct kaal_device_registry registry;
static struct kaal_account driver;
static struct kaal_account other;
static uint64_t ram; /* a free megabyte */
static seL4_CPtr init_notification;
static uint64_t now_ns;

/* The configuration space of each function, and every write to it. */
static uint32_t config[DEVICES_MAX][PCI_CONFIG_BYTES / 4];
static struct {
    uint32_t function;
    uint32_t offset;
    uint32_t value;
} writes[WRITES_MAX];
static uint32_t write_count;

static uint32_t config_read32(void *context, uint64_t paddr)
{
    (void)context;
    return config[(paddr - CONFIG) / PCI_CONFIG_BYTES][paddr % PCI_CONFIG_BYTES / 4];
}

static void config_write32(void *context, uint64_t paddr, uint32_t value)
{
    (void)context;
    uint32_t function = (uint32_t)((paddr - CONFIG) / PCI_CONFIG_BYTES);
    uint32_t offset = (uint32_t)(paddr % PCI_CONFIG_BYTES);
    if (write_count < WRITES_MAX) {
        writes[write_count].function = function;
        writes[write_count].offset = offset;
        writes[write_count++].value = value;
    }
    uint32_t *word = &config[function][offset / 4];
    *word =
        offset == PCI_COMMAND ? (*word & ~PCI_COMMAND_BITS) | (value & PCI_COMMAND_BITS) : value;
}

static volatile unsigned char *map(void *context, seL4_CPtr frame)
{
    (void)context;
    return kernel_host_memory(seL4_ARM_Page_GetAddress(frame).paddr);
}

static uint64_t now(void *context)
{
    (void)context;
    return now_ns;
}

static const struct kaal_device_access access_callbacks = {
    .config_read32 = config_read32, .config_write32 = config_write32, .map = map, .now_ns = now};

static const struct kaal_driver_declaration net_driver = {
    .magic = KAAL_DRIVER_MAGIC,
    .version = KAAL_DRIVER_VERSION,
    .name = "net",
    .match_count = 2,
    .resource_count = 5,
    .matches = {{.kind = KAAL_SELECT_PCI, .value = 0x80861234},
                {.kind = KAAL_SELECT_VIRTIO, .value = 1}},
    .resources = {{.name = "regs", .kind = KAAL_RESOURCE_REGISTERS, .bytes = 0x100},
                  {.name = "irq", .kind = KAAL_RESOURCE_IRQ},
                  {.name = "queue", .kind = KAAL_RESOURCE_IRQ, .index = 1 | KAAL_DRIVER_OPTIONAL},
                  {.name = "ring", .kind = KAAL_RESOURCE_DMA, .bytes = 4096},
                  {.name = "more",
                   .kind = KAAL_RESOURCE_REGISTERS,
                   .index = 2 | KAAL_DRIVER_OPTIONAL,
                   .bytes = 0x100}},
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
static const struct kaal_device_selector any = {.kind = KAAL_SELECT_AUTO};

/* A PCI function with four pages in BAR 0 and an interrupt line. */
static struct kaal_device *add_function(uint32_t number)
{
    struct kaal_device *device = kaal_registry_add(&registry);
    const struct kaal_interrupt irq = {
        .number = LINE, .source = LINE, .ioapic = KAAL_INTERRUPT_NO_IOAPIC, .level = true};
    device->record.bus = KAAL_BUS_PCI;
    device->record.pci_id = 0x80861234;
    device->record.pci_address = number << 3;
    kaal_device_set_range(device, 0, ram + 0x8000 * (uint64_t)number, 4 * PAGE);
    kaal_device_add_irq(device, &irq);
    device->pci.parent = KAAL_PCI_NO_PARENT;
    device->pci.decode = PCI_COMMAND_MEMORY;
    device->pci.config_paddr = CONFIG + number * (uint64_t)PCI_CONFIG_BYTES;
    device->pci.bars[0] = 0xFEB00000;
    return device;
}

static void give_msix(struct kaal_device *device)
{
    device->pci.msix_offset = MSIX_AT;
    device->pci.msix_table = TABLE;
    device->pci.msix_count = 4;
}

static void start(void)
{
    fixture_init(true);
    memset(&registry, 0, sizeof(registry));
    memset(config, 0, sizeof(config));
    write_count = 0;
    now_ns = 1000;
    platform = (struct kaal_platform){
        .msi = {.address = MSI_ADDRESS, .first_data = MSI_FIRST, .count = 8}};
    struct kaal_untyped *block;
    assert_kaal(kaal_untyped_allocate(&fixture.untyped, 21, &block));
    ram = block->paddr + (1 << 20); /* what is allocated is cut from the lower end */
    assert_kaal(kaal_untyped_free(&fixture.untyped, block));
    kaal_broker_init(&broker, &fixture.cspace, &fixture.untyped, &platform, &registry);
    assert_kaal(
        kaal_arena_allocate(&broker.arena, seL4_NotificationObject, 0, 1, &init_notification));
    broker.access = &access_callbacks;
    broker.line_notification = init_notification;
    broker.line_bits_free = BIT64(63) - 256;
    assert_kaal(kaal_account_open(&driver, &broker, &driver_line, &net_driver));
    assert_kaal(kaal_account_open(&other, &broker, &other_line, &net_driver));
}

/* After the devices were placed: accounts take memory, too, but not that of the block. */
static void start_accounts(void)
{
    assert_kaal(kaal_account_start(&driver, 0, WINDOW, WINDOW_BYTES));
    assert_kaal(kaal_account_start(&other, 0, WINDOW, WINDOW_BYTES));
}

static const struct kaal_resource *find(const struct kaal_bundle *bundle, const char *name)
{
    for (uint32_t i = 0; i < bundle->resource_count; i++) {
        if (strcmp(bundle->resources[i].name, name) == 0) {
            return &bundle->resources[i];
        }
    }
    return NULL;
}

static seL4_Word take_badge(seL4_CPtr notification)
{
    seL4_Word badge = 0;
    kernel_host_advance(1);
    seL4_Poll(notification, &badge);
    return badge;
}

/* Acknowledges as a component does: by invoking the capability in its own CSpace. */
static void acknowledge(struct kaal_account *account, const struct kaal_resource *irq)
{
    seL4_CPtr slot;
    assert_kaal(kaal_cspace_allocate(&fixture.cspace, &slot));
    assert_int_equal(seL4_CNode_Copy(fixture.cspace.root, slot, fixture.cspace.depth,
                                     account->cnode, irq->irq.cap, KAAL_ACCOUNT_CNODE_BITS,
                                     seL4_AllRights),
                     seL4_NoError);
    assert_int_equal(seL4_IRQHandler_Ack(slot), seL4_NoError);
    assert_kaal(kaal_cspace_delete(&fixture.cspace, slot));
}

static seL4_Word bit_of(const struct kaal_resource *irq)
{
    return BIT64(63) | BIT64(irq->irq.badge_bit);
}

static uint32_t command_of(uint32_t function)
{
    return config[function][PCI_COMMAND / 4] & PCI_COMMAND_BITS;
}

static uint32_t table_word(uint32_t entry, uint32_t offset)
{
    uint32_t value;
    memcpy(&value,
           (uint8_t *)kernel_host_memory(ram + TABLE) + entry * PCI_MSIX_ENTRY_BYTES + offset, 4);
    return value;
}

static void test_table_entries_are_written_and_messages_arrive(void)
{
    start();
    give_msix(add_function(0));
    start_accounts();
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_equal(bundle.resource_count,
                     4); /* "more" is optional, and the device has no BAR 2 */
    const struct kaal_resource *irqs[] = {find(&bundle, "irq"), find(&bundle, "queue")};
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(table_word(i, 0), (uint32_t)MSI_ADDRESS);
        assert_int_equal(table_word(i, PCI_MSIX_ENTRY_UPPER), MSI_ADDRESS >> 32);
        assert_int_equal(table_word(i, PCI_MSIX_ENTRY_DATA), MSI_FIRST + i);
        assert_int_equal(table_word(i, PCI_MSIX_ENTRY_CONTROL), 0);
        kernel_host_raise_irq(MSI_FIRST + i);
        assert_int_equal(take_badge(driver.notification), bit_of(irqs[i]));
        acknowledge(&driver, irqs[i]);
    }
    assert_int_equal(config[0][MSIX_AT / 4] & (PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL),
                     PCI_MSIX_ENABLE);
    assert_int_equal(command_of(0),
                     PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER | PCI_COMMAND_INTERRUPT_DISABLE);
}

static void test_driver_cannot_write_the_table(void)
{
    start();
    struct kaal_device *device = add_function(0);
    give_msix(device);
    start_accounts();
    struct kaal_driver_declaration all = net_driver;
    all.resources[0].bytes = 0; /* the whole BAR */
    driver.declaration = &all;
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    const struct kaal_registers_resource *regs = &find(&bundle, "regs")->registers;
    assert_int_equal(regs->bytes, 4 * PAGE);
    seL4_Word guard = seL4_WordBits - fixture.cspace.depth;
    assert_int_equal(seL4_TCB_SetSpace(seL4_CapInitThreadTCB, 0, fixture.cspace.root,
                                       seL4_CNode_CapData_new(0, guard).words[0],
                                       driver.vspace.root, 0),
                     seL4_NoError);
    for (uint64_t page = 0; page < 4; page++) {
        bool table = page == TABLE / PAGE;
        assert_non_null(kernel_host_translate(regs->vaddr + page * PAGE, false));
        assert_int_equal(kernel_host_translate(regs->vaddr + page * PAGE, true) == NULL, table);
    }
    assert_null(kernel_host_translate(regs->vaddr + 4 * PAGE, false));
    assert_int_equal(seL4_TCB_SetSpace(seL4_CapInitThreadTCB, 0, fixture.cspace.root,
                                       seL4_CNode_CapData_new(0, guard).words[0],
                                       seL4_CapInitThreadVSpace, 0),
                     seL4_NoError);
}

static void test_only_declared_pages_are_given(void)
{
    start();
    add_function(0);
    start_accounts();
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_equal(find(&bundle, "regs")->registers.bytes, PAGE);
}

static void check_single_message(bool wide)
{
    start();
    add_function(0)->pci.msi_offset = MSI_AT;
    start_accounts();
    config[0][MSI_AT / 4] = PCI_CAP_MSI | (wide ? PCI_MSI_64 : 0) | PCI_MSI_MULTIPLE;
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_equal(bundle.resource_count, 3); /* no second message */
    const uint32_t *msi = &config[0][MSI_AT / 4];
    assert_int_equal(msi[0] & (PCI_MSI_ENABLE | PCI_MSI_MULTIPLE), PCI_MSI_ENABLE);
    assert_int_equal(msi[1], (uint32_t)MSI_ADDRESS);
    assert_int_equal(msi[wide ? 3 : 2], MSI_FIRST);
    assert_int_equal(wide ? msi[2] : MSI_ADDRESS >> 32, MSI_ADDRESS >> 32);
    kernel_host_raise_irq(MSI_FIRST);
    assert_int_equal(take_badge(driver.notification), bit_of(find(&bundle, "irq")));
    assert_kaal(kaal_broker_release(&driver, bundle.handle));
    assert_int_equal(msi[0] & PCI_MSI_ENABLE, 0);
}

static void test_single_message_with_a_short_address(void)
{
    check_single_message(false);
}

static void test_single_message_with_a_long_address(void)
{
    check_single_message(true);
}

static void test_driver_can_insist_on_the_line(void)
{
    start();
    give_msix(add_function(0));
    start_accounts();
    struct kaal_driver_declaration plain = net_driver;
    plain.resources[1].index = KAAL_DRIVER_LINE;
    plain.resource_count = 2;
    driver.declaration = &plain;
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_equal(config[0][MSIX_AT / 4] & PCI_MSIX_ENABLE, 0);
    assert_int_equal(command_of(0), PCI_COMMAND_MEMORY); /* neither DMA nor messages */
    kernel_host_raise_irq(LINE);
    assert_int_equal(take_badge(driver.notification), bit_of(find(&bundle, "irq")));
}

/* A holder that used messages may be followed by one that does not. */
static void test_line_after_messages_has_no_messages(void)
{
    start();
    give_msix(add_function(0));
    start_accounts();
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_not_equal(config[0][MSIX_AT / 4] & PCI_MSIX_ENABLE, 0);
    assert_kaal(kaal_broker_release(&driver, bundle.handle));
    assert_int_not_equal(config[0][MSIX_AT / 4] & PCI_MSIX_MASK_ALL, 0);
    struct kaal_driver_declaration plain = net_driver;
    plain.resources[1].index = KAAL_DRIVER_LINE;
    plain.resource_count = 2;
    driver.declaration = &plain;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_equal(config[0][MSIX_AT / 4] & PCI_MSIX_ENABLE, 0);
}

static void test_end_takes_the_bus_first_and_everything_after(void)
{
    start();
    give_msix(add_function(0));
    start_accounts();
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    write_count = 0;
    kaal_account_silence(&driver);
    assert_true(write_count >= 2);
    assert_int_equal(writes[0].offset, PCI_COMMAND);
    assert_int_equal(writes[0].value & PCI_COMMAND_BUS_MASTER, 0);
    assert_int_not_equal(writes[0].value & PCI_COMMAND_INTERRUPT_DISABLE, 0);
    assert_int_not_equal(config[0][MSIX_AT / 4] & PCI_MSIX_MASK_ALL, 0);
    uint32_t silenced = write_count;
    kaal_account_stop(&driver);
    assert_int_equal(write_count, silenced); /* once is enough */
    assert_null(registry.devices[0].holder);
}

/* A device that does not write to memory has no right to. */
static void test_bus_master_needs_a_reason(void)
{
    start();
    add_function(0);
    start_accounts();
    struct kaal_driver_declaration plain = net_driver;
    plain.resource_count = 1;
    driver.declaration = &plain;
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_equal(command_of(0), PCI_COMMAND_MEMORY | PCI_COMMAND_INTERRUPT_DISABLE);
}

static void test_reset_is_waited_for_and_undone(void)
{
    start();
    struct kaal_device *device = add_function(0);
    device->pci.pcie_offset = PCIE_AT;
    start_accounts();
    config[0][(PCIE_AT + PCI_PCIE_DEVICE_CAPS) / 4] = PCI_PCIE_CAPS_FLR;
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_equal(kaal_account_ready_ns(&driver), 0);
    assert_kaal(kaal_broker_release(&driver, bundle.handle));
    assert_int_not_equal(config[0][(PCIE_AT + PCI_PCIE_DEVICE) / 4] & PCI_PCIE_CONTROL_FLR, 0);
    memset(config[0], 0, 0x40); /* the function has forgotten */
    uint64_t ready_ns = kaal_account_ready_ns(&driver);
    assert_int_equal(ready_ns, now_ns + 100000000);
    write_count = 0;
    assert_kaal_error(kaal_broker_request_device(&driver, &any, 0, &bundle), KAAL_ERR_BUSY);
    assert_int_equal(write_count, 0);
    now_ns = ready_ns;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_equal(config[0][PCI_BAR0 / 4], 0xFEB00000);
    assert_int_equal(kaal_account_ready_ns(&driver), 0);
}

/* Messages of the taker's own, written once the device has recovered from its reset. */
static void test_function_is_handed_over_and_opened_after_its_reset(void)
{
    static struct kaal_system_component line;
    kaal_handle handle;
    uint32_t count;
    start();
    struct kaal_device *device = add_function(0);
    give_msix(device);
    device->pci.pcie_offset = PCIE_AT;
    line = driver_line;
    line.delegate_count = 1;
    line.delegates[0] = 1;
    start_accounts();
    driver.ceiling = &line;
    other.index = 1;
    config[0][(PCIE_AT + PCI_PCIE_DEVICE_CAPS) / 4] = PCI_PCIE_CAPS_FLR;
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_kaal(kaal_broker_delegate(&driver, bundle.handle, &other, KAAL_MAP_READ, &handle));
    assert_int_equal(command_of(0) & PCI_COMMAND_BUS_MASTER, 0);
    assert_int_not_equal(config[0][MSIX_AT / 4] & PCI_MSIX_MASK_ALL, 0);
    assert_int_not_equal(config[0][(PCIE_AT + PCI_PCIE_DEVICE) / 4] & PCI_PCIE_CONTROL_FLR, 0);
    memset(config[0], 0, 0x40); /* the function has forgotten */
    write_count = 0;
    assert_kaal_error(kaal_broker_bundle_open(&other, handle, &count), KAAL_ERR_BUSY);
    assert_int_equal(write_count, 0);
    now_ns += 100000000;
    assert_kaal(kaal_broker_bundle_open(&other, handle, &count));
    assert_int_equal(config[0][PCI_BAR0 / 4], 0xFEB00000);
    assert_int_equal(command_of(0),
                     PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER | PCI_COMMAND_INTERRUPT_DISABLE);
    assert_int_equal(config[0][MSIX_AT / 4] & (PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL),
                     PCI_MSIX_ENABLE);
    for (uint32_t i = 0; i < 2; i++) {
        struct kaal_resource irq;
        assert_kaal(kaal_broker_bundle_resource(&other, handle, 1 + i, &irq));
        /* The giver's two messages were still taken when these were made. */
        assert_int_equal(table_word(i, PCI_MSIX_ENTRY_DATA), MSI_FIRST + 2 + i);
        kernel_host_raise_irq(MSI_FIRST + i);
        assert_int_equal(take_badge(driver.notification), 0);
        kernel_host_raise_irq(MSI_FIRST + 2 + i);
        assert_int_equal(take_badge(other.notification), bit_of(&irq));
        acknowledge(&other, &irq);
    }
    assert_int_equal(broker.vectors[0], 0xC);
    /* Opening again changes nothing. */
    write_count = 0;
    assert_kaal(kaal_broker_bundle_open(&other, handle, &count));
    assert_int_equal(write_count, 0);
    kaal_account_stop(&other);
    assert_int_equal(broker.vectors[0], 0);
}

static void test_configuration_space_is_filtered(void)
{
    static const struct {
        uint32_t offset;
        uint32_t width;
        uint32_t value;
        int result;
    } accesses[] = {
        {PCI_HEADER, 1, 16, KAAL_OK},
        {PCI_HEADER + 1, 1, 64, KAAL_OK},
        {PCI_HEADER + 2, 1, 1, KAAL_ERR_DENIED},
        {PCI_INTERRUPT, 1, 9, KAAL_OK},
        {PCI_INTERRUPT + 1, 1, 9, KAAL_ERR_DENIED},
        {PCI_COMMAND, 2, 0, KAAL_ERR_DENIED},
        {PCI_COMMAND + 2, 2, 0xF900, KAAL_OK},
        {PCI_BAR0, 4, 1, KAAL_ERR_DENIED},
        {PCI_ID, 4, 1, KAAL_ERR_DENIED},
        {MSIX_AT, 4, 1, KAAL_ERR_DENIED},
        {PCIE_AT + 8, 2, 1, KAAL_ERR_DENIED},
        {PCIE_AT + 10, 2, 0xF, KAAL_OK},
        {0x200, 4, 1, KAAL_ERR_DENIED},
        {4096, 4, 0, KAAL_ERR_RANGE},
        {PCI_HEADER, 3, 0, KAAL_ERR_RANGE},
        {UINT32_MAX, 1, 0, KAAL_ERR_RANGE},
        {PCI_HEADER + 1, 2, 0, KAAL_ERR_RANGE},
        {PCI_HEADER, 0, 0, KAAL_ERR_RANGE},
    };
    start();
    struct kaal_device *device = add_function(0);
    device->pci.pcie_offset = PCIE_AT;
    start_accounts();
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    for (uint32_t i = 0; i < ARRAY_COUNT(accesses); i++) {
        write_count = 0;
        assert_kaal_error(kaal_broker_config_write(&driver, 0, accesses[i].offset,
                                                   accesses[i].width, accesses[i].value),
                          accesses[i].result);
        assert_int_equal(write_count, accesses[i].result == KAAL_OK ? 1 : 0);
    }
    /* Clearing errors leaves the command register as it is, and the other way round. */
    assert_int_equal(command_of(0) & PCI_COMMAND_BUS_MASTER, PCI_COMMAND_BUS_MASTER);
    uint32_t value = 0;
    assert_kaal(kaal_broker_config_read(&driver, 0, PCI_HEADER, 2, &value));
    assert_int_equal(value, 64 << 8 | 16);
    assert_kaal(kaal_broker_config_read(&driver, 0, PCI_HEADER + 1, 1, &value));
    assert_int_equal(value, 64);
    assert_kaal_error(kaal_broker_config_read(&driver, 1, 0, 4, &value), KAAL_ERR_NOT_FOUND);
    assert_kaal_error(kaal_broker_config_read(&other, 0, 0, 4, &value), KAAL_ERR_NOT_FOUND);
}

static void test_bridges_are_not_given(void)
{
    start();
    add_function(0)->pci.header_type = PCI_HEADER_BRIDGE;
    start_accounts();
    struct kaal_bundle bundle;
    assert_kaal_error(kaal_broker_request_device(&driver, &any, 0, &bundle), KAAL_ERR_UNSUPPORTED);
}

static uint32_t why(uint32_t index, struct kaal_device_record *record)
{
    kaal_broker_device_record(&broker, &registry.devices[index], record);
    return record->why;
}

static void test_every_device_says_why_nobody_holds_it(void)
{
    start();
    add_function(0);
    add_function(1)->pci.header_type = PCI_HEADER_BRIDGE;
    struct kaal_device *stranger = add_function(2);
    stranger->record.pci_id = 0x11111111;
    start_accounts();
    struct kaal_bundle bundle;
    struct kaal_device_record record;
    assert_int_equal(why(0, &record), KAAL_DEVICE_ALLOWED);
    assert_int_equal(why(1, &record), KAAL_DEVICE_MACHINE);
    assert_int_equal(why(2, &record), KAAL_DEVICE_NO_DRIVER);
    driver.usage.bytes_max = driver.usage.bytes; /* no quota for the DMA memory */
    int error = kaal_broker_request_device(&driver, &any, 0, &bundle);
    assert_int_not_equal(error, KAAL_OK);
    assert_int_equal(why(0, &record), KAAL_DEVICE_REFUSED);
    assert_int_equal(record.refusal, error);
    assert_string_equal(record.other, "net0");
    driver.usage.bytes_max = 0;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_equal(why(0, &record), KAAL_DEVICE_HELD);
    assert_string_equal(record.owner, "net0");
}

/* ---- transports that share a page ---- */

static struct kaal_device *add_transport(uint32_t number)
{
    struct kaal_device *device = kaal_registry_add(&registry);
    const struct kaal_interrupt irq = {.number = LINE + 1 + number,
                                       .source = LINE + 1 + number,
                                       .ioapic = KAAL_INTERRUPT_NO_IOAPIC};
    device->record.bus = KAAL_BUS_VIRTIO_MMIO;
    device->record.virtio_id = 1;
    kaal_device_set_range(device, 0, ram + 0x200 * (uint64_t)number, 0x200);
    kaal_device_add_irq(device, &irq);
    return device;
}

static void test_devices_in_one_page_have_one_holder(void)
{
    start();
    add_transport(0);
    add_transport(1);
    start_accounts();
    struct kaal_bundle first;
    struct kaal_bundle second;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &first));
    assert_kaal_error(kaal_broker_request_device(&other, &any, 0, &second), KAAL_ERR_BUSY);
    struct kaal_device_record record;
    assert_int_equal(why(1, &record), KAAL_DEVICE_PAGE);
    assert_string_equal(record.other, "net0");
    assert_kaal(kaal_broker_request_device(&driver, &any, 1, &second));
    assert_int_equal(find(&second, "regs")->registers.vaddr % PAGE, 0x200);
    /* The page is there until the last of the two is gone. */
    assert_kaal(kaal_broker_release(&driver, first.handle));
    assert_kaal_error(kaal_broker_request_device(&other, &any, 0, &first), KAAL_ERR_BUSY);
    assert_kaal(kaal_broker_release(&driver, second.handle));
    assert_kaal(kaal_broker_request_device(&other, &any, 0, &first));
}

static void test_all_transports_of_the_page_are_reset(void)
{
    start();
    add_transport(0);
    add_transport(1);
    start_accounts();
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    uint8_t *page = kernel_host_memory(ram);
    page[0x70] = page[0x270] = 15; /* the driver has set both up */
    kaal_account_silence(&driver);
    assert_int_equal(page[0x70], 0);
    assert_int_equal(page[0x270], 0);
}

/* ---- shared lines ---- */

struct sharing {
    struct kaal_bundle bundles[2];
    const struct kaal_resource *irqs[2];
};

static void share(struct sharing *sharing)
{
    start();
    platform.msi.count = 0; /* so interrupts come on the functions' one line */
    add_function(0);
    add_function(1);
    start_accounts();
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &sharing->bundles[0]));
    assert_kaal(kaal_broker_request_device(&other, &any, 0, &sharing->bundles[1]));
    for (uint32_t i = 0; i < 2; i++) {
        sharing->irqs[i] = find(&sharing->bundles[i], "irq");
        assert_int_equal(command_of(i) & PCI_COMMAND_INTERRUPT_DISABLE, 0);
    }
}

/* init's part: its notification's bits go to the broker. */
static bool serve_lines(void)
{
    seL4_Word badge = take_badge(init_notification);
    kaal_broker_signalled(&broker, badge);
    return badge != 0;
}

static void test_line_of_one_user_is_direct(void)
{
    start();
    platform.msi.count = 0;
    add_function(0);
    start_accounts();
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    const struct kaal_resource *irq = find(&bundle, "irq");
    for (uint32_t round = 0; round < 3; round++) {
        kernel_host_raise_irq(LINE);
        assert_int_equal(take_badge(driver.notification), bit_of(irq));
        assert_false(serve_lines());
        acknowledge(&driver, irq);
    }
}

static void test_shared_line_wakes_all_and_waits_for_all(void)
{
    struct sharing sharing;
    share(&sharing);
    for (uint32_t round = 0; round < 3; round++) {
        kernel_host_raise_irq(LINE);
        assert_true(serve_lines());
        assert_int_equal(take_badge(driver.notification), bit_of(sharing.irqs[0]));
        assert_int_equal(take_badge(other.notification), bit_of(sharing.irqs[1]));
        kernel_host_raise_irq(LINE); /* comes when both have acknowledged */
        acknowledge(&driver, sharing.irqs[0]);
        assert_true(serve_lines());
        assert_int_equal(take_badge(init_notification), 0);
        acknowledge(&other, sharing.irqs[1]);
        assert_true(serve_lines());
        assert_true(serve_lines());
        assert_int_equal(take_badge(driver.notification), bit_of(sharing.irqs[0]));
        assert_int_equal(take_badge(other.notification), bit_of(sharing.irqs[1]));
        acknowledge(&driver, sharing.irqs[0]);
        acknowledge(&other, sharing.irqs[1]);
        assert_true(serve_lines());
    }
}

static void test_interrupt_under_way_survives_the_take_over(void)
{
    start();
    platform.msi.count = 0;
    add_function(0);
    add_function(1);
    start_accounts();
    struct sharing sharing;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &sharing.bundles[0]));
    kernel_host_raise_irq(LINE);
    assert_int_equal(take_badge(driver.notification), bit_of(find(&sharing.bundles[0], "irq")));
    assert_kaal(kaal_broker_request_device(&other, &any, 0, &sharing.bundles[1]));
    kernel_host_raise_irq(LINE);
    assert_int_equal(take_badge(init_notification), 0); /* the first is not acknowledged */
    acknowledge(&driver, find(&sharing.bundles[0], "irq"));
    assert_true(serve_lines());
    assert_true(serve_lines());
    assert_int_equal(take_badge(driver.notification), bit_of(find(&sharing.bundles[0], "irq")));
    assert_int_equal(take_badge(other.notification), bit_of(find(&sharing.bundles[1], "irq")));
}

static void test_dead_sharer_counts_as_having_acknowledged(void)
{
    struct sharing sharing;
    share(&sharing);
    kernel_host_raise_irq(LINE);
    assert_true(serve_lines());
    acknowledge(&driver, sharing.irqs[0]);
    assert_true(serve_lines());
    assert_int_equal(take_badge(driver.notification), bit_of(sharing.irqs[0]));
    kaal_account_stop(&other); /* was signalled, never answered */
    kernel_host_raise_irq(LINE);
    assert_true(serve_lines());
    assert_int_equal(take_badge(driver.notification), bit_of(sharing.irqs[0]));
    acknowledge(&driver, sharing.irqs[0]);
    assert_true(serve_lines());
    /* And back again, with an interrupt under way. */
    kernel_host_raise_irq(LINE);
    assert_true(serve_lines());
    assert_kaal(kaal_account_start(&other, 0, WINDOW, WINDOW_BYTES));
    assert_kaal(kaal_broker_request_device(&other, &any, 0, &sharing.bundles[1]));
    acknowledge(&driver, sharing.irqs[0]);
    assert_true(serve_lines());
    (void)take_badge(driver.notification);
    kernel_host_raise_irq(LINE);
    assert_true(serve_lines());
    assert_int_equal(take_badge(driver.notification), bit_of(sharing.irqs[0]));
    assert_int_equal(take_badge(other.notification), bit_of(find(&sharing.bundles[1], "irq")));
}

static void test_shared_line_gives_everything_back(void)
{
    struct sharing sharing;
    share(&sharing);
    uint64_t bits = BIT64(63) - 256;
    assert_int_not_equal(broker.line_bits_free, bits);
    kaal_account_stop(&driver);
    kaal_account_stop(&other);
    assert_int_equal(broker.line_bits_free, bits);
    assert_null(broker.lines);
    uint64_t slots = fixture_free_slots_after_merging();
    for (uint32_t round = 0; round < 20; round++) {
        start_accounts();
        assert_kaal(kaal_broker_request_device(&driver, &any, 0, &sharing.bundles[0]));
        assert_kaal(kaal_broker_request_device(&other, &any, 0, &sharing.bundles[1]));
        kernel_host_raise_irq(LINE);
        (void)serve_lines();
        kaal_account_stop(round % 2 == 0 ? &driver : &other);
        kaal_account_stop(round % 2 == 0 ? &other : &driver);
    }
    assert_int_equal(fixture_free_slots_after_merging(), slots);
}

static void test_without_bits_a_line_is_not_shared(void)
{
    start();
    platform.msi.count = 0;
    add_function(0);
    add_function(1);
    start_accounts();
    struct kaal_bundle bundle;
    struct kaal_bundle second;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    for (uint32_t bits = 0; bits < 3; bits++) {
        broker.line_bits_free = BIT64(bits) - 1;
        assert_kaal_error(kaal_broker_request_device(&other, &any, 0, &second), KAAL_ERR_NO_SPACE);
        assert_null(registry.devices[1].holder);
    }
    kernel_host_raise_irq(LINE);
    (void)serve_lines();
    assert_int_equal(take_badge(driver.notification), bit_of(find(&bundle, "irq")));
}

static void test_shared_line_is_handed_over(void)
{
    static struct kaal_system_component line;
    struct sharing sharing;
    kaal_handle handle;
    uint32_t count;
    share(&sharing);
    line = driver_line;
    line.delegate_count = 1;
    line.delegates[0] = 1;
    driver.ceiling = &line;
    other.index = 1;
    kernel_host_raise_irq(LINE);
    assert_true(serve_lines()); /* both are woken; the giver leaves without having acknowledged */
    assert_int_equal(take_badge(other.notification), bit_of(sharing.irqs[1]));
    assert_kaal(
        kaal_broker_delegate(&driver, sharing.bundles[0].handle, &other, KAAL_MAP_READ, &handle));
    assert_kaal(kaal_broker_bundle_open(&other, handle, &count));
    acknowledge(&other, sharing.irqs[1]);
    assert_true(serve_lines());
    struct kaal_resource irq;
    assert_kaal(kaal_broker_bundle_resource(&other, handle, 1, &irq));
    kernel_host_raise_irq(LINE);
    assert_true(serve_lines());
    assert_int_equal(take_badge(other.notification), bit_of(sharing.irqs[1]) | bit_of(&irq));
    assert_int_equal(take_badge(driver.notification) & ~bit_of(sharing.irqs[0]), 0);
    kaal_account_stop(&other);
    assert_null(broker.lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_table_entries_are_written_and_messages_arrive),
        HARNESS_TEST(test_driver_cannot_write_the_table),
        HARNESS_TEST(test_only_declared_pages_are_given),
        HARNESS_TEST(test_single_message_with_a_short_address),
        HARNESS_TEST(test_single_message_with_a_long_address),
        HARNESS_TEST(test_driver_can_insist_on_the_line),
        HARNESS_TEST(test_line_after_messages_has_no_messages),
        HARNESS_TEST(test_end_takes_the_bus_first_and_everything_after),
        HARNESS_TEST(test_bus_master_needs_a_reason),
        HARNESS_TEST(test_reset_is_waited_for_and_undone),
        HARNESS_TEST(test_function_is_handed_over_and_opened_after_its_reset),
        HARNESS_TEST(test_shared_line_is_handed_over),
        HARNESS_TEST(test_configuration_space_is_filtered),
        HARNESS_TEST(test_bridges_are_not_given),
        HARNESS_TEST(test_every_device_says_why_nobody_holds_it),
        HARNESS_TEST(test_devices_in_one_page_have_one_holder),
        HARNESS_TEST(test_all_transports_of_the_page_are_reset),
        HARNESS_TEST(test_line_of_one_user_is_direct),
        HARNESS_TEST(test_shared_line_wakes_all_and_waits_for_all),
        HARNESS_TEST(test_interrupt_under_way_survives_the_take_over),
        HARNESS_TEST(test_dead_sharer_counts_as_having_acknowledged),
        HARNESS_TEST(test_shared_line_gives_everything_back),
        HARNESS_TEST(test_without_bits_a_line_is_not_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
