/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The broker on the host kernel: bundles, interrupts, memory, channels, and ends of components. */
#include "broker_fixture.h"

#include <stdio.h>
#include <string.h>

static void test_bundle_has_what_the_driver_declared(void)
{
    start();
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_int_equal(bundle.resource_count, 3);
    const struct kaal_resource *regs = &bundle.resources[0];
    assert_string_equal(regs->name, "regs");
    assert_int_equal(regs->kind, KAAL_RESOURCE_REGISTERS);
    assert_int_equal(regs->registers.paddr, device_base + 0x4000);
    assert_int_equal(regs->registers.bytes, 0x1000);
    assert_int_equal(regs->registers.vaddr % PAGE, 0);
    const struct kaal_resource *irq = &bundle.resources[1];
    assert_string_equal(irq->name, "irq");
    assert_int_equal(irq->irq.number, UART_IRQ);
    const struct kaal_resource *ring = &bundle.resources[2];
    assert_int_equal(ring->dma.bytes, 3 * PAGE);
    assert_int_not_equal(ring->dma.bus, 0);
    assert_ptr_equal(registry.devices[0].holder, &driver);
    assert_string_equal(registry.devices[0].record.owner, "serial0");
    struct kaal_resource again;
    assert_kaal(kaal_broker_bundle_resource(&driver, bundle.handle, 2, &again));
    assert_memory_equal(&again, ring, sizeof(again));
    assert_kaal_error(kaal_broker_bundle_resource(&driver, bundle.handle, 3, &again),
                      KAAL_ERR_NOT_FOUND);
    enter_vspace(driver.vspace.root);
    assert_non_null(kernel_host_translate(ring->dma.vaddr, true));
    assert_null(kernel_host_translate(ring->dma.vaddr + 3 * PAGE, false));
    enter_vspace(seL4_CapInitThreadVSpace);
}

static void test_interrupt_reaches_the_drivers_notification(void)
{
    start();
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    const struct kaal_irq_resource *irq = &bundle.resources[1].irq;
    seL4_CPtr handler = look_at(&driver, irq->cap);
    for (unsigned i = 0; i < 3; i++) {
        seL4_Word badge = 0;
        kernel_host_raise_irq(UART_IRQ);
        kernel_host_advance(1);
        seL4_Poll(driver.notification, &badge);
        assert_int_equal(badge, BIT64(63) | BIT64(irq->badge_bit));
        assert_int_equal(seL4_IRQHandler_Ack(handler), seL4_NoError);
    }
}

static void test_second_request_is_refused_and_release_frees_the_device(void)
{
    start();
    struct kaal_bundle bundle;
    struct kaal_bundle second;
    const struct kaal_device_selector serial = kaal_serial(0);
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_kaal_error(kaal_broker_request_device(&driver, &any, 0, &second), KAAL_ERR_BUSY);
    assert_kaal_error(kaal_broker_request_device(&client, &serial, 0, &second), KAAL_ERR_BUSY);
    assert_kaal(kaal_broker_release(&driver, bundle.handle));
    assert_null(registry.devices[0].holder);
    assert_string_equal(registry.devices[0].record.owner, "");
    assert_kaal(kaal_broker_request_device(&client, &serial, 0, &second));
    assert_kaal(kaal_broker_release(&client, second.handle));
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
}

static void test_release_and_request_again_lose_nothing(void)
{
    start();
    struct kaal_bundle bundle;
    struct state before = {0};
    for (unsigned round = 0; round < 50; round++) {
        assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
        assert_kaal(kaal_broker_release(&driver, bundle.handle));
        struct state now = state_now();
        if (round == 0) {
            before = now;
        }
        assert_same_state(&before, &now);
    }
}

