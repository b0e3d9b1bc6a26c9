/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * QEMU's educational PCI device: a factorial that interrupts when it is done, and a DMA engine with
 * 4 KiB of memory of its own. Each answer that is not the promised one is logged as "BAD". Source:
 * QEMU, docs/specs/edu.txt.
 */
#include <stdbool.h>
#include <string.h>

#include <sel4/sel4.h>

#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/channel.h>
#include <kaal/driver_declaration.h>
#include <kaal/mmio.h>

#define EDU_ID                 0x00u
#define EDU_ID_MASK            0x0000FFFFu
#define EDU_ID_VALUE           0x000000EDu
#define EDU_LIVENESS           0x04u
#define EDU_FACTORIAL          0x08u
#define EDU_STATUS             0x20u
#define EDU_STATUS_BUSY        BIT32(0)
#define EDU_STATUS_INTERRUPT   BIT32(7) /* raise an interrupt when the factorial is done */
#define EDU_INTERRUPTS         0x24u
#define EDU_RAISE              0x60u
#define EDU_ACKNOWLEDGE        0x64u
#define EDU_DMA_SOURCE         0x80u
#define EDU_DMA_DESTINATION    0x88u
#define EDU_DMA_BYTES          0x90u
#define EDU_DMA_COMMAND        0x98u
#define EDU_DMA_START          BIT32(0)
#define EDU_DMA_TO_MEMORY      BIT32(1)
#define EDU_DMA_INTERRUPT      BIT32(2)
#define EDU_BUFFER             0x40000u
#define EDU_INTERRUPT_FACTORY  0x00000001u
#define EDU_INTERRUPT_DMA      0x00000100u
#define EDU_INTERRUPT_OURS     0x00000400u
#define BLOCK_BYTES            1024u
#define NS_PER_MS              UINT64_C(1000000)
#define WAIT_NS                (2000 * NS_PER_MS)
#define PCI_ID_WORD            0x123411E8u
#define PCI_COMMAND            0x04u
#define PCI_COMMAND_BUS_MASTER BIT32(2)
#define PCI_CACHE_LINE         0x0Cu
#define PCI_BAR0               0x10u

static const struct kaal_driver_declaration declaration
    __attribute__((section(".kaal_driver"), used)) = {
        .magic = KAAL_DRIVER_MAGIC,
        .version = KAAL_DRIVER_VERSION,
        .name = "edu",
        .match_count = 1,
        .resource_count = 4,
        .matches = {{.kind = KAAL_SELECT_PCI, .value = PCI_ID_WORD}},
        .resources = {{.name = "regs", .kind = KAAL_RESOURCE_REGISTERS, .bytes = 0x100},
                      {.name = "irq", .kind = KAAL_RESOURCE_IRQ},
                      {.name = "dma", .kind = KAAL_RESOURCE_DMA, .bytes = 4096},
                      {.name = "more",
                       .kind = KAAL_RESOURCE_REGISTERS,
                       .index = 3 | KAAL_DRIVER_OPTIONAL,
                       .bytes = 16}},
};

/* How the giver tells the taker what it has handed over. */
KAAL_CHANNEL(handle_channel, uint64_t, 2);

/* What it was given. */
struct edu {
    unsigned char *regs;
    unsigned char *memory;
    uint64_t bus;
    uint64_t irq;
    uint64_t irq_bit;
    uint32_t index; /* of the device among this component's */
};

static void say(const char *what, bool good)
{
    kaal_log("%s: %s", good ? "good" : "BAD", what);
}

/* Takes over one resource; returns whether it was expected. */
static bool take(struct edu *edu, const struct kaal_resource *resource)
{
    edu->index = resource->device;
    switch (resource->kind) {
    case KAAL_RESOURCE_REGISTERS:
        edu->regs = (unsigned char *)resource->registers.vaddr;
        return strcmp(resource->name, "regs") == 0;
    case KAAL_RESOURCE_IRQ:
        edu->irq = resource->irq.cap;
        edu->irq_bit = BIT64(resource->irq.badge_bit);
        return strcmp(resource->name, "irq") == 0;
    case KAAL_RESOURCE_DMA:
        edu->memory = (unsigned char *)resource->dma.vaddr;
        edu->bus = resource->dma.bus;
        return strcmp(resource->name, "dma") == 0;
    default:
        return false;
    }
}

