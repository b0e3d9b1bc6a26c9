/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fields: bits of a region of hardware, behind an index register, in a bank, or of a buffer. A
 * region is read in accesses of the field's width. Source: ACPI Specification 6.4, 5.5.2.4 and
 * 19.6.48.
 */
#include "aml_internal.h"

#include <kaal/pci.h>
#include <kaal/pci_registers.h>

#define SPACE_MEMORY     0u
#define SPACE_IO         1u
#define SPACE_PCI        2u
#define FIELD_BYTES      8u /* wider fields are not numbers; none is needed here */
#define MEMORY_TOP       (UINT64_C(1) << 52)
#define SECONDARY_SHIFT  8u
#define BRIDGES_MAX      8u
#define ADDRESS_FUNCTION 0xFFFFu

/* ---- configuration space ---- */

/* The integer of a node below a device, or a default. */
static bool number_below(struct aml_run *run, struct aml_node *device, const char *name,
                         uint64_t otherwise, uint64_t *number)
{
    struct aml_node *node = aml_find(run->aml, device, name);
    struct aml_value value = {0};
    *number = otherwise;
    if (node == NULL) {
        return true;
    }
    if (node->kind == AML_KIND_METHOD) {
        struct aml_value arguments[AML_ARGS] = {{0}};
        if (!aml_call(run, node, arguments, &value)) {
            return false;
        }
    } else {
        value = (struct aml_value){.type = AML_NODE, .node = node};
    }
    return aml_to_integer(run, &value, number);
}

/* The configuration space of bus, device and function, or 0 without a window for it. */
static uint64_t config_paddr(const struct aml *aml, uint64_t bus, uint64_t address)
{
    uint32_t device = (uint32_t)(address >> 16);
    uint32_t function = (uint32_t)(address & ADDRESS_FUNCTION);
    for (uint32_t i = 0; i < aml->platform->ecam_count; i++) {
        const struct kaal_pci_ecam *ecam = &aml->platform->ecams[i];
        if (ecam->segment == 0 && bus >= ecam->first_bus && bus <= ecam->last_bus && device < 32 &&
            function < 8) {
            return kaal_pci_config_paddr(ecam, (uint32_t)bus, device, function);
        }
    }
    return 0;
}

/*
 * The function that a region of configuration space belongs to: the device around it, on the bus
 * behind the devices around that one, up to the host bridge.
 */
static bool function_of(struct aml_run *run, const struct aml_node *region, uint64_t *paddr)
{
    struct aml *aml = run->aml;
    struct aml_node *path[BRIDGES_MAX];
    uint32_t count = 0;
    struct aml_node *host = region->parent;
    for (; host != NULL && !aml_is_host_bridge(aml, host); host = host->parent) {
        if (host->kind == AML_KIND_DEVICE && aml_find(aml, host, "_ADR") != NULL &&
            count < BRIDGES_MAX) {
            path[count++] = host;
        }
    }
    uint64_t bus = 0;
    uint64_t address = 0;
    if (host != NULL && !number_below(run, host, "_BBN", 0, &bus)) {
        return false;
    }
    if (count == 0 && host != NULL) {
        path[count++] = host;
    }
    *paddr = 0;
    while (count > 0) {
        if (!number_below(run, path[--count], "_ADR", 0, &address)) {
            return false;
        }
        *paddr = config_paddr(aml, bus, address);
        if (*paddr == 0 || count == 0) {
            break;
        }
        bus = aml->access->config_read32(aml->access->context, *paddr + PCI_BUSES) >>
                  SECONDARY_SHIFT &
              0xFF;
    }
    return *paddr != 0 ||
           aml_fail(run, KAAL_ERR_NOT_FOUND, "configuration space of a function that is not there");
}

static bool config_access(struct aml_run *run, struct aml_node *region, uint64_t offset,
                          uint32_t bytes, bool write, uint64_t *value)
{
    const struct kaal_discovery_access *access = run->aml->access;
    uint64_t paddr;
    if (!function_of(run, region, &paddr)) {
        return false;
    }
    if (!range_inside(offset, bytes, PCI_CONFIG_BYTES) || offset / 4 != (offset + bytes - 1) / 4) {
        return aml_fail(run, KAAL_ERR_RANGE,
                        "an access that leaves its word of configuration space");
    }
    uint32_t shift = (uint32_t)(offset % 4) * 8;
    uint32_t mask = (bytes == 4 ? UINT32_MAX : (BIT32(bytes * 8) - 1)) << shift;
    uint64_t at = paddr + (offset & ~UINT64_C(3));
    uint32_t word = access->config_read32(access->context, at);
    if (write) {
        access->config_write32(access->context, at,
                               (word & ~mask) | ((uint32_t)*value << shift & mask));
    } else {
        *value = (word & mask) >> shift;
    }
    return true;
}

