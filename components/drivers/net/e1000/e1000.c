/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Intel 82540EM and 82574L. Both rings are used in order, and the tokens of what is in them are
 * here, so the device can say no more than that the next one is done.
 */
#include <string.h>

#include <kaal/broker.h>
#include <kaal/class/net.h>
#include <kaal/poll.h>

#include "e1000_regs.h"

struct e1000 {
    struct e1000_registers regs;
    struct kaal_irq irq;
    struct kaal_dma memory;
    struct e1000_receive_ring receive;
    struct e1000_transmit_ring transmit;
    uint32_t receive_tokens[E1000_DESCRIPTORS];
    uint32_t transmit_tokens[E1000_DESCRIPTORS];
    uint32_t received, receivable; /* free-running: next to take, next to give */
    uint32_t sent, sendable;
    bool link_changed;
};

static void e1000_stop(struct e1000 *e1000)
{
    e1000_write_imc(&e1000->regs, E1000_INT_ALL);
    e1000_write_rctl(&e1000->regs, 0);
    e1000_write_tctl(&e1000->regs, 0);
}

/* 14.3: the reset also loads the address from the EEPROM. It ends all DMA. */
static int e1000_reset(struct e1000 *e1000)
{
    struct kaal_poll poll = kaal_poll_start(100 * KAAL_POLL_MS);

    e1000_stop(e1000);
    e1000_write_ctrl(&e1000->regs, E1000_CTRL_RESET);
    while (e1000_read_ctrl(&e1000->regs) & E1000_CTRL_RESET) {
        if (!kaal_poll_again(&poll)) {
            return KAAL_ERR_TIMEOUT;
        }
    }
    e1000_write_imc(&e1000->regs, E1000_INT_ALL);
    e1000_write_icr(&e1000->regs, e1000_read_icr(&e1000->regs));
    return KAAL_OK;
}

/* Only the 82574 has MSI-X, whose vectors it wants to be told (DS 7.4). */
static void e1000_enable_interrupts(struct e1000 *e1000)
{
    uint32_t causes = E1000_INT_SENT | E1000_INT_LINK | E1000_INT_OVERRUN | E1000_INT_RECEIVED;
    uint32_t id = 0;

    if (kaal_pci_config_read(0, 2, 2, &id) == KAAL_OK && id == E1000_82574_ID) {
        e1000_write_ivar(&e1000->regs, E1000_IVAR_ALL_VECTOR_0);
        causes |= E1000_INT_RXQ0 | E1000_INT_TXQ0 | E1000_INT_OTHER;
    }
    e1000_write_ims(&e1000->regs, causes);
}

static int e1000_start(struct e1000 *e1000)
{
    int result = e1000_reset(e1000);

    kaal_dma_forget(&e1000->memory);
    if (result == KAAL_OK) {
        result = e1000_receive_ring_open(&e1000->receive, &e1000->memory, E1000_ALIGNMENT);
    }
    if (result == KAAL_OK) {
        result = e1000_transmit_ring_open(&e1000->transmit, &e1000->memory, E1000_ALIGNMENT);
    }
    if (result != KAAL_OK) {
        return result;
    }
    e1000->received = e1000->receivable = e1000->sent = e1000->sendable = 0;
    e1000->link_changed = true;
    e1000_write_ctrl(&e1000->regs, E1000_CTRL_SET_LINK_UP);
    e1000_write_rdbal(&e1000->regs, (uint32_t)e1000->receive.bus);
    e1000_write_rdbah(&e1000->regs, (uint32_t)(e1000->receive.bus >> 32));
    e1000_write_rdlen(&e1000->regs, E1000_DMA_BYTES / 2);
    e1000_write_rdh(&e1000->regs, 0);
    e1000_write_rdt(&e1000->regs, 0);
    e1000_write_tdbal(&e1000->regs, (uint32_t)e1000->transmit.bus);
    e1000_write_tdbah(&e1000->regs, (uint32_t)(e1000->transmit.bus >> 32));
    e1000_write_tdlen(&e1000->regs, E1000_DMA_BYTES / 2);
    e1000_write_tdh(&e1000->regs, 0);
    e1000_write_tdt(&e1000->regs, 0);
    e1000_write_tipg(&e1000->regs, E1000_TIPG_USUAL);
    e1000_write_tctl(&e1000->regs, E1000_TCTL_USUAL | E1000_TCTL_PAD | E1000_TCTL_ENABLE);
    e1000_write_rctl(&e1000->regs, E1000_RCTL_ENABLE | E1000_RCTL_ALL_GROUPS |
                                       E1000_RCTL_BROADCAST | E1000_RCTL_STRIP_CRC);
    e1000_enable_interrupts(e1000);
    return KAAL_OK;
}

