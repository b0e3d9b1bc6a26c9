/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A driver for the PL011 UART: a table of its registers, six functions that only this device needs,
 * and a declaration. The kit finds the device, maps its registers, gives the driver its interrupt,
 * and serves the serial channel. Source: Arm PrimeCell UART (PL011) manual, DDI 0183, chapter 3.
 */
#include <kaal/class/serial.h>

KAAL_REGISTERS(uart, 1,              /* offsets are bytes */
               (dr, 0x000, RW, u32), /* 3.3.1 data, receive errors in bits 11..8 */
               (fr, 0x018, RO, u32), /* 3.3.3 flags */
               (cr, 0x030, RW, u32), /* 3.3.8 control */
               (imsc, 0x038, RW, u32) /* 3.3.10 interrupt mask set/clear */);

#define UART_FR_RX_EMPTY    BIT32(4)
#define UART_FR_TX_FULL     BIT32(5)
#define UART_CR_ENABLE      BIT32(0)
#define UART_CR_TRANSMIT    BIT32(8)
#define UART_CR_RECEIVE     BIT32(9)
#define UART_INT_RECEIVE    BIT32(4)
#define UART_INT_TRANSMIT   BIT32(5)
#define UART_INT_RX_TIMEOUT BIT32(6) /* bytes wait below the FIFO's level */

struct uart {
    struct uart_registers regs;
    struct kaal_irq irq;
};

static int uart_start(struct uart *uart)
{
    uart_write_cr(&uart->regs, UART_CR_ENABLE | UART_CR_TRANSMIT | UART_CR_RECEIVE);
    return KAAL_OK;
}

static void uart_stop(struct uart *uart)
{
    uart_write_imsc(&uart->regs, 0);
}

static bool uart_receive(struct uart *uart, uint8_t *byte)
{
    if (uart_read_fr(&uart->regs) & UART_FR_RX_EMPTY) {
        return false;
    }
    *byte = (uint8_t)uart_read_dr(&uart->regs);
    return true;
}

static size_t uart_transmit_room(struct uart *uart)
{
    return (uart_read_fr(&uart->regs) & UART_FR_TX_FULL) ? 0 : 1;
}

static void uart_transmit(struct uart *uart, uint8_t byte)
{
    uart_write_dr(&uart->regs, byte);
}

static void uart_interrupts(struct uart *uart, bool receive, bool transmit)
{
    uart_write_imsc(&uart->regs, (receive ? UART_INT_RECEIVE | UART_INT_RX_TIMEOUT : 0) |
                                     (transmit ? UART_INT_TRANSMIT : 0));
}

KAAL_SERIAL_DRIVER(uart, KAAL_MATCH(KAAL_COMPATIBLE("arm,pl011")),
                   KAAL_RESOURCES(KAAL_MMIO(regs, 0), KAAL_IRQ(irq, 0)), .start = uart_start,
                   .stop = uart_stop, .receive = uart_receive, .transmit_room = uart_transmit_room,
                   .transmit = uart_transmit, .interrupts = uart_interrupts);
