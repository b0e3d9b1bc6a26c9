/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The interpreter from outside: loading tables and evaluating names.
 */
#include "aml_internal.h"

#define TABLE_HEADER_BYTES 36u
/* EISA ids of PCI and PCI Express host bridges: PNP0A03, PNP0A08. */
#define EISA_PCI_HOST  UINT64_C(0x030AD041)
#define EISA_PCIE_HOST UINT64_C(0x080AD041)

/* Scopes that exist before any table does. Source: ACPI Specification 6.4, 5.3.1. */
static const char predefined[][4] = {
    {'_', 'S', 'B', '_'}, {'_', 'G', 'P', 'E'}, {'_', 'P', 'R', '_'},
    {'_', 'S', 'I', '_'}, {'_', 'T', 'Z', '_'},
};

static struct aml_run start_run(struct aml *aml)
{
    aml->steps = AML_STEPS_MAX;
    aml->depth = 0;
    return (struct aml_run){.aml = aml, .scope = &aml->root};
}

void aml_init(struct aml *aml, const struct kaal_discovery_access *access,
              const struct kaal_platform *platform, void *memory, uint64_t memory_bytes)
{
    *aml = (struct aml){
        .access = access,
        .platform = platform,
        .memory = memory,
        .memory_bytes = memory_bytes,
    };
    struct aml_run run = start_run(aml);
    struct aml_node **link = &aml->root.child;
    for (uint32_t i = 0; i < ARRAY_COUNT(predefined); i++) {
        struct aml_node *node = aml_allocate(&run, sizeof(*node));
        if (node == NULL) {
            return; /* the first table finds nothing left, and says so */
        }
        __builtin_memcpy(node->name, predefined[i], sizeof(node->name));
        node->parent = &aml->root;
        *link = node;
        link = &node->sibling;
    }
}

int aml_load(struct aml *aml, const struct aml_table *table)
{
    struct aml_run run = start_run(aml);
    if (aml->table_count >= AML_TABLES_MAX) {
        return kaal_problem_set(&aml->problem, KAAL_ERR_NO_SPACE,
                                "ACPI %s at 0x%llx: more definition blocks than can be kept; it is "
                                "ignored",
                                table->name, (unsigned long long)table->paddr);
    }
    aml->tables[aml->table_count++] = *table;
    run.at = table->data + TABLE_HEADER_BYTES;
    run.end = table->data + table->bytes;
    struct aml_value *places =
        aml_allocate(&run, (AML_ARGS + AML_LOCALS) * sizeof(struct aml_value));
    if (places == NULL) {
        return run.error;
    }
    run.arguments = places;
    run.locals = places + AML_ARGS;
    return aml_block(&run, run.end) ? KAAL_OK : run.error;
}

int aml_evaluate(struct aml *aml, struct aml_node *node, const struct aml_value *arguments,
                 uint32_t count, struct aml_value *value)
{
    struct aml_run run = start_run(aml);
    *value = (struct aml_value){0};
    if (node->kind != AML_KIND_METHOD) {
        struct aml_value reference = {.type = AML_NODE, .node = node};
        return aml_read(&run, &reference, value) ? KAAL_OK : run.error;
    }
    struct aml_value *given = aml_allocate(&run, AML_ARGS * sizeof(*given));
    if (given == NULL) {
        return run.error;
    }
    for (uint32_t i = 0; i < count && i < AML_ARGS; i++) {
        given[i] = arguments[i];
    }
    return aml_call(&run, node, given, value) ? KAAL_OK : run.error;
}

struct aml_node *aml_node_of(struct aml *aml, const struct aml_value *value)
{
    if (value->type == AML_NAME) {
        return aml_lookup(aml, value->scope, value->name);
    }
    return value->type == AML_NODE ? value->node : NULL;
}

static bool is_host_bridge_id(const struct aml_value *id)
{
    static const char names[][8] = {"PNP0A03", "PNP0A08"};
    if (id->type == AML_INTEGER) {
        return id->integer == EISA_PCI_HOST || id->integer == EISA_PCIE_HOST;
    }
    return id->type == AML_STRING && id->count == sizeof(names[0]) - 1 &&
           (__builtin_memcmp(id->bytes, names[0], id->count) == 0 ||
            __builtin_memcmp(id->bytes, names[1], id->count) == 0);
}

bool aml_is_host_bridge(struct aml *aml, struct aml_node *device)
{
    static const char names[][5] = {"_HID", "_CID"};
    for (uint32_t i = 0; device->kind == AML_KIND_DEVICE && i < ARRAY_COUNT(names); i++) {
        const struct aml_node *id = aml_find(aml, device, names[i]);
        if (id != NULL && id->kind == AML_KIND_VALUE && is_host_bridge_id(&id->value)) {
            return true;
        }
    }
    return false;
}
