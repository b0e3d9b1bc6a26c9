/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From libyaml's events to a tree. The parser keeps a stack of the collections that are open; each
 * new node goes into the topmost one. A mapping takes nodes alternately as key and value; its last
 * child is waiting for a value as long as its value is NULL.
 */
#include "yaml_tree.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "buffer.h"

struct tree_builder {
    struct diagnostics *diagnostics;
    struct yaml_node *root; /* also the head of the chain of all nodes */
    struct yaml_node *open[YAML_DEPTH_MAX];
    size_t depth;
    size_t node_count;
};

const char *yaml_kind_name(enum yaml_kind kind)
{
    switch (kind) {
    case YAML_SCALAR:
        return "a single value";
    case YAML_SEQUENCE:
        return "a list";
    case YAML_MAPPING:
        return "a mapping";
    }
    return "nothing";
}

static struct position position_of(yaml_mark_t mark)
{
    return (struct position){.line = (uint32_t)mark.line + 1, .column = (uint32_t)mark.column + 1};
}

void yaml_tree_destroy(struct yaml_node *root)
{
    while (root != NULL) {
        struct yaml_node *following = root->chain;
        free(root->text);
        free(root);
        root = following;
    }
}

static bool keys_repeat(struct tree_builder *builder, const struct yaml_node *mapping,
                        const struct yaml_node *key)
{
    for (const struct yaml_node *other = mapping->first; other != NULL; other = other->next) {
        if (strcmp(other->text, key->text) == 0) {
            diagnostics_error(builder->diagnostics, key->at,
                              "key '%s' appears twice, first in line %u; try: remove one of them",
                              key->text, other->at.line);
            return true;
        }
    }
    return false;
}

static void add_child(struct yaml_node *parent, struct yaml_node *node)
{
    if (parent->last == NULL) {
        parent->first = node;
    } else {
        parent->last->next = node;
    }
    parent->last = node;
}

/* Puts a node into the open collection. Returns false after a reported error. */
static bool attach(struct tree_builder *builder, struct yaml_node *node)
{
    if (builder->root == NULL) {
        builder->root = node;
        return true;
    }
    /* Behind the root in the chain; order does not matter there. */
    node->chain = builder->root->chain;
    builder->root->chain = node;
    if (builder->depth == 0) {
        return false; /* cannot happen in one document; libyaml checks it */
    }
    struct yaml_node *parent = builder->open[builder->depth - 1];
    if (parent->kind == YAML_SEQUENCE) {
        add_child(parent, node);
        return true;
    }
    if (parent->last != NULL && parent->last->value == NULL) {
        parent->last->value = node;
        return true;
    }
    if (node->kind != YAML_SCALAR) {
        diagnostics_error(builder->diagnostics, node->at,
                          "a key is %s; try: a plain word as the key", yaml_kind_name(node->kind));
        return false;
    }
    if (keys_repeat(builder, parent, node)) {
        return false;
    }
    add_child(parent, node);
    return true;
}

static bool open_collection(struct tree_builder *builder, struct yaml_node *node)
{
    if (builder->depth == YAML_DEPTH_MAX) {
        diagnostics_error(builder->diagnostics, node->at,
                          "nested more than %u levels deep; try: the schema needs 5",
                          YAML_DEPTH_MAX);
        return false;
    }
    builder->open[builder->depth++] = node;
    return true;
}

static bool refuse_extras(struct tree_builder *builder, struct position at, const void *anchor,
                          const void *tag)
{
    if (anchor != NULL) {
        diagnostics_error(builder->diagnostics, at,
                          "anchors (&name) are not supported; try: write the value out");
        return false;
    }
    if (tag != NULL) {
        diagnostics_error(builder->diagnostics, at,
                          "tags (!name) are not supported; try: remove the tag");
        return false;
    }
    return true;
}

/* One node for an event. Returns false after a reported error. */
static bool add_node(struct tree_builder *builder, const yaml_event_t *event, enum yaml_kind kind,
                     const void *anchor, const void *tag)
{
    struct position at = position_of(event->start_mark);
    if (!refuse_extras(builder, at, anchor, tag)) {
        return false;
    }
    if (builder->node_count == YAML_NODES_MAX) {
        diagnostics_error(builder->diagnostics, at,
                          "more than %u values in one file; try: split the system", YAML_NODES_MAX);
        return false;
    }
    builder->node_count++;
    struct yaml_node *node = allocate_zeroed(sizeof *node);
    node->kind = kind;
    node->at = at;
    bool good = true;
    if (kind == YAML_SCALAR) {
        const char *value = (const char *)event->data.scalar.value;
        size_t length = event->data.scalar.length;
        node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        node->text = allocate_zeroed(length + 1);
        memcpy(node->text, value, length);
        if (strlen(node->text) != length) {
            diagnostics_error(builder->diagnostics, at,
                              "a value contains a NUL character; try: remove it");
            good = false;
        }
    }
    /* Attach first: the tree owns the node from here on, also after an error. */
    good = attach(builder, node) && good;
    return good && (kind == YAML_SCALAR || open_collection(builder, node));
}

/* Returns false when parsing must stop after a reported error. */
static bool handle_event(struct tree_builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return add_node(builder, event, YAML_SCALAR, event->data.scalar.anchor,
                        event->data.scalar.tag);
    case YAML_SEQUENCE_START_EVENT:
        return add_node(builder, event, YAML_SEQUENCE, event->data.sequence_start.anchor,
                        event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return add_node(builder, event, YAML_MAPPING, event->data.mapping_start.anchor,
                        event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        builder->depth--;
        return true;
    case YAML_ALIAS_EVENT:
        diagnostics_error(builder->diagnostics, position_of(event->start_mark),
                          "aliases (*name) are not supported; try: write the value out");
        return false;
    case YAML_DOCUMENT_START_EVENT:
        if (builder->root != NULL) {
            diagnostics_error(builder->diagnostics, position_of(event->start_mark),
                              "a second document starts here; try: one system per file");
            return false;
        }
        return true;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return true;
    }
    return true;
}

static void report_syntax(struct diagnostics *diagnostics, const yaml_parser_t *parser)
{
    struct position at = position_of(parser->problem_mark);
    diagnostics_error(diagnostics, at, "not valid YAML: %s%s%s; try: check indentation and quotes",
                      parser->problem != NULL ? parser->problem : "unreadable",
                      parser->context != NULL ? " " : "",
                      parser->context != NULL ? parser->context : "");
}

struct yaml_node *yaml_tree_create(const char *text, size_t bytes, struct diagnostics *diagnostics)
{
    struct tree_builder builder = {.diagnostics = diagnostics};
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        diagnostics_error(diagnostics, (struct position){0}, "out of memory; try: a smaller file");
        return NULL;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
    bool good = true;
    bool ended = false;
    while (good && !ended) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser, &event) == 0) {
            report_syntax(diagnostics, &parser);
            good = false;
            break;
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        good = handle_event(&builder, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (good && builder.root == NULL) {
        diagnostics_error(diagnostics, (struct position){.line = 1, .column = 1},
                          "the file is empty; try: start with 'system: name' and 'components:'");
        good = false;
    }
    if (!good) {
        yaml_tree_destroy(builder.root);
        return NULL;
    }
    return builder.root;
}
