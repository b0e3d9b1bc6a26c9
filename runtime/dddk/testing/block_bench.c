/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The bench for block drivers: a data channel beside the requests, and a model of the device. */
#include <kaal/testing/block_model.h>

#include <stdlib.h>
#include <string.h>

void kaal_startup_set(const struct kaal_startup *page); /* runtime/start */

static uint64_t now_ns;
static uint64_t look_ns = 1000000;

/* Each look takes some time, so that polls end. */
uint64_t kaal_now_ns(void)
{
    now_ns += look_ns;
    return now_ns;
}

void block_bench_advance(uint64_t ns)
{
    now_ns += ns;
}

void block_bench_look_takes(uint64_t ns)
{
    look_ns = ns;
}

/* ---- the model ---- */

uint64_t block_model_get(const struct block_model *model, uint64_t offset, unsigned width)
{
    uint64_t value = 0;

    if (offset + width <= sizeof(model->registers)) {
        memcpy(&value, model->registers + offset, width);
    }
    return value;
}

void block_model_set(struct block_model *model, uint64_t offset, unsigned width, uint64_t value)
{
    if (offset + width <= sizeof(model->registers)) {
        memcpy(model->registers + offset, &value, width);
    }
}

static uint64_t model_read(struct kaal_mock *mock, uint64_t offset, unsigned width)
{
    struct block_model *model = (struct block_model *)mock;

    if (model->noise != 0) {
        model->noise = model->noise * 6364136223846793005u + 1442695040888963407u;
        return model->noise >> 16;
    }
    return block_model_get(model, offset, width);
}

static void model_write(struct kaal_mock *mock, uint64_t offset, unsigned width, uint64_t value)
{
    struct block_model *model = (struct block_model *)mock;

    block_model_set(model, offset, width, value);
    model->written(model, offset, width, value);
}

void *block_model_memory(struct block_model *model, uint64_t bus, uint64_t bytes)
{
    void *memory = test_bench_memory(model->bench, bus, bytes);

    model->reached_nothing += memory == NULL;
    return memory;
}

bool block_model_transfer(struct block_model *model, bool write, uint64_t offset, uint64_t bytes,
                          uint64_t bus)
{
    void *memory = block_model_memory(model, bus, bytes);

    if (model->failing || memory == NULL || !range_inside(offset, bytes, sizeof(model->disk))) {
        return false;
    }
    memcpy(write ? model->disk + offset : memory, write ? memory : model->disk + offset, bytes);
    return true;
}

void block_model_open(struct block_model *model, const struct test_bench *bench)
{
    model->mock =
        (struct kaal_mock){.read = model_read, .write = model_write, .absent = model->mock.absent};
    memset(model->registers, 0, sizeof(model->registers));
    memset(model->disk, 0, sizeof(model->disk));
    model->bench = bench;
    model->silent = model->failing = model->interrupting = false;
    model->noise = model->reached_nothing = 0;
    model->power_on(model);
}

/* ---- the bench ---- */

static void add_data(struct test_bench *bench)
{
    struct kaal_startup *page = &bench->startup;
    struct kaal_resource *data = &page->resources[page->resource_count++];
    struct kaal_resource *bus = &page->resources[page->resource_count++];
    uint64_t bytes = KAAL_BLOCK_DATA_OFFSET + BLOCK_BENCH_DATA_BYTES;
    void *memory = NULL;

    ASSERT(posix_memalign(&memory, 4096, 2 * bytes) == 0);
    memset(memory, 0, 2 * bytes);
    bench->data_driver = memory;
    bench->data_client = (char *)memory + bytes;
    bench->data_bytes = bytes;
    *data = (struct kaal_resource){.name = "block-data", .kind = KAAL_RESOURCE_CHANNEL};
    data->channel = (struct kaal_channel_resource){.own_vaddr = (uintptr_t)bench->data_driver,
                                                   .peer_vaddr = (uintptr_t)bench->data_client,
                                                   .region_bytes = (uint32_t)bytes,
                                                   .message_bytes = 4096,
                                                   .capacity = BLOCK_BENCH_DATA_BYTES / 4096,
                                                   .generation = 1,
                                                   .peer_state = KAAL_PEER_RUNNING};
    *bus = (struct kaal_resource){
        .name = "block-data", .kind = KAAL_RESOURCE_DMA, .device = KAAL_NO_DEVICE};
    bus->dma = (struct kaal_dma_resource){
        .vaddr = (uintptr_t)memory, .bytes = bytes, .bus = TEST_BENCH_DRIVER_BUS};
    bus[1] = *bus;
    page->resource_count++;
    bus[1].dma = (struct kaal_dma_resource){
        .vaddr = (uintptr_t)bench->data_client, .bytes = bytes, .bus = TEST_BENCH_CLIENT_BUS};
}

void block_bench_open(struct block_bench *rig, const struct kaal_driver *driver,
                      struct block_model *model)
{
    free(rig->bench.data_driver);
    rig->bench.data_driver = NULL;
    rig->model = model;
    block_model_open(model, &rig->bench);
    test_bench_open(&rig->bench, driver, &model->mock, "block", kaal_block_calls_MESSAGE_BYTES,
                    KAAL_BLOCK_REQUESTS_MAX);
    rig->bench.startup.generation = 1;
    add_data(&rig->bench);
    kaal_startup_set(&rig->bench.startup);
}

bool block_bench_submit(struct block_bench *rig, const struct kaal_block_request *request,
                        uint32_t tag)
{
    struct kaal_block_calls_message message = {.header = {.tag = tag, .status = KAAL_CALL_REQUEST}};

    for (uint32_t i = 0; i < rig->bench.startup.resource_count; i++) {
        const struct kaal_resource *resource = &rig->bench.startup.resources[i];
        if (resource->kind == KAAL_RESOURCE_CHANNEL && strcmp(resource->name, "block") == 0) {
            message.header.client = resource->channel.generation;
        }
    }
    message.header.server = (uint32_t)rig->bench.startup.generation;
    message.request = *request;
    return kaal_channel_send(&rig->bench.client, &message) == KAAL_OK;
}

bool block_bench_reply(struct block_bench *rig, uint32_t *tag, int *status,
                       union kaal_block_reply *reply)
{
    struct kaal_block_calls_message message;

    if (kaal_channel_try_recv(&rig->bench.client, &message) != KAAL_OK) {
        return false;
    }
    *tag = message.header.tag;
    *status = message.header.status;
    if (reply != NULL) {
        *reply = message.reply;
    }
    return true;
}

uint8_t *block_bench_out(struct block_bench *rig, uint32_t buffer)
{
    return (uint8_t *)rig->bench.data_client + KAAL_BLOCK_DATA_OFFSET + buffer;
}

uint8_t *block_bench_in(struct block_bench *rig, uint32_t buffer)
{
    return (uint8_t *)rig->bench.data_driver + KAAL_BLOCK_DATA_OFFSET + buffer;
}

void block_bench_new_client(struct block_bench *rig)
{
    for (uint32_t i = 0; i < rig->bench.startup.resource_count; i++) {
        if (rig->bench.startup.resources[i].kind == KAAL_RESOURCE_CHANNEL) {
            rig->bench.startup.resources[i].channel.generation++;
        }
    }
    ASSERT(kaal_channel_open(&rig->bench.client, &rig->bench.client_resource) == KAAL_OK);
}

int block_bench_restart(struct block_bench *rig, const struct kaal_driver *driver)
{
    test_bench_kill(&rig->bench);
    rig->bench.startup.generation++;
    rig->model->power_on(rig->model); /* as the broker resets it */
    return test_bench_start(&rig->bench, driver);
}
