/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes kaal_device_tree_read(): the input is the blob, and hardware answers noise.
 */
#include <kaal/bits.h>
#include <kaal/device_tree.h>

#include "fuzz_input.h"

static uint32_t noise;

static uint32_t read32(void *context, uint64_t paddr)
{
    (void)context;
    FUZZ_REQUIRE(paddr % 4 == 0);
    noise = noise * 1664525u + 1013904223u;
    return (noise & 0xF0) != 0 ? UINT32_MAX : noise; /* most functions of PCI do not exist */
}

static void write32(void *context, uint64_t paddr, uint32_t value)
{
    (void)context;
    (void)value;
    FUZZ_REQUIRE(paddr % 4 == 0);
}

static void report_problem(void *context, const struct kaal_problem *problem)
{
    (void)context;
    FUZZ_REQUIRE(problem->text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static struct kaal_platform platform;
    static struct kaal_device_registry registry;
    const struct kaal_discovery_access access = {.config_read32 = read32,
                                                 .config_write32 = write32,
                                                 .register_read32 = read32,
                                                 .report = report_problem};
    uint8_t *blob = fuzz_copy(data, bytes);
    noise = (uint32_t)bytes;
    memset(&platform, 0, sizeof(platform));
    memset(&registry, 0, sizeof(registry));
    int error = kaal_device_tree_read(blob, bytes, &access, &platform, &registry);
    FUZZ_REQUIRE(error == KAAL_OK || registry.count == 0);
    FUZZ_REQUIRE(platform.ecam_count <= KAAL_ECAMS_MAX);
    for (uint32_t i = 0; i < registry.count; i++) {
        const struct kaal_device *device = &registry.devices[i];
        FUZZ_REQUIRE(device->irq_count <= KAAL_DEVICE_IRQS_MAX);
        (void)fuzz_touch(device->ids, device->ids_bytes);
        for (uint32_t j = 0; device->record.bus != KAAL_BUS_PCI && j < device->record.range_count;
             j++) {
            const struct kaal_device_range *range = &device->record.ranges[j];
            FUZZ_REQUIRE(range->bytes < KAAL_DEVICE_RANGE_PORTS);
            FUZZ_REQUIRE(range->base <= UINT64_MAX - range->bytes);
        }
    }
    free(blob);
    return 0;
}
