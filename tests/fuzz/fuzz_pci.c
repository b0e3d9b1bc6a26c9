/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes the enumeration of PCI, with and without windows to assign addresses in. The input is a
 * byte of flags and then functions: bus, device and function, 64 bytes of configuration space that
 * can be written nowhere, and which bits of the BARs can.
 */
#include <kaal/bits.h>
#include <kaal/pci.h>
#include <kaal/pci_registers.h>

#include "fuzz_input.h"

#define ECAM            UINT64_C(0xB0000000)
#define FUNCTIONS_MAX   24u
#define FIXED_BYTES     128u
#define MASKS           6u
#define RECORD_BYTES    (2u + FIXED_BYTES + 4u * MASKS)
#define FLAG_TRANSLATED 1u
#define FLAG_NARROW     2u /* windows without much room */
#define MEMORY_BASE     UINT64_C(0x10000000)
#define IO_PADDR        UINT64_C(0x3EFF0000)
#define ACCESSES_MAX    2000000u

struct function {
    uint32_t address;
    uint32_t words[FIXED_BYTES / 4];
    uint32_t masks[MASKS];
};

static struct function functions[FUNCTIONS_MAX];
static uint32_t function_count;
static uint32_t accesses;

static struct function *function_at(uint64_t paddr)
{
    FUZZ_REQUIRE(paddr % 4 == 0 && paddr >= ECAM && paddr < ECAM + (UINT64_C(256) << 20));
    FUZZ_REQUIRE(++accesses < ACCESSES_MAX);
    for (uint32_t i = 0; i < function_count; i++) {
        if (functions[i].address == (paddr - ECAM) >> 12) {
            return &functions[i];
        }
    }
    return NULL;
}

static uint32_t config_read32(void *context, uint64_t paddr)
{
    (void)context;
    const struct function *function = function_at(paddr);
    uint32_t offset = (uint32_t)(paddr & 0xFFF);
    return function == NULL || offset >= FIXED_BYTES ? UINT32_MAX : function->words[offset / 4];
}

static void config_write32(void *context, uint64_t paddr, uint32_t value)
{
    (void)context;
    struct function *function = function_at(paddr);
    uint32_t offset = (uint32_t)(paddr & 0xFFF);
    FUZZ_REQUIRE(function != NULL && offset < FIXED_BYTES);
    uint32_t mask = 0;
    if (offset >= PCI_BAR0 && offset < PCI_BAR0 + 4 * MASKS) {
        mask = function->masks[(offset - PCI_BAR0) / 4];
    } else if (offset == PCI_COMMAND) {
        mask = PCI_COMMAND_BITS;
    }
    uint32_t *word = &function->words[offset / 4];
    *word = (*word & ~mask) | (value & mask);
}

static void report_problem(void *context, const struct kaal_problem *problem)
{
    (void)context;
    FUZZ_REQUIRE(problem->text[0] != '\0');
}

static void check(const struct kaal_pci_ecam *ecam, const struct kaal_device *device)
{
    for (uint32_t i = 0; i < device->record.range_count; i++) {
        const struct kaal_device_range *range = &device->record.ranges[i];
        uint64_t bytes = range->bytes & ~KAAL_DEVICE_RANGE_PORTS;
        FUZZ_REQUIRE(bytes == 0 || is_power_of_two(bytes));
        if (!ecam->translated || bytes == 0 || range->base == 0) {
            continue;
        }
        bool inside = false;
        for (uint32_t j = 0; j < ecam->window_count; j++) {
            const struct kaal_pci_window *window = &ecam->windows[j];
            inside = inside || (range->base >= window->paddr &&
                                range_inside(range->base - window->paddr, bytes,
                                             window->bytes & ~KAAL_DEVICE_RANGE_PORTS));
        }
        FUZZ_REQUIRE(inside);
    }
    if (device->pci.msix_count != 0) {
        FUZZ_REQUIRE(device->pci.msix_bar < device->record.range_count);
        FUZZ_REQUIRE(range_inside(device->pci.msix_table,
                                  (uint64_t)device->pci.msix_count * PCI_MSIX_ENTRY_BYTES,
                                  device->record.ranges[device->pci.msix_bar].bytes));
    }
    FUZZ_REQUIRE(device->pci.root_pin <= 4);
    FUZZ_REQUIRE(device->record.bus == KAAL_BUS_PCI);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static struct kaal_device_registry registry;
    const struct kaal_discovery_access access = {
        .config_read32 = config_read32, .config_write32 = config_write32, .report = report_problem};
    struct kaal_pci_ecam ecam = {.paddr = ECAM, .last_bus = 255};
    if (bytes == 0) {
        return 0;
    }
    if ((data[0] & FLAG_TRANSLATED) != 0) {
        ecam.translated = true;
        ecam.window_count = 2;
        ecam.windows[0] =
            (struct kaal_pci_window){.paddr = MEMORY_BASE,
                                     .pci_address = MEMORY_BASE,
                                     .bytes = (data[0] & FLAG_NARROW) != 0 ? 1 << 22 : 1 << 28};
        ecam.windows[1] =
            (struct kaal_pci_window){.paddr = IO_PADDR, .bytes = 65536 | KAAL_DEVICE_RANGE_PORTS};
    }
    function_count = 0;
    accesses = 0;
    memset(&registry, 0, sizeof(registry));
    for (size_t at = 1; bytes - at >= RECORD_BYTES && function_count < FUNCTIONS_MAX;
         at += RECORD_BYTES) {
        struct function *function = &functions[function_count++];
        function->address = (uint32_t)(data[at] | data[at + 1] << 8);
        memcpy(function->words, data + at + 2, FIXED_BYTES);
        memcpy(function->masks, data + at + 2 + FIXED_BYTES, sizeof(function->masks));
    }
    FUZZ_REQUIRE(kaal_pci_enumerate(&ecam, &access, &registry) == KAAL_OK);
    for (uint32_t i = 0; i < registry.count; i++) {
        check(&ecam, &registry.devices[i]);
    }
    return 0;
}
