/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A device goes from one component to another: what each has before and after, every refusal, and
 * the end of either. That every step can fail is in test_transactions.c, what a device behind an
 * IOMMU sees in test_io_space.c.
 */
#include "broker_fixture.h"

#include <string.h>

#include <arch/host_entry.h>
#include <kaal/bits.h>

static struct kaal_system_component giver_line;
static struct kaal_system_component taker_line;
static struct kaal_bundle bundle;

/* `driver` has the serial port and may delegate to `client`, whose devices line allows it. */
static void start_giver(void)
{
    start();
    giver_line = driver_line;
    giver_line.delegate_count = 1;
    giver_line.delegates[0] = 1;
    taker_line = client_line;
    driver.ceiling = &giver_line;
    client.ceiling = &taker_line;
    driver.index = 0;
    client.index = 1;
    /* Page tables stay with a component, so that counts compare once both have had the device. */
    assert_kaal(kaal_broker_request_device(&client, &client_line.selectors[1], 1, &bundle));
    assert_kaal(kaal_broker_release(&client, bundle.handle));
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
}

static seL4_Word take_badge(const struct kaal_account *account)
{
    seL4_Word badge = 0;
    kernel_host_advance(1);
    (void)seL4_Poll(account->notification, &badge);
    return badge;
}

static bool maps(const struct kaal_account *account, uint64_t vaddr)
{
    enter_vspace(account->vspace.root);
    bool mapped = kernel_host_translate(vaddr, false) != NULL;
    enter_vspace(seL4_CapInitThreadVSpace);
    return mapped;
}

static struct kaal_resource resource_of(struct kaal_account *account, kaal_handle handle,
                                        uint32_t index)
{
    struct kaal_resource resource;
    assert_kaal(kaal_broker_bundle_resource(account, handle, index, &resource));
    return resource;
}

static void test_taker_has_what_the_giver_had(void)
{
    start_giver();
    kaal_handle handle;
    uint32_t count;
    struct kaal_holding_record record;
    struct kaal_resource ignored;
    uint64_t ring_vaddr = bundle.resources[2].dma.vaddr;
    assert_kaal(kaal_broker_release(&driver, bundle.handle)); /* page tables stay */
    struct kaal_usage without = driver.usage;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_true(maps(&driver, ring_vaddr));

    assert_kaal(kaal_broker_delegate(&driver, bundle.handle, &client, KAAL_MAP_READ, &handle));
    assert_ptr_equal(registry.devices[0].holder, &client);
    assert_string_equal(registry.devices[0].record.owner, "client");
    assert_false(maps(&driver, ring_vaddr));
    assert_memory_equal(&driver.usage, &without, sizeof(without)); /* no frame is mapped either */
    assert_null(driver.grants);
    assert_int_equal(kaal_account_holding(&driver, 0, &record), KAAL_ERR_NOT_FOUND);
    assert_int_equal(driver.badge_bits, 0);
    assert_kaal_error(kaal_broker_release(&driver, bundle.handle), KAAL_ERR_DOUBLE_FREE);
    assert_kaal_error(kaal_broker_release(&driver, handle), KAAL_ERR_FOREIGN);
    assert_kaal_error(kaal_broker_bundle_open(&driver, handle, &count), KAAL_ERR_NOT_FOUND);

    assert_kaal(kaal_broker_bundle_open(&client, handle, &count));
    assert_int_equal(count, 2);
    struct kaal_resource regs = resource_of(&client, handle, 0);
    struct kaal_resource irq = resource_of(&client, handle, 1);
    assert_kaal_error(kaal_broker_bundle_resource(&client, handle, 2, &ignored),
                      KAAL_ERR_NOT_FOUND);
    assert_string_equal(regs.name, "range0");
    assert_string_equal(irq.name, "irq0");
    assert_int_equal(regs.device, taker_line.selector_count);
    assert_int_equal(regs.registers.paddr, bundle.resources[0].registers.paddr);
    assert_int_equal(irq.irq.number, UART_IRQ);
    kaal_handle found;
    assert_kaal(kaal_broker_bundle_find(&client, regs.device, &found));
    assert_int_equal(found, handle);
    assert_kaal_error(kaal_broker_bundle_find(&client, 77, &found), KAAL_ERR_NOT_FOUND);

    /* The log says so. */
    struct kaal_audit_record audit;
    assert_kaal(kaal_broker_audit_read(&broker, broker.audit_count - 3, &audit));
    assert_int_equal(audit.operation, KAAL_AUDIT_DELEGATE);
    assert_string_equal(audit.component, "serial0");
    assert_string_equal(audit.object, "client");
    assert_int_equal(audit.argument, bundle.handle);
    assert_int_equal(audit.result, KAAL_OK);
}

