/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Operators of expressions, conversions, and reading and storing through references.
 */
#include "aml_internal.h"
#include "aml_opcodes.h"

#define INTEGER_BYTES 8u

/* ---- conversions ---- */

static uint64_t hex_number(const uint8_t *text, uint32_t bytes)
{
    uint64_t number = 0;
    uint32_t at = bytes > 2 && text[0] == '0' && (text[1] | 0x20) == 'x' ? 2 : 0;
    for (; at < bytes; at++) {
        uint8_t letter = text[at] | 0x20;
        if (text[at] >= '0' && text[at] <= '9') {
            number = number << 4 | (uint64_t)(text[at] - '0');
        } else if (letter >= 'a' && letter <= 'f') {
            number = number << 4 | (uint64_t)(letter - 'a' + 10);
        } else {
            break;
        }
    }
    return number;
}

bool aml_to_integer(struct aml_run *run, const struct aml_value *from, uint64_t *integer)
{
    struct aml_value value = *from;
    if (value.type >= AML_NODE && !aml_read(run, from, &value)) {
        return false;
    }
    *integer = 0;
    switch (value.type) {
    case AML_INTEGER:
        *integer = value.integer;
        return true;
    case AML_BUFFER:
        for (uint32_t i = 0; i < value.count && i < INTEGER_BYTES; i++) {
            *integer |= (uint64_t)value.bytes[i] << (8 * i);
        }
        return true;
    case AML_STRING:
        *integer = hex_number(value.bytes, value.count);
        return true;
    default:
        return aml_fail(run, KAAL_ERR_FORMAT, "a number is needed, but that is none");
    }
}

/* A buffer (or string) with a copy of the value's bytes. */
static bool to_bytes(struct aml_run *run, const struct aml_value *from, enum aml_type type,
                     struct aml_value *to)
{
    if (from->type == AML_INTEGER) {
        uint64_t integer = from->integer; /* from and to may be the same */
        if (!aml_new_bytes(run, type, INTEGER_BYTES, to)) {
            return false;
        }
        __builtin_memcpy(to->bytes, &integer, INTEGER_BYTES);
        return true;
    }
    if (from->type != AML_STRING && from->type != AML_BUFFER) {
        return aml_fail(run, KAAL_ERR_FORMAT, "a string or buffer is needed, but that is none");
    }
    if (!aml_copy(run, from, to)) {
        return false;
    }
    to->type = type;
    return true;
}

/* ---- references ---- */

static bool read_node(struct aml_run *run, struct aml_node *node, struct aml_value *value)
{
    switch (node->kind) {
    case AML_KIND_VALUE:
        *value = node->value;
        return true;
    case AML_KIND_FIELD:
    case AML_KIND_BUFFER_FIELD:
        return aml_field_read(run, node, value);
    default:
        *value = (struct aml_value){.type = AML_NODE, .node = node};
        return true;
    }
}

bool aml_read(struct aml_run *run, const struct aml_value *reference, struct aml_value *value)
{
    struct aml_node *node;
    switch (reference->type) {
    case AML_NODE:
        return read_node(run, reference->node, value);
    case AML_NAME:
        node = aml_lookup(run->aml, reference->scope, reference->name);
        return node != NULL ? read_node(run, node, value)
                            : aml_fail(run, KAAL_ERR_NOT_FOUND,
                                       "a name in a package that nothing has defined");
    case AML_ELEMENT:
        *value = *reference->elements;
        return true;
    case AML_BYTE:
        *value = aml_integer(*reference->bytes);
        return true;
    default:
        *value = *reference;
        return true;
    }
}

