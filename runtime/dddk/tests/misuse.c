/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What must not compile, one case per value of MISUSE; 0 is the correct use of the same table.
 */
#include <kaal/driver.h>

KAAL_REGISTERS(uart, 1, (thr, 0, WO, u8), (lsr, 5, RO, u8), (stat, 8, W1C, u32),
               (data, 12, RW, u16));

#if MISUSE == 4
KAAL_REGISTERS(odd, 2, (wide, 1, RW, u32));
#endif

#if MISUSE == 5
/* A register resource bound to a field that is no register table. */
struct wrong {
    struct kaal_irq regs;
};
uint32_t offsets[] = {KAAL_DRIVER_OFFSETS(wrong, KAAL_RESOURCES(KAAL_MMIO(regs, 0)))};
#endif

uint64_t use(struct uart_registers *uart);

uint64_t use(struct uart_registers *uart)
{
    uart_write_thr(uart, 'x');
    uart_clear_stat(uart, 1);
    uart_write_data(uart, 2);
#if MISUSE == 1
    return uart_read_thr(uart);
#elif MISUSE == 2
    uart_write_lsr(uart, 0);
#elif MISUSE == 3
    uart_write_stat(uart, 0);
#endif
    return uart_read_lsr(uart) + uart_read_stat(uart) + uart_read_data(uart);
}
