/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See broker_fixture.h. */
#include "broker_fixture.h"

#include <string.h>

struct kaal_broker broker;
struct kaal_platform platform;
struct kaal_device_registry registry;
struct kaal_account driver;
struct kaal_account client;
uint64_t device_base;

static const char uart_ids[] = "test,uart\0test,serial";
static const char net_ids[] = "test,net";

const struct kaal_driver_declaration uart_driver = {
    .magic = KAAL_DRIVER_MAGIC,
    .version = KAAL_DRIVER_VERSION,
    .device_class = KAAL_CLASS_SERIAL,
    .name = "uart",
    .match_count = 1,
    .resource_count = 3,
    .matches = {{.kind = KAAL_SELECT_COMPATIBLE, .id = "test,serial"}},
    .resources = {{.name = "regs", .kind = KAAL_RESOURCE_REGISTERS, .bytes = 0x100},
                  {.name = "irq", .kind = KAAL_RESOURCE_IRQ},
                  {.name = "ring", .kind = KAAL_RESOURCE_DMA, .bytes = 3 * 4096}},
};

const struct kaal_system_component driver_line = {
    .name = "serial0",
    .image = "uart",
    .priority = 200,
    .memory_bytes = 1 << 20,
    .slots_max = 200,
    .interrupts_max = 4,
    .selector_count = 1,
    .selectors = {{.kind = KAAL_SELECT_AUTO}},
};

const struct kaal_system_component client_line = {
    .name = "client",
    .image = "client",
    .priority = 100,
    .memory_bytes = 1 << 20,
    .slots_max = 300,
    .interrupts_max = 4,
    .allow = KAAL_ALLOW_MEMORY | KAAL_ALLOW_DEVICES,
    .selector_count = 2,
    .selectors = {{.kind = KAAL_SELECT_COMPATIBLE, .id = "test,net"},
                  {.kind = KAAL_SELECT_SERIAL, .value = 0}},
};

struct kaal_device *add_device(const char *ids, uint32_t ids_bytes, uint64_t offset, uint64_t bytes,
                               uint32_t irq_number)
{
    struct kaal_device *device = kaal_registry_add(&registry);
    device->ids = ids;
    device->ids_bytes = ids_bytes;
    kaal_device_set_range(device, 0, device_base + offset, bytes);
    const struct kaal_interrupt irq = {.number = irq_number,
                                       .source = irq_number,
                                       .ioapic = KAAL_INTERRUPT_NO_IOAPIC,
                                       .level = true};
    kaal_device_add_irq(device, &irq);
    return device;
}

void start(void)
{
    fixture_init(true);
    memset(&registry, 0, sizeof(registry));
    memset(&platform, 0, sizeof(platform));
    for (uint64_t i = 0; i < harness_bootinfo->untyped.end - harness_bootinfo->untyped.start; i++) {
        const seL4_UntypedDesc *entry = &harness_bootinfo->untypedList[i];
        if (entry->isDevice && entry->sizeBits >= 22 && entry->sizeBits < 40) {
            device_base = entry->paddr;
        }
    }
    struct kaal_device *uart = add_device(uart_ids, sizeof(uart_ids), 0x4000, 0x1000, UART_IRQ);
    uart->serial = 0;
    add_device(net_ids, sizeof(net_ids), 0x8010, 0x1800, NET_IRQ);
    kaal_broker_init(&broker, &fixture.cspace, &fixture.untyped, &platform, &registry);
    assert_kaal(kaal_account_open(&driver, &broker, &driver_line, &uart_driver));
    assert_kaal(kaal_account_open(&client, &broker, &client_line, NULL));
    assert_kaal(kaal_account_start(&driver, 0, WINDOW, WINDOW_BYTES));
    assert_kaal(kaal_account_start(&client, 0, WINDOW, WINDOW_BYTES));
}

struct state state_now(void)
{
    return (struct state){
        .driver = driver.usage,
        .client = client.usage,
        .memory = fixture_count(),
        .driver_bits = driver.badge_bits,
        .client_bits = client.badge_bits,
        .slots = fixture_free_slots_after_merging(),
        .records = fixture.untyped.free_record_count,
    };
}

void assert_same_state(const struct state *a, const struct state *b)
{
    assert_memory_equal(&a->driver, &b->driver, sizeof(a->driver));
    assert_memory_equal(&a->client, &b->client, sizeof(a->client));
    fixture_assert_equal(&a->memory, &b->memory);
    assert_int_equal(a->driver_bits, b->driver_bits);
    assert_int_equal(a->client_bits, b->client_bits);
    assert_int_equal(a->slots, b->slots);
    assert_int_equal(a->records, b->records);
}

const struct kaal_device_selector any = {.kind = KAAL_SELECT_AUTO};

seL4_CPtr look_at(struct kaal_account *account, seL4_CPtr cap)
{
    seL4_CPtr slot;
    assert_kaal(kaal_cspace_allocate(&fixture.cspace, &slot));
    assert_int_equal(seL4_CNode_Copy(fixture.cspace.root, slot, fixture.cspace.depth,
                                     account->cnode, cap, KAAL_ACCOUNT_CNODE_BITS, seL4_AllRights),
                     seL4_NoError);
    return slot;
}

void enter_vspace(seL4_CPtr root)
{
    seL4_Word guard = seL4_WordBits - fixture.cspace.depth;
    assert_int_equal(seL4_TCB_SetSpace(seL4_CapInitThreadTCB, seL4_CapNull, fixture.cspace.root,
                                       seL4_CNode_CapData_new(0, guard).words[0], root, 0),
                     seL4_NoError);
}