/* A named object keeps its type; an object without one takes over the value's. */
static bool store_node(struct aml_run *run, const struct aml_value *value, struct aml_node *node)
{
    struct aml_value converted = *value;
    uint64_t integer;
    if (node->kind == AML_KIND_FIELD || node->kind == AML_KIND_BUFFER_FIELD) {
        return aml_field_write(run, node, value);
    }
    if (node->kind != AML_KIND_VALUE) {
        return aml_fail(run, KAAL_ERR_FORMAT, "something is stored that cannot hold a value");
    }
    switch (node->value.type) {
    case AML_INTEGER:
        if (!aml_to_integer(run, value, &integer)) {
            return false;
        }
        converted = aml_integer(integer);
        break;
    case AML_STRING:
    case AML_BUFFER:
        if (!to_bytes(run, value, node->value.type, &converted)) {
            return false;
        }
        break;
    default:
        if (!aml_copy(run, value, &converted)) {
            return false;
        }
        break;
    }
    node->value = converted;
    return true;
}

bool aml_store(struct aml_run *run, const struct aml_value *value,
               const struct aml_value *reference)
{
    uint64_t integer;
    switch (reference->type) {
    case AML_NONE:
        return true;
    case AML_NODE:
        return store_node(run, value, reference->node);
    case AML_BYTE:
        if (!aml_to_integer(run, value, &integer)) {
            return false;
        }
        *reference->bytes = (uint8_t)integer;
        return true;
    case AML_ELEMENT:
        /* An argument or local that holds a reference passes it on. */
        if (reference->elements->type == AML_ELEMENT || reference->elements->type == AML_BYTE ||
            (reference->elements->type == AML_NODE &&
             reference->elements->node->kind != AML_KIND_DEVICE)) {
            struct aml_value inner = *reference->elements;
            if (inner.type == AML_ELEMENT) {
                return aml_copy(run, value, inner.elements);
            }
            return aml_store(run, value, &inner);
        }
        return aml_copy(run, value, reference->elements);
    default:
        return aml_fail(run, KAAL_ERR_FORMAT, "something is stored in what is no place for it");
    }
}

/* ---- arithmetic ---- */

static uint64_t shift_left(uint64_t value, uint64_t count)
{
    return count < 64 ? value << count : 0;
}

static uint64_t shift_right(uint64_t value, uint64_t count)
{
    return count < 64 ? value >> count : 0;
}

static uint64_t compute(uint32_t opcode, uint64_t a, uint64_t b)
{
    switch (opcode) {
    case OP_ADD:
        return a + b;
    case OP_SUBTRACT:
        return a - b;
    case OP_MULTIPLY:
        return a * b;
    case OP_MOD:
        return a % b;
    case OP_SHIFT_LEFT:
        return shift_left(a, b);
    case OP_SHIFT_RIGHT:
        return shift_right(a, b);
    case OP_AND:
        return a & b;
    case OP_NAND:
        return ~(a & b);
    case OP_OR:
        return a | b;
    case OP_NOR:
        return ~(a | b);
    default:
        return a ^ b;
    }
}

static bool finish(struct aml_run *run, uint64_t result, struct aml_value *value)
{
    struct aml_value target;
    *value = aml_integer(result);
    return aml_take_target(run, &target) && aml_store(run, value, &target);
}

static bool run_binary(struct aml_run *run, uint32_t opcode, struct aml_value *value)
{
    uint64_t a;
    uint64_t b;
    if (!aml_integer_operand(run, &a) || !aml_integer_operand(run, &b)) {
        return false;
    }
    if (opcode == OP_MOD && b == 0) {
        return aml_fail(run, KAAL_ERR_FORMAT, "a division by zero");
    }
    return finish(run, compute(opcode, a, b), value);
}

static bool run_divide(struct aml_run *run, struct aml_value *value)
{
    uint64_t dividend;
    uint64_t divisor;
    struct aml_value remainder;
    if (!aml_integer_operand(run, &dividend) || !aml_integer_operand(run, &divisor)) {
        return false;
    }
    if (divisor == 0) {
        return aml_fail(run, KAAL_ERR_FORMAT, "a division by zero");
    }
    struct aml_value rest = aml_integer(dividend % divisor);
    return aml_take_target(run, &remainder) && aml_store(run, &rest, &remainder) &&
           finish(run, dividend / divisor, value);
}

