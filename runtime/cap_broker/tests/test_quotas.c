/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Quotas that name themselves, shared memory, DMA memory, children, the audit log. */
#include "broker_fixture.h"

#include <string.h>

#define CHILD_MEMORY (UINT64_C(256) << 10)

static kaal_handle handle;
static uint64_t vaddr;
static uint64_t bytes;
static uint32_t children_ended;

static void end_child(struct kaal_account *child)
{
    kaal_account_stop(child);
    children_ended++;
}

/* As start(), with a client that may share with the driver and start children. */
static void start_with_spawn(void)
{
    static struct kaal_system_component line;
    start();
    line = client_line;
    line.delegate_count = 1;
    line.delegates[0] = 1;
    line.spawn = (struct kaal_system_spawn){
        .children_max = 3,
        .slots_max = 200,
        .memory_bytes = 3 * CHILD_MEMORY,
        .cpu_percent = 50,
        .priority_max = 90,
        .image_count = 1,
        .images = {"worker"},
    };
    client.ceiling = &line;
    driver.index = 1;
    broker.end_child = end_child;
    children_ended = 0;
}

static struct kaal_spawn_request worker(void)
{
    return (struct kaal_spawn_request){
        .name = "child",
        .image = "worker",
        .priority = 80,
        .slots_max = 50,
        .budget_us = 1000,
        .period_us = 10000,
        .memory_bytes = CHILD_MEMORY,
    };
}

/* A child of the client as init makes one: its line, its account, its handle. */
struct child {
    struct kaal_system_component line;
    struct kaal_account account;
    kaal_handle handle;
};

static int spawn(struct child *child, const struct kaal_spawn_request *request)
{
    int error = kaal_broker_child_line(&client, request, &child->line);
    if (error == KAAL_OK) {
        assert_kaal(kaal_account_open(&child->account, &broker, &child->line, NULL));
        assert_kaal(kaal_account_start(&child->account, 0, WINDOW, WINDOW_BYTES));
        error = kaal_broker_child_open(&client, &child->account, &child->handle);
    }
    return error;
}

static void test_memory_costs_what_it_is_charged(void)
{
    start();
    for (uint64_t pages = 1; pages < 40; pages++) {
        assert_kaal(kaal_broker_allocate_memory(&client, PAGE, &handle, &vaddr, &bytes));
        assert_kaal(kaal_broker_release(&client, handle)); /* page tables are there now */
        struct kaal_memory_record before;
        struct kaal_memory_record after;
        struct kaal_usage usage = client.usage;
        kaal_broker_memory(&broker, &before);
        assert_kaal(kaal_broker_allocate_memory(&client, pages * PAGE, &handle, &vaddr, &bytes));
        kaal_broker_memory(&broker, &after);
        assert_int_equal(client.usage.bytes - usage.bytes, pages * PAGE);
        assert_int_equal(client.usage.frames - usage.frames, pages);
        assert_int_equal(before.untyped_free_bytes - after.untyped_free_bytes, pages * PAGE);
        assert_kaal(kaal_broker_release(&client, handle));
    }
}

static void test_no_more_than_the_quota_is_set_aside(void)
{
    start();
    kaal_account_stop(&client);
    uint64_t before = fixture.untyped.free_bytes;
    assert_kaal(kaal_account_start(&client, 8 << 20, WINDOW, WINDOW_BYTES));
    assert_int_equal(before - fixture.untyped.free_bytes, client_line.memory_bytes);
    kaal_account_stop(&client);
    assert_int_equal(fixture.untyped.free_bytes, before);
}

static void test_each_quota_names_itself(void)
{
    start();
    struct kaal_resource irq;
    client.usage.bytes_max = client.usage.bytes + 2 * PAGE;
    assert_kaal_error(kaal_broker_allocate_memory(&client, 3 * PAGE, &handle, &vaddr, &bytes),
                      KAAL_ERR_QUOTA_MEMORY);
    client.usage.bytes_max = 0;
    client.usage.slots_max = client.usage.slots + 2;
    assert_kaal_error(kaal_broker_allocate_memory(&client, 3 * PAGE, &handle, &vaddr, &bytes),
                      KAAL_ERR_QUOTA_SLOTS);
    client.usage.slots_max = 0;
    client.usage.interrupts_max = 1;
    assert_kaal(kaal_broker_request_irq(&client, NET_IRQ, &handle, &irq));
    assert_int_equal(client.usage.interrupts, 1);
    kaal_handle second;
    assert_kaal_error(kaal_broker_request_irq(&client, UART_IRQ, &second, &irq),
                      KAAL_ERR_QUOTA_INTERRUPTS);
    assert_kaal(kaal_broker_release(&client, handle));
    assert_int_equal(client.usage.interrupts, 0);
    assert_kaal(kaal_broker_request_irq(&client, UART_IRQ, &second, &irq));
}

