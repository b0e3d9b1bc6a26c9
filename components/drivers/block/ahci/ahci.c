/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * AHCI: the first port with a disk, up to 32 commands at a time, which the adapter gives to the
 * disk one after another. Source: Serial ATA AHCI 1.3.1, ATA8-ACS.
 */
#include <string.h>

#include <kaal/class/block.h>
#include <kaal/poll.h>

#include "ahci_regs.h"

#define COMMANDS     32u
#define TRANSFER_MAX (1u << 20)
#define STOP_NS      (500 * KAAL_POLL_MS)  /* 3.3.7: CR and FR clear within 500 ms */
#define RESET_NS     (1000 * KAAL_POLL_MS) /* 3.1.2 */
#define LINK_NS      (1000 * KAAL_POLL_MS)
#define IDENTIFY_NS  (5000 * KAAL_POLL_MS)
#define DMA_BYTES    16384u
#define NO_SLOT      UINT32_MAX

KAAL_DMA_RING(ahci_headers, struct ahci_header, COMMANDS);
KAAL_DMA_RING(ahci_tables, struct ahci_table, COMMANDS);

struct ahci {
    struct ahci_registers regs;
    struct kaal_irq irq;
    struct kaal_dma memory;
    struct ahci_port_registers port;
    uint32_t port_bit;
    struct ahci_headers headers;
    struct ahci_tables tables;
    struct kaal_dma received, identity;
    uint32_t command_mask;    /* command slots that the adapter has */
    uint32_t issued;          /* with the adapter */
    uint32_t pending;         /* of them, not yet told */
    uint32_t failed;          /* the adapter gave up on them */
    uint32_t slots[COMMANDS]; /* the framework's, of each command */
    struct kaal_block_info info;
};

/* Waits until bits of a port register are as wanted. */
static int wait_port(uint32_t (*read)(const struct ahci_port_registers *port),
                     const struct ahci_port_registers *port, uint32_t mask, uint32_t wanted,
                     uint64_t timeout_ns)
{
    struct kaal_poll poll = kaal_poll_start(timeout_ns);

    while ((read(port) & mask) != wanted) {
        if (!kaal_poll_again(&poll)) {
            return KAAL_ERR_TIMEOUT;
        }
    }
    return KAAL_OK;
}

static int port_select(struct ahci *ahci, uint32_t index)
{
    ahci->port_bit = BIT32(index);
    return kaal_window_part(&ahci->regs.window, AHCI_PORTS + index * AHCI_PORT_BYTES,
                            AHCI_PORT_BYTES, &ahci->port.window);
}

/* 10.1.2: finds the first port with a disk, after its link is up. */
static int port_find(struct ahci *ahci)
{
    uint32_t ports = ahci_read_pi(&ahci->regs);

    for (uint32_t index = 0; index < AHCI_PORTS_MAX; index++) {
        if (!(ports & BIT32(index)) || port_select(ahci, index) != KAAL_OK) {
            continue;
        }
        if (field_get(ahci_port_read_ssts(&ahci->port), AHCI_SSTS_DET) == AHCI_SSTS_UP) {
            return KAAL_OK;
        }
    }
    return KAAL_ERR_NOT_FOUND;
}

/* 10.6.3: the BIOS lets go of the adapter. */
static int take_over(struct ahci *ahci)
{
    struct kaal_poll poll = kaal_poll_start(RESET_NS);

    if (!(ahci_read_cap2(&ahci->regs) & AHCI_CAP2_BOH)) {
        return KAAL_OK;
    }
    ahci_write_bohc(&ahci->regs, ahci_read_bohc(&ahci->regs) | AHCI_BOHC_OS);
    while (ahci_read_bohc(&ahci->regs) & AHCI_BOHC_BIOS) {
        if (!kaal_poll_again(&poll)) {
            return KAAL_ERR_TIMEOUT;
        }
    }
    return KAAL_OK;
}

