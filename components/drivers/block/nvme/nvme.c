/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * NVM Express: an admin queue pair, polled at start, and one I/O queue pair on the first interrupt;
 * namespace 1. Source: NVM Express Base Specification 1.4.
 */
#include <string.h>

#include <kaal/class/block.h>
#include <kaal/poll.h>

#include "nvme_regs.h"

#define ADMIN_ENTRIES   8u
#define QUEUE_ENTRIES   128u
#define NAMESPACE       1u
#define PAGE_BYTES      4096u
#define LIST_PAGES      32u
#define TRANSFER_MAX    (LIST_PAGES * PAGE_BYTES)
#define ADMIN_QUEUE     0u
#define IO_QUEUE        1u
#define TIMEOUT_UNIT_NS (500 * KAAL_POLL_MS)
#define COMMAND_NS      (5000 * KAAL_POLL_MS)
#define DMA_BYTES       (12u * PAGE_BYTES)

/* The pages of a transfer behind the first, 4.3. */
struct nvme_list {
    uint64_t pages[LIST_PAGES];
};

KAAL_DMA_RING(nvme_commands, struct nvme_command, QUEUE_ENTRIES);
KAAL_DMA_RING(nvme_completions, struct nvme_completion, QUEUE_ENTRIES);
KAAL_DMA_RING(nvme_lists, struct nvme_list, KAAL_BLOCK_REQUESTS_MAX);

/* A queue pair; the rings have room for the largest. */
struct nvme_queue {
    struct nvme_commands commands;
    struct nvme_completions completions;
    uint32_t id;
    uint32_t entries;
    uint32_t tail, told_tail; /* of commands: ours, and as last told */
    uint32_t head, told_head; /* of completions */
    uint32_t phase;           /* of new completions */
    uint32_t in_flight;
};

struct nvme {
    struct nvme_registers regs;
    struct kaal_irq irq;
    struct kaal_dma memory;
    struct nvme_queue admin, io;
    struct nvme_lists lists;
    struct kaal_dma identity;
    uint64_t cap;
    struct kaal_block_info info;
};

static int nvme_probe(struct nvme *nvme)
{
    nvme->cap = nvme_read_cap(&nvme->regs);
    if (nvme->cap == UINT64_MAX || NVME_CAP_MPSMIN(nvme->cap) != 0 ||
        NVME_CAP_MQES(nvme->cap) < 1) {
        return KAAL_ERR_UNSUPPORTED;
    }
    return KAAL_OK;
}

/* Waits until the ready bit is as wanted, as long as the controller says that may take. */
static int wait_ready(struct nvme *nvme, uint32_t wanted)
{
    struct kaal_poll poll = kaal_poll_start((NVME_CAP_TIMEOUT(nvme->cap) + 1) * TIMEOUT_UNIT_NS);
    uint32_t status;

    while (((status = nvme_read_csts(&nvme->regs)) & NVME_CSTS_READY) != wanted) {
        if (status == UINT32_MAX || (wanted && (status & NVME_CSTS_FATAL))) {
            return KAAL_ERR_IO;
        }
        if (!kaal_poll_again(&poll)) {
            return KAAL_ERR_TIMEOUT;
        }
    }
    return KAAL_OK;
}

static void doorbell(struct nvme *nvme, uint32_t index, uint32_t value)
{
    uint64_t offset = NVME_DOORBELLS + index * (UINT64_C(4) << NVME_CAP_STRIDE(nvme->cap));

    if (offset + sizeof(value) <= nvme->regs.window.bytes) {
        kaal_window_write(&nvme->regs.window, offset, sizeof(value), value);
    }
}

static int queue_open(struct nvme *nvme, struct nvme_queue *queue, uint32_t id, uint32_t entries)
{
    int result;

    *queue = (struct nvme_queue){.id = id, .entries = entries, .phase = NVME_STATUS_PHASE};
    while (queue->entries > NVME_CAP_MQES(nvme->cap) + 1) {
        queue->entries /= 2;
    }
    result = nvme_commands_open(&queue->commands, &nvme->memory, PAGE_BYTES);
    return result == KAAL_OK ? nvme_completions_open(&queue->completions, &nvme->memory, PAGE_BYTES)
                             : result;
}

static int queue_add(struct nvme_queue *queue, struct nvme_command command)
{
    if (queue->in_flight == queue->entries - 1) {
        return KAAL_ERR_FULL;
    }
    nvme_commands_write(&queue->commands, queue->tail, command);
    queue->tail = (queue->tail + 1) % queue->entries;
    queue->in_flight++;
    return KAAL_OK;
}

static void queue_tell(struct nvme *nvme, struct nvme_queue *queue)
{
    if (queue->told_head != queue->head) {
        queue->told_head = queue->head;
        doorbell(nvme, 2 * queue->id + 1, queue->head);
    }
    if (queue->told_tail != queue->tail) {
        queue->told_tail = queue->tail;
        kaal_dma_publish(); /* commands before the doorbell */
        doorbell(nvme, 2 * queue->id, queue->tail);
    }
}