static void test_dma_memory_is_contiguous_aligned_and_for_drivers_only(void)
{
    start();
    struct kaal_dma_resource dma;
    for (uint64_t alignment = PAGE; alignment <= 1 << 20; alignment *= 4) {
        for (unsigned uncached = 0; uncached < 2; uncached++) {
            assert_kaal(kaal_broker_allocate_dma(&driver, 3 * PAGE - 5, alignment, uncached == 1,
                                                 &handle, &dma));
            assert_int_equal(dma.bus % alignment, 0);
            assert_int_equal(dma.bytes, 3 * PAGE);
            unsigned char *memory = kernel_host_memory(dma.bus);
            assert_non_null(memory);
            enter_vspace(driver.vspace.root);
            for (uint64_t page = 0; page < 3; page++) {
                assert_ptr_equal(kernel_host_translate(dma.vaddr + page * PAGE, true),
                                 memory + page * PAGE);
            }
            enter_vspace(seL4_CapInitThreadVSpace);
            assert_kaal(kaal_broker_release(&driver, handle));
        }
    }
    assert_kaal_error(kaal_broker_allocate_dma(&driver, 0, PAGE, false, &handle, &dma),
                      KAAL_ERR_INVALID);
    assert_kaal_error(kaal_broker_allocate_dma(&driver, PAGE, 3, false, &handle, &dma),
                      KAAL_ERR_ALIGN);
    struct kaal_system_component line = client_line;
    line.selector_count = 0;
    client.ceiling = &line;
    assert_kaal_error(kaal_broker_allocate_dma(&client, PAGE, PAGE, false, &handle, &dma),
                      KAAL_ERR_DENIED);
    client.ceiling = &client_line;
}

static void test_shared_memory_is_the_same_memory_with_the_given_rights(void)
{
    start_with_spawn();
    struct kaal_system_component line = *client.ceiling;
    line.memory_bytes = 2 << 20; /* more than one run of pages */
    client.ceiling = &line;
    client.usage.bytes_max = 0;
    client.usage.slots_max = 0;
    for (unsigned writable = 0; writable < 2; writable++) {
        uint32_t how = KAAL_MAP_READ | (writable == 1 ? KAAL_MAP_WRITE : 0);
        kaal_handle shared;
        uint64_t shared_vaddr;
        uint64_t shared_bytes;
        assert_kaal(kaal_broker_allocate_memory(&client, 300 * PAGE, &handle, &vaddr, &bytes));
        assert_kaal(kaal_broker_delegate(&client, handle, &driver, how, &shared));
        assert_kaal(kaal_broker_memory_of(&driver, shared, &shared_vaddr, &shared_bytes));
        assert_int_equal(shared_bytes, bytes);
        static const void *pages[300];
        enter_vspace(client.vspace.root);
        for (uint64_t page = 0; page < 300; page++) {
            pages[page] = kernel_host_translate(vaddr + page * PAGE, true);
        }
        enter_vspace(driver.vspace.root);
        for (uint64_t page = 0; page < 300; page++) {
            assert_ptr_equal(kernel_host_translate(shared_vaddr + page * PAGE, false), pages[page]);
            assert_int_equal(kernel_host_translate(shared_vaddr + page * PAGE, true) != NULL,
                             writable);
        }
        enter_vspace(seL4_CapInitThreadVSpace);
        assert_kaal(kaal_broker_release(&client, handle)); /* ends the share as well */
        assert_kaal_error(kaal_broker_memory_of(&driver, shared, &vaddr, &bytes),
                          KAAL_ERR_NOT_FOUND);
        assert_kaal_error(kaal_broker_release(&driver, shared), KAAL_ERR_DOUBLE_FREE);
        enter_vspace(driver.vspace.root);
        assert_null(kernel_host_translate(shared_vaddr, false));
        enter_vspace(seL4_CapInitThreadVSpace);
    }
}