static void test_unknown_and_forbidden_devices_are_told_apart(void)
{
    start();
    struct kaal_bundle bundle;
    const struct kaal_device_selector none = {.kind = KAAL_SELECT_COMPATIBLE, .id = "test,none"};
    const struct kaal_device_selector net = {.kind = KAAL_SELECT_COMPATIBLE, .id = "test,net"};
    const struct kaal_device_selector pci = kaal_pci(0x8086, 0x100E);
    assert_kaal_error(kaal_broker_request_device(&client, &none, 0, &bundle), KAAL_ERR_NOT_FOUND);
    assert_kaal_error(kaal_broker_request_device(&client, &pci, 0, &bundle), KAAL_ERR_NOT_FOUND);
    assert_kaal_error(kaal_broker_request_device(&client, &any, 0, &bundle), KAAL_ERR_NOT_FOUND);
    assert_kaal_error(kaal_broker_request_device(&driver, &net, 0, &bundle), KAAL_ERR_DENIED);
    assert_kaal(kaal_broker_request_device(&client, &net, 0, &bundle));
    assert_int_equal(bundle.resource_count, 2);
    assert_string_equal(bundle.resources[0].name, "range0");
    assert_int_equal(bundle.resources[0].registers.vaddr % PAGE, 0x10);
    assert_int_equal(bundle.resources[0].registers.bytes, 0x1800);
    assert_string_equal(bundle.resources[1].name, "irq0");
}

/* Each step of a bundle may fail; whatever was done before is undone. */
static void test_failed_bundle_leaves_nothing_taken(void)
{
    start();
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_kaal(kaal_broker_release(&driver, bundle.handle));
    struct state before = state_now();
    /* The interrupt is taken by somebody else: registers were given already. */
    seL4_CPtr slot;
    assert_kaal(kaal_cspace_allocate(&fixture.cspace, &slot));
    assert_int_equal(seL4_IRQControl_GetTrigger(seL4_CapIRQControl, UART_IRQ, 0,
                                                fixture.cspace.root, slot, fixture.cspace.depth),
                     seL4_NoError);
    assert_kaal_error(kaal_broker_request_device(&driver, &any, 0, &bundle), KAAL_ERR_BUSY);
    assert_kaal(kaal_cspace_delete(&fixture.cspace, slot));
    struct state after = state_now();
    assert_same_state(&before, &after);
    /* No quota for the DMA memory, the last step. */
    uint64_t quota = driver.usage.bytes_max;
    driver.usage.bytes_max = driver.usage.bytes + PAGE;
    assert_kaal_error(kaal_broker_request_device(&driver, &any, 0, &bundle), KAAL_ERR_QUOTA_MEMORY);
    driver.usage.bytes_max = quota;
    after = state_now();
    assert_same_state(&before, &after);
    /* No quota for slots. */
    uint32_t slots = driver.usage.slots_max;
    for (uint32_t spare = 0; spare < 7; spare++) {
        driver.usage.slots_max = driver.usage.slots + spare;
        int error = kaal_broker_request_device(&driver, &any, 0, &bundle);
        if (error == KAAL_OK) {
            assert_kaal(kaal_broker_release(&driver, bundle.handle));
        } else {
            assert_int_equal(error, KAAL_ERR_QUOTA_SLOTS);
        }
        driver.usage.slots_max = slots;
        after = state_now();
        assert_same_state(&before, &after);
    }
    assert_null(registry.devices[0].holder);
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
}

static void test_declaration_that_asks_for_more_than_the_device_has_is_refused(void)
{
    start();
    struct kaal_bundle bundle;
    struct kaal_driver_declaration greedy = uart_driver;
    struct kaal_account account;
    assert_kaal(kaal_account_open(&account, &broker, &driver_line, &greedy));
    assert_kaal(kaal_account_start(&account, 0, WINDOW, WINDOW_BYTES));
    greedy.resources[0].bytes = 0x1001;
    assert_kaal_error(kaal_broker_request_device(&account, &any, 0, &bundle), KAAL_ERR_UNSUPPORTED);
    greedy = uart_driver;
    greedy.resources[0].index = 1;
    assert_kaal_error(kaal_broker_request_device(&account, &any, 0, &bundle), KAAL_ERR_UNSUPPORTED);
    greedy = uart_driver;
    greedy.resources[1].index = 7;
    assert_kaal_error(kaal_broker_request_device(&account, &any, 0, &bundle), KAAL_ERR_UNSUPPORTED);
    greedy = uart_driver;
    greedy.resources[0].kind = KAAL_RESOURCE_PORTS;
    assert_kaal_error(kaal_broker_request_device(&account, &any, 0, &bundle), KAAL_ERR_UNSUPPORTED);
    assert_null(registry.devices[0].holder);
    greedy = uart_driver;
    assert_kaal(kaal_broker_request_device(&account, &any, 0, &bundle));
}

