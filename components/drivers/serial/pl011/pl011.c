/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The PL011 UART of ARM machines: memory-mapped, one combined interrupt. The line's speed stays as
 * the firmware set it. Switching the FIFOs on empties them, and the next byte follows at the heels
 * of one that is read, so they are switched on only while no byte waits; otherwise the part goes on
 * one byte at a time. Nothing else touches them: bytes in them survive a restart of this driver.
 */
#include <kaal/class/serial.h>

#include "pl011_regs.h"

struct pl011 {
    struct pl011_registers regs;
    struct kaal_irq irq;
};

static int pl011_probe(struct pl011 *uart)
{
    bool match = (pl011_read_periph_id0(&uart->regs) & UINT8_MAX) == PL011_ID0_PART &&
                 field_get(pl011_read_periph_id1(&uart->regs), PL011_ID1_PART) == 0;

    return match ? KAAL_OK : KAAL_ERR_NOT_FOUND;
}

/* LCR_H and IFLS change only what differs: both are safe while the UART is enabled then. */
static int pl011_start(struct pl011 *uart)
{
    uint32_t line = PL011_LCR_FIFOS | PL011_LCR_8_BITS;

    if (pl011_read_lcr_h(&uart->regs) != line && (pl011_read_fr(&uart->regs) & PL011_FR_RX_EMPTY)) {
        pl011_write_lcr_h(&uart->regs, line);
    }
    pl011_write_ifls(&uart->regs, PL011_IFLS_TX_1_8 | PL011_IFLS_RX_4_8);
    pl011_write_cr(&uart->regs, PL011_CR_ENABLE | PL011_CR_TRANSMIT | PL011_CR_RECEIVE);
    return KAAL_OK;
}

static void pl011_stop(struct pl011 *uart)
{
    pl011_write_imsc(&uart->regs, 0);
}

static bool pl011_receive(struct pl011 *uart, uint8_t *byte)
{
    if (pl011_read_fr(&uart->regs) & PL011_FR_RX_EMPTY) {
        return false;
    }
    *byte = (uint8_t)pl011_read_dr(&uart->regs);
    return true;
}

static size_t pl011_transmit_room(struct pl011 *uart)
{
    return (pl011_read_fr(&uart->regs) & PL011_FR_TX_FULL) ? 0 : 1;
}

static void pl011_transmit(struct pl011 *uart, uint8_t byte)
{
    pl011_write_dr(&uart->regs, byte);
}

/*
 * The transmit interrupt latches a passage through the level (2.8.2). It is wanted only after the
 * FIFO was full, so a passage follows, and clearing it anywhere could lose one: filling the FIFO
 * clears it by itself.
 */
static void pl011_interrupts(struct pl011 *uart, bool receive, bool transmit)
{
    pl011_write_imsc(&uart->regs, (receive ? PL011_INT_RECEIVE | PL011_INT_RX_TIMEOUT : 0) |
                                      (transmit ? PL011_INT_TRANSMIT : 0));
}

KAAL_SERIAL_DRIVER(pl011, KAAL_MATCH(KAAL_COMPATIBLE("arm,pl011")),
                   KAAL_RESOURCES(KAAL_MMIO(regs, 0), KAAL_IRQ(irq, 0)), .probe = pl011_probe,
                   .start = pl011_start, .stop = pl011_stop, .receive = pl011_receive,
                   .transmit_room = pl011_transmit_room, .transmit = pl011_transmit,
                   .interrupts = pl011_interrupts);