static void test_sharing_is_charged_to_the_owner_and_given_back(void)
{
    start_with_spawn();
    kaal_handle shared;
    assert_kaal(kaal_broker_allocate_memory(&client, 10 * PAGE, &handle, &vaddr, &bytes));
    assert_kaal(kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_READ, &shared));
    assert_kaal(kaal_broker_release(&driver, shared)); /* page tables are there now */
    struct state before = state_now();
    for (unsigned end = 0; end < 2; end++) {
        assert_kaal(kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_READ, &shared));
        assert_int_equal(client.usage.slots, before.client.slots + 10);
        assert_int_equal(driver.usage.slots, before.driver.slots);
        assert_kaal(kaal_broker_release(&driver, shared));
        struct state after = state_now();
        assert_same_state(&before, &after);
    }
    /* With several sharers, and the death of one of them, and then of the owner. */
    kaal_handle third;
    assert_kaal(kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_READ, &shared));
    assert_kaal(kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_READ, &third));
    kaal_account_stop(&driver);
    assert_int_equal(client.usage.slots, before.client.slots);
    assert_kaal(kaal_account_start(&driver, 0, WINDOW, WINDOW_BYTES));
    assert_kaal(kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_READ, &shared));
    kaal_account_stop(&client);
    assert_null(driver.grants);
}

static void test_sharing_is_refused_outside_the_ceiling(void)
{
    start_with_spawn();
    kaal_handle shared;
    struct kaal_dma_resource dma;
    assert_kaal(kaal_broker_allocate_memory(&client, PAGE, &handle, &vaddr, &bytes));
    assert_kaal_error(kaal_broker_delegate(&driver, handle, &client, KAAL_MAP_READ, &shared),
                      KAAL_ERR_FOREIGN);
    assert_kaal_error(kaal_broker_delegate(&client, handle, &client, KAAL_MAP_READ, &shared),
                      KAAL_ERR_DENIED);
    assert_kaal_error(kaal_broker_delegate(&client, 999, &driver, KAAL_MAP_READ, &shared),
                      KAAL_ERR_FOREIGN);
    assert_kaal_error(kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_WRITE, &shared),
                      KAAL_ERR_INVALID);
    assert_kaal_error(
        kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_READ | KAAL_MAP_EXECUTE, &shared),
        KAAL_ERR_INVALID);
    /* Not on: whoever got it by sharing does not own it. And nothing but memory. */
    assert_kaal(kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_READ, &shared));
    struct kaal_system_component line = *driver.ceiling;
    const struct kaal_system_component *own_line = driver.ceiling;
    line.delegate_count = 1;
    line.delegates[0] = client.index;
    driver.ceiling = &line;
    kaal_handle again;
    assert_kaal_error(kaal_broker_delegate(&driver, shared, &client, KAAL_MAP_READ, &again),
                      KAAL_ERR_UNSUPPORTED);
    assert_kaal(kaal_broker_allocate_dma(&driver, PAGE, PAGE, false, &again, &dma));
    assert_kaal_error(kaal_broker_delegate(&driver, again, &client, KAAL_MAP_READ, &shared),
                      KAAL_ERR_UNSUPPORTED);
    driver.ceiling = own_line;
    kaal_account_stop(&driver);
    assert_kaal_error(kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_READ, &shared),
                      KAAL_ERR_STATE);
}

static void test_children_are_within_the_ceiling(void)
{
    start_with_spawn();
    struct kaal_system_component line;
    struct kaal_spawn_request request = worker();
    assert_kaal(kaal_broker_child_line(&client, &request, &line));
    assert_string_equal(line.name, "child");
    assert_int_equal(line.restart, KAAL_RESTART_NEVER);
    assert_int_equal(line.selector_count, 0);
    assert_int_equal(line.spawn.children_max, 0);
    assert_kaal_error(kaal_broker_child_line(&driver, &request, &line), KAAL_ERR_DENIED);
    request.priority = 91;
    assert_kaal_error(kaal_broker_child_line(&client, &request, &line), KAAL_ERR_DENIED);
    request = worker();
    strcpy(request.image, "other");
    assert_kaal_error(kaal_broker_child_line(&client, &request, &line), KAAL_ERR_DENIED);
    request = worker();
    request.elf_bytes = 100; /* not from bytes */
    assert_kaal_error(kaal_broker_child_line(&client, &request, &line), KAAL_ERR_DENIED);
    request = worker();
    request.allow = KAAL_ALLOW_DEVICES; /* the client has it, but cannot pass it on */
    assert_kaal_error(kaal_broker_child_line(&client, &request, &line), KAAL_ERR_DENIED);
    request.allow = KAAL_ALLOW_MEMORY;
    assert_kaal(kaal_broker_child_line(&client, &request, &line));
    request = worker();
    strcpy(request.name, "../x");
    assert_kaal_error(kaal_broker_child_line(&client, &request, &line), KAAL_ERR_INVALID);
    request = worker();
    memset(request.arguments, 'x', sizeof(request.arguments));
    assert_kaal_error(kaal_broker_child_line(&client, &request, &line), KAAL_ERR_INVALID);
    request = worker();
    request.period_us = 0;
    assert_kaal_error(kaal_broker_child_line(&client, &request, &line), KAAL_ERR_INVALID);
    request = worker();
    request.memory_bytes = 0;
    assert_kaal_error(kaal_broker_child_line(&client, &request, &line), KAAL_ERR_INVALID);
    kaal_account_stop(&client);
    request = worker();
    assert_kaal_error(kaal_broker_child_line(&client, &request, &line), KAAL_ERR_STATE);
}