/* The kernel keeps the pages of its own devices; a device there cannot be given. */
static void test_registers_the_kernel_did_not_hand_over_are_refused(void)
{
    start();
    struct kaal_bundle bundle;
    kaal_device_set_range(&registry.devices[0], 0, UINT64_C(1) << 46, 0x1000);
    assert_kaal_error(kaal_broker_request_device(&driver, &any, 0, &bundle), KAAL_ERR_NOT_FOUND);
    assert_null(registry.devices[0].holder);
}

/* Two devices in one page: the second one's page has an owner. */
static void test_a_page_has_one_owner(void)
{
    start();
    struct kaal_bundle bundle;
    const struct kaal_device_selector net = {.kind = KAAL_SELECT_COMPATIBLE, .id = "test,net"};
    kaal_device_set_range(&registry.devices[1], 0, device_base + 0x4800, 0x100);
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    struct kaal_bundle second;
    assert_kaal_error(kaal_broker_request_device(&client, &net, 0, &second), KAAL_ERR_BUSY);
    assert_kaal(kaal_broker_release(&driver, bundle.handle));
    assert_kaal(kaal_broker_request_device(&client, &net, 0, &second));
}

static void test_large_ranges_use_large_frames(void)
{
    start();
    struct kaal_bundle bundle;
    const struct kaal_device_selector net = {.kind = KAAL_SELECT_COMPATIBLE, .id = "test,net"};
    kaal_device_set_range(&registry.devices[1], 0, device_base, 1 << 22);
    struct state before = state_now();
    assert_kaal(kaal_broker_request_device(&client, &net, 0, &bundle));
    assert_true(client.usage.slots - before.client.slots < 16);
    assert_int_equal(bundle.resources[0].registers.vaddr % BIT64(21), 0);
    assert_kaal(kaal_broker_release(&client, bundle.handle));
}

static void test_console_shares_the_drivers_registers(void)
{
    start();
    struct kaal_bundle bundle;
    seL4_CPtr frames;
    seL4_CPtr ports;
    uint32_t count;
    assert_kaal(
        kaal_broker_borrow_range(&broker, &registry.devices[0], 0, &frames, &count, &ports));
    assert_int_equal(count, 1);
    assert_int_equal(ports, seL4_CapNull);
    assert_int_equal(seL4_ARM_Page_GetAddress(frames).paddr, device_base + 0x4000);
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_kaal(kaal_broker_release(&driver, bundle.handle));
    /* The driver's end does not take the page from the console. */
    assert_int_equal(seL4_ARM_Page_GetAddress(frames).paddr, device_base + 0x4000);
    assert_kaal_error(
        kaal_broker_borrow_range(&broker, &registry.devices[0], 3, &frames, &count, &ports),
        KAAL_ERR_UNSUPPORTED);
}

static void test_interrupts_conflict_and_are_within_the_ceiling(void)
{
    start();
    kaal_handle first;
    kaal_handle second;
    struct kaal_resource irq;
    assert_kaal(kaal_broker_request_irq(&client, NET_IRQ, &first, &irq));
    assert_int_equal(irq.kind, KAAL_RESOURCE_IRQ);
    assert_int_equal(irq.irq.number, NET_IRQ);
    assert_kaal_error(kaal_broker_request_irq(&client, NET_IRQ, &second, &irq), KAAL_ERR_BUSY);
    assert_kaal_error(kaal_broker_request_irq(&driver, NET_IRQ, &second, &irq), KAAL_ERR_DENIED);
    assert_kaal_error(kaal_broker_request_irq(&client, 77, &second, &irq), KAAL_ERR_DENIED);
    assert_kaal_error(kaal_broker_request_irq(&client, UINT64_MAX, &second, &irq), KAAL_ERR_RANGE);
    assert_kaal(kaal_broker_release(&client, first));
    assert_kaal(kaal_broker_request_irq(&client, NET_IRQ, &second, &irq));
    /* A device that somebody holds keeps its interrupt. */
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_kaal_error(kaal_broker_request_irq(&client, UART_IRQ, &first, &irq), KAAL_ERR_BUSY);
}

