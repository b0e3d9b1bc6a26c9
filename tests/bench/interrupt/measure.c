/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A class framework in place of the serial one, around the unchanged serial driver: it compares the
 * time at its first instruction after an interrupt with the spinner's latest turn, and writes the
 * median to the line. Under -icount shift=0 a nanosecond is an instruction; the spinner's own turn
 * is part of the figure.
 */
#include <stdio.h>

#include <kaal/class/serial.h>

#include "stamp.h"

#define ROUNDS      16
#define WARM_ROUNDS 2

static struct stamp_channel channel;
static uint64_t round_ns[ROUNDS];
static unsigned rounds;
static bool ready;

static void print(const struct kaal_driver_instance *instance, const char *text)
{
    const struct kaal_serial_operations *serial = instance->driver->operations;
    for (; *text != '\0'; text++) {
        while (serial->transmit_room(instance->driver->device) == 0) {
            /* The emulated device always makes room; the test run's own limit ends a stuck one. */
        }
        serial->transmit(instance->driver->device, (uint8_t)*text);
    }
}

/* The middle one of the measured rounds: one that a slow machine disturbed does not count. */
static uint64_t median_ns(void)
{
    for (unsigned i = WARM_ROUNDS + 1; i < ROUNDS; i++) {
        uint64_t value = round_ns[i];
        unsigned j = i;
        for (; j > WARM_ROUNDS && round_ns[j - 1] > value; j--) {
            round_ns[j] = round_ns[j - 1];
        }
        round_ns[j] = value;
    }
    return round_ns[(WARM_ROUNDS + ROUNDS) / 2];
}

static void finish(const struct kaal_driver_instance *instance)
{
    char line[80];
    (void)snprintf(line, sizeof(line), "bench: serial_interrupt_to_driver %llu\nbench: done\n",
                   (unsigned long long)median_ns());
    print(instance, line);
}

static int attach(struct kaal_driver_instance *instance)
{
    (void)instance;
    return stamp_channel_open(&channel, kaal_resource_find("stamp", KAAL_RESOURCE_CHANNEL));
}

static int service(struct kaal_driver_instance *instance)
{
    uint64_t now_ns = kaal_now_ns();
    const volatile struct stamp *stamp =
        (const volatile struct stamp *)(const volatile void *)channel.channel.peer->messages;
    uint64_t struck_ns = stamp->now_ns;

    const struct kaal_serial_operations *serial = instance->driver->operations;
    uint8_t byte;
    if (serial->receive(instance->driver->device, &byte) && rounds < ROUNDS) {
        round_ns[rounds++] = now_ns - struck_ns;
        print(instance, "bench: got\n");
        if (rounds == ROUNDS) {
            finish(instance);
        }
    }
    serial->interrupts(instance->driver->device, true, false);
    if (!ready) {
        ready = true;
        print(instance, "bench: ready\n");
    }
    return KAAL_OK;
}

/* The link takes this one instead of the kit's. */
const struct kaal_class_server kaal_serial_server = {
    .name = "serial",
    .attach = attach,
    .service = service,
};
