/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A small interpreter of ACPI machine language: enough to load the definition blocks of a PC and to
 * ask its devices who they are, what they decode and where their interrupts go. Everything is
 * bounded: memory comes from one block and is never freed, an evaluation has so many steps and so
 * much nesting, and no byte of a table is read outside of it. What the interpreter does not know
 * ends that evaluation with a message, not the machine.
 *
 * Code of the tables can read hardware through regions. It can write to hardware only while
 * aml->may_write is set, and never to memory: RAM belongs to the kernel.
 *
 * Life cycle: aml_init() -> aml_load() of the DSDT, then of each SSDT -> aml_evaluate() ...
 * Source: ACPI Specification 6.4, chapters 5.5 (namespace), 19 (ASL) and 20 (AML encoding).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kaal/error.h>
#include <kaal/platform.h>

/** Most tables that can be loaded. */
#define AML_TABLES_MAX 24u
/** Most nesting of terms, blocks and methods. */
#define AML_DEPTH_MAX 64u
/** Most steps of one evaluation. */
#define AML_STEPS_MAX 200000u
/** Arguments and local variables of a method. */
#define AML_ARGS   7u
#define AML_LOCALS 8u
/** Longest string, buffer or package that is made. */
#define AML_BYTES_MAX 65536u

struct aml_node;

/** What a value is. Numbers are those of ObjectType where it has one. */
enum aml_type {
    AML_NONE = 0,
    AML_INTEGER = 1,
    AML_STRING = 2,
    AML_BUFFER = 3,
    AML_PACKAGE = 4,
    AML_NODE,    /**< a named object: a reference, or a device as a value */
    AML_NAME,    /**< a name in a package, looked up when it is used */
    AML_ELEMENT, /**< a reference to a value: a package's element, an argument or a local */
    AML_BYTE,    /**< a reference to a byte of a buffer or string */
};

/** A value. Contents of strings, buffers and packages are shared by copies of the value. */
struct aml_value {
    uint32_t type;  /**< enum aml_type */
    uint32_t count; /**< strings, buffers: bytes; packages: elements */
    union {
        uint64_t integer;
        uint8_t *bytes;             /**< strings: without a NUL */
        struct aml_value *elements; /**< package, or what an AML_ELEMENT refers to */
        struct aml_node *node;
        const uint8_t *name; /**< AML_NAME: encoded, inside a table, checked */
    };
    struct aml_node *scope; /**< AML_NAME: where it is looked up */
};

/** What a node of the namespace is. */
enum aml_kind {
    AML_KIND_SCOPE = 0, /**< a scope, or what was only declared */
    AML_KIND_VALUE,
    AML_KIND_DEVICE, /**< also processors, thermal zones and power resources */
    AML_KIND_METHOD,
    AML_KIND_REGION,
    AML_KIND_FIELD,
    AML_KIND_BUFFER_FIELD,
    AML_KIND_MUTEX, /**< also events: there is one thread, so both are free for the asking */
    AML_KIND_ALIAS,
};

/** A named object. */
struct aml_node {
    char name[4];
    uint8_t kind;         /**< enum aml_kind */
    uint8_t arguments;    /**< methods */
    uint8_t space;        /**< regions: address space */
    uint8_t access_bytes; /**< fields: width of an access */
    struct aml_node *parent;
    struct aml_node *child;   /**< first one, in the order of definition */
    struct aml_node *sibling; /**< next one */
    union {
        struct aml_value value;
        struct {
            const uint8_t *start;
            const uint8_t *end;
        } method;
        struct {
            uint64_t offset;
            uint64_t bytes;
        } region;
        struct {
            struct aml_node *region; /**< a region; with an index: the data field */
            struct aml_node *index;  /**< index fields: the index field, else NULL */
            struct aml_node *bank;   /**< bank fields: the bank field, else NULL */
            uint32_t bit;
            uint32_t bits;
            uint64_t bank_value;
        } field;
        struct {
            uint8_t *bytes;
            uint32_t bit;
            uint32_t bits;
        } buffer_field;
        struct aml_node *target; /**< aliases */
    };
};

/** A loaded table. */
struct aml_table {
    char name[5];
    uint64_t paddr;
    const uint8_t *data;
    uint32_t bytes;
};

/** The interpreter. */
struct aml {
    const struct kaal_discovery_access *access;
    const struct kaal_platform *platform; /**< for configuration space */
    uint8_t *memory;
    uint64_t memory_bytes;
    uint64_t memory_used;
    struct aml_node root;
    uint32_t table_count;
    struct aml_table tables[AML_TABLES_MAX];
    bool may_write;              /**< regions of ports and configuration space can be written */
    uint32_t steps;              /**< left in this evaluation */
    uint32_t depth;              /**< nesting now */
    struct kaal_problem problem; /**< why the last evaluation failed */
};

/** Starts with an empty namespace. memory: 16-byte aligned, kept as long as aml is used. */
void aml_init(struct aml *aml, const struct kaal_discovery_access *access,
              const struct kaal_platform *platform, void *memory, uint64_t memory_bytes);

/**
 * Runs a definition block, which defines its names.
 *   table  header included, length and checksum checked; data stays readable
 * Returns KAAL_OK; otherwise aml->problem says what could not be run, and what was defined before
 * stays: KAAL_ERR_FORMAT, KAAL_ERR_UNSUPPORTED, KAAL_ERR_NO_MEMORY, KAAL_ERR_TIMEOUT (steps).
 */
MUST_CHECK int aml_load(struct aml *aml, const struct aml_table *table);

/**
 * The node of a name relative to a scope, e.g. "_CRS" or "\\_S5_"; only in that scope itself.
 *   name  NUL-terminated: a backslash for the root, four letters per segment, dots between them
 * Returns NULL if there is none.
 */
struct aml_node *aml_find(struct aml *aml, struct aml_node *scope, const char *name);

/**
 * Reads a named object, or runs it if it is a method.
 *   arguments, count  for a method that takes so many; fewer are filled up with nothing
 *   value  out
 * Returns as aml_load().
 */
MUST_CHECK int aml_evaluate(struct aml *aml, struct aml_node *node,
                            const struct aml_value *arguments, uint32_t count,
                            struct aml_value *value);

/** An AML_NAME or reference as the node it leads to, or NULL. */
struct aml_node *aml_node_of(struct aml *aml, const struct aml_value *value);

/** True if a device is a PCI host bridge. */
bool aml_is_host_bridge(struct aml *aml, struct aml_node *device);

/** "\_SB_.PCI0.LNKA" of a node, for messages. Returns text, which is cut to bytes. */
const char *aml_path(const struct aml_node *node, char *text, uint32_t bytes);