static void test_memory_is_disjoint_mapped_and_zero(void)
{
    start();
    uint64_t vaddr[8];
    uint64_t bytes[8];
    kaal_handle handles[8];
    for (unsigned i = 0; i < ARRAY_COUNT(vaddr); i++) {
        assert_kaal(
            kaal_broker_allocate_memory(&client, 1 + i * 3000, &handles[i], &vaddr[i], &bytes[i]));
        assert_int_equal(bytes[i], align_up(1 + i * 3000, PAGE));
        for (unsigned j = 0; j < i; j++) {
            assert_true(vaddr[i] + bytes[i] <= vaddr[j] || vaddr[j] + bytes[j] <= vaddr[i]);
        }
    }
    enter_vspace(client.vspace.root);
    for (unsigned i = 0; i < ARRAY_COUNT(vaddr); i++) {
        for (uint64_t at = 0; at < bytes[i]; at += PAGE) {
            uint8_t *page = kernel_host_translate(vaddr[i] + at, true);
            assert_non_null(page);
            for (unsigned k = 0; k < PAGE; k++) {
                assert_int_equal(page[k], 0);
            }
            memset(page, (int)(0x11 * (i + 1)), PAGE);
        }
    }
    for (unsigned i = 0; i < ARRAY_COUNT(vaddr); i++) {
        const uint8_t *page = kernel_host_translate(vaddr[i], false);
        assert_int_equal(page[0], 0x11 * (i + 1)); /* nobody else's bytes */
    }
    assert_null(kernel_host_translate(vaddr[7] + bytes[7], false));
    enter_vspace(seL4_CapInitThreadVSpace);
    assert_kaal(kaal_broker_release(&client, handles[3]));
    enter_vspace(client.vspace.root);
    assert_null(kernel_host_translate(vaddr[3], false));
    assert_non_null(kernel_host_translate(vaddr[4], false));
    enter_vspace(seL4_CapInitThreadVSpace);
    /* What one component wrote, the next owner of the memory does not see. */
    assert_kaal(kaal_broker_allocate_memory(&client, bytes[3], &handles[3], &vaddr[3], &bytes[3]));
    enter_vspace(client.vspace.root);
    assert_int_equal(*(const uint8_t *)kernel_host_translate(vaddr[3], false), 0);
    enter_vspace(seL4_CapInitThreadVSpace);
}

static void test_memory_is_bound_by_right_and_quota(void)
{
    start();
    uint64_t vaddr;
    uint64_t bytes;
    kaal_handle handle;
    assert_kaal_error(kaal_broker_allocate_memory(&driver, PAGE, &handle, &vaddr, &bytes),
                      KAAL_ERR_DENIED);
    assert_kaal_error(kaal_broker_allocate_memory(&client, 0, &handle, &vaddr, &bytes),
                      KAAL_ERR_INVALID);
    assert_kaal_error(kaal_broker_allocate_memory(&client, UINT64_MAX, &handle, &vaddr, &bytes),
                      KAAL_ERR_QUOTA_MEMORY);
    assert_kaal_error(kaal_broker_allocate_memory(&client, 1 << 20, &handle, &vaddr, &bytes),
                      KAAL_ERR_QUOTA_MEMORY); /* its own CNode and tables count as well */
    struct state before = state_now();
    assert_kaal_error(kaal_broker_allocate_memory(&client, 1 << 20, &handle, &vaddr, &bytes),
                      KAAL_ERR_QUOTA_MEMORY);
    struct state after = state_now();
    assert_same_state(&before, &after);
    assert_kaal(kaal_broker_allocate_memory(&client, 1 << 19, &handle, &vaddr, &bytes));
}

static void test_handles_are_checked(void)
{
    start();
    uint64_t vaddr;
    uint64_t bytes;
    kaal_handle handle;
    assert_kaal(kaal_broker_allocate_memory(&client, PAGE, &handle, &vaddr, &bytes));
    assert_kaal_error(kaal_broker_release(&driver, handle), KAAL_ERR_FOREIGN);
    assert_kaal(kaal_broker_release(&client, handle));
    assert_kaal_error(kaal_broker_release(&client, handle), KAAL_ERR_DOUBLE_FREE);
    assert_kaal_error(kaal_broker_release(&client, 0), KAAL_ERR_FOREIGN);
    assert_kaal_error(kaal_broker_release(&client, handle + 100), KAAL_ERR_FOREIGN);
    assert_kaal_error(kaal_broker_release(&client, UINT64_MAX), KAAL_ERR_FOREIGN);
}

static const struct kaal_system_channel channel_line = {
    .name = "serial", .ends = {0, 1}, .message_bytes = 1, .capacity = 4096};

