/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The test bench: builds the start-up page from the driver's own declaration and plays the few
 * system calls that a driver makes.
 */
#include <kaal/testing/bench.h>

#include <stdlib.h>
#include <string.h>

#include <sel4/sel4.h>

#include <arch/host_entry.h>
#include <kaal/broker.h>

#define IRQ_CAP         UINT64_C(0x101)
#define DRIVER_DOORBELL UINT64_C(0x102) /* the driver rings it: wakes the client */
#define CLIENT_DOORBELL UINT64_C(0x103)
#define PORTS_CAP       UINT64_C(0x104)

void kaal_startup_set(const struct kaal_startup *page); /* runtime/start */

static struct test_bench *the_bench;
static seL4_IPCBuffer ipc_buffer;

/* The whole "kernel" of the bench: every invocation succeeds and is counted. */
void kernel_host_syscall(struct kernel_host_regs *regs)
{
    ASSERT(the_bench != NULL);
    the_bench->acknowledgements += regs->x[0] == IRQ_CAP;
    the_bench->driver_rang += regs->x[0] == DRIVER_DOORBELL;
    the_bench->client_rang += regs->x[0] == CLIENT_DOORBELL;
    ASSERT(regs->x[0] >= IRQ_CAP && regs->x[0] <= CLIENT_DOORBELL);
    regs->x[0] = 0;
    regs->x[1] = 0;
}

/* No driver on the bench waits for a time. */
int kaal_timer_arm(uint64_t deadline_ns)
{
    return deadline_ns == UINT64_MAX ? KAAL_OK : KAAL_ERR_UNSUPPORTED;
}

static void add_resource(struct test_bench *bench, const struct kaal_driver_resource *wanted)
{
    struct kaal_resource *resource = &bench->startup.resources[bench->startup.resource_count++];
    void *memory = NULL;

    memcpy(resource->name, wanted->name, sizeof(resource->name));
    resource->kind = wanted->kind;
    if (wanted->kind == KAAL_RESOURCE_IRQ) {
        resource->irq = (struct kaal_irq_resource){.cap = IRQ_CAP, .badge_bit = 3, .number = 4};
    } else if (wanted->kind == KAAL_RESOURCE_PORTS) {
        resource->ports =
            (struct kaal_ports_resource){.cap = PORTS_CAP, .first = 0x3f8, .count = 8};
    } else if (wanted->kind == KAAL_RESOURCE_DMA) {
        free(bench->dma);
        ASSERT(posix_memalign(&memory, 4096, wanted->bytes) == 0);
        memset(memory, 0, wanted->bytes);
        bench->dma = memory;
        bench->dma_bytes = wanted->bytes;
        resource->dma = (struct kaal_dma_resource){
            .vaddr = (uintptr_t)memory, .bytes = wanted->bytes, .bus = TEST_BENCH_DMA_BUS};
    } else {
        ASSERT(wanted->kind == KAAL_RESOURCE_REGISTERS);
        resource->registers.vaddr = (uintptr_t)bench->mock;
        resource->registers.bytes = TEST_BENCH_REGISTER_BYTES;
    }
}

/* The device's view of the bench's DMA memory. */
void *test_bench_memory(const struct test_bench *bench, uint64_t bus, uint64_t bytes)
{
    if (bus >= TEST_BENCH_DMA_BUS &&
        range_inside(bus - TEST_BENCH_DMA_BUS, bytes, bench->dma_bytes)) {
        return (char *)bench->dma + (bus - TEST_BENCH_DMA_BUS);
    }
    for (uint32_t half = 0; half < 2; half++) {
        char *region = half == 0 ? bench->data_driver : bench->data_client;
        uint64_t base = half == 0 ? TEST_BENCH_DRIVER_BUS : TEST_BENCH_CLIENT_BUS;
        if (region && bus >= base && range_inside(bus - base, bytes, bench->data_bytes)) {
            return region + (bus - base);
        }
    }
    return NULL;
}

int kaal_pci_config_read(uint32_t device, uint32_t offset, uint32_t width, uint32_t *value)
{
    struct kaal_mock *mock = the_bench->mock;

    ASSERT(device == 0 && offset % width == 0);
    if (!mock->config) {
        return KAAL_ERR_UNSUPPORTED;
    }
    if (offset + width > 4096) {
        return KAAL_ERR_RANGE;
    }
    *value = mock->config(mock, offset, width);
    return KAAL_OK;
}

