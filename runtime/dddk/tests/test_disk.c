/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The block class's client: requests that survive their driver, in the order of submission. The
 * driver's end is played here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sel4/sel4.h>

#include <arch/host_entry.h>
#include <kaal/broker.h>
#include <kaal/class/disk.h>

#define DATA_BYTES 65536u
#define BLOCK      512u

void kaal_startup_set(const struct kaal_startup *page); /* runtime/start */

static struct kaal_startup client_page, driver_page;
static struct kaal_resource *client_end, *driver_end;
static struct kaal_disk disk;
static struct kaal_block_calls_server server;
static seL4_IPCBuffer ipc_buffer;
static void *regions[4];

static void serve_info(void);

/* Every system call of the client is a wait or a doorbell: the driver's turn. */
void kernel_host_syscall(struct kernel_host_regs *regs)
{
    serve_info();
    regs->x[0] = 1;
    regs->x[1] = 0;
}

int kaal_timer_arm(uint64_t deadline_ns)
{
    (void)deadline_ns;
    return KAAL_OK;
}

static struct kaal_resource *add(struct kaal_startup *page, const char *name, void *own, void *peer,
                                 uint32_t bytes, uint32_t message_bytes, uint32_t capacity)
{
    struct kaal_resource *resource = &page->resources[page->resource_count++];

    *resource = (struct kaal_resource){.kind = KAAL_RESOURCE_CHANNEL};
    memcpy(resource->name, name, strlen(name));
    resource->channel = (struct kaal_channel_resource){.own_vaddr = (uintptr_t)own,
                                                       .peer_vaddr = (uintptr_t)peer,
                                                       .region_bytes = bytes,
                                                       .message_bytes = message_bytes,
                                                       .capacity = capacity,
                                                       .doorbell = 1,
                                                       .generation = 1,
                                                       .peer_state = KAAL_PEER_RUNNING};
    return resource;
}

static void *fresh(void *old, uint64_t bytes)
{
    void *memory = NULL;

    free(old);
    assert_int_equal(posix_memalign(&memory, 4096, bytes), 0);
    memset(memory, 0, bytes);
    return memory;
}

static void open_driver(void)
{
    kaal_startup_set(&driver_page);
    assert_int_equal(kaal_block_calls_server_open(&server, driver_end), KAAL_OK);
    kaal_startup_set(&client_page);
}

static int setup(void **state)
{
    uint32_t bytes = (uint32_t)kaal_channel_region_bytes(kaal_block_calls_MESSAGE_BYTES,
                                                         KAAL_BLOCK_REQUESTS_MAX);
    uint32_t data = KAAL_BLOCK_DATA_OFFSET + DATA_BYTES;

    (void)state;
    __sel4_ipc_buffer = &ipc_buffer;
    for (unsigned i = 0; i < 4; i++) {
        regions[i] = fresh(regions[i], i < 2 ? bytes : data);
    }
    client_page = driver_page = (struct kaal_startup){
        .magic = KAAL_STARTUP_MAGIC, .version = KAAL_STARTUP_VERSION, .generation = 1};
    client_end = add(&client_page, "disk", regions[0], regions[1], bytes,
                     kaal_block_calls_MESSAGE_BYTES, KAAL_BLOCK_REQUESTS_MAX);
    (void)add(&client_page, "disk-data", regions[2], regions[3], data, 4096, DATA_BYTES / 4096);
    driver_end = add(&driver_page, "disk", regions[1], regions[0], bytes,
                     kaal_block_calls_MESSAGE_BYTES, KAAL_BLOCK_REQUESTS_MAX);
    open_driver();
    assert_int_equal(kaal_disk_open(&disk, "disk", KAAL_NO_DEADLINE), KAAL_OK);
    return 0;
}

/* A new driver: its generation rises, and the client's page says so. */
static void restart_driver(void)
{
    driver_page.generation++;
    client_end->channel.generation++;
    open_driver();
}

/* Takes the next request; false if there is none. */
static bool take(uint32_t *tag, struct kaal_block_request *request)
{
    kaal_startup_set(&driver_page);
    bool got = kaal_block_calls_next(&server, tag, request) == KAAL_OK;
    kaal_startup_set(&client_page);
    return got;
}

static void answer(uint32_t tag, int status)
{
    const union kaal_block_reply reply = {.info = {.bytes = 1 << 20,
                                                   .block_bytes = BLOCK,
                                                   .transfer_max = DATA_BYTES,
                                                   .data_bytes = DATA_BYTES}};
    assert_int_equal(kaal_block_calls_reply(&server, tag, status, &reply), KAAL_OK);
}

/* The question that opening asks. */
static void serve_info(void)
{
    struct kaal_block_request request;
    uint32_t tag;

    if (disk.info.block_bytes == 0 && take(&tag, &request)) {
        assert_int_equal(request.operation, KAAL_BLOCK_INFO);
        answer(tag, KAAL_OK);
    }
}