static void test_channel_ends_are_distinct_and_one_sided(void)
{
    start();
    static struct kaal_broker_channel channel;
    struct kaal_resource ends[2];
    assert_kaal(kaal_broker_channel_create(&channel, &broker, &channel_line, &driver, &client,
                                           2 * PAGE + 1));
    assert_int_equal(channel.region_bytes, 3 * PAGE);
    assert_kaal(kaal_broker_channel_connect(&channel, 0, &ends[0]));
    assert_kaal(kaal_broker_channel_connect(&channel, 1, &ends[1]));
    assert_string_equal(ends[0].name, "serial");
    assert_int_equal(ends[0].channel.capacity, 4096);
    uint8_t *own[2];
    const uint8_t *peer[2];
    struct kaal_account *accounts[2] = {&driver, &client};
    for (unsigned i = 0; i < 2; i++) {
        enter_vspace(accounts[i]->vspace.root);
        own[i] = kernel_host_translate(ends[i].channel.own_vaddr + PAGE, true);
        peer[i] = kernel_host_translate(ends[i].channel.peer_vaddr + PAGE, false);
        assert_non_null(own[i]);
        assert_non_null(peer[i]);
        assert_null(kernel_host_translate(ends[i].channel.peer_vaddr + PAGE, true));
        enter_vspace(seL4_CapInitThreadVSpace);
    }
    assert_ptr_equal(own[0], peer[1]);
    assert_ptr_equal(own[1], peer[0]);
    assert_ptr_not_equal(own[0], own[1]);
}

static void test_doorbells_ring_the_peer_only_and_cannot_listen(void)
{
    start();
    static struct kaal_broker_channel channels[2];
    struct kaal_resource ends[2][2];
    for (unsigned i = 0; i < 2; i++) {
        assert_kaal(kaal_broker_channel_create(&channels[i], &broker, &channel_line, &driver,
                                               &client, PAGE));
        assert_kaal(kaal_broker_channel_connect(&channels[i], 0, &ends[i][0]));
        assert_kaal(kaal_broker_channel_connect(&channels[i], 1, &ends[i][1]));
    }
    assert_int_not_equal(ends[0][1].channel.badge_bit, ends[1][1].channel.badge_bit);
    for (unsigned i = 0; i < 2; i++) {
        seL4_CPtr doorbell = look_at(&driver, ends[i][0].channel.doorbell);
        seL4_Word badge = 0;
        seL4_Signal(doorbell);
        seL4_Poll(client.notification, &badge);
        assert_int_equal(badge, BIT64(63) | BIT64(ends[i][1].channel.badge_bit));
        badge = 0;
        seL4_Poll(driver.notification, &badge);
        assert_int_equal(badge, 0);
    }
}

static void test_channel_survives_the_restart_of_an_end(void)
{
    start();
    static struct kaal_broker_channel channel;
    struct kaal_resource ends[2];
    assert_kaal(
        kaal_broker_channel_create(&channel, &broker, &channel_line, &driver, &client, PAGE));
    assert_kaal(kaal_broker_channel_connect(&channel, 0, &ends[0]));
    assert_kaal(kaal_broker_channel_connect(&channel, 1, &ends[1]));
    enter_vspace(client.vspace.root);
    uint8_t *own = kernel_host_translate(ends[1].channel.own_vaddr, true);
    own[7] = 0x5A;
    enter_vspace(seL4_CapInitThreadVSpace);
    kaal_account_stop(&client);
    assert_kaal_error(kaal_broker_channel_connect(&channel, 1, &ends[1]), KAAL_ERR_STATE);
    assert_kaal(kaal_account_start(&client, 0, WINDOW, WINDOW_BYTES));
    uint32_t bit = ends[1].channel.badge_bit;
    assert_kaal(kaal_broker_channel_connect(&channel, 1, &ends[1]));
    assert_int_equal(ends[1].channel.badge_bit, bit);
    enter_vspace(client.vspace.root);
    own = kernel_host_translate(ends[1].channel.own_vaddr, true);
    assert_int_equal(own[7], 0x5A);
    enter_vspace(seL4_CapInitThreadVSpace);
    /* The driver's old doorbell rings the new instance. */
    seL4_Word badge = 0;
    seL4_Signal(look_at(&driver, ends[0].channel.doorbell));
    seL4_Poll(client.notification, &badge);
    assert_int_equal(badge, BIT64(63) | BIT64(bit));
}

