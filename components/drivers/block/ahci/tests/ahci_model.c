/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An AHCI adapter with a disk at port 0: AHCI 1.3.1, chapters 3 to 6. */
#include "ahci_model.h"

#include <string.h>

enum {
    CAP = 0x00,
    GHC = 0x04,
    IS = 0x08,
    PI = 0x0c,
    PORT_LIST = 0x100,
    PORT_IS = 0x110,
    PORT_CMD = 0x118,
    PORT_TFD = 0x120,
    PORT_SIG = 0x124,
    PORT_SSTS = 0x128,
    PORT_CI = 0x138
};

#define CMD_START 1u
#define CMD_FRE   (1u << 4)
#define CMD_FR    (1u << 14)
#define CMD_CR    (1u << 15)
#define IS_D2H    1u
#define IS_TFES   (1u << 30)

static struct block_model the_model;
static uint32_t is, port_is, ci; /* what W1C and set-only registers really hold */
static bool halted;              /* by an error, until the port is stopped */

static void show(struct block_model *model)
{
    block_model_set(model, IS, 4, is);
    block_model_set(model, PORT_IS, 4, port_is);
    block_model_set(model, PORT_CI, 4, ci);
}

static void power_on(struct block_model *model)
{
    memset(model->registers, 0, sizeof(model->registers));
    block_model_set(model, CAP, 4, 1u << 31 | 31u << 8);
    block_model_set(model, GHC, 4, 1u << 31);
    block_model_set(model, PI, 4, 1);
    block_model_set(model, PORT_TFD, 4, 0x50);
    block_model_set(model, PORT_SIG, 4, 0x101);
    block_model_set(model, PORT_SSTS, 4, 0x113);
    is = port_is = ci = 0;
    halted = false;
}

static void identify(uint8_t *bytes)
{
    memset(bytes, 0, 512);
    bytes[2 * 83 + 1] = 0x04;
    bytes[2 * 85] = 0x20;
    bytes[2 * 100 + 1] = BLOCK_MODEL_DISK_BYTES / 512 >> 8;
}

/* One command; false if it fails. */
static bool perform(struct block_model *model, uint32_t index)
{
    const uint32_t *header =
        block_model_memory(model, block_model_get(model, PORT_LIST, 8) + 32 * index, 32);
    const uint8_t *table;
    uint8_t *data;
    uint64_t bus;
    uint64_t sector;
    uint32_t last;

    if (header == NULL) {
        return false;
    }
    memcpy(&bus, header + 2, sizeof(bus));
    table = block_model_memory(model, bus, 0x90);
    if (table == NULL || table[0] != 0x27) {
        return false;
    }
    memcpy(&bus, table + 0x80, sizeof(bus));
    memcpy(&last, table + 0x8c, sizeof(last));
    sector = table[4] | (uint64_t)table[5] << 8 | (uint64_t)table[6] << 16 |
             (uint64_t)table[8] << 24 | (uint64_t)table[9] << 32 | (uint64_t)table[10] << 40;
    switch (table[2]) {
    case 0xec:
        data = block_model_memory(model, bus, 512);
        if (data != NULL) {
            identify(data);
        }
        return data != NULL;
    case 0xea:
        return !model->failing;
    default:
        return (table[2] == 0x25 || table[2] == 0x35) &&
               block_model_transfer(model, table[2] == 0x35, sector * 512,
                                    (uint64_t)(last & 0x3fffff) + 1, bus);
    }
}

static void work(struct block_model *model)
{
    uint32_t command = (uint32_t)block_model_get(model, PORT_CMD, 4);

    while (!model->silent && !halted && (command & CMD_START) && ci != 0) {
        uint32_t index = (uint32_t)__builtin_ctz(ci);

        if (perform(model, index)) {
            ci &= ~(1u << index);
            port_is |= IS_D2H;
        } else {
            halted = true;
            port_is |= IS_TFES;
            block_model_set(model, PORT_TFD, 4, 0x51);
            block_model_set(model, PORT_CMD, 4, (command & ~(31u << 8)) | index << 8);
        }
        is |= 1;
        model->interrupting = true;
    }
    show(model);
}

static void port_command(struct block_model *model, uint32_t value)
{
    uint32_t state = value & ~(CMD_FR | CMD_CR);

    state |= value & CMD_FRE ? CMD_FR : 0;
    state |= value & CMD_START ? CMD_CR : 0;
    block_model_set(model, PORT_CMD, 4, state);
    if (!(value & CMD_START)) {
        ci = 0;
        halted = false;
        block_model_set(model, PORT_TFD, 4, 0x50);
    }
}

static void written(struct block_model *model, uint64_t offset, unsigned width, uint64_t value)
{
    (void)width;
    switch (offset) {
    case GHC:
        if (value & 1) {
            power_on(model);
        }
        break;
    case IS:
        is &= ~(uint32_t)value;
        break;
    case PORT_IS:
        port_is &= ~(uint32_t)value;
        break;
    case PORT_CMD:
        port_command(model, (uint32_t)value);
        break;
    case PORT_CI:
        ci |= (uint32_t)value;
        break;
    default:
        break;
    }
    show(model);
    work(model);
}

struct block_model *ahci_model(void)
{
    the_model.power_on = power_on;
    the_model.written = written;
    the_model.work = work;
    return &the_model;
}
