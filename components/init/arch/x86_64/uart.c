/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: ports. The early console is the legacy COM1, which no table lists reliably; it is polled
 * through an I/O port capability that goes back before the serial driver is built. Discovery reads
 * ports through a capability that lives for one access.
 */
#include "../../devices.h"
#include "../../early_console.h"
#include "../../memory.h"

#include <kaal/bits.h>
#include <kaal/sel4_error.h>

/* National Semiconductor PC16550D data sheet, 8.0: port offsets from COM1's base. */
#define COM1_FIRST   0x3f8u
#define COM1_LAST    0x3ffu
#define UART_THR     0u /* WO: transmit holding */
#define UART_LSR     5u /* RO: line status */
#define UART_LSR_THR BIT32(5)

static seL4_CPtr com1; /* 0 while it is not ours */

static int ports_issue(uint16_t first, uint16_t last, seL4_CPtr *slot)
{
    struct kaal_cspace *cspace = memory_cspace();
    int error = kaal_cspace_allocate(cspace, slot);
    if (error != KAAL_OK) {
        return error;
    }
    error = kaal_error_from_sel4(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, first, last,
                                                              cspace->root, *slot, cspace->depth));
    if (error != KAAL_OK) {
        (void)!kaal_cspace_free(cspace, *slot);
    }
    return error;
}

int arch_uart_take(void)
{
    return ports_issue(COM1_FIRST, COM1_LAST, &com1);
}

void arch_uart_give(void)
{
    (void)!kaal_cspace_delete(memory_cspace(), com1);
    com1 = 0;
}

bool arch_uart_ready(void)
{
    seL4_X86_IOPort_In8_t status = seL4_X86_IOPort_In8(com1, COM1_FIRST + UART_LSR);
    return status.error == seL4_NoError && (status.result & UART_LSR_THR) != 0;
}

void arch_uart_put(char character)
{
    (void)!seL4_X86_IOPort_Out8(com1, COM1_FIRST + UART_THR, (unsigned char)character);
}

static bool is_com1(uint16_t port)
{
    return com1 != 0 && port >= COM1_FIRST && port <= COM1_LAST;
}

static uint8_t port_read8(void *context, uint16_t port)
{
    (void)context;
    seL4_CPtr cap = com1;
    if (!is_com1(port) && ports_issue(port, port, &cap) != KAAL_OK) {
        return UINT8_MAX; /* nobody answers */
    }
    seL4_X86_IOPort_In8_t value = seL4_X86_IOPort_In8(cap, port);
    if (!is_com1(port)) {
        (void)!kaal_cspace_delete(memory_cspace(), cap);
    }
    return value.error == seL4_NoError ? value.result : UINT8_MAX;
}

static void port_write8(void *context, uint16_t port, uint8_t value)
{
    (void)context;
    seL4_CPtr cap = com1;
    if (!is_com1(port) && ports_issue(port, port, &cap) != KAAL_OK) {
        return;
    }
    (void)!seL4_X86_IOPort_Out8(cap, port, value);
    if (!is_com1(port)) {
        (void)!kaal_cspace_delete(memory_cspace(), cap);
    }
}

void arch_port_access(struct kaal_discovery_access *access)
{
    access->port_read8 = port_read8;
    access->port_write8 = port_write8;
}