/* Waits for the device's interrupt and acknowledges it; returns what the device says raised it. */
static uint32_t wait_for_interrupt(const struct edu *edu)
{
    const struct kaal_startup *startup = kaal_startup();
    seL4_Word badge = 0;
    if (kaal_timer_arm(kaal_now_ns() + WAIT_NS) != KAAL_OK) {
        return 0;
    }
    while ((badge & (edu->irq_bit | BIT64(startup->timer_badge_bit))) == 0) {
        seL4_Wait(startup->notification, &badge);
    }
    if ((badge & edu->irq_bit) == 0) {
        return 0;
    }
    uint32_t raised = mmio_read32(edu->regs + EDU_INTERRUPTS);
    mmio_write32(edu->regs + EDU_ACKNOWLEDGE, raised);
    (void)seL4_IRQHandler_Ack(edu->irq);
    return raised;
}

static void play_registers(const struct edu *edu)
{
    uint32_t id = mmio_read32(edu->regs + EDU_ID);
    say("the device answers with its id", (id & EDU_ID_MASK) == EDU_ID_VALUE);
    mmio_write32(edu->regs + EDU_LIVENESS, 0x12345678);
    say("a register keeps what it should", mmio_read32(edu->regs + EDU_LIVENESS) == ~0x12345678u);
}

static void play_interrupts(const struct edu *edu)
{
    mmio_write32(edu->regs + EDU_STATUS, EDU_STATUS_INTERRUPT);
    bool good = true;
    uint32_t expected = 1;
    for (uint32_t n = 1; n <= 10 && good; n++) {
        expected *= n;
        mmio_write32(edu->regs + EDU_FACTORIAL, n);
        good = wait_for_interrupt(edu) == EDU_INTERRUPT_FACTORY &&
               mmio_read32(edu->regs + EDU_FACTORIAL) == expected;
    }
    say("ten factorials come by interrupt", good);
    mmio_write32(edu->regs + EDU_STATUS, 0);
    mmio_write32(edu->regs + EDU_RAISE, EDU_INTERRUPT_OURS);
    say("an interrupt can be raised by hand", wait_for_interrupt(edu) == EDU_INTERRUPT_OURS);
}

/* The engine ignores commands while it works on one, maybe one of a holder that died. */
static void wait_for_engine(const struct edu *edu)
{
    uint64_t deadline = kaal_now_ns() + WAIT_NS;
    while ((mmio_read64(edu->regs + EDU_DMA_COMMAND) & EDU_DMA_START) != 0 &&
           kaal_now_ns() < deadline) {
        seL4_Yield();
    }
}

static bool transfer(const struct edu *edu, uint64_t source, uint64_t destination, uint32_t command)
{
    wait_for_engine(edu);
    dma_wmb(); /* the buffer before the command */
    mmio_write64(edu->regs + EDU_DMA_SOURCE, source);
    mmio_write64(edu->regs + EDU_DMA_DESTINATION, destination);
    mmio_write64(edu->regs + EDU_DMA_BYTES, BLOCK_BYTES);
    mmio_write64(edu->regs + EDU_DMA_COMMAND, command | EDU_DMA_START | EDU_DMA_INTERRUPT);
    bool done = wait_for_interrupt(edu) == EDU_INTERRUPT_DMA;
    dma_rmb(); /* the interrupt before the buffer */
    return done;
}

static void play_dma(const struct edu *edu)
{
    for (uint32_t i = 0; i < BLOCK_BYTES; i++) {
        edu->memory[i] = (unsigned char)(i * 7 + 3);
    }
    bool good = transfer(edu, edu->bus, EDU_BUFFER, 0) &&
                transfer(edu, EDU_BUFFER, edu->bus + 2 * BLOCK_BYTES, EDU_DMA_TO_MEMORY);
    say("DMA to the device and back ends by interrupt", good);
    say("what comes back is what went",
        good && memcmp(edu->memory, edu->memory + 2 * BLOCK_BYTES, BLOCK_BYTES) == 0 &&
            edu->memory[BLOCK_BYTES] == 0);
}