static bool run_unary(struct aml_run *run, uint32_t opcode, struct aml_value *value)
{
    uint64_t a;
    if (!aml_integer_operand(run, &a)) {
        return false;
    }
    uint64_t result = ~a;
    if (opcode == OP_HIGHEST_BIT) {
        result = a == 0 ? 0 : 64 - (uint64_t)__builtin_clzll(a);
    } else if (opcode == OP_LOWEST_BIT) {
        result = a == 0 ? 0 : 1 + (uint64_t)__builtin_ctzll(a);
    }
    return finish(run, result, value);
}

static bool run_step(struct aml_run *run, uint64_t step, struct aml_value *value)
{
    struct aml_value place;
    struct aml_value old;
    uint64_t integer;
    if (!aml_term(run, &place) || !aml_read(run, &place, &old) ||
        !aml_to_integer(run, &old, &integer)) {
        return false;
    }
    *value = aml_integer(integer + step);
    return aml_store(run, value, &place);
}

/* ---- logic ---- */

/* -1, 0, 1: a is below, equal to or above b, in a's type. */
static bool compare(struct aml_run *run, const struct aml_value *a, const struct aml_value *b,
                    int *order)
{
    if (a->type != AML_STRING && a->type != AML_BUFFER) {
        uint64_t left;
        uint64_t right;
        if (!aml_to_integer(run, a, &left) || !aml_to_integer(run, b, &right)) {
            return false;
        }
        *order = left < right ? -1 : left > right;
        return true;
    }
    struct aml_value other;
    if (!to_bytes(run, b, a->type, &other)) {
        return false;
    }
    uint32_t common = a->count < other.count ? a->count : other.count;
    *order = __builtin_memcmp(a->bytes, other.bytes, common);
    if (*order == 0) {
        *order = a->count < other.count ? -1 : a->count > other.count;
    }
    return true;
}

static bool run_logical(struct aml_run *run, uint32_t opcode, struct aml_value *value)
{
    struct aml_value a;
    struct aml_value b;
    uint64_t left;
    uint64_t right = 0;
    int order = 0;
    if (opcode == OP_LOGICAL_NOT) {
        bool good = aml_integer_operand(run, &left);
        *value = aml_integer(good && left == 0 ? UINT64_MAX : 0);
        return good;
    }
    if (!aml_operand(run, &a) || !aml_operand(run, &b)) {
        return false;
    }
    bool both = opcode == OP_LOGICAL_AND || opcode == OP_LOGICAL_OR;
    bool good = both ? aml_to_integer(run, &a, &left) && aml_to_integer(run, &b, &right)
                     : compare(run, &a, &b, &order);
    if (!good) {
        return false;
    }
    bool result;
    switch (opcode) {
    case OP_LOGICAL_AND:
        result = left != 0 && right != 0;
        break;
    case OP_LOGICAL_OR:
        result = left != 0 || right != 0;
        break;
    case OP_EQUAL:
        result = order == 0;
        break;
    case OP_GREATER:
        result = order > 0;
        break;
    default:
        result = order < 0;
        break;
    }
    *value = aml_integer(result ? UINT64_MAX : 0);
    return true;
}

/* ---- objects ---- */

static bool run_store(struct aml_run *run, struct aml_value *value)
{
    struct aml_value target;
    return aml_operand(run, value) && aml_take_target(run, &target) &&
           aml_store(run, value, &target);
}

static bool run_copy_object(struct aml_run *run, struct aml_value *value)
{
    struct aml_value target;
    if (!aml_operand(run, value) || !aml_take_target(run, &target)) {
        return false;
    }
    if (target.type == AML_NODE && target.node->kind == AML_KIND_VALUE) {
        return aml_copy(run, value, &target.node->value); /* the type changes, too */
    }
    return aml_store(run, value, &target);
}

static bool run_concat(struct aml_run *run, struct aml_value *value)
{
    struct aml_value a;
    struct aml_value b;
    struct aml_value target;
    if (!aml_operand(run, &a) || !aml_operand(run, &b)) {
        return false;
    }
    enum aml_type type = a.type == AML_STRING ? AML_STRING : AML_BUFFER;
    if (!to_bytes(run, &a, type, &a) || !to_bytes(run, &b, type, &b) ||
        !aml_new_bytes(run, type, (uint64_t)a.count + b.count, value)) {
        return false;
    }
    __builtin_memcpy(value->bytes, a.bytes, a.count);
    __builtin_memcpy(value->bytes + a.count, b.bytes, b.count);
    return aml_take_target(run, &target) && aml_store(run, value, &target);
}