static bool e1000_interrupted(struct e1000 *e1000)
{
    uint32_t causes = e1000_read_icr(&e1000->regs);

    e1000_write_icr(&e1000->regs, causes); /* with MSI-X, reading clears nothing */
    e1000->link_changed = e1000->link_changed || (causes & E1000_INT_LINK) != 0;
    return causes != 0;
}

static int e1000_receive_post(struct e1000 *e1000, uint64_t bus, uint32_t bytes, uint32_t token)
{
    (void)bytes; /* as RCTL says */
    e1000_receive_ring_write(&e1000->receive, e1000->receivable,
                             (struct e1000_receive_descriptor){.bus = bus});
    e1000->receive_tokens[e1000->receivable++ % E1000_DESCRIPTORS] = token;
    return KAAL_OK;
}

static int e1000_receive_take(struct e1000 *e1000, uint32_t *token, uint32_t *bytes)
{
    struct e1000_receive_descriptor next;

    if (e1000->received == e1000->receivable ||
        !(e1000_receive_ring_read(&e1000->receive, e1000->received).status & E1000_RECEIVED_DONE)) {
        return KAAL_ERR_EMPTY;
    }
    kaal_dma_fetch(); /* the status before the rest, and before the frame */
    next = e1000_receive_ring_read(&e1000->receive, e1000->received);
    *token = e1000->receive_tokens[e1000->received++ % E1000_DESCRIPTORS];
    *bytes = (next.status & E1000_RECEIVED_END) && next.errors == 0 ? next.bytes : 0;
    return KAAL_OK;
}

static int e1000_transmit_post(struct e1000 *e1000, uint64_t bus, uint32_t bytes, uint32_t token)
{
    e1000_transmit_ring_write(&e1000->transmit, e1000->sendable,
                              (struct e1000_transmit_descriptor){
                                  .bus = bus,
                                  .bytes = (uint16_t)bytes,
                                  .command = E1000_SEND_END | E1000_SEND_CRC | E1000_SEND_REPORT});
    e1000->transmit_tokens[e1000->sendable++ % E1000_DESCRIPTORS] = token;
    return KAAL_OK;
}

static int e1000_transmit_take(struct e1000 *e1000, uint32_t *token)
{
    if (e1000->sent == e1000->sendable ||
        !(e1000_transmit_ring_read(&e1000->transmit, e1000->sent).status & E1000_SENT_DONE)) {
        return KAAL_ERR_EMPTY;
    }
    *token = e1000->transmit_tokens[e1000->sent++ % E1000_DESCRIPTORS];
    return KAAL_OK;
}

static void e1000_kick(struct e1000 *e1000)
{
    kaal_dma_publish(); /* descriptors and frames before the tails */
    e1000_write_rdt(&e1000->regs, e1000->receivable % E1000_DESCRIPTORS);
    e1000_write_tdt(&e1000->regs, e1000->sendable % E1000_DESCRIPTORS);
}

static bool e1000_link(struct e1000 *e1000, struct kaal_net_link *link)
{
    static const uint32_t speeds[] = {10, 100, 1000, 1000};
    uint32_t status;
    uint32_t address[2];

    if (!e1000->link_changed) {
        return false;
    }
    e1000->link_changed = false;
    status = e1000_read_status(&e1000->regs);
    address[0] = e1000_read_ral(&e1000->regs);
    address[1] = e1000_read_rah(&e1000->regs);
    memcpy(link->address, address, KAAL_NET_ADDRESS_BYTES);
    link->up = (status & E1000_STATUS_LINK_UP) != 0;
    link->mbit = speeds[field_get(status, E1000_STATUS_SPEED)];
    return true;
}

static void e1000_promiscuous(struct e1000 *e1000, bool all)
{
    uint32_t others = e1000_read_rctl(&e1000->regs) & ~E1000_RCTL_ALL_UNICAST;

    e1000_write_rctl(&e1000->regs, others | (all ? E1000_RCTL_ALL_UNICAST : 0));
}

KAAL_NET_DRIVER(e1000, KAAL_MATCH(KAAL_PCI(0x8086, 0x100E), KAAL_PCI(0x8086, E1000_82574_ID)),
                KAAL_RESOURCES(KAAL_MMIO(regs, 0), KAAL_IRQ(irq, 0),
                               KAAL_DMA(memory, E1000_DMA_BYTES)),
                E1000_DESCRIPTORS - 1, E1000_DESCRIPTORS - 1, .start = e1000_start,
                .stop = e1000_stop, .reset = e1000_stop, .interrupted = e1000_interrupted,
                .receive_post = e1000_receive_post, .receive_take = e1000_receive_take,
                .transmit_post = e1000_transmit_post, .transmit_take = e1000_transmit_take,
                .kick = e1000_kick, .link = e1000_link, .promiscuous = e1000_promiscuous);
