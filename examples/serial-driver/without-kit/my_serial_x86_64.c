/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The 16550A driver of this example once more, without the driver kit and the channel library: on
 * the seL4 API and the start-up page alone. It does the same and keeps the same promises: a byte is
 * taken from the device only when the client has room, consumed only after the device took it, and
 * neither a restart of this driver nor a lying client breaks it. Compare `make loc`.
 * Source: National Semiconductor PC16550D data sheet, section 8.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <sel4/sel4.h>

#include <kaal/driver_declaration.h>
#include <kaal/startup.h>

#define UART_RBR            0 /* 8.0 receiver buffer, read only */
#define UART_THR            0 /* 8.0 transmitter holding, write only */
#define UART_IER            1 /* 8.7 interrupt enable */
#define UART_FCR            2 /* 8.5 FIFO control, write only */
#define UART_LCR            3 /* 8.1 line control */
#define UART_MCR            4 /* 8.8 modem control */
#define UART_LSR            5 /* 8.4 line status, read only */
#define UART_PORTS          6
#define UART_IER_RECEIVE    (1u << 0) /* received data available */
#define UART_IER_TRANSMIT   (1u << 1) /* transmitter holding register empty */
#define UART_FCR_ENABLE     (1u << 0)
#define UART_LCR_8N1        3u
#define UART_MCR_DTR        (1u << 0)
#define UART_MCR_RTS        (1u << 1)
#define UART_MCR_OUT2       (1u << 3) /* gates the interrupt line on PCs */
#define UART_LSR_DATA_READY (1u << 0)
#define UART_LSR_THR_EMPTY  (1u << 5)
#define UART_FIFO_BYTES     16u

#define CHANNEL_HEADER_BYTES 256u

/* One end's region of a channel; only that end can write it, and the other end maps it read-only.
 */
struct region {
    _Alignas(64) _Atomic uint32_t produced;
    _Alignas(64) _Atomic uint32_t wake_data;
    _Atomic uint32_t wake_room;
    _Alignas(64) _Atomic uint32_t consumed;
    _Alignas(64) uint8_t reserved[64];
    _Alignas(64) uint8_t bytes[];
};
_Static_assert(sizeof(struct region) == CHANNEL_HEADER_BYTES, "the layout that the client expects");

struct channel {
    struct region *own;
    const struct region *peer;
    const struct kaal_channel_resource *resource;
    uint32_t capacity;
    uint32_t produced; /* ours, the shared copies are for the peer */
    uint32_t consumed;
    uint32_t notified_produced;
    uint32_t notified_consumed;
    uint32_t generation;
    bool broken; /* the peer's indices were impossible */
};

static struct {
    struct channel client;
    seL4_CPtr ports;
    uint16_t port;
    uint32_t transmit_bytes; /* that an empty transmitter takes */
    seL4_CPtr irq;
    uint64_t irq_badge;
    bool interrupts_known;
    bool receive_enabled;
    bool transmit_enabled;
} uart;

/* init and the image tool read this from the image. */
static const struct kaal_driver_declaration declaration
    __attribute__((section(".kaal_driver"), used)) = {
        .magic = KAAL_DRIVER_MAGIC,
        .version = KAAL_DRIVER_VERSION,
        .device_class = KAAL_CLASS_SERIAL,
        .name = "uart",
        .match_count = 2,
        .matches = {{.kind = KAAL_SELECT_PNP, .id = "PNP0501"},
                    {.kind = KAAL_SELECT_COMPATIBLE, .id = "ns16550a"}},
        .resource_count = 2,
        .resources = {{.name = "regs", .kind = KAAL_RESOURCE_PORTS, .bytes = UART_PORTS},
                      {.name = "irq", .kind = KAAL_RESOURCE_IRQ}},
};

static const struct kaal_resource *find_resource(const char *name, uint32_t kind)
{
    const struct kaal_startup *startup = kaal_startup();

    for (uint32_t i = 0; i < startup->resource_count; i++) {
        const struct kaal_resource *resource = &startup->resources[i];

        if (resource->kind == kind && resource->device == 0 &&
            strncmp(resource->name, name, KAAL_NAME_BYTES) == 0) {
            return resource;
        }
    }
    kaal_panic("a resource is missing");
}

/* The kernel checks the port; a refused access reads as an absent device does. */
static uint8_t port_read(uint16_t offset)
{
    seL4_X86_IOPort_In8_t in = seL4_X86_IOPort_In8(uart.ports, (uint16_t)(uart.port + offset));

    return in.error != 0 ? UINT8_MAX : in.result;
}