/* The object that a term names, without a copy: what Index and SizeOf look into. */
static bool take_object(struct aml_run *run, struct aml_value *object)
{
    if (!aml_operand(run, object)) {
        return false;
    }
    if (object->type >= AML_NODE) {
        struct aml_value reference = *object;
        return aml_read(run, &reference, object);
    }
    return true;
}

static bool run_index(struct aml_run *run, struct aml_value *value)
{
    struct aml_value object;
    struct aml_value target;
    uint64_t index;
    if (!take_object(run, &object) || !aml_integer_operand(run, &index)) {
        return false;
    }
    bool has = object.type == AML_PACKAGE || object.type == AML_BUFFER || object.type == AML_STRING;
    if (!has || index >= object.count) {
        return aml_fail(run, KAAL_ERR_RANGE, "an index outside of its object");
    }
    if (object.type == AML_PACKAGE) {
        /* count 1: a reference that somebody made, not a place like a local. */
        *value = (struct aml_value){
            .type = AML_ELEMENT, .count = 1, .elements = &object.elements[index]};
    } else {
        *value = (struct aml_value){.type = AML_BYTE, .bytes = &object.bytes[index]};
    }
    if (!aml_take_target(run, &target)) {
        return false;
    }
    if (target.type == AML_ELEMENT) {
        *target.elements = *value;
        return true;
    }
    return target.type == AML_NONE ||
           aml_fail(run, KAAL_ERR_UNSUPPORTED, "a reference in a named object");
}

static bool run_ref_of(struct aml_run *run, struct aml_value *value)
{
    if (!aml_term(run, value)) {
        return false;
    }
    value->count = value->type == AML_ELEMENT ? 1 : value->count;
    return true;
}

static bool run_cond_ref_of(struct aml_run *run, struct aml_value *value)
{
    struct aml_value target;
    struct aml_value found = {0};
    if (aml_name_bytes(run->at, run->end) != 0) {
        const uint8_t *name;
        if (!aml_take_name(run, &name)) {
            return false;
        }
        struct aml_node *node = aml_lookup(run->aml, run->scope, name);
        found = (struct aml_value){.type = node == NULL ? AML_NONE : AML_NODE, .node = node};
    } else if (!run_ref_of(run, &found)) {
        return false;
    }
    *value = aml_integer(found.type == AML_NONE ? 0 : UINT64_MAX);
    if (!aml_take_target(run, &target)) {
        return false;
    }
    if (found.type != AML_NONE && target.type == AML_ELEMENT) {
        *target.elements = found;
    }
    return true;
}

static bool run_deref_of(struct aml_run *run, struct aml_value *value)
{
    struct aml_value reference;
    if (!aml_operand(run, &reference)) {
        return false;
    }
    if (reference.type < AML_NODE) {
        return aml_fail(run, KAAL_ERR_FORMAT, "a reference is needed, but that is none");
    }
    return aml_read(run, &reference, value);
}

static bool run_size_of(struct aml_run *run, struct aml_value *value)
{
    struct aml_value object;
    if (!take_object(run, &object)) {
        return false;
    }
    if (object.type != AML_PACKAGE && object.type != AML_BUFFER && object.type != AML_STRING) {
        return aml_fail(run, KAAL_ERR_FORMAT, "the size of something that has none");
    }
    *value = aml_integer(object.count);
    return true;
}

/* ACPI Specification 6.4, table 19.21. */
static uint64_t type_of_node(const struct aml_node *node)
{
    switch (node->kind) {
    case AML_KIND_FIELD:
        return 5;
    case AML_KIND_DEVICE:
        return 6;
    case AML_KIND_METHOD:
        return 8;
    case AML_KIND_MUTEX:
        return 9;
    case AML_KIND_REGION:
        return 10;
    case AML_KIND_BUFFER_FIELD:
        return 14;
    case AML_KIND_VALUE:
        return node->value.type <= AML_PACKAGE ? node->value.type : 0;
    default:
        return 0;
    }
}

