/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the parts of the manifest's check share. Each mapping of the schema is a table of keys with
 * one handler each; handlers report and go on, so that one run shows all mistakes. manifest.c
 * begins, then manifest_component.c fills in the components and manifest_channel.c, which refers to
 * them by name, the channels.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "manifest.h"
#include "yaml_tree.h"

/* What handlers work on. */
struct checker {
    struct diagnostics *diagnostics;
    struct manifest *manifest;
    enum machine machine;
    struct manifest_component *component; /* the one whose keys are being read */
    struct kaal_system_channel *channel;  /* likewise */
    struct position budget_at;            /* line 0 if the component gives no budget */
    struct position period_at;            /* line 0 if the component gives no period */
    struct position spawn_at;             /* line 0 if the component may start nothing */
};

/* One key of a mapping. */
struct key {
    const char *name;
    bool required;
    void (*handle)(struct checker *checker, const struct yaml_node *value);
};

/* Most keys of one mapping. */
#define KEYS_MAX 20u

/*
 * Calls the handler of every key of a mapping; reports unknown and missing ones.
 *   what  the mapping, for messages: "the component";  keys  [count]
 */
void read_mapping(struct checker *checker, const struct yaml_node *mapping, const char *what,
                  const struct key *keys, size_t count);

/*
 * Finds the component that a value names.
 *   what  "the channel ends at", for the message
 * Returns false after a reported error.
 */
bool find_component(struct checker *checker, const struct yaml_node *item, const char *what,
                    uint32_t *index);

/* Reads a component's spawn mapping. */
void read_spawn(struct checker *checker, const struct yaml_node *value);

/* Defaults and checks of a component's spawn mapping, when all its keys are known. */
void settle_spawn(struct checker *checker);

/* Reads every component's lists of others (delegate, calls, after); all must be known. */
void read_peers(struct checker *checker, const struct yaml_node *components);

/* Reads the list of components. */
void read_components(struct checker *checker, const struct yaml_node *value);

/* Reads the list of channels; all components must be known. */
void read_channels(struct checker *checker, const struct yaml_node *value);