static void port_write(uint16_t offset, uint32_t value)
{
    (void)seL4_X86_IOPort_Out8(uart.ports, uart.port + offset, (uint8_t)value);
}

static uint32_t peer_generation(const struct channel *channel)
{
    return __atomic_load_n(&channel->resource->generation, __ATOMIC_ACQUIRE);
}

static bool indices_fit(const struct channel *channel)
{
    uint32_t produced = atomic_load_explicit(&channel->peer->produced, memory_order_acquire);
    uint32_t consumed = atomic_load_explicit(&channel->peer->consumed, memory_order_acquire);

    return produced - channel->consumed <= channel->capacity &&
           channel->produced - consumed <= channel->capacity;
}

/* Goes on where an earlier instance was: its indices are still in our region. */
static void channel_open(struct channel *channel, const struct kaal_channel_resource *resource)
{
    if (resource->message_bytes != 1 || resource->capacity < 2 ||
        (resource->capacity & (resource->capacity - 1)) != 0 ||
        resource->region_bytes < CHANNEL_HEADER_BYTES + (uint64_t)resource->capacity) {
        kaal_panic("the channel does not carry bytes");
    }
    channel->own = (struct region *)resource->own_vaddr;
    channel->peer = (const struct region *)resource->peer_vaddr;
    channel->resource = resource;
    channel->capacity = resource->capacity;
    channel->generation = peer_generation(channel);
    channel->produced = atomic_load_explicit(&channel->own->produced, memory_order_relaxed);
    channel->consumed = atomic_load_explicit(&channel->own->consumed, memory_order_relaxed);
    if (!indices_fit(channel)) {
        channel->produced = atomic_load_explicit(&channel->peer->consumed, memory_order_acquire);
        channel->consumed = atomic_load_explicit(&channel->peer->produced, memory_order_acquire);
        atomic_store_explicit(&channel->own->produced, channel->produced, memory_order_release);
        atomic_store_explicit(&channel->own->consumed, channel->consumed, memory_order_release);
    }
    channel->notified_produced = channel->produced;
    channel->notified_consumed = channel->consumed;
    seL4_Signal(resource->doorbell);
}

/* The client was replaced: accept the new instance if its indices make sense. */
static void channel_reconnect(struct channel *channel)
{
    uint32_t generation = peer_generation(channel);

    if (generation != channel->generation && indices_fit(channel)) {
        channel->generation = generation;
        channel->broken = false;
        seL4_Signal(channel->resource->doorbell);
    }
}

static uint32_t channel_count(struct channel *channel)
{
    uint32_t produced = atomic_load_explicit(&channel->peer->produced, memory_order_acquire);
    uint32_t count = produced - channel->consumed;

    channel->broken = channel->broken || count > channel->capacity;
    return channel->broken ? 0 : count;
}

static uint32_t channel_room(struct channel *channel)
{
    uint32_t consumed = atomic_load_explicit(&channel->peer->consumed, memory_order_acquire);
    uint32_t used = channel->produced - consumed;

    channel->broken = channel->broken || used > channel->capacity;
    return channel->broken ? 0 : channel->capacity - used;
}

static void channel_put(struct channel *channel, uint8_t byte)
{
    channel->own->bytes[channel->produced & (channel->capacity - 1)] = byte;
    channel->produced++;
    atomic_store_explicit(&channel->own->produced, channel->produced, memory_order_release);
}

static uint8_t channel_first(const struct channel *channel)
{
    return channel->peer->bytes[channel->consumed & (channel->capacity - 1)];
}

static void channel_drop_first(struct channel *channel)
{
    channel->consumed++;
    atomic_store_explicit(&channel->own->consumed, channel->consumed, memory_order_release);
}

/* True if an index that moved from `before` to `now` passed the event. */
static bool passed(uint32_t event, uint32_t before, uint32_t now)
{
    return now - event - 1 < now - before;
}

/* Rings the client if it sleeps for something that happened since the last call. */
static void channel_notify(struct channel *channel)
{
    uint32_t data_event;
    uint32_t room_event;
    bool ring;

    atomic_thread_fence(memory_order_seq_cst); /* pairs with the client's, before it sleeps */
    data_event = atomic_load_explicit(&channel->peer->wake_data, memory_order_relaxed);
    room_event = atomic_load_explicit(&channel->peer->wake_room, memory_order_relaxed);
    ring = passed(data_event, channel->notified_produced, channel->produced) ||
           passed(room_event, channel->notified_consumed, channel->consumed);
    channel->notified_produced = channel->produced;
    channel->notified_consumed = channel->consumed;
    if (ring) {
        seL4_Signal(channel->resource->doorbell);
    }
}

