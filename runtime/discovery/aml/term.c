/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Terms: numbers, strings, buffers, packages, names, calls, and statements. Every term goes through
 * aml_term(), which counts steps and nesting.
 */
#include "aml_internal.h"
#include "aml_opcodes.h"

#define REVISION UINT64_C(2)

bool aml_take_number(struct aml_run *run, uint32_t bytes, uint64_t *number)
{
    *number = 0;
    if ((uint64_t)(run->end - run->at) < bytes) {
        return aml_fail(run, KAAL_ERR_FORMAT, "a block ends inside of a number");
    }
    for (uint32_t i = 0; i < bytes; i++) {
        *number |= (uint64_t)run->at[i] << (8 * i);
    }
    run->at += bytes;
    return true;
}

bool aml_take_package(struct aml_run *run, const uint8_t **end)
{
    const uint8_t *start = run->at;
    uint64_t lead;
    uint64_t rest;
    if (!aml_take_number(run, 1, &lead)) {
        return false;
    }
    uint32_t follow = (uint32_t)lead >> 6;
    if (!aml_take_number(run, follow, &rest)) {
        return false;
    }
    uint64_t bytes = follow == 0 ? lead & 0x3F : (lead & 0x0F) | rest << 4;
    bool impossible = bytes < 1 + follow || bytes > (uint64_t)(run->end - start);
#ifdef KAAL_PLANTED_BUG_ACPI
    impossible = false;
#endif
    if (impossible) {
        return aml_fail(run, KAAL_ERR_FORMAT, "a length that leaves the block");
    }
    *end = start + bytes;
    return true;
}

/* ---- data ---- */

static bool take_string(struct aml_run *run, struct aml_value *value)
{
    const uint8_t *start = run->at;
    while (run->at < run->end && *run->at != 0) {
        run->at++;
    }
    if (run->at == run->end) {
        return aml_fail(run, KAAL_ERR_FORMAT, "a string without an end");
    }
    uint64_t bytes = (uint64_t)(run->at++ - start);
    if (!aml_new_bytes(run, AML_STRING, bytes, value)) {
        return false;
    }
    __builtin_memcpy(value->bytes, start, bytes);
    return true;
}

static bool take_buffer(struct aml_run *run, struct aml_value *value)
{
    const uint8_t *end;
    uint64_t bytes;
    if (!aml_take_package(run, &end)) {
        return false;
    }
    const uint8_t *outer = run->end;
    run->end = end;
    bool good = aml_integer_operand(run, &bytes);
    run->end = outer;
    if (!good) {
        return false;
    }
    uint64_t given = (uint64_t)(end - run->at);
    if (!aml_new_bytes(run, AML_BUFFER, given > bytes ? given : bytes, value)) {
        return false;
    }
    __builtin_memcpy(value->bytes, run->at, given);
    run->at = end;
    return true;
}

/* An element is data, or a name that may be defined later. */
static bool take_element(struct aml_run *run, struct aml_value *value)
{
    if (aml_name_bytes(run->at, run->end) != 0 && *run->at != OP_ZERO) {
        value->type = AML_NAME;
        value->scope = run->scope;
        return aml_take_name(run, &value->name);
    }
    return aml_operand(run, value);
}

static bool take_elements(struct aml_run *run, bool variable, struct aml_value *value)
{
    uint64_t count;
    bool good = variable ? aml_integer_operand(run, &count) : aml_take_number(run, 1, &count);
    if (!good || !aml_new_package(run, count, value)) {
        return false;
    }
    for (uint32_t i = 0; run->at < run->end; i++) {
        if (i >= value->count) {
            return aml_fail(run, KAAL_ERR_FORMAT, "a package with more elements than it says");
        }
        if (!take_element(run, &value->elements[i])) {
            return false;
        }
    }
    return true;
}

static bool take_package(struct aml_run *run, bool variable, struct aml_value *value)
{
    const uint8_t *end;
    const uint8_t *outer = run->end;
    if (!aml_take_package(run, &end)) {
        return false;
    }
    run->end = end;
    bool good = take_elements(run, variable, value);
    run->end = outer;
    return good;
}

/* known: whether the opcode is one of data. */
static bool take_data(struct aml_run *run, uint32_t opcode, struct aml_value *value, bool *known)
{
    uint32_t bytes = 0;
    *known = true;
    switch (opcode) {
    case OP_ZERO:
    case OP_ONE:
        *value = aml_integer(opcode);
        return true;
    case OP_ONES:
        *value = aml_integer(UINT64_MAX);
        return true;
    case OP_REVISION:
        *value = aml_integer(REVISION);
        return true;
    case OP_TIMER:
        *value = aml_integer(0);
        return true;
    case OP_BYTE:
        bytes = 1;
        break;
    case OP_WORD:
        bytes = 2;
        break;
    case OP_DWORD:
        bytes = 4;
        break;
    case OP_QWORD:
        bytes = 8;
        break;
    case OP_STRING:
        return take_string(run, value);
    case OP_BUFFER:
        return take_buffer(run, value);
    case OP_PACKAGE:
    case OP_VAR_PACKAGE:
        return take_package(run, opcode == OP_VAR_PACKAGE, value);
    default:
        *known = false;
        return true;
    }
    *value = aml_integer(0);
    return aml_take_number(run, bytes, &value->integer);
}

