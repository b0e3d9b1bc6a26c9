/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: the early console is the first PL011 of the device tree, so it exists only after
 * discovery; earlier messages wait in the log ring. Its frame goes back before the serial driver is
 * built.
 */
#include "../../devices.h"
#include "../../early_console.h"
#include "../../memory.h"

#include <kaal/bits.h>
#include <kaal/mmio.h>

/* PrimeCell UART (PL011) r1p5 Technical Reference Manual, 3.3.1 and 3.3.3. */
#define PL011_DR      0x00u
#define PL011_FR      0x18u
#define PL011_FR_TXFF BIT32(5)
#define PAGE_BYTES    4096u

static struct kaal_untyped *untyped;
static seL4_CPtr frame;
static unsigned char *registers;

static const struct kaal_device *first_pl011(void)
{
    const struct kaal_device_registry *registry = devices_registry();
    for (uint32_t i = 0; i < registry->count; i++) {
        const struct kaal_device *device = &registry->devices[i];
        if (kaal_device_has_id(device, "arm,pl011") && device->record.range_count > 0) {
            return device;
        }
    }
    return NULL;
}

int arch_uart_take(void)
{
    const struct kaal_device *device = first_pl011();
    if (device == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    uint64_t base = device->record.ranges[0].base;
    void *page;
    int error =
        kaal_untyped_allocate_at(memory_untyped(), align_down(base, PAGE_BYTES), 12, &untyped);
    if (error != KAAL_OK) {
        return error;
    }
    error = kaal_cspace_allocate(memory_cspace(), &frame);
    if (error != KAAL_OK) {
        goto out_untyped;
    }
    error = kaal_cspace_retype(memory_cspace(), untyped->cap, kaal_frame_type(12), 0, frame, 1);
    if (error != KAAL_OK) {
        goto out_slot;
    }
    error = memory_map(frame, 1, 12, KAAL_MAP_READ | KAAL_MAP_WRITE | KAAL_MAP_DEVICE, &page);
    if (error != KAAL_OK) {
        goto out_frame;
    }
    registers = (unsigned char *)page + base % PAGE_BYTES;
    return KAAL_OK;

out_frame:
    (void)!kaal_cspace_delete(memory_cspace(), frame);
    (void)!kaal_untyped_free(memory_untyped(), untyped);
    return error;
out_slot:
    (void)!kaal_cspace_free(memory_cspace(), frame);
out_untyped:
    (void)!kaal_untyped_free(memory_untyped(), untyped);
    return error;
}

void arch_uart_give(void)
{
    memory_unmap(frame, 1, 12, (void *)align_down((uint64_t)registers, PAGE_BYTES));
    (void)!kaal_cspace_delete(memory_cspace(), frame);
    (void)!kaal_untyped_free(memory_untyped(), untyped);
}

bool arch_uart_ready(void)
{
    return (mmio_read32(registers + PL011_FR) & PL011_FR_TXFF) == 0;
}

void arch_uart_put(char character)
{
    mmio_write32(registers + PL011_DR, (unsigned char)character);
}

void arch_port_access(struct kaal_discovery_access *access)
{
    (void)access; /* no ports */
}