static void test_quotas_of_children_name_themselves_and_come_back(void)
{
    start_with_spawn();
    static struct child children[3];
    struct child refused;
    struct kaal_spawn_request request = worker();
    request.memory_bytes = 4 * CHILD_MEMORY;
    assert_kaal_error(spawn(&refused, &request), KAAL_ERR_QUOTA_MEMORY);
    request = worker();
    request.slots_max = 201;
    assert_kaal_error(spawn(&refused, &request), KAAL_ERR_QUOTA_SLOTS);
    request = worker();
    request.budget_us = 5001;
    assert_kaal_error(spawn(&refused, &request), KAAL_ERR_QUOTA_CPU);
    request = worker();
    for (unsigned i = 0; i < 3; i++) {
        assert_kaal(spawn(&children[i], &request));
    }
    assert_kaal_error(spawn(&refused, &request), KAAL_ERR_QUOTA_CHILDREN);
    assert_kaal(kaal_broker_release(&client, children[1].handle));
    assert_int_equal(children_ended, 1);
    assert_null(kaal_broker_child_of(&client, children[1].handle));
    assert_ptr_equal(kaal_broker_child_of(&client, children[2].handle), &children[2].account);
    assert_int_equal(client.children.count, 2);
    request.memory_bytes = CHILD_MEMORY + PAGE;
    assert_kaal_error(spawn(&refused, &request), KAAL_ERR_QUOTA_MEMORY);
    request.memory_bytes = CHILD_MEMORY;
    assert_kaal(spawn(&children[1], &request));
    /* A parent's end is its children's. */
    kaal_account_stop(&client);
    assert_int_equal(children_ended, 4);
    assert_int_equal(client.children.count, 0);
    assert_int_equal(client.children.slots, 0);
    assert_int_equal(client.children.memory_bytes, 0);
    assert_int_equal(client.children.cpu_permille, 0);
}

static void test_a_parent_may_share_with_its_child(void)
{
    start_with_spawn();
    static struct child child;
    struct kaal_spawn_request request = worker();
    kaal_handle shared;
    assert_kaal(spawn(&child, &request));
    child.account.index = 1; /* an index says nothing about a child */
    assert_kaal(kaal_broker_allocate_memory(&client, PAGE, &handle, &vaddr, &bytes));
    assert_kaal(kaal_broker_delegate(&client, handle, &child.account, KAAL_MAP_READ, &shared));
    assert_kaal_error(kaal_broker_delegate(&driver, handle, &child.account, KAAL_MAP_READ, &shared),
                      KAAL_ERR_FOREIGN);
    assert_kaal(kaal_broker_release(&client, child.handle));
    assert_kaal(kaal_broker_release(&client, handle));
}