/* 10.4.3: everything is as after power on but for AE. */
static int adapter_reset(struct ahci *ahci)
{
    struct kaal_poll poll = kaal_poll_start(RESET_NS);

    ahci_write_ghc(&ahci->regs, AHCI_GHC_AE | AHCI_GHC_RESET);
    while (ahci_read_ghc(&ahci->regs) & AHCI_GHC_RESET) {
        if (!kaal_poll_again(&poll)) {
            return KAAL_ERR_TIMEOUT;
        }
    }
    ahci_write_ghc(&ahci->regs, AHCI_GHC_AE);
    return KAAL_OK;
}

static int ahci_probe(struct ahci *ahci)
{
    return ahci_read_pi(&ahci->regs) == UINT32_MAX ? KAAL_ERR_NOT_FOUND : take_over(ahci);
}

/* 10.1.2, 10.3.2: stopped, then memory, then FISes, then commands. */
static int port_stop(struct ahci *ahci)
{
    const struct ahci_port_registers *port = &ahci->port;
    uint32_t command = ahci_port_read_cmd(port) & ~AHCI_CMD_START;
    int result;

    ahci_port_write_cmd(port, command);
    result = wait_port(ahci_port_read_cmd, port, AHCI_CMD_CR, 0, STOP_NS);
    if (result == KAAL_OK) {
        ahci_port_write_cmd(port, command & ~AHCI_CMD_FRE);
        result = wait_port(ahci_port_read_cmd, port, AHCI_CMD_FR, 0, STOP_NS);
    }
    return result;
}

static int port_start(struct ahci *ahci)
{
    const struct ahci_port_registers *port = &ahci->port;
    uint32_t command = AHCI_CMD_FRE | AHCI_CMD_POWER | AHCI_CMD_SPINUP;
    int result;

    ahci_port_write_clb(port, (uint32_t)ahci->headers.bus);
    ahci_port_write_clbu(port, (uint32_t)(ahci->headers.bus >> 32));
    ahci_port_write_fb(port, (uint32_t)ahci->received.bus);
    ahci_port_write_fbu(port, (uint32_t)(ahci->received.bus >> 32));
    ahci_port_clear_serr(port, UINT32_MAX);
    ahci_port_clear_is(port, UINT32_MAX);
    kaal_dma_publish();
    ahci_port_write_cmd(port, command);
    result = wait_port(ahci_port_read_tfd, port, AHCI_TFD_BSY | AHCI_TFD_DRQ, 0, LINK_NS);
    if (result == KAAL_OK && ahci_port_read_sig(port) != AHCI_SIG_DISK) {
        result = KAAL_ERR_UNSUPPORTED;
    }
    if (result == KAAL_OK) {
        ahci_port_write_cmd(port, command | AHCI_CMD_START);
    }
    return result;
}

/* Writes a command into a free command slot: a register FIS, and where the data is. */
static int command_add(struct ahci *ahci, uint8_t code, const struct kaal_block_transfer *transfer,
                       uint32_t slot)
{
    uint32_t free = ahci->command_mask & ~ahci->issued;
    uint32_t index = free ? (uint32_t)__builtin_ctz(free) : 0;
    uint64_t block = transfer->block;
    struct ahci_table table = {
        .fis = {ATA_FIS_TO_DEVICE, ATA_FIS_COMMAND, code, 0, (uint8_t)block, (uint8_t)(block >> 8),
                (uint8_t)(block >> 16), ATA_DEVICE_LBA, (uint8_t)(block >> 24),
                (uint8_t)(block >> 32), (uint8_t)(block >> 40), 0, (uint8_t)transfer->blocks,
                (uint8_t)(transfer->blocks >> 8)},
        .data = transfer->bus,
        .last_byte = transfer->bytes - 1,
    };

    if (!free) {
        return KAAL_ERR_FULL;
    }
    if (transfer->bus >> 32 != 0 && !(ahci_read_cap(&ahci->regs) & AHCI_CAP_64)) {
        return KAAL_ERR_UNSUPPORTED;
    }
    ahci_tables_write(&ahci->tables, index, table);
    ahci_headers_write(
        &ahci->headers, index,
        (struct ahci_header){
            .flags = AHCI_HEADER_FIS_DWORDS | (transfer->bytes ? AHCI_HEADER_ONE_PRD : 0) |
                     (transfer->operation == KAAL_BLOCK_WRITE ? AHCI_HEADER_WRITE : 0),
            .table = ahci->tables.bus + index * sizeof(struct ahci_table),
        });
    ahci->slots[index] = slot;
    ahci->issued |= BIT32(index);
    ahci->pending |= BIT32(index);
    return KAAL_OK;
}

