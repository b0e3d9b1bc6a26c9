/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Terms that define names: scopes, devices, methods, regions, fields, and plain values.
 */
#include "aml_internal.h"
#include "aml_opcodes.h"

#define METHOD_ARGUMENTS  0x07u
#define FIELD_RESERVED    0x00u
#define FIELD_ACCESS      0x01u
#define FIELD_CONNECTION  0x02u
#define FIELD_EXTENDED    0x03u
#define FIELD_ACCESS_TYPE 0x0Fu
#define FIELD_BITS_MAX    (1u << 20)

/* Runs a block in the scope of a node. */
static bool run_inside(struct aml_run *run, struct aml_node *node, const uint8_t *end)
{
    struct aml_node *outer = run->scope;
    run->scope = node;
    bool good = aml_block(run, end);
    run->scope = outer;
    return good;
}

static bool define_scope(struct aml_run *run)
{
    const uint8_t *end;
    const uint8_t *name;
    if (!aml_take_package(run, &end) || !aml_take_name(run, &name)) {
        return false;
    }
    struct aml_node *node = aml_lookup(run->aml, run->scope, name);
    if (node == NULL) {
        run->at = end; /* of a table that is not there: what it would add is not there either */
        return true;
    }
    return run_inside(run, node, end);
}

/* Devices and what is like them: `skip` bytes of attributes before the block. */
static bool define_device(struct aml_run *run, uint32_t skip)
{
    const uint8_t *end;
    struct aml_node *node;
    uint64_t ignored;
    return aml_take_package(run, &end) && aml_define(run, AML_KIND_DEVICE, &node) &&
           aml_take_number(run, skip, &ignored) && run_inside(run, node, end);
}

static bool define_method(struct aml_run *run)
{
    const uint8_t *end;
    struct aml_node *node;
    uint64_t flags;
    if (!aml_take_package(run, &end) || !aml_define(run, AML_KIND_METHOD, &node) ||
        !aml_take_number(run, 1, &flags)) {
        return false;
    }
    if (run->at > end) {
        return aml_fail(run, KAAL_ERR_FORMAT, "a method that is shorter than its name");
    }
    node->arguments = (uint8_t)(flags & METHOD_ARGUMENTS);
    node->method.start = run->at;
    node->method.end = end;
    run->at = end;
    return true;
}

static bool define_value(struct aml_run *run)
{
    struct aml_node *node;
    struct aml_value value;
    if (!aml_define(run, AML_KIND_VALUE, &node) || !aml_operand(run, &value)) {
        return false;
    }
    node->value = value;
    return true;
}

static bool define_alias(struct aml_run *run)
{
    const uint8_t *name;
    struct aml_node *node;
    if (!aml_take_name(run, &name)) {
        return false;
    }
    struct aml_node *target = aml_lookup(run->aml, run->scope, name);
    if (!aml_define(run, AML_KIND_ALIAS, &node)) {
        return false;
    }
    node->target = target == node ? NULL : target;
    return true;
}

/* External declares what another table defines: nothing to do. */
static bool skip_external(struct aml_run *run)
{
    const uint8_t *name;
    uint64_t ignored;
    return aml_take_name(run, &name) && aml_take_number(run, 2, &ignored);
}

static bool define_mutex(struct aml_run *run, uint32_t skip)
{
    struct aml_node *node;
    uint64_t ignored;
    return aml_define(run, AML_KIND_MUTEX, &node) && aml_take_number(run, skip, &ignored);
}

static bool define_region(struct aml_run *run)
{
    struct aml_node *node;
    uint64_t space;
    uint64_t offset;
    uint64_t bytes;
    if (!aml_define(run, AML_KIND_REGION, &node) || !aml_take_number(run, 1, &space) ||
        !aml_integer_operand(run, &offset) || !aml_integer_operand(run, &bytes)) {
        return false;
    }
    node->space = (uint8_t)space;
    node->region.offset = offset;
    node->region.bytes = bytes;
    return true;
}

/* What all fields of a list have in common. */
struct field_list {
    struct aml_node *region;
    struct aml_node *index;
    struct aml_node *bank;
    uint64_t bank_value;
    uint8_t access_bytes;
};

static uint8_t access_bytes(uint64_t flags)
{
    static const uint8_t bytes[] = {1, 1, 2, 4, 8, 1};
    uint64_t type = flags & FIELD_ACCESS_TYPE;
    return type < ARRAY_COUNT(bytes) ? bytes[type] : 1;
}

/* A width as a PkgLength encodes it, without its own bytes. */
static bool take_width(struct aml_run *run, uint32_t *bits)
{
    uint64_t lead;
    uint64_t rest;
    if (!aml_take_number(run, 1, &lead) || !aml_take_number(run, (uint32_t)lead >> 6, &rest)) {
        return false;
    }
    uint64_t width = lead >> 6 == 0 ? lead & 0x3F : (lead & 0x0F) | rest << 4;
    if (width > FIELD_BITS_MAX) {
        return aml_fail(run, KAAL_ERR_RANGE, "a field of impossible width");
    }
    *bits = (uint32_t)width;
    return true;
}