static void add_channel(struct test_bench *bench, const char *name, uint32_t message_bytes,
                        uint32_t capacity)
{
    struct kaal_resource *resource = &bench->startup.resources[bench->startup.resource_count++];
    uint64_t bytes = kaal_channel_region_bytes(message_bytes, capacity);

    /* Not a byte more than the channel needs, so that the sanitizer sees one too many. */
    ASSERT(posix_memalign(&bench->driver_region, 64, bytes) == 0);
    ASSERT(posix_memalign(&bench->client_region, 64, bytes) == 0);
    memset(bench->driver_region, 0, bytes);
    memset(bench->client_region, 0, bytes);
    ASSERT(strlen(name) < sizeof(resource->name));
    memcpy(resource->name, name, strlen(name));
    resource->kind = KAAL_RESOURCE_CHANNEL;
    resource->channel = (struct kaal_channel_resource){
        .own_vaddr = (uintptr_t)bench->driver_region,
        .peer_vaddr = (uintptr_t)bench->client_region,
        .region_bytes = (uint32_t)bytes,
        .message_bytes = message_bytes,
        .capacity = capacity,
        .badge_bit = 5,
        .doorbell = DRIVER_DOORBELL,
        .generation = 1,
        .peer_state = KAAL_PEER_RUNNING,
    };
    bench->client_resource = *resource;
    bench->client_resource.channel.own_vaddr = resource->channel.peer_vaddr;
    bench->client_resource.channel.peer_vaddr = resource->channel.own_vaddr;
    bench->client_resource.channel.doorbell = CLIENT_DOORBELL;
}

void test_bench_open(struct test_bench *bench, const struct kaal_driver *driver,
                     struct kaal_mock *mock, const char *channel_name, uint32_t message_bytes,
                     uint32_t capacity)
{
    free(bench->driver_region);
    free(bench->client_region);
    free(bench->dma);
    memset(bench, 0, sizeof(*bench));
    the_bench = bench;
    __sel4_ipc_buffer = &ipc_buffer;
    bench->mock = mock;
    bench->startup.magic = KAAL_STARTUP_MAGIC;
    bench->startup.version = KAAL_STARTUP_VERSION;
    for (uint32_t i = 0; i < driver->declaration->resource_count; i++) {
        if (!(mock->absent >> i & 1)) {
            add_resource(bench, &driver->declaration->resources[i]);
        }
    }
    add_channel(bench, channel_name, message_bytes, capacity);
    kaal_startup_set(&bench->startup);
    ASSERT(kaal_channel_open(&bench->client, &bench->client_resource) == KAAL_OK);
}

int test_bench_start(struct test_bench *bench, const struct kaal_driver *driver)
{
    int result = kaal_driver_bind(&bench->instance, driver, &bench->startup, 0);

    /* Ports have no address on the host: their accesses go to the mock device as well. Ranges that
     * a device may lack are told apart by the upper half of the offset. */
    for (uint32_t i = 0; i < driver->declaration->resource_count; i++) {
        const struct kaal_driver_resource *declared = &driver->declaration->resources[i];
        struct kaal_window *window = (void *)((char *)driver->device + driver->field_offsets[i]);

        if (declared->kind == KAAL_RESOURCE_PORTS) {
            window->address = (uintptr_t)bench->mock;
        } else if (declared->kind == KAAL_RESOURCE_REGISTERS) {
            window->base =
                (uint64_t)(declared->index & KAAL_DRIVER_OPTIONAL ? declared->index & 7 : 0) << 32;
        }
    }
    return result == KAAL_OK ? kaal_driver_start(&bench->instance) : result;
}

void test_bench_kill(struct test_bench *bench)
{
    memset(&bench->instance, 0, sizeof(bench->instance));
    bench->client_resource.channel.generation++;
}

int test_bench_wake(struct test_bench *bench, uint64_t badges, unsigned turns)
{
    int result = kaal_driver_wake(&bench->instance, badges);

    while (result == KAAL_ERR_STATE && --turns > 0) {
        result = kaal_driver_wake(&bench->instance, 0);
    }
    return result;
}