static uint32_t submit(uint32_t number)
{
    const struct kaal_block_request request = {.operation = KAAL_BLOCK_WRITE,
                                               .flags = number == 1 ? KAAL_BLOCK_BARRIER : 0,
                                               .bytes = BLOCK,
                                               .offset = number * BLOCK,
                                               .buffer = number * BLOCK};
    uint32_t ticket;

    assert_int_equal(kaal_disk_submit(&disk, &request, &ticket), KAAL_OK);
    return ticket;
}

static void expect_nothing(void)
{
    uint32_t ticket;
    int status;

    assert_int_equal(kaal_disk_collect(&disk, &ticket, &status, NULL), KAAL_ERR_EMPTY);
}

static void expect_end(uint32_t ticket, int expected)
{
    uint32_t got;
    int status;

    assert_int_equal(kaal_disk_collect(&disk, &got, &status, NULL), KAAL_OK);
    assert_int_equal(got, ticket);
    assert_int_equal(status, expected);
}

static void test_opening_asks_what_the_device_is(void **state)
{
    (void)state;
    assert_int_equal(disk.info.bytes, 1 << 20);
    assert_ptr_equal(kaal_disk_out(&disk, BLOCK),
                     (uint8_t *)regions[2] + KAAL_BLOCK_DATA_OFFSET + BLOCK);
    assert_ptr_equal(kaal_disk_in(&disk, 0), (uint8_t *)regions[3] + KAAL_BLOCK_DATA_OFFSET);
    assert_int_equal(kaal_disk_open(&disk, "none", KAAL_NO_DEADLINE), KAAL_ERR_NOT_FOUND);
    client_page.resource_count = 1; /* no data channel */
    assert_int_equal(kaal_disk_open(&disk, "disk", KAAL_NO_DEADLINE), KAAL_ERR_NOT_FOUND);
}

static void test_unanswered_requests_go_to_the_next_driver_in_order(void **state)
{
    struct kaal_block_request request;
    uint32_t tickets[4];
    uint32_t tag;

    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        tickets[i] = submit(i);
    }
    assert_true(take(&tag, &request));
    assert_true(take(&tag, &request)); /* number 1 is acknowledged before the death */
    answer(tag, KAAL_OK);
    restart_driver();
    expect_end(tickets[1], KAAL_OK);
    expect_nothing(); /* the others are lost, and sent again */
    assert_int_equal(disk.submitted_again, 3);
    for (uint32_t i = 0; i < 4; i++) {
        if (i == 1) {
            continue;
        }
        do { /* what the old driver was asked is refused by the calls themselves */
            assert_true(take(&tag, &request));
        } while (request.operation == KAAL_BLOCK_INFO);
        assert_int_equal(request.offset, i * BLOCK);
        assert_int_equal(request.buffer, i * BLOCK);
        answer(tag, i == 3 ? KAAL_ERR_IO : KAAL_OK);
    }
    expect_end(tickets[0], KAAL_OK);
    expect_end(tickets[2], KAAL_OK);
    expect_end(tickets[3], KAAL_ERR_IO);
    assert_int_equal(disk.in_flight, 0);
}

static void test_requests_wait_while_no_driver_runs(void **state)
{
    struct kaal_block_request request;
    uint32_t tag;

    (void)state;
    client_end->channel.peer_state = KAAL_PEER_STOPPED;
    uint32_t first = submit(0);
    uint32_t second = submit(1);
    expect_nothing();
    assert_int_equal(disk.waiting, 2);
    client_end->channel.peer_state = KAAL_PEER_RUNNING;
    restart_driver();
    expect_nothing();
    assert_int_equal(disk.waiting, 0);
    assert_true(take(&tag, &request));
    assert_int_equal(request.offset, 0);
    answer(tag, KAAL_OK);
    assert_true(take(&tag, &request));
    assert_int_equal(request.flags, KAAL_BLOCK_BARRIER);
    answer(tag, KAAL_OK);
    expect_end(first, KAAL_OK);
    expect_end(second, KAAL_OK);
}

static void test_a_driver_that_is_gone_for_ever_is_told(void **state)
{
    uint32_t ticket;
    int status;

    (void)state;
    (void)submit(0);
    client_end->channel.peer_state = KAAL_PEER_GONE;
    assert_int_equal(kaal_disk_collect(&disk, &ticket, &status, NULL), KAAL_ERR_PEER);
}

static void test_tickets_are_bounded(void **state)
{
    const struct kaal_block_request flush = {.operation = KAAL_BLOCK_FLUSH};
    uint32_t ticket;

    (void)state;
    for (uint32_t i = 0; i < KAAL_BLOCK_REQUESTS_MAX; i++) {
        (void)submit(i);
    }
    assert_int_equal(kaal_disk_submit(&disk, &flush, &ticket), KAAL_ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_opening_asks_what_the_device_is, setup),
        cmocka_unit_test_setup(test_unanswered_requests_go_to_the_next_driver_in_order, setup),
        cmocka_unit_test_setup(test_requests_wait_while_no_driver_runs, setup),
        cmocka_unit_test_setup(test_a_driver_that_is_gone_for_ever_is_told, setup),
        cmocka_unit_test_setup(test_tickets_are_bounded, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