/* The line stays direct; one that the giver had not acknowledged does not block the taker. */
static void check_interrupts(bool pending)
{
    kaal_handle handle;
    uint32_t count;
    start_giver();
    if (pending) {
        kernel_host_raise_irq(UART_IRQ);
        assert_int_not_equal(take_badge(&driver), 0);
    }
    assert_kaal(kaal_broker_delegate(&driver, bundle.handle, &client, KAAL_MAP_READ, &handle));
    assert_kaal(kaal_broker_bundle_open(&client, handle, &count));
    struct kaal_resource irq = resource_of(&client, handle, 1);
    seL4_CPtr handler = look_at(&client, irq.irq.cap);
    for (uint32_t i = 0; i < 3; i++) {
        kernel_host_raise_irq(UART_IRQ);
        assert_int_equal(take_badge(&client), BIT64(63) | BIT64(irq.irq.badge_bit));
        assert_int_equal(take_badge(&driver), 0);
        assert_int_equal(seL4_IRQHandler_Ack(handler), seL4_NoError);
    }
}

static void test_interrupts_go_to_the_taker(void)
{
    check_interrupts(false);
}

static void test_interrupt_that_the_giver_left_does_not_block_the_taker(void)
{
    check_interrupts(true);
}

/* A refusal names its reason, and the giver has the device as before. */
static void refused(struct kaal_account *peer, int error)
{
    kaal_handle handle;
    struct state before = state_now();
    assert_kaal_error(kaal_broker_delegate(&driver, bundle.handle, peer, KAAL_MAP_READ, &handle),
                      error);
    struct state after = state_now();
    assert_same_state(&before, &after);
    assert_ptr_equal(registry.devices[0].holder, &driver);
    assert_string_equal(registry.devices[0].record.owner, "serial0");
    assert_true(maps(&driver, bundle.resources[2].dma.vaddr));
    kernel_host_raise_irq(UART_IRQ);
    assert_int_equal(take_badge(&driver), BIT64(63) | BIT64(bundle.resources[1].irq.badge_bit));
    seL4_CPtr handler = look_at(&driver, bundle.resources[1].irq.cap);
    assert_int_equal(seL4_IRQHandler_Ack(handler), seL4_NoError);
    assert_kaal(kaal_cspace_delete(&fixture.cspace, handler));
    struct kaal_audit_record audit;
    assert_kaal(kaal_broker_audit_read(&broker, broker.audit_count - 1, &audit));
    assert_int_equal(audit.operation, KAAL_AUDIT_DELEGATE);
    assert_int_equal(audit.result, error);
}

static void test_every_refusal_names_its_reason(void)
{
    static struct kaal_driver_declaration other_driver;
    kaal_handle handle;
    start_giver();
    giver_line.delegate_count = 0;
    refused(&client, KAAL_ERR_DENIED);
    giver_line.delegate_count = 1;
    giver_line.delegates[0] = 0;
    refused(&driver, KAAL_ERR_STATE); /* to itself */
    giver_line.delegates[0] = 1;
    taker_line.selector_count = 1; /* only the other device */
    refused(&client, KAAL_ERR_DENIED_PEER);
    taker_line.selector_count = 2;
    assert_kaal_error(kaal_broker_delegate(&client, bundle.handle, &driver, KAAL_MAP_READ, &handle),
                      KAAL_ERR_FOREIGN);
    assert_kaal_error(kaal_broker_delegate(&driver, 999, &client, KAAL_MAP_READ, &handle),
                      KAAL_ERR_FOREIGN);
    client.usage.slots_max = client.usage.slots + 1;
    refused(&client, KAAL_ERR_QUOTA_SLOTS);
    client.usage.slots_max = client_line.slots_max;
    client.usage.interrupts_max = 1;
    struct kaal_resource irq;
    kaal_handle irq_handle;
    assert_kaal(kaal_broker_request_irq(&client, NET_IRQ, &irq_handle, &irq));
    refused(&client, KAAL_ERR_QUOTA_INTERRUPTS);
    assert_kaal(kaal_broker_release(&client, irq_handle));
    client.usage.interrupts_max = client_line.interrupts_max;

    /* A taker whose driver declares what the device does not have, or DMA memory past its quota. */
    other_driver = uart_driver;
    other_driver.resources[1].index = 5;
    client.declaration = &other_driver;
    refused(&client, KAAL_ERR_UNSUPPORTED);
    other_driver = uart_driver;
    client.usage.bytes_max = client.usage.bytes + PAGE;
    refused(&client, KAAL_ERR_QUOTA_MEMORY);
    client.usage.bytes_max = client_line.memory_bytes;
    client.declaration = NULL;

    /* Not until it has been taken up. */
    assert_kaal(kaal_broker_delegate(&driver, bundle.handle, &client, KAAL_MAP_READ, &handle));
    taker_line.delegate_count = 1;
    taker_line.delegates[0] = 0;
    kaal_handle back;
    assert_kaal_error(kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_READ, &back),
                      KAAL_ERR_BUSY);
    uint32_t count;
    assert_kaal(kaal_broker_bundle_open(&client, handle, &count));
    assert_kaal(kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_READ, &back));
    assert_ptr_equal(registry.devices[0].holder, &driver);
    kaal_account_stop(&client);
    assert_kaal(kaal_broker_bundle_open(&driver, back, &count));
    assert_int_equal(count, 3); /* with the names and the DMA memory that it declares */
    assert_kaal_error(kaal_broker_delegate(&driver, back, &client, KAAL_MAP_READ, &handle),
                      KAAL_ERR_STATE);
}