/* Takes a completion entry: KAAL_OK with id and status code, KAAL_ERR_EMPTY, KAAL_ERR_IO. */
static int queue_take(struct nvme_queue *queue, uint32_t *id, uint32_t *code)
{
    uint32_t status = nvme_completions_read(&queue->completions, queue->head).status;

    if ((status & NVME_STATUS_PHASE) != queue->phase) {
        return KAAL_ERR_EMPTY;
    }
    if (queue->in_flight == 0) {
        return KAAL_ERR_IO;
    }
    kaal_dma_fetch(); /* the entry before the data */
    *id = status & 0xffffu;
    *code = NVME_STATUS_CODE(status);
    queue->in_flight--;
    queue->head = (queue->head + 1) % queue->entries;
    if (queue->head == 0) {
        queue->phase ^= NVME_STATUS_PHASE;
    }
    return KAAL_OK;
}

/* One admin command, waiting for its end. */
static int admin(struct nvme *nvme, struct nvme_command command)
{
    struct kaal_poll poll = kaal_poll_start(COMMAND_NS);
    uint32_t id;
    uint32_t code = 0;
    int result = queue_add(&nvme->admin, command);

    queue_tell(nvme, &nvme->admin);
    while (result == KAAL_OK && (result = queue_take(&nvme->admin, &id, &code)) == KAAL_ERR_EMPTY) {
        result = kaal_poll_again(&poll) ? KAAL_OK : KAAL_ERR_TIMEOUT;
    }
    queue_tell(nvme, &nvme->admin);
    return result == KAAL_OK && code != 0 ? KAAL_ERR_IO : result;
}

static int identify(struct nvme *nvme, uint32_t namespace_id, uint32_t what)
{
    return admin(nvme, (struct nvme_command){.opcode = NVME_IDENTIFY,
                                             .namespace_id = namespace_id,
                                             .prp1 = nvme->identity.bus,
                                             .arguments = {what}});
}

static int identify_all(struct nvme *nvme)
{
    const uint8_t *bytes = nvme->identity.memory;
    uint32_t format = 0;
    uint64_t blocks = 0;
    int result = identify(nvme, 0, NVME_IDENTIFY_CONTROLLER);

    if (result != KAAL_OK) {
        return result;
    }
    nvme->info.transfer_max = TRANSFER_MAX;
    if (bytes[NVME_CTRL_MDTS] != 0 && bytes[NVME_CTRL_MDTS] < 5) {
        nvme->info.transfer_max = PAGE_BYTES << bytes[NVME_CTRL_MDTS];
    }
    nvme->info.flags = bytes[NVME_CTRL_VWC] & 1 ? KAAL_BLOCK_VOLATILE : 0;
    result = identify(nvme, NAMESPACE, NVME_IDENTIFY_NAMESPACE);
    memcpy(&blocks, bytes + NVME_NS_SIZE, sizeof(blocks));
    memcpy(&format, bytes + NVME_NS_FORMATS + (bytes[NVME_NS_FLBAS] & 15u) * sizeof(format),
           sizeof(format));
    format = format >> 16 & 0xffu;
    if (result == KAAL_OK && (format < 9 || format > 12 || blocks > UINT64_MAX >> 12)) {
        result = KAAL_ERR_IO; /* blocks of 512 to 4096 bytes */
    }
    nvme->info.block_bytes = 1u << (format & 15u);
    nvme->info.bytes = blocks << (format & 15u);
    return result;
}

/* 5.3, 5.4: the completion queue before the submission queue that uses it. */
static int create_io_queue(struct nvme *nvme)
{
    uint32_t size = (nvme->io.entries - 1) << 16 | IO_QUEUE;
    int result = admin(nvme, (struct nvme_command){.opcode = NVME_CREATE_COMPLETION,
                                                   .prp1 = nvme->io.completions.bus,
                                                   .arguments = {size, NVME_QUEUE_CONTIGUOUS |
                                                                           NVME_QUEUE_INTERRUPTS}});

    return result == KAAL_OK
               ? admin(nvme, (struct nvme_command){.opcode = NVME_CREATE_SUBMISSION,
                                                   .prp1 = nvme->io.commands.bus,
                                                   .arguments = {size, NVME_QUEUE_CONTIGUOUS |
                                                                           IO_QUEUE << 16}})
               : result;
}

static void nvme_stop(struct nvme *nvme)
{
    nvme_write_cc(&nvme->regs, 0);
    int ignored = wait_ready(nvme, 0); /* start waits again, and reports it */
    (void)ignored;
}