/* A client's buffers can be a driver's: both regions are where the driver's device is told. */
static void test_channel_of_a_driver_has_a_bus_address(void)
{
    start();
    static struct kaal_broker_channel channel;
    static struct kaal_system_component no_devices;
    struct kaal_resource ends[2];
    struct kaal_resource dma;
    no_devices = *client.ceiling;
    no_devices.selector_count = 0;
    client.ceiling = &no_devices;
    assert_kaal(
        kaal_broker_channel_create(&channel, &broker, &channel_line, &driver, &client, 3 * PAGE));
    for (uint32_t end = 0; end < 2; end++) {
        assert_kaal(kaal_broker_channel_connect(&channel, end, &ends[end]));
    }
    assert_false(kaal_broker_channel_bus(&channel, 1, &ends[1], &dma)); /* it has no device */
    assert_true(kaal_broker_channel_bus(&channel, 0, &ends[0], &dma));
    assert_int_equal(dma.kind, KAAL_RESOURCE_DMA);
    assert_int_not_equal(dma.device, 0); /* never taken for a device's own memory */
    assert_int_equal(dma.dma.bytes, 6 * PAGE);
    assert_int_equal(dma.dma.bus % PAGE, 0);
    assert_int_equal(ends[0].channel.own_vaddr, dma.dma.vaddr);
    assert_int_equal(ends[0].channel.peer_vaddr, dma.dma.vaddr + 3 * PAGE);
    /* Both regions are one block of memory: its pages follow each other. */
    enter_vspace(driver.vspace.root);
    const uint8_t *first = kernel_host_translate(dma.dma.vaddr, false);
    for (uint64_t page = 0; page < 6; page++) {
        assert_ptr_equal(kernel_host_translate(dma.dma.vaddr + page * PAGE, false),
                         first + page * PAGE);
    }
    assert_null(kernel_host_translate(ends[0].channel.peer_vaddr, true));
    enter_vspace(seL4_CapInitThreadVSpace);
    assert_kaal(
        kaal_broker_channel_create(&channel, &broker, &channel_line, &driver, &client, 129 * PAGE));
    assert_false(kaal_broker_channel_bus(&channel, 0, &ends[0], &dma)); /* too large */
}

static void test_channel_sizes_are_bounded(void)
{
    start();
    static struct kaal_broker_channel channel;
    struct fixture_counts before = fixture_count();
    assert_kaal_error(
        kaal_broker_channel_create(&channel, &broker, &channel_line, &driver, &client, 0),
        KAAL_ERR_RANGE);
    assert_kaal_error(
        kaal_broker_channel_create(&channel, &broker, &channel_line, &driver, &client, UINT64_MAX),
        KAAL_ERR_RANGE);
    assert_kaal_error(
        kaal_broker_channel_create(&channel, &broker, &channel_line, &driver, &client, 16 << 20),
        KAAL_ERR_NO_MEMORY);
    struct fixture_counts after = fixture_count();
    fixture_assert_equal(&before, &after);
    assert_kaal(
        kaal_broker_channel_create(&channel, &broker, &channel_line, &driver, &client, 300 * PAGE));
    struct kaal_resource end;
    assert_kaal_error(kaal_broker_channel_connect(&channel, 2, &end), KAAL_ERR_INVALID);
    client.usage.slots_max = 0;
    assert_kaal(kaal_broker_channel_connect(&channel, 1, &end));
    enter_vspace(client.vspace.root);
    assert_non_null(kernel_host_translate(end.channel.own_vaddr + 299 * PAGE, true));
    assert_non_null(kernel_host_translate(end.channel.peer_vaddr + 299 * PAGE, false));
    enter_vspace(seL4_CapInitThreadVSpace);
}

static void test_sources_run_out_of_badge_bits(void)
{
    start();
    uint32_t bit;
    uint64_t seen = 0;
    for (unsigned i = 0; i < 63; i++) {
        assert_kaal(kaal_account_badge_bit(&client, false, &bit));
        assert_true(bit < 63);
        assert_int_equal(seen >> bit & 1, 0);
        seen |= BIT64(bit);
    }
    assert_kaal_error(kaal_account_badge_bit(&client, false, &bit), KAAL_ERR_NO_SPACE);
    kaal_handle handle;
    struct kaal_resource irq;
    assert_kaal_error(kaal_broker_request_irq(&client, NET_IRQ, &handle, &irq), KAAL_ERR_NO_SPACE);
    kaal_account_stop(&client);
    assert_kaal(kaal_account_start(&client, 0, WINDOW, WINDOW_BYTES));
    assert_kaal(kaal_broker_request_irq(&client, NET_IRQ, &handle, &irq));
}

