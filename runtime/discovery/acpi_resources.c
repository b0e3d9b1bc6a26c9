/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Descriptors have a small form (tag with the length in it) and a large one (tag and two bytes of
 * length). Each is checked against its least length before a byte of it is used.
 */
#include "acpi_resources.h"

#include <kaal/bits.h>

#include "discovery_internal.h"

#define TAG_LARGE       0x80u
#define TAG_SMALL_BYTES 0x07u
#define TAG_SMALL_SHIFT 3u

#define SMALL_IRQ      0x04u
#define SMALL_IO       0x08u
#define SMALL_FIXED_IO 0x09u
#define SMALL_END      0x0Fu
#define LARGE_MEMORY24 0x81u
#define LARGE_MEMORY32 0x85u
#define LARGE_FIXED32  0x86u
#define LARGE_DWORD    0x87u
#define LARGE_WORD     0x88u
#define LARGE_IRQ      0x89u
#define LARGE_QWORD    0x8Au

#define SMALL_IRQ_EDGE BIT32(0)
#define SMALL_IRQ_LOW  BIT32(3)
#define LARGE_IRQ_EDGE BIT32(1)
#define LARGE_IRQ_LOW  BIT32(2)
#define SPACE_MEMORY   0u
#define SPACE_IO       1u
#define SPACE_CONSUMER BIT32(0)

/* One descriptor. */
struct descriptor {
    uint32_t kind; /* SMALL_* or LARGE_* */
    const uint8_t *data;
    uint32_t bytes; /* of data */
};

/* Takes the descriptor at *at. */
static bool next_descriptor(const uint8_t *bytes, uint32_t count, uint32_t *at,
                            struct descriptor *descriptor)
{
    uint32_t tag = bytes[*at];
    uint32_t header = 1;
    uint32_t length = tag & TAG_SMALL_BYTES;
    descriptor->kind = tag >> TAG_SMALL_SHIFT;
    if ((tag & TAG_LARGE) != 0) {
        if (count - *at < 3) {
            return false;
        }
        header = 3;
        length = load16(bytes + *at + 1);
        descriptor->kind = tag;
    }
    if (length > count - *at - header) {
        return false;
    }
    descriptor->data = bytes + *at + header;
    descriptor->bytes = length;
    *at += header + length;
    return true;
}

static void add_range(struct acpi_resources *resources, uint64_t base, uint64_t bytes, bool ports)
{
    bool sane = ports ? range_inside(base, bytes, 65536)
                      : bytes < KAAL_DEVICE_RANGE_PORTS && base <= UINT64_MAX - bytes;
    if (bytes != 0 && sane && resources->range_count < ACPI_RANGES_MAX) {
        resources->ranges[resources->range_count++] =
            (struct acpi_range){.base = base, .bytes = bytes, .ports = ports};
    }
}

static void add_irq(struct acpi_resources *resources, const struct acpi_irq *irq)
{
    if (resources->irq_count < KAAL_DEVICE_IRQS_MAX) {
        resources->irqs[resources->irq_count++] = *irq;
    }
}

static void read_small_irq(const struct descriptor *from, struct acpi_resources *resources)
{
    if (from->bytes < 2) {
        return;
    }
    uint32_t flags = from->bytes > 2 ? from->data[2] : SMALL_IRQ_EDGE;
    uint32_t mask = load16(from->data);
    for (uint32_t i = 0; i < 16; i++) {
        const struct acpi_irq irq = {.number = i,
                                     .isa = true,
                                     .level = (flags & SMALL_IRQ_EDGE) == 0,
                                     .active_low = (flags & SMALL_IRQ_LOW) != 0};
        if ((mask & BIT32(i)) != 0) {
            add_irq(resources, &irq);
        }
    }
}