static void test_a_child_may_have_a_channel_to_its_parent(void)
{
    start_with_spawn();
    static struct child child;
    struct kaal_spawn_request request = worker();
    struct kaal_link link;
    request.message_bytes = 16;
    request.messages = 3; /* no power of two */
    assert_kaal_error(spawn(&child, &request), KAAL_ERR_INVALID);
    request.messages = 1 << 16;
    request.message_bytes = 128; /* over 4 MiB */
    assert_kaal_error(spawn(&child, &request), KAAL_ERR_INVALID);
    request.messages = 16;
    request.message_bytes = 16;
    struct state before = {0};
    for (unsigned round = 0; round < 4; round++) {
        assert_kaal(spawn(&child, &request));
        assert_kaal_error(
            kaal_broker_child_link(&client, child.handle, &request, UINT64_MAX, &link),
            KAAL_ERR_RANGE);
        assert_kaal(kaal_broker_child_link(&client, child.handle, &request, 3 * PAGE, &link));
        assert_string_equal(link.parent_end.name, "child");
        assert_string_equal(link.child_end.name, "parent");
        const struct kaal_channel_resource *ends[2] = {&link.parent_end.channel,
                                                       &link.child_end.channel};
        enter_vspace(client.vspace.root);
        void *parents = kernel_host_translate(ends[0]->own_vaddr + 2 * PAGE, true);
        void *childs = kernel_host_translate(ends[0]->peer_vaddr + 2 * PAGE, false);
        assert_non_null(parents);
        assert_non_null(childs);
        assert_null(kernel_host_translate(ends[0]->peer_vaddr, true));
        enter_vspace(child.account.vspace.root);
        assert_ptr_equal(kernel_host_translate(ends[1]->own_vaddr + 2 * PAGE, true), childs);
        assert_ptr_equal(kernel_host_translate(ends[1]->peer_vaddr + 2 * PAGE, false), parents);
        assert_null(kernel_host_translate(ends[1]->peer_vaddr, true));
        enter_vspace(seL4_CapInitThreadVSpace);
        seL4_CPtr bell = look_at(&client, ends[0]->doorbell);
        seL4_Word badge = 0;
        seL4_Signal(bell);
        seL4_Poll(child.account.notification, &badge);
        assert_int_equal(badge, BIT64(63) | BIT64(ends[1]->badge_bit));
        assert_kaal(kaal_cspace_delete(&fixture.cspace, bell));
        assert_kaal(kaal_broker_release(&client, child.handle));
        struct state now = state_now();
        if (round == 1) { /* page tables, and the child's record, are there now */
            before = now;
        } else if (round > 1) {
            before.records = now.records; /* spawn() opens an account each time */
            before.memory = now.memory;
            before.slots = now.slots;
            assert_same_state(&before, &now);
        }
    }
}