static void test_component_slots_are_placed_listed_and_run_out(void)
{
    start();
    struct kaal_holding_record record = {.name = "broker", .kind = KAAL_HOLDING_ENDPOINT};
    seL4_CPtr endpoint;
    seL4_CPtr cap;
    assert_kaal(kaal_arena_allocate(&broker.arena, seL4_EndpointObject, 0, 1, &endpoint));
    client.usage.slots_max = 0;
    for (unsigned i = 1; i < KAAL_ACCOUNT_SLOTS; i++) {
        assert_kaal(kaal_account_place(&client, endpoint, seL4_CapRights_new(1, 0, 0, 1), i,
                                       &record, &cap));
        assert_int_equal(cap, i);
    }
    assert_kaal_error(kaal_account_place(&client, endpoint, seL4_AllRights, 1, &record, &cap),
                      KAAL_ERR_NO_SLOT);
    struct kaal_holding_record listed;
    assert_kaal(kaal_account_holding(&client, 4, &listed));
    assert_string_equal(listed.name, "broker");
    assert_int_equal(listed.cap, 5);
    assert_int_equal(listed.rights, 9);
    assert_kaal_error(kaal_account_holding(&client, KAAL_ACCOUNT_SLOTS, &listed),
                      KAAL_ERR_NOT_FOUND);
    kaal_account_stop(&client);
    assert_kaal_error(kaal_account_holding(&client, 0, &listed), KAAL_ERR_NOT_FOUND);
    assert_kaal_error(kaal_account_place(&client, endpoint, seL4_AllRights, 1, &record, &cap),
                      KAAL_ERR_STATE);
}

static void test_holdings_match_the_bundle_exactly(void)
{
    start();
    struct kaal_bundle bundle;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    static const struct {
        const char *name;
        uint32_t kind;
    } expected[] = {
        {"regs", KAAL_HOLDING_REGISTERS}, {"irq", KAAL_HOLDING_IRQ}, {"ring", KAAL_HOLDING_DMA}};
    struct kaal_holding_record record;
    for (uint32_t i = 0; i < ARRAY_COUNT(expected); i++) {
        assert_kaal(kaal_account_holding(&driver, i, &record));
        assert_string_equal(record.name, expected[i].name);
        assert_int_equal(record.kind, expected[i].kind);
    }
    assert_kaal_error(kaal_account_holding(&driver, ARRAY_COUNT(expected), &record),
                      KAAL_ERR_NOT_FOUND);
    assert_kaal(kaal_broker_release(&driver, bundle.handle));
    assert_kaal_error(kaal_account_holding(&driver, 0, &record), KAAL_ERR_NOT_FOUND);
}

/* A component's whole life, again and again: every count is what it was. */
static void test_a_thousand_deaths_lose_nothing(void)
{
    start();
    static struct kaal_broker_channel channel;
    assert_kaal(
        kaal_broker_channel_create(&channel, &broker, &channel_line, &driver, &client, 2 * PAGE));
    struct kaal_memory_record first = {0};
    uint32_t records = 0;
    for (unsigned round = 0; round < 1000; round++) {
        struct kaal_bundle bundle;
        struct kaal_resource end;
        kaal_handle handle;
        uint64_t vaddr;
        uint64_t bytes;
        seL4_CPtr objects;
        kaal_account_stop(&driver);
        kaal_account_stop(&client);
        assert_kaal(kaal_account_start(&driver, 128 << 10, WINDOW, WINDOW_BYTES));
        assert_kaal(kaal_account_start(&client, 0, WINDOW, WINDOW_BYTES));
        assert_kaal(kaal_arena_allocate(&driver.arena, kaal_frame_type(12), 12, 10, &objects));
        assert_kaal(kaal_vspace_map(&driver.vspace, objects, 10, 0x400000, 12, KAAL_MAP_READ));
        assert_kaal(kaal_arena_allocate(&driver.arena, seL4_TCBObject, 0, 1, &objects));
        assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
        assert_kaal(kaal_broker_channel_connect(&channel, 0, &end));
        assert_kaal(kaal_broker_channel_connect(&channel, 1, &end));
        assert_kaal(kaal_broker_allocate_memory(&client, 5 * PAGE, &handle, &vaddr, &bytes));
        struct kaal_memory_record now;
        kaal_broker_memory(&broker, &now);
        if (round == 0) {
            first = now;
            records = fixture.untyped.free_record_count;
        }
        assert_memory_equal(&first, &now, sizeof(now));
        assert_int_equal(fixture.untyped.free_record_count, records);
    }
}