static bool run_object_type(struct aml_run *run, struct aml_value *value)
{
    struct aml_value object;
    if (!aml_term(run, &object)) {
        return false;
    }
    if (object.type == AML_ELEMENT) {
        object = *object.elements;
    }
    uint64_t type = object.type <= AML_PACKAGE ? object.type : 0;
    *value = aml_integer(object.type == AML_NODE ? type_of_node(object.node) : type);
    return true;
}

static bool run_conversion(struct aml_run *run, uint32_t opcode, struct aml_value *value)
{
    struct aml_value from;
    struct aml_value target;
    uint64_t integer;
    uint64_t length = UINT64_MAX;
    if (!aml_operand(run, &from)) {
        return false;
    }
    if (opcode == OP_TO_INTEGER) {
        return aml_to_integer(run, &from, &integer) && finish(run, integer, value);
    }
    if (opcode == OP_TO_STRING && !aml_integer_operand(run, &length)) {
        return false;
    }
    if (!to_bytes(run, &from, opcode == OP_TO_STRING ? AML_STRING : AML_BUFFER, value)) {
        return false;
    }
    value->count = value->count < length ? value->count : (uint32_t)length;
    return aml_take_target(run, &target) && aml_store(run, value, &target);
}

static bool run_mid(struct aml_run *run, struct aml_value *value)
{
    struct aml_value from;
    struct aml_value target;
    uint64_t start;
    uint64_t length;
    if (!aml_operand(run, &from) || !aml_integer_operand(run, &start) ||
        !aml_integer_operand(run, &length) ||
        !to_bytes(run, &from, from.type == AML_STRING ? AML_STRING : AML_BUFFER, value)) {
        return false;
    }
    start = start < value->count ? start : value->count;
    uint64_t rest = value->count - start;
    value->bytes += start;
    value->count = (uint32_t)(length < rest ? length : rest);
    return aml_take_target(run, &target) && aml_store(run, value, &target);
}

bool aml_operator(struct aml_run *run, uint32_t opcode, struct aml_value *value, bool *known)
{
    *known = true;
    switch (opcode) {
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_MOD:
    case OP_SHIFT_LEFT:
    case OP_SHIFT_RIGHT:
    case OP_AND:
    case OP_NAND:
    case OP_OR:
    case OP_NOR:
    case OP_XOR:
        return run_binary(run, opcode, value);
    case OP_DIVIDE:
        return run_divide(run, value);
    case OP_NOT:
    case OP_HIGHEST_BIT:
    case OP_LOWEST_BIT:
        return run_unary(run, opcode, value);
    case OP_INCREMENT:
        return run_step(run, 1, value);
    case OP_DECREMENT:
        return run_step(run, UINT64_MAX, value);
    case OP_LOGICAL_AND:
    case OP_LOGICAL_OR:
    case OP_LOGICAL_NOT:
    case OP_EQUAL:
    case OP_GREATER:
    case OP_LESS:
        return run_logical(run, opcode, value);
    case OP_STORE:
        return run_store(run, value);
    case OP_COPY_OBJECT:
        return run_copy_object(run, value);
    case OP_CONCAT:
        return run_concat(run, value);
    case OP_INDEX:
        return run_index(run, value);
    case OP_REF_OF:
        return run_ref_of(run, value);
    case OP_COND_REF_OF:
        return run_cond_ref_of(run, value);
    case OP_DEREF_OF:
        return run_deref_of(run, value);
    case OP_SIZE_OF:
        return run_size_of(run, value);
    case OP_OBJECT_TYPE:
        return run_object_type(run, value);
    case OP_TO_BUFFER:
    case OP_TO_INTEGER:
    case OP_TO_STRING:
        return run_conversion(run, opcode, value);
    case OP_MID:
        return run_mid(run, value);
    default:
        *known = false;
        return true;
    }
}