static void test_device_in_a_page_with_another_of_the_giver_stays(void)
{
    start();
    add_device("test,uart2", 11, 0x4800, 0x100, 41);
    giver_line = driver_line;
    giver_line.delegate_count = 1;
    giver_line.delegates[0] = 1;
    giver_line.selector_count = 2;
    giver_line.selectors[1] =
        (struct kaal_device_selector){.kind = KAAL_SELECT_COMPATIBLE, .id = "test,uart2"};
    driver.ceiling = &giver_line;
    client.index = 1;
    struct kaal_bundle second;
    kaal_handle handle;
    assert_kaal(kaal_broker_request_device(&client, &client_line.selectors[1], 1, &bundle));
    assert_kaal(kaal_broker_release(&client, bundle.handle));
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    assert_kaal(kaal_broker_request_device(&driver, &giver_line.selectors[1], 1, &second));
    refused(&client, KAAL_ERR_BUSY);
    assert_kaal(kaal_broker_release(&driver, second.handle));
    assert_kaal(kaal_broker_delegate(&driver, bundle.handle, &client, KAAL_MAP_READ, &handle));
}

/* Ends of giver and taker, in both orders, before and after it is taken up. */
static void test_death_of_either_leaves_the_counts(void)
{
    struct state states[2];
    start_giver();
    kaal_account_stop(&driver);
    kaal_account_stop(&client);
    for (uint32_t life = 0; life < 8; life++) {
        kaal_handle handle;
        uint32_t count;
        assert_kaal(kaal_account_start(&driver, 0, WINDOW, WINDOW_BYTES));
        assert_kaal(kaal_account_start(&client, 0, WINDOW, WINDOW_BYTES));
        assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
        assert_kaal(kaal_broker_delegate(&driver, bundle.handle, &client, KAAL_MAP_READ, &handle));
        if ((life & 1) != 0) {
            assert_kaal(kaal_broker_bundle_open(&client, handle, &count));
        }
        struct kaal_account *first = (life & 2) != 0 ? &driver : &client;
        struct kaal_account *last = first == &driver ? &client : &driver;
        if ((life & 4) != 0) {
            kaal_account_silence(first);
        }
        kaal_account_stop(first);
        assert_ptr_equal(registry.devices[0].holder, first == &driver ? &client : NULL);
        kaal_account_stop(last);
        assert_null(registry.devices[0].holder);
        assert_string_equal(registry.devices[0].record.owner, "");
        assert_null(broker.lines);
        states[life != 0] = state_now();
        assert_same_state(&states[0], &states[life != 0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_taker_has_what_the_giver_had),
        HARNESS_TEST(test_interrupts_go_to_the_taker),
        HARNESS_TEST(test_interrupt_that_the_giver_left_does_not_block_the_taker),
        HARNESS_TEST(test_every_refusal_names_its_reason),
        HARNESS_TEST(test_device_in_a_page_with_another_of_the_giver_stays),
        HARNESS_TEST(test_death_of_either_leaves_the_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