static void ahci_kick(struct ahci *ahci)
{
    if (ahci->pending != 0) {
        kaal_dma_publish(); /* the command before its bit */
        ahci_port_write_ci(&ahci->port, ahci->pending);
        ahci->pending = 0;
    }
}

/* A word of what IDENTIFY DEVICE gave. */
static uint32_t id_word(const struct ahci *ahci, uint32_t index)
{
    const uint8_t *bytes = ahci->identity.memory;

    return bytes[2 * index] | (uint32_t)bytes[2 * index + 1] << 8;
}

static int identify(struct ahci *ahci)
{
    const struct kaal_block_transfer read = {
        .operation = KAAL_BLOCK_READ, .bytes = ATA_ID_BYTES, .bus = ahci->identity.bus};
    int result = command_add(ahci, ATA_IDENTIFY, &read, NO_SLOT);

    ahci_kick(ahci);
    if (result == KAAL_OK) {
        result = wait_port(ahci_port_read_ci, &ahci->port, UINT32_MAX, 0, IDENTIFY_NS);
    }
    ahci->issued = 0;
    if (result != KAAL_OK || (ahci_port_read_tfd(&ahci->port) & AHCI_TFD_ERR)) {
        return result != KAAL_OK ? result : KAAL_ERR_IO;
    }
    kaal_dma_fetch();
    if (!(id_word(ahci, ATA_ID_COMMANDS) & ATA_ID_LBA48)) {
        return KAAL_ERR_UNSUPPORTED;
    }
    uint64_t sectors = 0;
    for (uint32_t i = 4; i-- > 0;) {
        sectors = sectors << 16 | id_word(ahci, ATA_ID_SECTORS + i);
    }
    ahci->info = (struct kaal_block_info){
        .block_bytes = 512,
        .transfer_max = TRANSFER_MAX,
        .flags = id_word(ahci, ATA_ID_ENABLED) & ATA_ID_CACHE ? KAAL_BLOCK_VOLATILE : 0};
    if (id_word(ahci, ATA_ID_SECTOR_SIZE) & ATA_ID_LONG_SECTORS) {
        ahci->info.block_bytes =
            2 * (id_word(ahci, ATA_ID_SECTOR_WORDS) | id_word(ahci, ATA_ID_SECTOR_WORDS + 1) << 16);
    }
    ahci->info.bytes = sectors * ahci->info.block_bytes;
    return KAAL_OK;
}

static int take_memory(struct ahci *ahci)
{
    int result;

    kaal_dma_forget(&ahci->memory);
    result = ahci_headers_open(&ahci->headers, &ahci->memory, 1024);
    if (result == KAAL_OK) {
        result = ahci_tables_open(&ahci->tables, &ahci->memory, 128);
    }
    if (result == KAAL_OK) {
        result = kaal_dma_take(&ahci->memory, AHCI_RECEIVED_BYTES, 256, &ahci->received);
    }
    if (result == KAAL_OK) {
        result = kaal_dma_take(&ahci->memory, ATA_ID_BYTES, 512, &ahci->identity);
    }
    return result;
}

