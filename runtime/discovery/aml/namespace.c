/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The namespace: nodes by name, and encoded names. Source: ACPI Specification 6.4, 5.3 (search
 * rules) and 20.2.2 (name encoding).
 */
#include "aml_internal.h"

#define NAME_ROOT       0x5Cu
#define NAME_PARENT     0x5Eu
#define NAME_DUAL       0x2Eu
#define NAME_MULTI      0x2Fu
#define NAME_NULL       0x00u
#define SEGMENT_BYTES   4u
#define ALIASES_MAX     8u
#define PATH_LEVELS_MAX 16u

static bool is_lead(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool is_segment(const uint8_t *at)
{
    for (uint32_t i = 0; i < SEGMENT_BYTES; i++) {
        if (!is_lead(at[i]) && (i == 0 || at[i] < '0' || at[i] > '9')) {
            return false;
        }
    }
    return true;
}

/* Segments of a name at `at` (behind its prefixes); *segments: the first of them. */
static uint32_t segment_count(const uint8_t *at, const uint8_t **segments)
{
    *segments = at;
    switch (*at) {
    case NAME_NULL:
        return 0;
    case NAME_DUAL:
        *segments = at + 1;
        return 2;
    case NAME_MULTI:
        *segments = at + 2;
        return at[1];
    default:
        return 1;
    }
}

uint32_t aml_name_bytes(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *next = at;
    while (next < end && (*next == NAME_ROOT || *next == NAME_PARENT)) {
        next++;
    }
    if (next >= end || (*next == NAME_MULTI && end - next < 2)) {
        return 0;
    }
    const uint8_t *segments;
    uint32_t count = segment_count(next, &segments);
    if (count == 0) {
        return *next == NAME_NULL ? (uint32_t)(next + 1 - at) : 0;
    }
    if ((uint64_t)(end - segments) < (uint64_t)count * SEGMENT_BYTES) {
        return 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!is_segment(segments + i * SEGMENT_BYTES)) {
            return 0;
        }
    }
    return (uint32_t)(segments - at) + count * SEGMENT_BYTES;
}

struct aml_node *aml_target(struct aml_node *node)
{
    for (uint32_t i = 0; i < ALIASES_MAX && node != NULL && node->kind == AML_KIND_ALIAS; i++) {
        node = node->target;
    }
    return node != NULL && node->kind == AML_KIND_ALIAS ? NULL : node;
}

static struct aml_node *child_named(const struct aml_node *parent, const uint8_t *segment)
{
    struct aml_node *child = parent->child;
    while (child != NULL && __builtin_memcmp(child->name, segment, SEGMENT_BYTES) != 0) {
        child = child->sibling;
    }
    return child;
}

/* Where a name's prefixes lead; *at moves behind them. NULL: above the root. */
static struct aml_node *start_of(struct aml *aml, struct aml_node *scope, const uint8_t **at)
{
    if (**at == NAME_ROOT) {
        (*at)++;
        return &aml->root;
    }
    while (**at == NAME_PARENT && scope != NULL) {
        (*at)++;
        scope = scope->parent;
    }
    return scope;
}

/* Down from a node, all but the last `keep` segments. */
static struct aml_node *descend(struct aml_node *node, const uint8_t *segments, uint32_t count)
{
    for (uint32_t i = 0; i < count && node != NULL; i++) {
        node = aml_target(child_named(node, segments + i * SEGMENT_BYTES));
    }
    return node;
}

struct aml_node *aml_lookup(struct aml *aml, struct aml_node *scope, const uint8_t *name)
{
    const uint8_t *at = name;
    struct aml_node *start = start_of(aml, scope, &at);
    const uint8_t *segments;
    uint32_t count = segment_count(at, &segments);
    if (count != 1 || at != name) {
        return start == NULL ? NULL : descend(start, segments, count);
    }
    for (; start != NULL; start = start->parent) {
        struct aml_node *found = aml_target(child_named(start, segments));
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

bool aml_take_name(struct aml_run *run, const uint8_t **name)
{
    uint32_t bytes = aml_name_bytes(run->at, run->end);
    *name = NULL;
    if (bytes == 0) {
        return aml_fail(run, KAAL_ERR_FORMAT, "not a name");
    }
    *name = run->at;
    run->at += bytes;
    return true;
}

bool aml_define(struct aml_run *run, enum aml_kind kind, struct aml_node **node)
{
    const uint8_t *name;
    if (!aml_take_name(run, &name)) {
        return false;
    }
    const uint8_t *at = name;
    struct aml_node *parent = start_of(run->aml, run->scope, &at);
    const uint8_t *segments;
    uint32_t count = segment_count(at, &segments);
    if (parent != NULL && count > 0) {
        parent = descend(parent, segments, count - 1);
    }
    if (parent == NULL || count == 0) {
        return aml_fail(run, KAAL_ERR_NOT_FOUND, "a name in a scope that does not exist");
    }
    const uint8_t *last = segments + (count - 1) * SEGMENT_BYTES;
    struct aml_node *made = child_named(parent, last);
    if (made == NULL) {
        made = aml_allocate(run, sizeof(*made));
        if (made == NULL) {
            return false;
        }
        __builtin_memcpy(made->name, last, SEGMENT_BYTES);
        made->parent = parent;
        struct aml_node **end = &parent->child;
        while (*end != NULL) {
            end = &(*end)->sibling;
        }
        *end = made;
    } else if (made == &run->aml->root) {
        return aml_fail(run, KAAL_ERR_FORMAT, "the root is defined again");
    }
    made->kind = (uint8_t)kind;
    made->value = (struct aml_value){0};
    *node = made;
    return true;
}

struct aml_node *aml_find(struct aml *aml, struct aml_node *scope, const char *name)
{
    struct aml_node *node = scope;
    if (*name == '\\') {
        node = &aml->root;
        name++;
    }
    while (node != NULL && *name != '\0') {
        node = aml_target(child_named(node, (const uint8_t *)name));
        name += SEGMENT_BYTES;
        name += *name == '.';
    }
    return node;
}

const char *aml_path(const struct aml_node *node, char *text, uint32_t bytes)
{
    const struct aml_node *levels[PATH_LEVELS_MAX];
    uint32_t count = 0;
    for (; node->parent != NULL && count < PATH_LEVELS_MAX; node = node->parent) {
        levels[count++] = node;
    }
    uint32_t at = 0;
    if (at + 1 < bytes) {
        text[at++] = '\\';
    }
    while (count > 0) {
        count--;
        for (uint32_t i = 0; i < SEGMENT_BYTES && at + 1 < bytes; i++) {
            text[at++] = levels[count]->name[i];
        }
        if (count > 0 && at + 1 < bytes) {
            text[at++] = '.';
        }
    }
    text[at] = '\0';
    return text;
}
