/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Looks at a virtio device that it was given, and says "good" or "BAD". With the argument "write"
 * it writes to the MSI-X table, which must fault. Source: VIRTIO 1.2, 4.1.4 and 4.2.2; PCI Local
 * Bus Specification 3.0, 6.8.2.
 */
#include <stdbool.h>
#include <string.h>

#include <sel4/sel4.h>

#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/driver_declaration.h>
#include <kaal/mmio.h>

#define VIRTIO_RNG       4u
#define MMIO_MAGIC       0x00u
#define MMIO_DEVICE      0x08u
#define MMIO_STATUS      0x70u
#define MMIO_MAGIC_VALUE 0x74726976u
#define COMMON_STATUS    0x14u
#define STATUS_DRIVER    3u
#define TABLE_CONTROL    0x0Cu

static const struct kaal_driver_declaration declaration
    __attribute__((section(".kaal_driver"), used)) = {
        .magic = KAAL_DRIVER_MAGIC,
        .version = KAAL_DRIVER_VERSION,
        .name = "probe",
        .match_count = 1,
        .resource_count = 5,
        .matches = {{.kind = KAAL_SELECT_VIRTIO, .value = VIRTIO_RNG}},
        .resources = {{.name = "transport",
                       .kind = KAAL_RESOURCE_REGISTERS,
                       .index = 0 | KAAL_DRIVER_OPTIONAL,
                       .bytes = 0x200},
                      {.name = "table",
                       .kind = KAAL_RESOURCE_REGISTERS,
                       .index = 1 | KAAL_DRIVER_OPTIONAL,
                       .bytes = 16},
                      {.name = "common",
                       .kind = KAAL_RESOURCE_REGISTERS,
                       .index = 4 | KAAL_DRIVER_OPTIONAL,
                       .bytes = 0x4000},
                      {.name = "irq", .kind = KAAL_RESOURCE_IRQ},
                      {.name = "ring", .kind = KAAL_RESOURCE_DMA, .bytes = 8192}},
};

static void say(const char *what, bool good)
{
    kaal_log("%s: %s", good ? "good" : "BAD", what);
}

static volatile unsigned char *registers(const char *name)
{
    const struct kaal_resource *resource = kaal_resource_find(name, KAAL_RESOURCE_REGISTERS);
    return resource == NULL ? NULL : (volatile unsigned char *)resource->registers.vaddr;
}

/* The device's status is 0 at the start of each life: the one before left it at STATUS_DRIVER. */
static void probe_status(volatile unsigned char *status)
{
    say("the device is as after a reset", mmio_read8(status) == 0);
    mmio_write8(status, STATUS_DRIVER);
    say("its registers can be written", mmio_read8(status) == STATUS_DRIVER);
}

int main(void)
{
    volatile unsigned char *transport = registers("transport");
    volatile unsigned char *table = registers("table");
    volatile unsigned char *common = registers("common");
    say("interrupt and DMA memory are there",
        kaal_resource_find("irq", KAAL_RESOURCE_IRQ) != NULL &&
            kaal_resource_find("ring", KAAL_RESOURCE_DMA) != NULL);
    if (common != NULL && table != NULL) {
        kaal_log("on PCI");
        say("the broker has filled the MSI-X table", mmio_read32(table) != 0 &&
                                                         mmio_read32(table + 8) != 0 &&
                                                         mmio_read32(table + TABLE_CONTROL) == 0);
        probe_status(common + COMMON_STATUS);
    } else if (transport != NULL) {
        kaal_log("in registers");
        say("the transport has the device",
            mmio_read32(transport + MMIO_MAGIC) == MMIO_MAGIC_VALUE &&
                mmio_read32(transport + MMIO_DEVICE) == VIRTIO_RNG);
        say("the device is as after a reset", mmio_read32(transport + MMIO_STATUS) == 0);
        mmio_write32(transport + MMIO_STATUS, STATUS_DRIVER);
        say("its registers can be written", mmio_read32(transport + MMIO_STATUS) == STATUS_DRIVER);
    } else {
        say("registers are there", false);
    }
    kaal_log("done, life %llu", (unsigned long long)kaal_startup()->generation);
    if (table != NULL && strcmp(kaal_startup()->arguments, "write") == 0) {
        mmio_write32(table, 0); /* faults: only the broker writes there */
        say("a write to the MSI-X table faults", false);
    }
    for (;;) {
        seL4_Wait(kaal_startup()->notification, NULL);
    }
}
