/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checking a compose.yaml: its three top-level keys, and packing of the result.
 */
#include "manifest.h"

#include <stdlib.h>
#include <string.h>

#include <kaal/bits.h>

#include "manifest_check.h"
#include "manifest_values.h"

static const char *const machine_names[MACHINE_COUNT] = {"x86_64", "aarch64"};

const char *machine_name(enum machine machine)
{
    return machine_names[machine];
}

bool machine_from_name(const char *text, enum machine *machine)
{
    for (size_t index = 0; index < ARRAY_COUNT(machine_names); index++) {
        if (strcmp(machine_names[index], text) == 0) {
            *machine = (enum machine)index;
            return true;
        }
    }
    return false;
}

static void report_unknown_key(struct checker *checker, const struct yaml_node *key,
                               const char *what, const struct key *keys, size_t count)
{
    const char *names[KEYS_MAX];
    char list[256] = "";
    for (size_t index = 0; index < count; index++) {
        size_t used = strlen(list);
        names[index] = keys[index].name;
        (void)snprintf(list + used, sizeof list - used, "%s%s", index == 0 ? "one of " : ", ",
                       keys[index].name);
    }
    const char *nearest = nearest_text(key->text, names, count);
    diagnostics_error(checker->diagnostics, key->at, "unknown key '%s' in %s; try: %s", key->text,
                      what, nearest != NULL ? nearest : list);
}

void read_mapping(struct checker *checker, const struct yaml_node *mapping, const char *what,
                  const struct key *keys, size_t count)
{
    bool seen[KEYS_MAX] = {false};
    for (const struct yaml_node *key = mapping->first; key != NULL; key = key->next) {
        size_t index = 0;
        while (index < count && strcmp(keys[index].name, key->text) != 0) {
            index++;
        }
        if (index == count) {
            report_unknown_key(checker, key, what, keys, count);
            continue;
        }
        seen[index] = true;
        keys[index].handle(checker, key->value);
    }
    for (size_t index = 0; index < count; index++) {
        if (keys[index].required && !seen[index]) {
            diagnostics_error(checker->diagnostics, mapping->at,
                              "%s has no '%s'; try: add a line '%s: ...'", what, keys[index].name,
                              keys[index].name);
        }
    }
}

static void read_system(struct checker *checker, const struct yaml_node *value)
{
    checker->manifest->at = value->at;
    (void)value_name(checker->diagnostics, value, "system name", checker->manifest->name);
}

bool find_component(struct checker *checker, const struct yaml_node *item, const char *what,
                    uint32_t *index)
{
    const struct manifest *manifest = checker->manifest;
    const char *names[KAAL_SYSTEM_COMPONENTS_MAX];
    if (!value_has_kind(checker->diagnostics, item, YAML_SCALAR, what, "the name of a component")) {
        return false;
    }
    for (uint32_t at = 0; at < manifest->component_count; at++) {
        names[at] = manifest->components[at].packed.name;
        if (strcmp(names[at], item->text) == 0) {
            *index = at;
            return true;
        }
    }
    const char *nearest = nearest_text(item->text, names, manifest->component_count);
    diagnostics_error(
        checker->diagnostics, item->at, "%s '%s', which is no component; try: %s", what, item->text,
        nearest != NULL && nearest[0] != '\0' ? nearest : "a name from 'components:'");
    return false;
}

static void skip_channels(struct checker *checker, const struct yaml_node *value)
{
    (void)checker;
    (void)value; /* second pass */
}

static const struct key system_keys[] = {
    {"system", true, read_system},
    {"components", true, read_components},
    {"channels", false, skip_channels},
};

/* Whether anybody calls a component. */
static bool is_called(const struct manifest *manifest, uint32_t index)
{
    for (uint32_t caller = 0; caller < manifest->component_count; caller++) {
        const struct kaal_system_component *line = &manifest->components[caller].packed;
        for (uint32_t i = 0; i < line->callee_count; i++) {
            if (line->callees[i] == index) {
                return true;
            }
        }
    }
    return false;
}

/* The start-up page has a fixed number of entries; each channel end and each service takes one. */
static void check_entries(struct checker *checker)
{
    const struct manifest *manifest = checker->manifest;
    for (uint32_t index = 0; index < manifest->component_count; index++) {
        uint32_t ends =
            manifest->components[index].packed.callee_count + (is_called(manifest, index) ? 1 : 0);
        for (uint32_t channel = 0; channel < manifest->channel_count; channel++) {
            ends += manifest->channels[channel].ends[0] == index ? 1 : 0;
            ends += manifest->channels[channel].ends[1] == index ? 1 : 0;
        }
        if (ends > KAAL_STARTUP_RESOURCES_MAX) {
            diagnostics_error(checker->diagnostics, manifest->components[index].name_at,
                              "component '%s' has %u channels and services; try: at most %u",
                              manifest->components[index].packed.name, ends,
                              KAAL_STARTUP_RESOURCES_MAX);
        }
    }
}

static void read_root(struct checker *checker, const struct yaml_node *root)
{
    if (!value_has_kind(checker->diagnostics, root, YAML_MAPPING, "the file",
                        "start with 'system: name' and 'components:'")) {
        return;
    }
    read_mapping(checker, root, "the system", system_keys, ARRAY_COUNT(system_keys));
    for (const struct yaml_node *key = root->first; key != NULL; key = key->next) {
        if (strcmp(key->text, "components") == 0) {
            read_peers(checker, key->value);
        } else if (strcmp(key->text, "channels") == 0) {
            read_channels(checker, key->value);
        }
    }
    if (checker->diagnostics->errors == 0) {
        check_entries(checker);
    }
}

struct manifest *manifest_create(const char *text, size_t bytes, enum machine machine,
                                 struct diagnostics *diagnostics)
{
    struct yaml_node *root = yaml_tree_create(text, bytes, diagnostics);
    if (root == NULL) {
        return NULL;
    }
    struct manifest *manifest = allocate_zeroed(sizeof *manifest);
    struct checker checker = {.diagnostics = diagnostics, .manifest = manifest, .machine = machine};
    read_root(&checker, root);
    yaml_tree_destroy(root);
    if (diagnostics->errors > 0) {
        free(manifest);
        return NULL;
    }
    return manifest;
}

void manifest_pack(const struct manifest *manifest, struct buffer *buffer)
{
    struct kaal_system header = {
        .magic = KAAL_SYSTEM_MAGIC,
        .version = KAAL_SYSTEM_VERSION,
        .component_count = manifest->component_count,
        .channel_count = manifest->channel_count,
    };
    memcpy(header.name, manifest->name, sizeof header.name);
    header.bytes = (uint32_t)(sizeof header +
                              manifest->component_count * sizeof(struct kaal_system_component) +
                              manifest->channel_count * sizeof(struct kaal_system_channel));
    (void)buffer_append(buffer, &header, sizeof header);
    for (uint32_t index = 0; index < manifest->component_count; index++) {
        (void)buffer_append(buffer, &manifest->components[index].packed,
                            sizeof manifest->components[index].packed);
    }
    (void)buffer_append(buffer, manifest->channels,
                        manifest->channel_count * sizeof manifest->channels[0]);
}
