/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A driver for the 16550A UART: a table of its registers, six functions that only this device
 * needs, and a declaration. The kit finds the device, gives the driver its ports and its interrupt,
 * and serves the serial channel. Source: National Semiconductor PC16550D data sheet, section 8.
 */
#include <kaal/class/serial.h>

KAAL_REGISTERS(uart, 1,          /* one byte per register */
               (rbr, 0, RO, u8), /* 8.0 receiver buffer */
               (thr, 0, WO, u8), /* 8.0 transmitter holding */
               (ier, 1, RW, u8), /* 8.7 interrupt enable */
               (fcr, 2, WO, u8), /* 8.5 FIFO control */
               (lcr, 3, RW, u8), /* 8.1 line control */
               (mcr, 4, RW, u8), /* 8.8 modem control */
               (lsr, 5, RO, u8) /* 8.4 line status */);

#define UART_IER_RECEIVE    BIT32(0) /* received data available */
#define UART_IER_TRANSMIT   BIT32(1) /* transmitter holding register empty */
#define UART_FCR_ENABLE     BIT32(0)
#define UART_LCR_8N1        FIELD32(1, 0)
#define UART_MCR_DTR        BIT32(0)
#define UART_MCR_RTS        BIT32(1)
#define UART_MCR_OUT2       BIT32(3) /* gates the interrupt line on PCs */
#define UART_LSR_DATA_READY BIT32(0)
#define UART_LSR_THR_EMPTY  BIT32(5)
#define UART_FIFO_BYTES     16

struct uart {
    struct uart_registers regs;
    struct kaal_irq irq;
    size_t transmit_bytes; /* that an empty transmitter takes */
};

static int uart_start(struct uart *uart)
{
    /* Switching the FIFOs on would clear a byte that waits already (8.5). */
    bool waits = (uart_read_lsr(&uart->regs) & UART_LSR_DATA_READY) != 0;

    if (!waits) {
        uart_write_fcr(&uart->regs, UART_FCR_ENABLE);
    }
    uart->transmit_bytes = waits ? 1 : UART_FIFO_BYTES;
    uart_write_lcr(&uart->regs, UART_LCR_8N1);
    uart_write_mcr(&uart->regs, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
    return KAAL_OK;
}

static void uart_stop(struct uart *uart)
{
    uart_write_ier(&uart->regs, 0);
}

static bool uart_receive(struct uart *uart, uint8_t *byte)
{
    if (!(uart_read_lsr(&uart->regs) & UART_LSR_DATA_READY)) {
        return false;
    }
    *byte = uart_read_rbr(&uart->regs);
    return true;
}

static size_t uart_transmit_room(struct uart *uart)
{
    return (uart_read_lsr(&uart->regs) & UART_LSR_THR_EMPTY) ? uart->transmit_bytes : 0;
}

static void uart_transmit(struct uart *uart, uint8_t byte)
{
    uart_write_thr(&uart->regs, byte);
}

static void uart_interrupts(struct uart *uart, bool receive, bool transmit)
{
    uart_write_ier(&uart->regs, (uint8_t)((receive ? UART_IER_RECEIVE : 0) |
                                          (transmit ? UART_IER_TRANSMIT : 0)));
}

KAAL_SERIAL_DRIVER(uart, KAAL_MATCH(KAAL_PNP("PNP0501"), KAAL_COMPATIBLE("ns16550a")),
                   KAAL_RESOURCES(KAAL_PORTS(regs, 0), KAAL_IRQ(irq, 0)), .start = uart_start,
                   .stop = uart_stop, .receive = uart_receive, .transmit_room = uart_transmit_room,
                   .transmit = uart_transmit, .interrupts = uart_interrupts);