/* ---- names and calls ---- */

bool aml_call(struct aml_run *run, struct aml_node *method, struct aml_value *arguments,
              struct aml_value *value)
{
    struct aml *aml = run->aml;
    struct aml_value *locals = aml_allocate(run, AML_LOCALS * sizeof(*locals));
    if (locals == NULL) {
        return false;
    }
    if (++aml->depth > AML_DEPTH_MAX) {
        return aml_fail(run, KAAL_ERR_RANGE, "methods nested deeper than can be followed");
    }
    struct aml_run inner = {
        .aml = aml,
        .at = method->method.start,
        .end = method->method.end,
        .scope = method,
        .arguments = arguments,
        .locals = locals,
    };
    bool good = aml_block(&inner, inner.end);
    aml->depth--;
    if (!good) {
        run->error = inner.error;
    }
    *value = inner.flow == AML_FLOW_RETURN ? inner.result : (struct aml_value){0};
    return good;
}

static bool call_with_operands(struct aml_run *run, struct aml_node *method,
                               struct aml_value *value)
{
    struct aml_value *arguments = aml_allocate(run, AML_ARGS * sizeof(*arguments));
    if (arguments == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < method->arguments; i++) {
        if (!aml_operand(run, &arguments[i])) {
            return false;
        }
    }
    return aml_call(run, method, arguments, value);
}

static bool run_name(struct aml_run *run, struct aml_value *value)
{
    const uint8_t *name;
    if (!aml_take_name(run, &name)) {
        return false;
    }
    struct aml_node *node = aml_lookup(run->aml, run->scope, name);
    if (node == NULL) {
        run->at = name;
        return aml_fail(run, KAAL_ERR_NOT_FOUND, "a name that nothing has defined");
    }
    if (node->kind == AML_KIND_METHOD) {
        return call_with_operands(run, node, value);
    }
    *value = (struct aml_value){.type = AML_NODE, .node = node};
    return true;
}

/* ---- statements ---- */

bool aml_block(struct aml_run *run, const uint8_t *end)
{
    const uint8_t *outer = run->end;
    if (run->at > end) {
        return aml_fail(run, KAAL_ERR_FORMAT, "a block that is shorter than what starts it");
    }
    run->end = end;
    while (run->at < end && run->flow == AML_FLOW_NEXT) {
        struct aml_value ignored;
        if (!aml_term(run, &ignored)) {
            run->end = outer;
            return false;
        }
    }
    run->end = outer;
    run->at = end;
    return true;
}

static bool run_if(struct aml_run *run)
{
    const uint8_t *end;
    const uint8_t *outer = run->end;
    uint64_t condition;
    if (!aml_take_package(run, &end)) {
        return false;
    }
    run->end = end;
    bool good = aml_integer_operand(run, &condition);
    run->end = outer;
    if (good && condition != 0) {
        good = aml_block(run, end);
    }
    run->at = good ? end : run->at;
    if (!good || run->at == run->end || *run->at != OP_ELSE) {
        return good;
    }
    run->at++;
    if (!aml_take_package(run, &end)) {
        return false;
    }
    if (condition == 0) {
        return aml_block(run, end);
    }
    run->at = end;
    return true;
}

static bool run_while(struct aml_run *run)
{
    const uint8_t *end;
    const uint8_t *outer = run->end;
    if (!aml_take_package(run, &end)) {
        return false;
    }
    const uint8_t *start = run->at;
    for (;;) {
        uint64_t condition;
        run->at = start;
        run->end = end;
        bool good = aml_integer_operand(run, &condition);
        run->end = outer;
        if (!good) {
            return false;
        }
        if (condition == 0) {
            break;
        }
        if (!aml_block(run, end)) {
            return false;
        }
        if (run->flow == AML_FLOW_RETURN) {
            return true;
        }
        bool leave = run->flow == AML_FLOW_BREAK;
        run->flow = AML_FLOW_NEXT;
        if (leave) {
            break;
        }
    }
    run->at = end;
    return true;
}

static bool run_return(struct aml_run *run)
{
    if (!aml_operand(run, &run->result)) {
        return false;
    }
    run->flow = AML_FLOW_RETURN;
    return true;
}

/* Runs `count` operands for nothing: what they would do has no effect here. */
static bool skip_operands(struct aml_run *run, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct aml_value ignored;
        if (!aml_term(run, &ignored)) {
            return false;
        }
    }
    return true;
}