static void test_a_component_starts_once(void)
{
    start();
    assert_kaal_error(kaal_account_start(&client, 0, WINDOW, WINDOW_BYTES), KAAL_ERR_STATE);
    kaal_account_stop(&client);
    kaal_account_stop(&client); /* harmless */
    struct kaal_bundle bundle;
    kaal_handle handle;
    uint64_t vaddr;
    uint64_t bytes;
    struct kaal_resource irq;
    const struct kaal_device_selector serial = kaal_serial(0);
    assert_kaal_error(kaal_broker_request_device(&client, &serial, 0, &bundle), KAAL_ERR_STATE);
    assert_kaal_error(kaal_broker_allocate_memory(&client, PAGE, &handle, &vaddr, &bytes),
                      KAAL_ERR_STATE);
    assert_kaal_error(kaal_broker_request_irq(&client, NET_IRQ, &handle, &irq), KAAL_ERR_STATE);
}

static void test_start_that_fails_takes_nothing(void)
{
    start();
    kaal_account_stop(&client);
    (void)fixture_free_slots_after_merging();
    struct state before = state_now();
    struct kaal_system_component poor = client_line;
    struct kaal_account account;
    assert_kaal(kaal_account_open(&account, &broker, &poor, NULL));
    before = state_now();
    for (uint64_t quota = 4096; quota <= 3 * PAGE; quota += 4096) {
        poor.memory_bytes = quota;
        int error = kaal_account_start(&account, 0, WINDOW, WINDOW_BYTES);
        if (error == KAAL_OK) {
            kaal_account_stop(&account);
        } else {
            assert_int_equal(error, KAAL_ERR_QUOTA_MEMORY);
        }
        assert_false(account.running);
        struct state after = state_now();
        assert_same_state(&before, &after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_bundle_has_what_the_driver_declared),
        HARNESS_TEST(test_interrupt_reaches_the_drivers_notification),
        HARNESS_TEST(test_second_request_is_refused_and_release_frees_the_device),
        HARNESS_TEST(test_release_and_request_again_lose_nothing),
        HARNESS_TEST(test_unknown_and_forbidden_devices_are_told_apart),
        HARNESS_TEST(test_failed_bundle_leaves_nothing_taken),
        HARNESS_TEST(test_declaration_that_asks_for_more_than_the_device_has_is_refused),
        HARNESS_TEST(test_registers_the_kernel_did_not_hand_over_are_refused),
        HARNESS_TEST(test_a_page_has_one_owner),
        HARNESS_TEST(test_large_ranges_use_large_frames),
        HARNESS_TEST(test_console_shares_the_drivers_registers),
        HARNESS_TEST(test_interrupts_conflict_and_are_within_the_ceiling),
        HARNESS_TEST(test_memory_is_disjoint_mapped_and_zero),
        HARNESS_TEST(test_memory_is_bound_by_right_and_quota),
        HARNESS_TEST(test_handles_are_checked),
        HARNESS_TEST(test_channel_ends_are_distinct_and_one_sided),
        HARNESS_TEST(test_doorbells_ring_the_peer_only_and_cannot_listen),
        HARNESS_TEST(test_channel_survives_the_restart_of_an_end),
        HARNESS_TEST(test_channel_of_a_driver_has_a_bus_address),
        HARNESS_TEST(test_channel_sizes_are_bounded),
        HARNESS_TEST(test_sources_run_out_of_badge_bits),
        HARNESS_TEST(test_component_slots_are_placed_listed_and_run_out),
        HARNESS_TEST(test_holdings_match_the_bundle_exactly),
        HARNESS_TEST(test_a_thousand_deaths_lose_nothing),
        HARNESS_TEST(test_a_component_starts_once),
        HARNESS_TEST(test_start_that_fails_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