static int ahci_start(struct ahci *ahci)
{
    struct kaal_poll poll = kaal_poll_start(LINK_NS);
    int result = adapter_reset(ahci);

    ahci->issued = ahci->pending = ahci->failed = 0;
    ahci->command_mask = UINT32_MAX >> (31 - field_get(ahci_read_cap(&ahci->regs), AHCI_CAP_SLOTS));
    while (result == KAAL_OK && (result = port_find(ahci)) != KAAL_OK && kaal_poll_again(&poll)) {
        result = KAAL_OK; /* links come up again after the reset */
    }
    if (result == KAAL_OK) {
        result = port_stop(ahci);
    }
    if (result == KAAL_OK) {
        result = take_memory(ahci);
    }
    if (result == KAAL_OK) {
        result = port_start(ahci);
    }
    if (result == KAAL_OK) {
        result = identify(ahci);
    }
    if (result != KAAL_OK) {
        return result;
    }
    ahci_port_clear_is(&ahci->port, UINT32_MAX);
    ahci_clear_is(&ahci->regs, UINT32_MAX);
    ahci_port_write_ie(&ahci->port, AHCI_IS_D2H | AHCI_IS_TFES | AHCI_IS_FATAL);
    ahci_write_ghc(&ahci->regs, AHCI_GHC_AE | AHCI_GHC_IE);
    return KAAL_OK;
}

static void ahci_stop(struct ahci *ahci)
{
    int ignored = adapter_reset(ahci); /* start resets again, and reports it */
    (void)ignored;
}

/* 10.7.2.1: the port's bits before the adapter's. */
static bool ahci_interrupted(struct ahci *ahci)
{
    uint32_t causes = ahci_read_is(&ahci->regs);

    if (causes & ahci->port_bit) {
        ahci_port_clear_is(&ahci->port,
                           ahci_port_read_is(&ahci->port) & ~(AHCI_IS_TFES | AHCI_IS_FATAL));
    }
    ahci_clear_is(&ahci->regs, causes);
    return causes != 0;
}

static void ahci_info(struct ahci *ahci, struct kaal_block_info *info)
{
    *info = ahci->info;
}

static int ahci_submit(struct ahci *ahci, uint32_t slot, const struct kaal_block_transfer *transfer)
{
    static const uint8_t codes[] = {[KAAL_BLOCK_READ] = ATA_READ_DMA_EXT,
                                    [KAAL_BLOCK_WRITE] = ATA_WRITE_DMA_EXT,
                                    [KAAL_BLOCK_FLUSH] = ATA_FLUSH_CACHE_EXT};

    return command_add(ahci, codes[transfer->operation], transfer, slot);
}

/* 6.2.2.1: the command at work failed; the port is stopped and started, the others issued again. */
static int recover(struct ahci *ahci)
{
    uint32_t done = ahci->issued & ~ahci->pending & ~ahci_port_read_ci(&ahci->port);
    uint32_t at_work = BIT32(field_get(ahci_port_read_cmd(&ahci->port), AHCI_CMD_CCS));
    int result = port_stop(ahci);

    ahci->failed |= at_work & ahci->issued & ~ahci->pending & ~done;
    if (result == KAAL_OK) {
        result = port_start(ahci);
    }
    ahci->pending |= ahci->issued & ~done & ~ahci->failed;
    return result;
}

static int ahci_complete(struct ahci *ahci, uint32_t *slot, int *status)
{
    uint32_t done;

    if (ahci_port_read_is(&ahci->port) & (AHCI_IS_TFES | AHCI_IS_FATAL)) {
        int result = recover(ahci);
        if (result != KAAL_OK) {
            return result;
        }
    }
    done = ahci->failed | (ahci->issued & ~ahci->pending & ~ahci_port_read_ci(&ahci->port));
    if (done == 0) {
        return KAAL_ERR_EMPTY;
    }
    kaal_dma_fetch(); /* the bit before the data */
    done &= ~done + 1;
    *slot = ahci->slots[__builtin_ctz(done)];
    *status = ahci->failed & done ? KAAL_ERR_IO : KAAL_OK;
    ahci->failed &= ~done;
    ahci->issued &= ~done;
    return KAAL_OK;
}

KAAL_BLOCK_DRIVER(ahci, KAAL_MATCH(KAAL_PCI_CLASS(0x010601)),
                  KAAL_RESOURCES(KAAL_MMIO(regs, 5), KAAL_IRQ(irq, 0), KAAL_DMA(memory, DMA_BYTES)),
                  .probe = ahci_probe, .start = ahci_start, .stop = ahci_stop, .reset = ahci_stop,
                  .interrupted = ahci_interrupted, .info = ahci_info, .submit = ahci_submit,
                  .kick = ahci_kick, .complete = ahci_complete);