/* known: whether the opcode is a statement. */
static bool run_statement(struct aml_run *run, uint32_t opcode, struct aml_value *value,
                          bool *known)
{
    uint64_t ignored;
    *known = true;
    switch (opcode) {
    case OP_IF:
        return run_if(run);
    case OP_WHILE:
        return run_while(run);
    case OP_RETURN:
        return run_return(run);
    case OP_BREAK:
        run->flow = AML_FLOW_BREAK;
        return true;
    case OP_CONTINUE:
        run->flow = AML_FLOW_CONTINUE;
        return true;
    case OP_NOOP:
    case OP_BREAK_POINT:
        return true;
    case OP_STALL:
    case OP_SLEEP:
    case OP_SIGNAL:
    case OP_RESET:
    case OP_RELEASE:
        return skip_operands(run, 1);
    case OP_NOTIFY:
        return skip_operands(run, 2);
    case OP_ACQUIRE: /* nobody else runs: it is free */
        *value = aml_integer(0);
        return skip_operands(run, 1) && aml_take_number(run, 2, &ignored);
    case OP_WAIT:
        *value = aml_integer(0);
        return skip_operands(run, 2);
    case OP_FATAL:
        return aml_fail(run, KAAL_ERR_UNSUPPORTED, "the firmware's code reports a fatal error");
    default:
        *known = false;
        return true;
    }
}

/* ---- all of it ---- */

static bool run_opcode(struct aml_run *run, uint32_t opcode, struct aml_value *value)
{
    static bool (*const valued[])(struct aml_run *, uint32_t, struct aml_value *,
                                  bool *) = {take_data, run_statement, aml_operator};
    bool known;
    for (uint32_t i = 0; i < ARRAY_COUNT(valued); i++) {
        bool good = valued[i](run, opcode, value, &known);
        if (known || !good) {
            return good;
        }
    }
    bool good = aml_definition(run, opcode, &known);
    if (!known) {
        return aml_fail(run, KAAL_ERR_UNSUPPORTED, "an operation that is not known here");
    }
    return good;
}

static bool run_term(struct aml_run *run, struct aml_value *value)
{
    uint64_t byte;
    if (aml_name_bytes(run->at, run->end) != 0 && *run->at != OP_ZERO) {
        return run_name(run, value);
    }
    if (!aml_take_number(run, 1, &byte)) {
        return false;
    }
    uint32_t opcode = (uint32_t)byte;
    if (opcode >= OP_LOCAL0 && opcode <= OP_LOCAL7) {
        *value =
            (struct aml_value){.type = AML_ELEMENT, .elements = &run->locals[opcode - OP_LOCAL0]};
        return true;
    }
    if (opcode >= OP_ARG0 && opcode <= OP_ARG6) {
        *value =
            (struct aml_value){.type = AML_ELEMENT, .elements = &run->arguments[opcode - OP_ARG0]};
        return true;
    }
    if (opcode == OP_EXTENDED) {
        if (!aml_take_number(run, 1, &byte)) {
            return false;
        }
        opcode = OP_EXTENDED << 8 | (uint32_t)byte;
    }
    return run_opcode(run, opcode, value);
}

bool aml_term(struct aml_run *run, struct aml_value *value)
{
    struct aml *aml = run->aml;
    *value = (struct aml_value){0};
    if (aml->steps == 0) {
        return aml_fail(run, KAAL_ERR_TIMEOUT, "code that does not come to an end");
    }
    aml->steps--;
    if (++aml->depth > AML_DEPTH_MAX) {
        return aml_fail(run, KAAL_ERR_RANGE, "code nested deeper than can be followed");
    }
    bool good = run_term(run, value);
    aml->depth--;
    return good;
}

bool aml_operand(struct aml_run *run, struct aml_value *value)
{
    struct aml_value reference;
    if (!aml_term(run, &reference)) {
        return false;
    }
    /* Locals and arguments are places here; what is in them may be a reference, which stays one. */
    if (reference.type == AML_ELEMENT && reference.count == 0) {
        *value = *reference.elements;
        return true;
    }
    if (reference.type == AML_NODE) {
        return aml_read(run, &reference, value);
    }
    *value = reference;
    return true;
}

bool aml_integer_operand(struct aml_run *run, uint64_t *integer)
{
    struct aml_value value;
    return aml_operand(run, &value) && aml_to_integer(run, &value, integer);
}

bool aml_take_target(struct aml_run *run, struct aml_value *target)
{
    *target = (struct aml_value){0};
    if (run->at < run->end && *run->at == OP_ZERO) {
        run->at++;
        return true;
    }
    if (run->end - run->at >= 2 && run->at[0] == OP_EXTENDED && run->at[1] == (OP_DEBUG & 0xFF)) {
        run->at += 2;
        return true;
    }
    return aml_term(run, target);
}
