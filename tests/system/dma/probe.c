/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The victim fills its DMA memory, tells the rogue where it is, and says in the end whether anybody
 * has written there. The rogue copies with its device's DMA engine: where it may, and where it may
 * not. The engine works on a buffer in the device, and its status register says when it is done,
 * whether or not the bus took the transfer. Source: QEMU, docs/specs/edu.txt.
 */
#include <stdbool.h>
#include <string.h>

#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/channel.h>
#include <kaal/driver_declaration.h>
#include <kaal/event.h>
#include <kaal/mmio.h>

#define EDU_DMA_SOURCE      0x80u
#define EDU_DMA_DESTINATION 0x88u
#define EDU_DMA_BYTES       0x90u
#define EDU_DMA_COMMAND     0x98u
#define EDU_DMA_START       BIT32(0)
#define EDU_DMA_TO_MEMORY   BIT32(1)
#define EDU_BUFFER          0x40000u
#define BLOCK_BYTES         64u
#define PATTERN_VICTIM      0x5Au
#define PATTERN_ROGUE       0xC3u
#define PAGE_BYTES          4096u
#define KERNEL_PADDR        0x100000u /* where a PC's kernel begins */
#define PCI_ID_WORD         0x123411E8u
#define NS_PER_MS           UINT64_C(1000000)
#define TRANSFER_NS         (3000 * NS_PER_MS)

static const struct kaal_driver_declaration declaration
    __attribute__((section(".kaal_driver"), used)) = {
        .magic = KAAL_DRIVER_MAGIC,
        .version = KAAL_DRIVER_VERSION,
        .name = "dma_probe",
        .match_count = 1,
        .resource_count = 2,
        .matches = {{.kind = KAAL_SELECT_PCI, .value = PCI_ID_WORD}},
        .resources = {{.name = "regs", .kind = KAAL_RESOURCE_REGISTERS, .bytes = 0x100},
                      {.name = "dma", .kind = KAAL_RESOURCE_DMA, .bytes = PAGE_BYTES}},
};

/* A message: a bus address one way, nothing the other. */
struct aim {
    uint64_t bus;
    uint64_t filler[7];
};
KAAL_CHANNEL(aim_channel, struct aim, 16);
_Static_assert(sizeof(struct aim) == BLOCK_BYTES, "a slot is as large as a transfer");

static unsigned char *regs;
static unsigned char *memory;
static uint64_t memory_bus;
static struct aim_channel channel;

static void fill(unsigned char *at, unsigned char pattern)
{
    for (uint32_t i = 0; i < BLOCK_BYTES; i++) {
        at[i] = (unsigned char)(pattern ^ i);
    }
}

static bool is_filled(const unsigned char *at, unsigned char pattern)
{
    unsigned char expected[BLOCK_BYTES];
    fill(expected, pattern);
    return memcmp(at, expected, BLOCK_BYTES) == 0;
}

static bool is_zero(const unsigned char *at)
{
    unsigned char any = 0;
    for (uint32_t i = 0; i < BLOCK_BYTES; i++) {
        any |= at[i];
    }
    return any == 0;
}

/* One block between a bus address and the device's buffer; returns whether the engine ended. */
static bool transfer(uint64_t bus, bool to_memory)
{
    uint64_t end_ns = kaal_now_ns() + TRANSFER_NS;
    dma_wmb(); /* the memory before the command */
    mmio_write64(regs + EDU_DMA_SOURCE, to_memory ? EDU_BUFFER : bus);
    mmio_write64(regs + EDU_DMA_DESTINATION, to_memory ? bus : EDU_BUFFER);
    mmio_write64(regs + EDU_DMA_BYTES, BLOCK_BYTES);
    mmio_write64(regs + EDU_DMA_COMMAND, EDU_DMA_START | (to_memory ? EDU_DMA_TO_MEMORY : 0));
    bool running = true;
    while (running && kaal_now_ns() < end_ns) {
        (void)kaal_event_sleep(kaal_now_ns() + 10 * NS_PER_MS);
        running = (mmio_read32(regs + EDU_DMA_COMMAND) & EDU_DMA_START) != 0;
    }
    dma_rmb(); /* the status before the memory */
    return !running;
}

