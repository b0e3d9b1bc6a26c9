/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The bench for network drivers: two start-up pages over one pair of regions. */
#include <kaal/testing/net_bench.h>

#include <stdlib.h>
#include <string.h>

#include <kaal/broker.h>

void kaal_startup_set(const struct kaal_startup *page); /* runtime/start */

static struct kaal_resource *add(struct kaal_startup *page, const char *name, uint32_t kind)
{
    struct kaal_resource *resource = &page->resources[page->resource_count++];

    memset(resource, 0, sizeof(*resource));
    memcpy(resource->name, name, strlen(name));
    resource->kind = kind;
    resource->device = kind == KAAL_RESOURCE_DMA ? KAAL_NO_DEVICE : 0;
    return resource;
}

static void *fresh(void *old, uint64_t bytes)
{
    void *memory = NULL;

    free(old);
    ASSERT(posix_memalign(&memory, 4096, bytes) == 0);
    memset(memory, 0, bytes);
    return memory;
}

static void add_halves(struct kaal_startup *page, void *own, void *peer, uint64_t bytes)
{
    struct kaal_resource *data = add(page, "net-data", KAAL_RESOURCE_CHANNEL);

    data->channel = (struct kaal_channel_resource){.own_vaddr = (uintptr_t)own,
                                                   .peer_vaddr = (uintptr_t)peer,
                                                   .region_bytes = (uint32_t)bytes,
                                                   .message_bytes = KAAL_NET_BUFFER_BYTES,
                                                   .capacity = NET_BENCH_BUFFERS,
                                                   .badge_bit = 6,
                                                   .generation = 1,
                                                   .peer_state = KAAL_PEER_RUNNING};
}

/* Only one client: nothing private is needed. */
int kaal_allocate_dma(uint64_t bytes, uint64_t alignment, bool uncached, kaal_handle *handle,
                      struct kaal_dma_resource *dma)
{
    (void)bytes;
    (void)alignment;
    (void)uncached;
    (void)handle;
    (void)dma;
    return KAAL_ERR_DENIED;
}

void net_bench_client(struct net_bench *bench)
{
    bench->client_page.resources[0] = bench->bench.client_resource;
    kaal_startup_set(&bench->client_page);
}

void net_bench_driver(struct net_bench *bench)
{
    kaal_startup_set(&bench->bench.startup);
}

static void open_client(struct net_bench *bench)
{
    net_bench_client(bench);
    ASSERT(kaal_net_open(&bench->client, "net") == KAAL_OK);
    net_bench_driver(bench);
}

void net_bench_open(struct net_bench *bench, const struct kaal_driver *driver,
                    struct kaal_mock *mock)
{
    struct test_bench *base = &bench->bench;
    void *halves[2] = {base->data_driver, base->data_client};
    uint64_t bytes = kaal_channel_region_bytes(KAAL_NET_BUFFER_BYTES, NET_BENCH_BUFFERS);

    test_bench_open(base, driver, mock, "net", sizeof(struct kaal_net_message),
                    KAAL_NET_MESSAGES_PER_BUFFER * NET_BENCH_BUFFERS);
    base->startup.generation = 1;
    base->data_driver = fresh(halves[0], bytes);
    base->data_client = fresh(halves[1], bytes);
    base->data_bytes = bytes;
    add_halves(&base->startup, base->data_driver, base->data_client, bytes);
    add(&base->startup, "net-data", KAAL_RESOURCE_DMA)->dma = (struct kaal_dma_resource){
        .vaddr = (uintptr_t)base->data_driver, .bytes = bytes, .bus = TEST_BENCH_DRIVER_BUS};
    add(&base->startup, "net-data", KAAL_RESOURCE_DMA)->dma = (struct kaal_dma_resource){
        .vaddr = (uintptr_t)base->data_client, .bytes = bytes, .bus = TEST_BENCH_CLIENT_BUS};
    bench->client_page = (struct kaal_startup){.magic = KAAL_STARTUP_MAGIC,
                                               .version = KAAL_STARTUP_VERSION,
                                               .resource_count = 1,
                                               .generation = 1};
    add_halves(&bench->client_page, base->data_client, base->data_driver, bytes);
    open_client(bench);
}

int net_bench_restart(struct net_bench *bench, const struct kaal_driver *driver)
{
    test_bench_kill(&bench->bench);
    bench->client_page.resources[0].channel.generation =
        bench->bench.client_resource.channel.generation;
    bench->bench.startup.generation++;
    net_bench_driver(bench);
    return test_bench_start(&bench->bench, driver);
}

void net_bench_new_client(struct net_bench *bench)
{
    for (uint32_t i = 0; i < bench->bench.startup.resource_count; i++) {
        if (bench->bench.startup.resources[i].kind == KAAL_RESOURCE_CHANNEL) {
            bench->bench.startup.resources[i].channel.generation++;
        }
    }
    bench->client_page.generation++;
    open_client(bench);
}
