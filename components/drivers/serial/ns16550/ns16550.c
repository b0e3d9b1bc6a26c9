/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The 16550A UART, as PCs have it: I/O ports, one interrupt. The line's speed and format stay as
 * the firmware set them. Switching the FIFOs on clears them (8.5), and the next byte follows at the
 * heels of one that is read, so they are switched on only while no byte waits; otherwise the part
 * goes on one byte at a time. They are never reset: bytes in them survive a restart of this driver.
 */
#include <kaal/class/serial.h>

#include "ns16550_regs.h"

struct ns16550 {
    struct ns16550_registers regs;
    struct kaal_irq irq;
    size_t transmit_bytes; /* that an empty transmitter takes */
};

/* The scratchpad keeps what is written (8.10); where no UART answers, all reads give ones. */
static int ns16550_probe(struct ns16550 *uart)
{
    ns16550_write_scr(&uart->regs, 0x5a);
    return ns16550_read_scr(&uart->regs) == 0x5a ? KAAL_OK : KAAL_ERR_NOT_FOUND;
}

static int ns16550_start(struct ns16550 *uart)
{
    if ((ns16550_read_iir(&uart->regs) & NS16550_IIR_FIFOS) ||
        !(ns16550_read_lsr(&uart->regs) & NS16550_LSR_DATA_READY)) {
        ns16550_write_fcr(&uart->regs, NS16550_FCR_ENABLE | NS16550_FCR_TRIGGER_8);
    }
    ns16550_write_lcr(&uart->regs, NS16550_LCR_8N1);
    ns16550_write_mcr(&uart->regs, NS16550_MCR_DTR | NS16550_MCR_RTS | NS16550_MCR_OUT2);
    uart->transmit_bytes =
        (ns16550_read_iir(&uart->regs) & NS16550_IIR_FIFOS) ? NS16550_FIFO_BYTES : 1;
    return KAAL_OK;
}

static void ns16550_stop(struct ns16550 *uart)
{
    ns16550_write_ier(&uart->regs, 0);
}

static bool ns16550_receive(struct ns16550 *uart, uint8_t *byte)
{
    if (!(ns16550_read_lsr(&uart->regs) & NS16550_LSR_DATA_READY)) {
        return false;
    }
    *byte = ns16550_read_rbr(&uart->regs);
    return true;
}

static size_t ns16550_transmit_room(struct ns16550 *uart)
{
    return (ns16550_read_lsr(&uart->regs) & NS16550_LSR_THR_EMPTY) ? uart->transmit_bytes : 0;
}

static void ns16550_transmit(struct ns16550 *uart, uint8_t byte)
{
    ns16550_write_thr(&uart->regs, byte);
}

/* Setting the transmit bit while the holding register is empty raises the interrupt at once (8.7).
 */
static void ns16550_interrupts(struct ns16550 *uart, bool receive, bool transmit)
{
    ns16550_write_ier(&uart->regs, (uint8_t)((receive ? NS16550_IER_RECEIVE : 0) |
                                             (transmit ? NS16550_IER_TRANSMIT : 0)));
}

KAAL_SERIAL_DRIVER(ns16550, KAAL_MATCH(KAAL_PNP("PNP0501"), KAAL_COMPATIBLE("ns16550a")),
                   KAAL_RESOURCES(KAAL_PORTS(regs, 0), KAAL_IRQ(irq, 0)), .probe = ns16550_probe,
                   .start = ns16550_start, .stop = ns16550_stop, .receive = ns16550_receive,
                   .transmit_room = ns16550_transmit_room, .transmit = ns16550_transmit,
                   .interrupts = ns16550_interrupts);