static void play_config(const struct edu *edu)
{
    uint32_t value = 0;
    say("configuration space can be read",
        kaal_pci_config_read(edu->index, 0, 4, &value) == KAAL_OK && value == 0x11E81234);
    say("in parts, too",
        kaal_pci_config_read(edu->index, 2, 2, &value) == KAAL_OK && value == 0x11E8);
    bool read = kaal_pci_config_read(edu->index, PCI_COMMAND, 2, &value) == KAAL_OK;
    say("the broker has switched Bus Master on", read && (value & PCI_COMMAND_BUS_MASTER) != 0);
    say("the driver cannot switch it off",
        kaal_pci_config_write(edu->index, PCI_COMMAND, 2, value & ~PCI_COMMAND_BUS_MASTER) ==
            KAAL_ERR_DENIED);
    say("nor move a BAR",
        kaal_pci_config_write(edu->index, PCI_BAR0, 4, 0xE0000000) == KAAL_ERR_DENIED);
    say("harmless fields can be written",
        kaal_pci_config_write(edu->index, PCI_CACHE_LINE, 1, 16) == KAAL_OK &&
            kaal_pci_config_read(edu->index, PCI_CACHE_LINE, 1, &value) == KAAL_OK && value == 16);
    say("accesses past the function are refused",
        kaal_pci_config_read(edu->index, 4096, 4, &value) == KAAL_ERR_RANGE &&
            kaal_pci_config_read(edu->index, 2, 4, &value) == KAAL_ERR_RANGE);
    say("another device's configuration space is out of reach",
        kaal_pci_config_read(edu->index + 1, 0, 4, &value) == KAAL_ERR_NOT_FOUND);
}

/* Leaves the DMA engine running into memory that is not ours any more when this instance is dead.
 */
static void leave_dma_running(const struct edu *edu)
{
    mmio_write64(edu->regs + EDU_DMA_SOURCE, EDU_BUFFER);
    mmio_write64(edu->regs + EDU_DMA_DESTINATION, edu->bus);
    mmio_write64(edu->regs + EDU_DMA_BYTES, BLOCK_BYTES);
    mmio_write64(edu->regs + EDU_DMA_COMMAND, EDU_DMA_START | EDU_DMA_TO_MEMORY);
}

static void play(const struct edu *edu)
{
    play_registers(edu);
    play_interrupts(edu);
    play_dma(edu);
    play_config(edu);
    kaal_log("done");
}

static void play_request(void)
{
    struct edu edu = {0};
    struct kaal_bundle bundle;
    int error = kaal_request_device(kaal_pci(0x8086, 0xFFFF), &bundle);
    say("a PCI device that does not exist is not found", error == KAAL_ERR_NOT_FOUND);
    error = kaal_request_device(kaal_pci(0x1234, 0x11E8), &bundle);
    say("the device is busy while another holds it", error == KAAL_ERR_BUSY);
    while (error == KAAL_ERR_BUSY) {
        seL4_Word badge = 0;
        if (kaal_timer_arm(kaal_now_ns() + 50 * NS_PER_MS) != KAAL_OK) {
            return;
        }
        seL4_Wait(kaal_startup()->notification, &badge);
        error = kaal_request_device(kaal_pci(0x1234, 0x11E8), &bundle);
    }
    say("it is given once it is free", error == KAAL_OK);
    bool good = error == KAAL_OK;
    for (uint32_t i = 0; good && i < bundle.resource_count; i++) {
        good = take(&edu, &bundle.resources[i]);
    }
    say("the bundle has the declared resources", good && bundle.resource_count == 3);
    if (!good) {
        return;
    }
    play(&edu);
    say("it can be given back", kaal_release(bundle.handle) == KAAL_OK);
    say("and asked for again", kaal_request_device(kaal_pci(0x1234, 0x11E8), &bundle) == KAAL_OK);
    kaal_log("released");
}

