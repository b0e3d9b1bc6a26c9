/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The serial class framework: one byte stream each way between the device and the channel "serial".
 * Each byte is committed or consumed by itself, right after the device gave or took it: whenever
 * the driver is killed, at most the one byte in its hands is in doubt.
 */
#include <kaal/assert.h>
#include <kaal/channel.h>
#include <kaal/class/serial.h>

/* One device per component: its client's channel and what the device's interrupts are set to. */
static struct {
    struct kaal_channel channel;
    bool interrupts_known;
    bool receive_enabled;
    bool transmit_enabled;
} serial;

static const struct kaal_resource *serial_channel(const char *name)
{
    return kaal_resource_find(name, KAAL_RESOURCE_CHANNEL);
}

static int serial_attach(struct kaal_driver_instance *instance)
{
    const struct kaal_resource *resource = serial_channel(instance->driver->server->name);

    if (resource && resource->channel.message_bytes != 1) {
        return KAAL_ERR_INVALID;
    }
    serial.interrupts_known = false;
    return kaal_channel_open(&serial.channel, resource);
}

/* Device to client, as long as the device has a byte and the channel a slot. */
static void serial_receive(struct kaal_driver_instance *instance)
{
    const struct kaal_serial_operations *operations = instance->driver->operations;
    void *device = instance->driver->device;
    uint32_t slots;
    uint8_t *bytes;

    while ((bytes = kaal_channel_reserve(&serial.channel, &slots)) != NULL) {
#ifdef KAAL_PLANTED_BUG_SERIAL
        slots++; /* the fuzzer's self-test builds this: one byte past the end of the ring */
#endif
        for (uint32_t i = 0; i < slots; i++) {
            if (!operations->receive(device, &bytes[i])) {
                return;
            }
            kaal_channel_commit(&serial.channel, 1);
            instance->statistics.in_messages++;
        }
    }
    instance->statistics.full_channels++;
}

/* Client to device; at most a channel full per call. True if the device could not take all. */
static bool serial_transmit(struct kaal_driver_instance *instance)
{
    const struct kaal_serial_operations *operations = instance->driver->operations;
    void *device = instance->driver->device;
    uint32_t budget = serial.channel.capacity;
    size_t room = 0;
    uint32_t count;
    const uint8_t *bytes;

    while (budget > 0 && (bytes = kaal_channel_peek(&serial.channel, &count)) != NULL) {
        for (uint32_t i = 0; i < count && budget > 0; i++, budget--) {
            if (room == 0) {
                room = operations->transmit_room(device);
            }
            if (room == 0) {
                return true;
            }
            operations->transmit(device, bytes[i]);
            kaal_channel_consume(&serial.channel, 1);
            instance->statistics.out_messages++;
            room--;
        }
    }
    return false;
}

static void serial_interrupts(struct kaal_driver_instance *instance, bool receive, bool transmit)
{
    const struct kaal_serial_operations *operations = instance->driver->operations;

    if (serial.interrupts_known && receive == serial.receive_enabled &&
        transmit == serial.transmit_enabled) {
        return;
    }
    serial.interrupts_known = true;
    serial.receive_enabled = receive;
    serial.transmit_enabled = transmit;
    operations->interrupts(instance->driver->device, receive, transmit);
}

static int serial_service(struct kaal_driver_instance *instance)
{
    bool receive;
    bool stalled;
    bool sleep;

    if (kaal_channel_peer_changed(&serial.channel)) {
        instance->statistics.reconnects++;
        (void)kaal_channel_reconnect(&serial.channel); /* a liar's channel stays closed */
    }
    serial_receive(instance);
    stalled = serial_transmit(instance);
    kaal_channel_notify(&serial.channel);

    /*
     * Every reason to go on is armed before the wait: a byte from the device or, with the channel
     * full, half of it free; room in the device or, with nothing to send, a byte from the client.
     */
    receive = kaal_channel_room(&serial.channel) > 0;
    serial_interrupts(instance, receive, stalled);
    sleep =
        receive || kaal_channel_prepare_send(&serial.channel, (serial.channel.capacity + 1) / 2);
    sleep = sleep && (stalled || kaal_channel_prepare_receive(&serial.channel));
    return sleep ? KAAL_OK : KAAL_ERR_STATE;
}

const struct kaal_class_server kaal_serial_server = {
    .name = "serial",
    .attach = serial_attach,
    .service = serial_service,
};