static bool define_field(struct aml_run *run, const struct field_list *list, uint32_t *bit)
{
    struct aml_node *node;
    uint32_t bits;
    if (!aml_define(run, AML_KIND_FIELD, &node) || !take_width(run, &bits)) {
        return false;
    }
    node->access_bytes = list->access_bytes;
    node->field.region = list->region;
    node->field.index = list->index;
    node->field.bank = list->bank;
    node->field.bank_value = list->bank_value;
    node->field.bit = *bit;
    node->field.bits = bits;
    *bit += bits;
    return true;
}

static bool define_fields(struct aml_run *run, struct field_list *list, const uint8_t *end)
{
    const uint8_t *outer = run->end;
    uint32_t bit = 0;
    uint64_t flags;
    bool good =
        run->at <= end || aml_fail(run, KAAL_ERR_FORMAT, "fields that are shorter than their list");
    run->end = end;
    while (good && run->at < end && bit <= FIELD_BITS_MAX * 8) {
        uint32_t skip;
        switch (*run->at) {
        case FIELD_RESERVED:
            run->at++;
            good = take_width(run, &skip);
            bit += good ? skip : 0;
            break;
        case FIELD_ACCESS:
        case FIELD_EXTENDED:
            skip = *run->at++ == FIELD_ACCESS ? 1 : 2;
            good = aml_take_number(run, 1, &flags);
            list->access_bytes = access_bytes(flags);
            good = good && aml_take_number(run, skip, &flags);
            break;
        case FIELD_CONNECTION:
            good = aml_fail(run, KAAL_ERR_UNSUPPORTED, "a field behind a serial bus");
            break;
        default:
            good = define_field(run, list, &bit);
            break;
        }
    }
    run->end = outer;
    run->at = good ? end : run->at;
    return good;
}

static bool take_node(struct aml_run *run, struct aml_node **node)
{
    const uint8_t *name;
    if (!aml_take_name(run, &name)) {
        return false;
    }
    *node = aml_lookup(run->aml, run->scope, name);
    return *node != NULL ||
           aml_fail(run, KAAL_ERR_NOT_FOUND, "fields of something that nothing has defined");
}

static bool define_field_list(struct aml_run *run, uint32_t opcode)
{
    struct field_list list = {0};
    const uint8_t *end;
    uint64_t flags;
    bool good = aml_take_package(run, &end);
    if (opcode == OP_INDEX_FIELD) {
        good = good && take_node(run, &list.index) && take_node(run, &list.region);
    } else {
        good = good && take_node(run, &list.region);
    }
    if (opcode == OP_BANK_FIELD) {
        good = good && take_node(run, &list.bank) && aml_integer_operand(run, &list.bank_value);
    }
    if (!good || !aml_take_number(run, 1, &flags)) {
        return false;
    }
    list.access_bytes = access_bytes(flags);
    return define_fields(run, &list, end);
}

/* A name for bits of a buffer. bits 0: the width is an operand. scale: bits of the index's unit. */
static bool define_buffer_field(struct aml_run *run, uint64_t bits, uint64_t scale)
{
    struct aml_value buffer;
    uint64_t index;
    struct aml_node *node;
    if (!aml_operand(run, &buffer) || !aml_integer_operand(run, &index) ||
        (bits == 0 && !aml_integer_operand(run, &bits)) ||
        !aml_define(run, AML_KIND_BUFFER_FIELD, &node)) {
        return false;
    }
    uint64_t have = buffer.type == AML_BUFFER ? (uint64_t)buffer.count * 8 : 0;
    if (index > have || !range_inside(index * scale, bits, have) || bits == 0) {
        node->kind = AML_KIND_VALUE;
        return aml_fail(run, KAAL_ERR_RANGE, "a field outside of its buffer");
    }
    node->buffer_field.bytes = buffer.bytes;
    node->buffer_field.bit = (uint32_t)(index * scale);
    node->buffer_field.bits = (uint32_t)bits;
    return true;
}

bool aml_definition(struct aml_run *run, uint32_t opcode, bool *known)
{
    *known = true;
    switch (opcode) {
    case OP_SCOPE:
        return define_scope(run);
    case OP_DEVICE:
    case OP_THERMAL_ZONE:
        return define_device(run, 0);
    case OP_PROCESSOR:
        return define_device(run, 6); /* id, address, length of its registers */
    case OP_POWER_RESOURCE:
        return define_device(run, 3); /* level, order */
    case OP_METHOD:
        return define_method(run);
    case OP_NAME:
        return define_value(run);
    case OP_ALIAS:
        return define_alias(run);
    case OP_EXTERNAL:
        return skip_external(run);
    case OP_MUTEX:
        return define_mutex(run, 1);
    case OP_EVENT:
        return define_mutex(run, 0);
    case OP_REGION:
        return define_region(run);
    case OP_FIELD:
    case OP_INDEX_FIELD:
    case OP_BANK_FIELD:
        return define_field_list(run, opcode);
    case OP_CREATE_BIT:
        return define_buffer_field(run, 1, 1);
    case OP_CREATE_BYTE:
        return define_buffer_field(run, 8, 8);
    case OP_CREATE_WORD:
        return define_buffer_field(run, 16, 8);
    case OP_CREATE_DWORD:
        return define_buffer_field(run, 32, 8);
    case OP_CREATE_QWORD:
        return define_buffer_field(run, 64, 8);
    case OP_CREATE_FIELD:
        return define_buffer_field(run, 0, 1);
    default:
        *known = false;
        return true;
    }
}