/* ---- regions ---- */

static bool port_access(struct aml_run *run, uint64_t port, uint32_t bytes, bool write,
                        uint64_t *value)
{
    const struct kaal_discovery_access *access = run->aml->access;
    if (access->port_read8 == NULL || access->port_write8 == NULL ||
        !range_inside(port, bytes, 65536)) {
        return aml_fail(run, KAAL_ERR_RANGE, "a port that does not exist");
    }
    uint64_t read = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        uint16_t at = (uint16_t)(port + i);
        if (write) {
            access->port_write8(access->context, at, (uint8_t)(*value >> (8 * i)));
        } else {
            read |= (uint64_t)access->port_read8(access->context, at) << (8 * i);
        }
    }
    *value = write ? *value : read;
    return true;
}

/* Uncached, and in words: a region of memory can be registers. */
static bool memory_read(struct aml_run *run, uint64_t paddr, uint32_t bytes, uint64_t *value)
{
    const struct kaal_discovery_access *access = run->aml->access;
    if (access->register_read32 == NULL || paddr > MEMORY_TOP) {
        return aml_fail(run, KAAL_ERR_NOT_FOUND, "a region of memory that cannot be read");
    }
    *value = 0;
    for (uint32_t done = 0; done < bytes;) {
        uint32_t in_word = (uint32_t)(paddr + done) % 4;
        uint32_t word = access->register_read32(access->context, paddr + done - in_word);
        for (; in_word < 4 && done < bytes; in_word++, done++) {
            *value |= (uint64_t)(word >> (8 * in_word) & 0xFF) << (8 * done);
        }
    }
    return true;
}

/* One access to a region. Writes that are not allowed have no effect. */
static bool region_access(struct aml_run *run, struct aml_node *region, uint64_t offset,
                          uint32_t bytes, bool write, uint64_t *value)
{
    if (region->kind != AML_KIND_REGION || !range_inside(offset, bytes, region->region.bytes) ||
        region->region.offset > UINT64_MAX - offset) {
        return aml_fail(run, KAAL_ERR_RANGE, "a field outside of its region");
    }
    uint64_t at = region->region.offset + offset;
    if (write && (!run->aml->may_write || region->space == SPACE_MEMORY)) {
        return true;
    }
    switch (region->space) {
    case SPACE_MEMORY:
        return memory_read(run, at, bytes, value);
    case SPACE_IO:
        return port_access(run, at, bytes, write, value);
    case SPACE_PCI:
        return config_access(run, region, at, bytes, write, value);
    default:
        return aml_fail(run, KAAL_ERR_UNSUPPORTED, "a region of a kind that is not known here");
    }
}

/* ---- fields ---- */

/* Prepares what selects the field's registers; *unit: the access's number is written there. */
static bool select_register(struct aml_run *run, const struct aml_node *field, uint64_t offset)
{
    struct aml_value value;
    if (field->field.bank != NULL) {
        value = aml_integer(field->field.bank_value);
        if (!aml_field_write(run, field->field.bank, &value)) {
            return false;
        }
    }
    if (field->field.index != NULL) {
        value = aml_integer(offset);
        return aml_field_write(run, field->field.index, &value);
    }
    return true;
}

static bool unit_access(struct aml_run *run, struct aml_node *field, uint64_t offset,
                        uint32_t bytes, bool write, uint64_t *value)
{
    if (!select_register(run, field, offset)) {
        return false;
    }
    if (field->field.index == NULL) {
        return region_access(run, field->field.region, offset, bytes, write, value);
    }
    struct aml_value unit = aml_integer(*value);
    if (write) {
        return aml_field_write(run, field->field.region, &unit);
    }
    return aml_field_read(run, field->field.region, &unit) && aml_to_integer(run, &unit, value);
}

/* The bits of one access that belong to the field. */
struct part {
    uint64_t offset; /* of the access, in bytes */
    uint32_t shift;  /* of the first bit in the access */
    uint32_t bits;
};

