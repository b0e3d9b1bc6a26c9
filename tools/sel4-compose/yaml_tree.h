/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A YAML file as a tree in which every key and value knows its line and column. Only what a
 * compose.yaml needs: scalars, sequences and mappings with scalar keys; anchors, aliases, tags and
 * further documents are refused with a message.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "diagnostics.h"

/* Deepest nesting and most nodes of a file: a hostile file ends in a message, not in swap. */
#define YAML_DEPTH_MAX 8u
#define YAML_NODES_MAX 65536u

enum yaml_kind {
    YAML_SCALAR,
    YAML_SEQUENCE,
    YAML_MAPPING,
};

/* A node. Children of a sequence are its items; children of a mapping are its keys. */
struct yaml_node {
    enum yaml_kind kind;
    struct position at;
    char *text;              /* scalars: NUL-terminated contents; else NULL */
    bool plain;              /* scalars: written without quotes */
    struct yaml_node *first; /* first child */
    struct yaml_node *last;  /* last child */
    struct yaml_node *next;  /* next child of the same parent */
    struct yaml_node *value; /* keys: their value, never NULL in a finished tree */
    struct yaml_node *chain; /* all nodes of the tree, for yaml_tree_destroy() */
};

/*
 * Parses a text.
 *   text, bytes  the file's contents;  diagnostics  where errors go
 * Returns the root node, or NULL after at least one reported error. Ownership: the caller's, until
 * yaml_tree_destroy(root).
 */
struct yaml_node *yaml_tree_create(const char *text, size_t bytes, struct diagnostics *diagnostics);

/* Frees a tree; root may be NULL. */
void yaml_tree_destroy(struct yaml_node *root);

/* What a node is, for messages: "a text", "a list", "a mapping". */
const char *yaml_kind_name(enum yaml_kind kind);