static int take_memory(struct nvme *nvme)
{
    int result;

    kaal_dma_forget(&nvme->memory);
    result = kaal_dma_take(&nvme->memory, NVME_IDENTIFY_BYTES, PAGE_BYTES, &nvme->identity);
    if (result == KAAL_OK) {
        result = nvme_lists_open(&nvme->lists, &nvme->memory, sizeof(struct nvme_list));
    }
    if (result == KAAL_OK) {
        result = queue_open(nvme, &nvme->admin, ADMIN_QUEUE, ADMIN_ENTRIES);
    }
    return result == KAAL_OK ? queue_open(nvme, &nvme->io, IO_QUEUE, QUEUE_ENTRIES) : result;
}

/* 7.6.1 initialization */
static int nvme_start(struct nvme *nvme)
{
    int result;

    nvme_write_cc(&nvme->regs, 0);
    result = wait_ready(nvme, 0);
    if (result == KAAL_OK) {
        result = take_memory(nvme);
    }
    if (result != KAAL_OK) {
        return result;
    }
    nvme_write_aqa(&nvme->regs, (nvme->admin.entries - 1) << 16 | (nvme->admin.entries - 1));
    nvme_write_asq(&nvme->regs, nvme->admin.commands.bus);
    nvme_write_acq(&nvme->regs, nvme->admin.completions.bus);
    kaal_dma_publish();
    nvme_write_cc(&nvme->regs, NVME_CC_ENABLE | NVME_CC_IOSQES | NVME_CC_IOCQES);
    result = wait_ready(nvme, NVME_CSTS_READY);
    if (result == KAAL_OK) {
        result = identify_all(nvme);
    }
    return result == KAAL_OK ? create_io_queue(nvme) : result;
}

/* 7.6.2: the cache is written before the power goes. */
static void nvme_shutdown(struct nvme *nvme)
{
    struct kaal_poll poll = kaal_poll_start(COMMAND_NS);

    nvme_write_cc(&nvme->regs, NVME_CC_SHUTDOWN);
    while (field_get(nvme_read_csts(&nvme->regs), NVME_CSTS_SHUTDOWN) != NVME_CSTS_SHUT_DOWN &&
           kaal_poll_again(&poll)) {
    }
}

static void nvme_info(struct nvme *nvme, struct kaal_block_info *info)
{
    *info = nvme->info;
}

/* 4.3: the first page, and the second or a list of the others. */
static void set_pages(struct nvme *nvme, uint32_t slot, const struct kaal_block_transfer *transfer,
                      struct nvme_command *command)
{
    uint64_t end = transfer->bus + transfer->bytes;
    uint64_t page = align_down(transfer->bus, PAGE_BYTES) + PAGE_BYTES;
    volatile struct nvme_list *list = &nvme->lists.entries[slot];

    command->prp1 = transfer->bus;
    command->prp2 = page < end ? page : 0;
    if (page + PAGE_BYTES < end) {
        command->prp2 = nvme->lists.bus + slot * sizeof(*list);
        for (uint32_t i = 0; i < LIST_PAGES && page < end; i++, page += PAGE_BYTES) {
            list->pages[i] = page;
        }
    }
}

static int nvme_submit(struct nvme *nvme, uint32_t slot, const struct kaal_block_transfer *transfer)
{
    static const uint16_t opcodes[] = {[KAAL_BLOCK_READ] = NVME_READ,
                                       [KAAL_BLOCK_WRITE] = NVME_WRITE,
                                       [KAAL_BLOCK_FLUSH] = NVME_FLUSH};
    struct nvme_command command = {
        .opcode = opcodes[transfer->operation], .id = (uint16_t)slot, .namespace_id = NAMESPACE};

    if (transfer->bytes > 0) {
        set_pages(nvme, slot, transfer, &command);
        command.arguments[0] = (uint32_t)transfer->block;
        command.arguments[1] = (uint32_t)(transfer->block >> 32);
        command.arguments[2] = transfer->blocks - 1;
    }
    return queue_add(&nvme->io, command);
}

static void nvme_kick(struct nvme *nvme)
{
    queue_tell(nvme, &nvme->io);
}

static int nvme_complete(struct nvme *nvme, uint32_t *slot, int *status)
{
    uint32_t code;
    int result = queue_take(&nvme->io, slot, &code);

    if (result == KAAL_OK) {
        *status = code == 0                              ? KAAL_OK
                  : code == NVME_STATUS_LBA_OUT_OF_RANGE ? KAAL_ERR_RANGE
                                                         : KAAL_ERR_IO;
    }
    return result;
}

KAAL_BLOCK_DRIVER(nvme, KAAL_MATCH(KAAL_PCI_CLASS(0x010802)),
                  KAAL_RESOURCES(KAAL_MMIO(regs, 0), KAAL_IRQ(irq, 0), KAAL_DMA(memory, DMA_BYTES)),
                  .probe = nvme_probe, .start = nvme_start, .stop = nvme_stop,
                  .shutdown = nvme_shutdown, .reset = nvme_stop, .info = nvme_info,
                  .submit = nvme_submit, .kick = nvme_kick, .complete = nvme_complete);