/* A whole life of a child, 10,000 times: every count is what it was. */
static void test_ten_thousand_children_lose_nothing(void)
{
    start_with_spawn();
    static struct child child;
    struct kaal_spawn_request request = worker();
    struct kaal_memory_record first = {0};
    uint32_t records = 0;
    assert_kaal(kaal_broker_child_line(&client, &request, &child.line));
    assert_kaal(kaal_account_open(&child.account, &broker, &child.line, NULL));
    for (unsigned round = 0; round < 10000; round++) {
        seL4_CPtr frames;
        assert_kaal(kaal_broker_child_line(&client, &request, &child.line));
        assert_kaal(kaal_account_start(&child.account, 64 << 10, WINDOW, WINDOW_BYTES));
        assert_kaal(kaal_arena_allocate(&child.account.arena, kaal_frame_type(12), 12, 4, &frames));
        assert_kaal(kaal_vspace_map(&child.account.vspace, frames, 4, 0x400000, 12, KAAL_MAP_READ));
        assert_kaal(kaal_broker_child_open(&client, &child.account, &child.handle));
        assert_kaal(kaal_broker_release(&client, child.handle));
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

static void test_every_decision_is_audited(void)
{
    start_with_spawn();
    struct kaal_audit_record record;
    uint64_t sequence = broker.audit_count;
    assert_kaal(kaal_broker_allocate_memory(&client, PAGE, &handle, &vaddr, &bytes));
    kaal_handle other;
    struct kaal_bundle bundle;
    struct kaal_resource irq;
    struct kaal_dma_resource dma;
    struct kaal_system_component line;
    struct kaal_spawn_request request = worker();
    request.priority = 200;
    (void)!kaal_broker_allocate_memory(&driver, PAGE, &other, &vaddr, &bytes);
    (void)!kaal_broker_request_device(&driver, &any, 0, &bundle);
    (void)!kaal_broker_request_irq(&driver, 7, &other, &irq);
    (void)!kaal_broker_allocate_dma(&driver, 0, PAGE, true, &other, &dma);
    (void)!kaal_broker_delegate(&client, handle, &driver, KAAL_MAP_READ, &other);
    (void)!kaal_broker_child_line(&client, &request, &line);
    (void)!kaal_broker_release(&client, handle);
    static const struct {
        const char *component;
        uint32_t operation;
        int32_t result;
        const char *object;
    } expected[] = {
        {"client", KAAL_AUDIT_MEMORY, KAAL_OK, ""},
        {"serial0", KAAL_AUDIT_MEMORY, KAAL_ERR_DENIED, ""},
        {"serial0", KAAL_AUDIT_DEVICE, KAAL_OK, "auto"},
        {"serial0", KAAL_AUDIT_INTERRUPT, KAAL_ERR_DENIED, ""},
        {"serial0", KAAL_AUDIT_DMA, KAAL_ERR_INVALID, "uncached"},
        {"client", KAAL_AUDIT_DELEGATE, KAAL_OK, "serial0"},
        {"client", KAAL_AUDIT_SPAWN, KAAL_ERR_DENIED, "child"},
        {"client", KAAL_AUDIT_RELEASE, KAAL_OK, ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(expected); i++) {
        assert_kaal(kaal_broker_audit_read(&broker, sequence + i, &record));
        assert_int_equal(record.sequence, sequence + i);
        assert_string_equal(record.component, expected[i].component);
        assert_int_equal(record.operation, expected[i].operation);
        assert_int_equal(record.result, expected[i].result);
        assert_string_equal(record.object, expected[i].object);
    }
    assert_kaal_error(kaal_broker_audit_read(&broker, sequence + ARRAY_COUNT(expected), &record),
                      KAAL_ERR_NOT_FOUND);
    /* The oldest go first, and whoever asks for one of them gets the oldest that is left. */
    for (unsigned i = 0; i < KAAL_AUDIT_RECORDS_MAX; i++) {
        (void)!kaal_broker_release(&client, handle);
    }
    assert_kaal(kaal_broker_audit_read(&broker, 0, &record));
    assert_int_equal(record.sequence, broker.audit_count - KAAL_AUDIT_RECORDS_MAX);
    assert_int_equal(record.result, KAAL_ERR_DOUBLE_FREE);
}

static void test_slots_are_seen_whether_listed_or_not(void)
{
    start();
    uint64_t occupied[KAAL_ACCOUNT_SLOT_WORDS];
    struct kaal_holding_record record = {.name = "bell", .kind = KAAL_HOLDING_NOTIFICATION};
    seL4_CPtr cap;
    uint64_t free_slots = fixture.cspace.free_count;
    kaal_account_slots_occupied(&client, occupied);
    assert_int_equal(occupied[0], 0);
    assert_kaal(kaal_account_place(&client, client.notification, seL4_CanRead, 0, &record, &cap));
    assert_int_equal(seL4_CNode_Copy(client.cnode, 77, KAAL_ACCOUNT_CNODE_BITS, fixture.cspace.root,
                                     driver.notification, fixture.cspace.depth, seL4_AllRights),
                     seL4_NoError);
    kaal_account_slots_occupied(&client, occupied);
    assert_int_equal(occupied[0], BIT64(cap));
    assert_int_equal(occupied[1], BIT64(77 - 64));
    assert_int_equal(occupied[2] | occupied[3], 0);
    assert_int_equal(fixture.cspace.free_count, free_slots);
    kaal_account_stop(&client);
    kaal_account_slots_occupied(&client, occupied);
    assert_int_equal(occupied[0] | occupied[1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_memory_costs_what_it_is_charged),
        HARNESS_TEST(test_no_more_than_the_quota_is_set_aside),
        HARNESS_TEST(test_each_quota_names_itself),
        HARNESS_TEST(test_dma_memory_is_contiguous_aligned_and_for_drivers_only),
        HARNESS_TEST(test_shared_memory_is_the_same_memory_with_the_given_rights),
        HARNESS_TEST(test_sharing_is_charged_to_the_owner_and_given_back),
        HARNESS_TEST(test_sharing_is_refused_outside_the_ceiling),
        HARNESS_TEST(test_children_are_within_the_ceiling),
        HARNESS_TEST(test_quotas_of_children_name_themselves_and_come_back),
        HARNESS_TEST(test_a_parent_may_share_with_its_child),
        HARNESS_TEST(test_a_child_may_have_a_channel_to_its_parent),
        HARNESS_TEST(test_ten_thousand_children_lose_nothing),
        HARNESS_TEST(test_every_decision_is_audited),
        HARNESS_TEST(test_slots_are_seen_whether_listed_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