static struct part part_at(const struct aml_node *field, uint32_t done)
{
    uint32_t access_bits = field->access_bytes * 8u;
    uint32_t bit = field->field.bit + done;
    uint32_t shift = bit % access_bits;
    uint32_t left = field->field.bits - done;
    return (struct part){
        .offset = (uint64_t)(bit / access_bits) * field->access_bytes,
        .shift = shift,
        .bits = left < access_bits - shift ? left : access_bits - shift,
    };
}

static uint64_t low_bits(uint32_t count)
{
    return count < 64 ? BIT64(count) - 1 : UINT64_MAX;
}

/* Nesting of fields that select fields is bounded like that of terms. */
static bool enter(struct aml_run *run, const struct aml_node *field)
{
    if (run->aml->steps == 0 || run->aml->depth >= AML_DEPTH_MAX) {
        return aml_fail(run, KAAL_ERR_RANGE, "fields behind fields without an end");
    }
    if (field->kind != AML_KIND_FIELD && field->kind != AML_KIND_BUFFER_FIELD) {
        return aml_fail(run, KAAL_ERR_FORMAT, "a field was defined again as something else");
    }
    uint32_t bits = field->kind == AML_KIND_FIELD ? field->field.bits : field->buffer_field.bits;
    if (bits > FIELD_BYTES * 8) {
        return aml_fail(run, KAAL_ERR_UNSUPPORTED, "a field that is wider than a number");
    }
    run->aml->steps--;
    run->aml->depth++;
    return true;
}

static void buffer_bits(const struct aml_node *field, bool write, uint64_t *value)
{
    uint64_t read = 0;
    for (uint32_t i = 0; i < field->buffer_field.bits; i++) {
        uint32_t bit = field->buffer_field.bit + i;
        uint8_t *byte = &field->buffer_field.bytes[bit / 8];
        uint8_t mask = (uint8_t)BIT32(bit % 8);
        if (!write) {
            read |= (uint64_t)((*byte & mask) != 0) << i;
        } else if ((*value >> i & 1) != 0) {
            *byte |= mask;
        } else {
            *byte &= (uint8_t)~mask;
        }
    }
    *value = write ? *value : read;
}

static bool read_bits(struct aml_run *run, struct aml_node *field, uint64_t *value)
{
    *value = 0;
    for (uint32_t done = 0; done < field->field.bits;) {
        struct part part = part_at(field, done);
        uint64_t unit = 0;
        if (!unit_access(run, field, part.offset, field->access_bytes, false, &unit)) {
            return false;
        }
        *value |= (unit >> part.shift & low_bits(part.bits)) << done;
        done += part.bits;
    }
    return true;
}

static bool write_bits(struct aml_run *run, struct aml_node *field, uint64_t value)
{
    for (uint32_t done = 0; done < field->field.bits;) {
        struct part part = part_at(field, done);
        uint64_t mask = low_bits(part.bits) << part.shift;
        uint64_t unit = 0;
        bool whole = part.bits == field->access_bytes * 8u;
        if (!whole && !unit_access(run, field, part.offset, field->access_bytes, false, &unit)) {
            return false;
        }
        unit = (unit & ~mask) | (value >> done << part.shift & mask);
        if (!unit_access(run, field, part.offset, field->access_bytes, true, &unit)) {
            return false;
        }
        done += part.bits;
    }
    return true;
}

bool aml_field_read(struct aml_run *run, struct aml_node *field, struct aml_value *value)
{
    uint64_t number = 0;
    bool good = true;
    if (!enter(run, field)) {
        return false;
    }
    if (field->kind == AML_KIND_BUFFER_FIELD) {
        buffer_bits(field, false, &number);
    } else {
        good = read_bits(run, field, &number);
    }
    run->aml->depth--;
    *value = aml_integer(number);
    return good;
}

bool aml_field_write(struct aml_run *run, struct aml_node *field, const struct aml_value *value)
{
    uint64_t number;
    bool good = true;
    if (!aml_to_integer(run, value, &number) || !enter(run, field)) {
        return false;
    }
    if (field->kind == AML_KIND_BUFFER_FIELD) {
        buffer_bits(field, true, &number);
    } else {
        good = write_bits(run, field, number);
    }
    run->aml->depth--;
    return good;
}