/* Asks for a doorbell at the next byte; true if there is none now. */
static bool channel_wait_for_data(struct channel *channel)
{
    atomic_store_explicit(&channel->own->wake_data, channel->consumed, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    return channel_count(channel) == 0;
}

/* Asks for a doorbell when half of the channel is free; true if less is free now. */
static bool channel_wait_for_room(struct channel *channel)
{
    uint32_t room = channel->capacity / 2;

    atomic_store_explicit(&channel->own->wake_room,
                          channel->produced - channel->capacity + room - 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    return channel_room(channel) < room;
}

static void uart_bind(void)
{
    const struct kaal_resource *regs = find_resource("regs", KAAL_RESOURCE_PORTS);
    const struct kaal_resource *irq = find_resource("irq", KAAL_RESOURCE_IRQ);
    const struct kaal_resource *channel = find_resource("serial", KAAL_RESOURCE_CHANNEL);

    if (regs->ports.count < UART_PORTS || irq->irq.badge_bit > 62) {
        kaal_panic("a resource is not what this driver declared");
    }
    uart.ports = regs->ports.cap;
    uart.port = (uint16_t)regs->ports.first;
    uart.irq = irq->irq.cap;
    uart.irq_badge = UINT64_C(1) << irq->irq.badge_bit;
    channel_open(&uart.client, &channel->channel);
}

/* Switching the FIFOs on would clear a byte that waits already (8.5). */
static void uart_start(void)
{
    bool waits = (port_read(UART_LSR) & UART_LSR_DATA_READY) != 0;

    if (!waits) {
        port_write(UART_FCR, UART_FCR_ENABLE);
    }
    uart.transmit_bytes = waits ? 1 : UART_FIFO_BYTES;
    port_write(UART_LCR, UART_LCR_8N1);
    port_write(UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
}

static bool uart_receive(uint8_t *byte)
{
    if (!(port_read(UART_LSR) & UART_LSR_DATA_READY)) {
        return false;
    }
    *byte = port_read(UART_RBR);
    return true;
}

static uint32_t uart_transmit_room(void)
{
    return (port_read(UART_LSR) & UART_LSR_THR_EMPTY) ? uart.transmit_bytes : 0;
}

static void uart_transmit(uint8_t byte)
{
    port_write(UART_THR, byte);
}

static void uart_interrupts(bool receive, bool transmit)
{
    if (uart.interrupts_known && receive == uart.receive_enabled &&
        transmit == uart.transmit_enabled) {
        return;
    }
    uart.interrupts_known = true;
    uart.receive_enabled = receive;
    uart.transmit_enabled = transmit;
    port_write(UART_IER, (receive ? UART_IER_RECEIVE : 0) | (transmit ? UART_IER_TRANSMIT : 0));
}

/* Device to client, while the device has a byte and the channel a slot. */
static void move_input(void)
{
    uint8_t byte;

    while (channel_room(&uart.client) > 0 && uart_receive(&byte)) {
        channel_put(&uart.client, byte);
    }
}

/* Client to device, at most a channel full; true if the device could not take all. */
static bool move_output(void)
{
    uint32_t room = 0;

    for (uint32_t i = 0; i < uart.client.capacity && channel_count(&uart.client) > 0; i++) {
        if (room == 0) {
            room = uart_transmit_room();
        }
        if (room == 0) {
            return true;
        }
        uart_transmit(channel_first(&uart.client));
        channel_drop_first(&uart.client);
        room--;
    }
    return false;
}

/* Does what can be done; true if everything that could bring more work will wake us. */
static bool service(void)
{
    bool stalled;
    bool receive;
    bool sleep;

    channel_reconnect(&uart.client);
    move_input();
    stalled = move_output();
    channel_notify(&uart.client);
    receive = channel_room(&uart.client) > 0;
    uart_interrupts(receive, stalled);
    sleep = receive || channel_wait_for_room(&uart.client);
    return sleep && (stalled || channel_wait_for_data(&uart.client));
}

int main(void)
{
    seL4_Word badges = 0;

    uart_bind();
    uart_start();
    (void)seL4_IRQHandler_Ack(uart.irq); /* an earlier instance may have died before its own */
    for (;;) {
        bool sleep = service();

        if (badges & uart.irq_badge) {
            (void)seL4_IRQHandler_Ack(uart.irq);
            sleep = service() && sleep; /* an edge that came while it was masked left no trace */
        }
        if (sleep) {
            seL4_Wait(kaal_startup()->notification, &badges);
        } else {
            seL4_NBWait(kaal_startup()->notification, &badges);
        }
    }
}
