/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Memory and values of the interpreter. Nothing is freed: all tables and evaluations of a boot fit
 * into one block, and a block that is used up ends what wanted more.
 */
#include "aml_internal.h"

#define ALIGNMENT 16u

void *aml_allocate(struct aml_run *run, uint64_t bytes)
{
    struct aml *aml = run->aml;
    uint64_t rounded = align_up(bytes, ALIGNMENT);
    if (rounded < bytes || rounded > aml->memory_bytes - aml->memory_used) {
        (void)aml_fail(run, KAAL_ERR_NO_MEMORY, "the memory for ACPI's objects is used up");
        return NULL;
    }
    void *memory = aml->memory + aml->memory_used;
    aml->memory_used += rounded;
    __builtin_memset(memory, 0, rounded);
    return memory;
}

bool aml_fail(struct aml_run *run, int error, const char *what)
{
    struct aml *aml = run->aml;
    if (run->error != KAAL_OK) {
        return false; /* the first one counts */
    }
    run->error = error;
    for (uint32_t i = 0; i < aml->table_count; i++) {
        const struct aml_table *table = &aml->tables[i];
        if (run->at >= table->data && run->at <= table->data + table->bytes) {
            (void)kaal_problem_set(&aml->problem, error,
                                   "ACPI %s at 0x%llx, near offset %u: %s; update the firmware",
                                   table->name, (unsigned long long)table->paddr,
                                   (unsigned)(run->at - table->data), what);
            return false;
        }
    }
    (void)kaal_problem_set(&aml->problem, error, "ACPI: %s; update the firmware", what);
    return false;
}

bool aml_new_bytes(struct aml_run *run, enum aml_type type, uint64_t bytes, struct aml_value *value)
{
    if (bytes > AML_BYTES_MAX) {
        return aml_fail(run, KAAL_ERR_RANGE, "a string or buffer of impossible length");
    }
    *value = (struct aml_value){
        .type = type, .count = (uint32_t)bytes, .bytes = aml_allocate(run, bytes + 1)};
    return value->bytes != NULL;
}

bool aml_new_package(struct aml_run *run, uint64_t count, struct aml_value *value)
{
    if (count > AML_BYTES_MAX / sizeof(struct aml_value)) {
        return aml_fail(run, KAAL_ERR_RANGE, "a package of impossible length");
    }
    *value =
        (struct aml_value){.type = AML_PACKAGE,
                           .count = (uint32_t)count,
                           .elements = aml_allocate(run, (count + 1) * sizeof(struct aml_value))};
    return value->elements != NULL;
}

/* Elements that are packages again share their contents: they are not written through copies. */
bool aml_copy(struct aml_run *run, const struct aml_value *from, struct aml_value *to)
{
    struct aml_value copy = *from;
    switch (from->type) {
    case AML_STRING:
    case AML_BUFFER:
        if (!aml_new_bytes(run, from->type, from->count, &copy)) {
            return false;
        }
        __builtin_memcpy(copy.bytes, from->bytes, from->count);
        break;
    case AML_PACKAGE:
        if (!aml_new_package(run, from->count, &copy)) {
            return false;
        }
        __builtin_memcpy(copy.elements, from->elements, from->count * sizeof(*copy.elements));
        break;
    default:
        break;
    }
    *to = copy;
    return true;
}
