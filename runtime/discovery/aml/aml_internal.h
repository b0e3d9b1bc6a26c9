/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the files of the interpreter share. A function that returns bool has set aml->problem and
 * run->error when it returns false.
 */
#pragma once

#include "aml.h"

#include <kaal/bits.h>

/** How a statement ended. */
enum aml_flow {
    AML_FLOW_NEXT,
    AML_FLOW_BREAK,
    AML_FLOW_CONTINUE,
    AML_FLOW_RETURN
};

/** Code that runs: a definition block or a method. */
struct aml_run {
    struct aml *aml;
    const uint8_t *at;  /**< next byte */
    const uint8_t *end; /**< of the innermost block */
    struct aml_node *scope;
    struct aml_value *arguments; /**< [AML_ARGS] */
    struct aml_value *locals;    /**< [AML_LOCALS] */
    enum aml_flow flow;
    int error;
    struct aml_value result; /**< of Return */
};

/* memory.c: memory and values */

/** Zeroed memory, or NULL after a failure was recorded. */
void *aml_allocate(struct aml_run *run, uint64_t bytes);
/** Records "ACPI <table> at <address>, offset <n>: <what>". Returns false. */
bool aml_fail(struct aml_run *run, int error, const char *what);
/** A string or buffer of so many zero bytes. */
bool aml_new_bytes(struct aml_run *run, enum aml_type type, uint64_t bytes,
                   struct aml_value *value);
/** A package of so many empty elements. */
bool aml_new_package(struct aml_run *run, uint64_t count, struct aml_value *value);
/** A value with contents of its own. */
bool aml_copy(struct aml_run *run, const struct aml_value *from, struct aml_value *to);
static inline struct aml_value aml_integer(uint64_t integer)
{
    return (struct aml_value){.type = AML_INTEGER, .integer = integer};
}

/* namespace.c */

/** Bytes of an encoded name at `at`; 0 if it does not end before `end`. */
uint32_t aml_name_bytes(const uint8_t *at, const uint8_t *end);
/** The node of an encoded, checked name as seen from a scope; a lone segment also from above. */
struct aml_node *aml_lookup(struct aml *aml, struct aml_node *scope, const uint8_t *name);
/** Takes a name at run->at and makes its node (or takes over one that exists). */
bool aml_define(struct aml_run *run, enum aml_kind kind, struct aml_node **node);
/** Takes a name at run->at. */
bool aml_take_name(struct aml_run *run, const uint8_t **name);
/** Follows aliases. */
struct aml_node *aml_target(struct aml_node *node);

/* term.c */

/** Takes one byte, or a little-endian number of 2, 4 or 8. */
bool aml_take_number(struct aml_run *run, uint32_t bytes, uint64_t *number);
/** Takes a PkgLength. end: where the package ends, inside the block. */
bool aml_take_package(struct aml_run *run, const uint8_t **end);
/** Runs one term; value: what it yields, AML_NONE if nothing. References are not followed. */
bool aml_term(struct aml_run *run, struct aml_value *value);
/** Runs one term and reads what it refers to. */
bool aml_operand(struct aml_run *run, struct aml_value *value);
/** As aml_operand(), converted to an integer. */
bool aml_integer_operand(struct aml_run *run, uint64_t *integer);
/** Takes a target: a reference, or AML_NONE for no target. */
bool aml_take_target(struct aml_run *run, struct aml_value *target);
/** Runs a block of statements up to `end`. */
bool aml_block(struct aml_run *run, const uint8_t *end);
/** Calls a method; arguments: [AML_ARGS]. */
bool aml_call(struct aml_run *run, struct aml_node *method, struct aml_value *arguments,
              struct aml_value *value);

/* operator.c */

/** Runs an operator of expressions. known: whether the opcode is one. */
bool aml_operator(struct aml_run *run, uint32_t opcode, struct aml_value *value, bool *known);
/** Converts; strings are read as hexadecimal numbers. */
bool aml_to_integer(struct aml_run *run, const struct aml_value *from, uint64_t *integer);
/** Reads what a reference leads to. */
bool aml_read(struct aml_run *run, const struct aml_value *reference, struct aml_value *value);
/** Stores in what a reference leads to; AML_NONE: nowhere. */
bool aml_store(struct aml_run *run, const struct aml_value *value,
               const struct aml_value *reference);

/* define.c */

/** Runs a term that defines something. known: whether the opcode is one. */
bool aml_definition(struct aml_run *run, uint32_t opcode, bool *known);

/* field.c */

/** Reads a field, or a buffer field. */
bool aml_field_read(struct aml_run *run, struct aml_node *field, struct aml_value *value);
/** Writes one. */
bool aml_field_write(struct aml_run *run, struct aml_node *field, const struct aml_value *value);
