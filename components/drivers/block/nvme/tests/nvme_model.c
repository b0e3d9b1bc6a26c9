/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An NVMe controller with one namespace: NVM Express 1.4, chapters 3 to 6. */
#include "nvme_model.h"

#include <string.h>

enum {
    CAP = 0x00,
    CC = 0x14,
    CSTS = 0x1c,
    AQA = 0x24,
    ASQ = 0x28,
    ACQ = 0x30,
    DOORBELLS = 0x1000
};

#define ENTRIES 64u /* most of a queue */

struct command {
    uint16_t opcode, id;
    uint32_t namespace_id;
    uint64_t reserved, metadata, prp1, prp2;
    uint32_t arguments[6];
};

/* Queue pairs 0 (admin) and 1. */
static struct pair {
    uint64_t commands, completions;
    uint32_t commands_size, completions_size;
    uint32_t head, tail; /* of commands; of completions */
    uint32_t phase;
} pairs[2];

static struct block_model the_model;

static void power_on(struct block_model *model)
{
    memset(model->registers, 0, sizeof(model->registers));
    memset(pairs, 0, sizeof(pairs));
    block_model_set(model, CAP, 8, (ENTRIES - 1) | 1u << 16 | 1u << 24 | UINT64_C(1) << 37);
}

static void complete(struct block_model *model, uint32_t queue, uint16_t id, uint32_t code)
{
    struct pair *pair = &pairs[queue];
    uint32_t entry[4] = {0, 0, queue << 16 | pair->head, id | pair->phase << 16 | code << 17};
    void *at = block_model_memory(model, pair->completions + 16ull * pair->tail, sizeof(entry));

    if (at != NULL) {
        memcpy(at, entry, sizeof(entry));
    }
    pair->tail++;
    if (pair->tail >= pair->completions_size) {
        pair->tail = 0;
        pair->phase ^= 1;
    }
    model->interrupting = true;
}

static uint32_t identify(struct block_model *model, const struct command *command)
{
    uint8_t *bytes = block_model_memory(model, command->prp1, 4096);
    uint64_t blocks = BLOCK_MODEL_DISK_BYTES / 512;

    if (bytes == NULL) {
        return 4; /* data transfer error */
    }
    memset(bytes, 0, 4096);
    if (command->arguments[0] == 1) {
        bytes[77] = 5;
        bytes[525] = 1;
    } else {
        memcpy(bytes, &blocks, sizeof(blocks));
        bytes[130] = 9;
    }
    return 0;
}

static uint32_t create(struct block_model *model, const struct command *command)
{
    struct pair *pair = &pairs[1];
    uint32_t size = (command->arguments[0] >> 16) + 1;

    (void)model;
    if ((command->arguments[0] & 0xffff) != 1 || size > ENTRIES) {
        return 1;
    }
    if (command->opcode == 1) {
        pair->commands = command->prp1;
        pair->commands_size = size;
    } else {
        pair->completions = command->prp1;
        pair->completions_size = size;
        pair->phase = 1;
    }
    return 0;
}

/* The pages of a transfer, 4.3. */
static uint32_t transfer(struct block_model *model, const struct command *command)
{
    uint64_t offset = ((uint64_t)command->arguments[1] << 32 | command->arguments[0]) * 512;
    uint64_t left = ((uint64_t)(command->arguments[2] & 0xffff) + 1) * 512;
    uint64_t bus = command->prp1;
    uint64_t list = command->prp2;
    bool is_list = bus % 4096 + left > 8192;

    for (uint32_t page = 0; left > 0; page++) {
        uint64_t here = 4096 - bus % 4096;
        here = here < left ? here : left;
        if (!block_model_transfer(model, command->opcode == 1, offset, here, bus)) {
            return 4;
        }
        offset += here;
        left -= here;
        if (left == 0) {
            break;
        }
        if (is_list) {
            const uint64_t *next = block_model_memory(model, list + 8ull * page, 8);
            if (next == NULL) {
                return 4;
            }
            memcpy(&bus, next, sizeof(bus));
        } else {
            bus = command->prp2;
        }
    }
    return 0;
}

static uint32_t perform(struct block_model *model, uint32_t queue, const struct command *command)
{
    if (queue == 0) {
        return command->opcode == 6 ? identify(model, command) : create(model, command);
    }
    if (command->opcode == 0) {
        return model->failing ? 6 : 0;
    }
    return command->opcode <= 2 ? transfer(model, command) : 1;
}

static void work(struct block_model *model)
{
    for (uint32_t queue = 0; queue < 2 && !model->silent && (block_model_get(model, CC, 4) & 1);
         queue++) {
        struct pair *pair = &pairs[queue];
        uint32_t tail = (uint32_t)block_model_get(model, DOORBELLS + 8 * queue, 4);

        while (pair->commands_size != 0 && tail < pair->commands_size && pair->head != tail) {
            const struct command *from =
                block_model_memory(model, pair->commands + 64ull * pair->head, 64);
            struct command command = {0};
            if (from != NULL) {
                command = *from;
            }
            pair->head = (pair->head + 1) % pair->commands_size;
            complete(model, queue, command.id, perform(model, queue, &command));
        }
    }
}

static void enable(struct block_model *model)
{
    uint32_t sizes = (uint32_t)block_model_get(model, AQA, 4);

    pairs[0] = (struct pair){.commands = block_model_get(model, ASQ, 8),
                             .completions = block_model_get(model, ACQ, 8),
                             .commands_size = (sizes & 0xfff) + 1,
                             .completions_size = (sizes >> 16 & 0xfff) + 1,
                             .phase = 1};
    block_model_set(model, CSTS, 4, 1);
}

static void written(struct block_model *model, uint64_t offset, unsigned width, uint64_t value)
{
    (void)width;
    if (offset == CC) {
        if (value & 1) {
            enable(model);
        } else {
            power_on(model);
            block_model_set(model, CSTS, 4, value & 1u << 14 ? 2u << 2 : 0);
        }
    } else if (offset >= DOORBELLS) {
        work(model);
    }
}

struct block_model *nvme_model(void)
{
    the_model.power_on = power_on;
    the_model.written = written;
    the_model.work = work;
    return &the_model;
}