/* The device's buffer gets a pattern by way of our own memory. */
static bool load(unsigned char pattern)
{
    fill(memory, pattern);
    return transfer(memory_bus, false);
}

/* What the device reads at a bus address, brought to our memory; all zero if it got nothing. */
static bool fetch(uint64_t bus)
{
    memset(memory, 0, BLOCK_BYTES);
    return transfer(memory_bus, false) && transfer(bus, false) && transfer(memory_bus, true);
}

static void report(const char *what, bool ended, bool reached)
{
    kaal_log("probe %s: %s", what, !ended ? "stuck" : reached ? "reached" : "nothing");
}

/* The engine writes to a place that we can look at. */
static void probe_write(const char *what, unsigned char *at, uint64_t bus)
{
    memset(at, 0, BLOCK_BYTES);
    bool ended = load(PATTERN_ROGUE) && transfer(bus, true);
    report(what, ended, is_filled(at, PATTERN_ROGUE));
}

static void probe_pool(void)
{
    struct kaal_dma_resource pool;
    kaal_handle handle;
    if (kaal_allocate_dma(2 * PAGE_BYTES, PAGE_BYTES, false, &handle, &pool) != KAAL_OK) {
        kaal_log("probe pool: none");
        return;
    }
    uint64_t last = 2 * PAGE_BYTES - BLOCK_BYTES;
    probe_write("pool", (unsigned char *)pool.vaddr + last, pool.bus + last);
    if (kaal_release(handle) != KAAL_OK) {
        kaal_log("probe released: none");
        return;
    }
    bool ended = fetch(pool.bus + last);
    report("released", ended, is_filled(memory, PATTERN_ROGUE));
}

static void play_rogue(void)
{
    struct aim aim;
    if (aim_channel_recv_blocking(&channel, &aim, KAAL_NO_DEADLINE) != KAAL_OK) {
        return;
    }
    kaal_log("aims at 0x%llx", (unsigned long long)aim.bus);
    probe_write("own", memory + BLOCK_BYTES, memory_bus + BLOCK_BYTES);
    struct aim *slot = aim_channel_reserve(&channel, 1);
    if (slot != NULL) {
        probe_write("channel", (unsigned char *)slot, kaal_bus_address(slot, sizeof(*slot)));
    }
    probe_pool();
    bool ended = fetch(aim.bus);
    report("read", ended, is_filled(memory, PATTERN_VICTIM));
    ended = fetch(KERNEL_PADDR);
    report("kernel", ended, !is_zero(memory));
    ended = load(PATTERN_ROGUE) && transfer(aim.bus, true);
    report("write", ended, false); /* the victim says whether it got there */
    (void)!aim_channel_send_blocking(&channel, &aim, KAAL_NO_DEADLINE);
}

static void play_victim(void)
{
    struct aim aim = {.bus = memory_bus};
    fill(memory, PATTERN_VICTIM);
    if (aim_channel_send_blocking(&channel, &aim, KAAL_NO_DEADLINE) != KAAL_OK ||
        aim_channel_recv_blocking(&channel, &aim, KAAL_NO_DEADLINE) != KAAL_OK) {
        return;
    }
    kaal_log("memory is %s", is_filled(memory, PATTERN_VICTIM)  ? "intact"
                             : is_filled(memory, PATTERN_ROGUE) ? "the rogue's"
                                                                : "damaged");
}

int main(void)
{
    const struct kaal_resource *dma = kaal_resource_find("dma", KAAL_RESOURCE_DMA);
    const struct kaal_resource *registers = kaal_resource_find("regs", KAAL_RESOURCE_REGISTERS);
    if (dma == NULL || registers == NULL ||
        aim_channel_open(&channel, kaal_resource_find("aim", KAAL_RESOURCE_CHANNEL)) != KAAL_OK) {
        return 1;
    }
    regs = (unsigned char *)registers->registers.vaddr;
    memory = (unsigned char *)dma->dma.vaddr;
    memory_bus = dma->dma.bus;
    if (strcmp(kaal_startup()->arguments, "rogue") == 0) {
        play_rogue();
    } else {
        play_victim();
    }
    kaal_log("done");
    for (;;) {
        (void)kaal_event_sleep(KAAL_NO_DEADLINE);
    }
}