static void read_large_irq(const struct descriptor *from, struct acpi_resources *resources)
{
    uint32_t count = from->bytes < 2 ? 0 : from->data[1];
    for (uint32_t i = 0; i < count && 2 + 4 * (i + 1) <= from->bytes; i++) {
        const struct acpi_irq irq = {.number = load32(from->data + 2 + 4 * (size_t)i),
                                     .level = (from->data[0] & LARGE_IRQ_EDGE) == 0,
                                     .active_low = (from->data[0] & LARGE_IRQ_LOW) != 0};
        add_irq(resources, &irq);
    }
}

/* Type, flags, then granularity, least, greatest, translation and length of `width` bytes each. */
static void read_space(const struct descriptor *from, uint32_t width,
                       struct acpi_resources *resources)
{
    if (from->bytes < 3 + 5 * width || from->data[0] > SPACE_IO) {
        return;
    }
    uint64_t numbers[5] = {0};
    for (uint32_t i = 0; i < 5 * width; i++) {
        numbers[i / width] |= (uint64_t)from->data[3 + i] << (8 * (i % width));
    }
    uint32_t before = resources->range_count;
    add_range(resources, numbers[1], numbers[4], from->data[0] == SPACE_IO);
    if (resources->range_count > before) {
        resources->ranges[before].produced = (from->data[1] & SPACE_CONSUMER) == 0;
    }
}

static void read_descriptor(const struct descriptor *from, struct acpi_resources *resources)
{
    const uint8_t *data = from->data;
    switch (from->kind) {
    case SMALL_IRQ:
        read_small_irq(from, resources);
        break;
    case SMALL_IO:
        if (from->bytes >= 7) {
            add_range(resources, load16(data + 1), data[6], true);
        }
        break;
    case SMALL_FIXED_IO:
        if (from->bytes >= 3) {
            add_range(resources, load16(data), data[2], true);
        }
        break;
    case LARGE_MEMORY24:
        if (from->bytes >= 9) {
            add_range(resources, (uint64_t)load16(data + 1) << 8, (uint64_t)load16(data + 7) << 8,
                      false);
        }
        break;
    case LARGE_MEMORY32:
        if (from->bytes >= 17) {
            add_range(resources, load32(data + 1), load32(data + 13), false);
        }
        break;
    case LARGE_FIXED32:
        if (from->bytes >= 9) {
            add_range(resources, load32(data + 1), load32(data + 5), false);
        }
        break;
    case LARGE_WORD:
        read_space(from, 2, resources);
        break;
    case LARGE_DWORD:
        read_space(from, 4, resources);
        break;
    case LARGE_QWORD:
        read_space(from, 8, resources);
        break;
    case LARGE_IRQ:
        read_large_irq(from, resources);
        break;
    default:
        break;
    }
}

bool acpi_resources_read(const uint8_t *bytes, uint32_t count, struct acpi_resources *resources)
{
    __builtin_memset(resources, 0, sizeof(*resources));
    for (uint32_t at = 0; at < count;) {
        struct descriptor descriptor;
        if (!next_descriptor(bytes, count, &at, &descriptor)) {
            return false;
        }
        if (descriptor.kind == SMALL_END) {
            return true;
        }
        read_descriptor(&descriptor, resources);
    }
    return true;
}

bool acpi_resources_choose_irq(uint8_t *bytes, uint32_t count)
{
    for (uint32_t at = 0; at < count;) {
        struct descriptor descriptor;
        if (!next_descriptor(bytes, count, &at, &descriptor)) {
            return false;
        }
        uint8_t *data = bytes + (descriptor.data - bytes);
        if (descriptor.kind == SMALL_IRQ && descriptor.bytes >= 2 && load16(data) != 0) {
            uint32_t mask = load16(data) & (~(uint32_t)load16(data) + 1);
            data[0] = (uint8_t)mask;
            data[1] = (uint8_t)(mask >> 8);
            return true;
        }
        if (descriptor.kind == LARGE_IRQ && descriptor.bytes >= 6 && data[1] != 0) {
            /* One interrupt of many: the rest of the list must go, or there is only one. */
            return data[1] == 1;
        }
    }
    return false;
}