/* Hands the device over, and then touches a register that is not mapped any more. */
static void give(const struct edu *edu)
{
    static struct handle_channel channel;
    kaal_handle handle = 0;
    kaal_handle taken = 0;
    uint32_t value;
    say("a device from the start has a handle", kaal_device_handle(edu->index, &handle) == KAAL_OK);
    say("handing it to whom the manifest does not name: refused",
        kaal_delegate(handle, "shell", true, &taken) == KAAL_ERR_DENIED);
    say("handing it to whom has no devices line for it: refused",
        kaal_delegate(handle, "console", true, &taken) == KAAL_ERR_DENIED_PEER);
    play_registers(edu);
    leave_dma_running(edu); /* no byte of it may reach what was our memory */
    say("it is handed over", kaal_delegate(handle, "taker", true, &taken) == KAAL_OK);
    say("the handle is used up", kaal_release(handle) == KAAL_ERR_DOUBLE_FREE);
    say("configuration space is out of reach",
        kaal_pci_config_read(edu->index, 0, 4, &value) == KAAL_ERR_NOT_FOUND);
    say("the interrupt is gone", seL4_IRQHandler_Ack(edu->irq) != seL4_NoError);
    const struct kaal_resource *end = kaal_resource_find("handle", KAAL_RESOURCE_CHANNEL);
    say("the taker is told", handle_channel_open(&channel, end) == KAAL_OK &&
                                 handle_channel_send(&channel, &taken) == KAAL_OK);
    kaal_log("given");
    (void)mmio_read32(edu->regs + EDU_ID);
    kaal_log("BAD: the registers are still mapped");
}

static void take_over(void)
{
    static struct handle_channel channel;
    struct edu edu = {0};
    struct kaal_bundle bundle = {0};
    uint64_t handle = 0;
    const struct kaal_resource *end = kaal_resource_find("handle", KAAL_RESOURCE_CHANNEL);
    int error = handle_channel_open(&channel, end);
    if (error == KAAL_OK) {
        error = handle_channel_recv_blocking(&channel, &handle, KAAL_NO_DEADLINE);
    }
    say("the giver tells the handle", error == KAAL_OK);
    error = kaal_bundle_of(handle, &bundle);
    while (error == KAAL_ERR_BUSY) { /* it recovers from its reset */
        seL4_Word badge = 0;
        if (kaal_timer_arm(kaal_now_ns() + 50 * NS_PER_MS) != KAAL_OK) {
            return;
        }
        seL4_Wait(kaal_startup()->notification, &badge);
        error = kaal_bundle_of(handle, &bundle);
    }
    bool good = error == KAAL_OK;
    for (uint32_t i = 0; good && i < bundle.resource_count; i++) {
        good = take(&edu, &bundle.resources[i]);
    }
    say("the bundle has the declared resources", good && bundle.resource_count == 3);
    if (good) {
        play(&edu);
    }
}

int main(void)
{
    const struct kaal_startup *startup = kaal_startup();
    struct edu edu = {0};
    if (strcmp(startup->arguments, "request") == 0) {
        play_request();
    } else if (strcmp(startup->arguments, "take") == 0) {
        take_over();
    } else {
        bool good = true;
        uint32_t count = 0;
        for (uint32_t i = 0; i < startup->resource_count; i++) {
            if (strcmp(startup->resources[i].name, "handle") != 0) { /* the giver's channel */
                good = take(&edu, &startup->resources[i]) && good;
                count++;
            }
        }
        say("the start-up page has the declared resources", good && count == 3);
        if (!good) {
            return 1;
        }
        if (strcmp(startup->arguments, "give") == 0) {
            give(&edu);
            return 1;
        }
        kaal_log("life %llu", (unsigned long long)startup->generation);
        play(&edu);
        leave_dma_running(&edu);
    }
    for (;;) {
        seL4_Wait(startup->notification, NULL);
    }
}
