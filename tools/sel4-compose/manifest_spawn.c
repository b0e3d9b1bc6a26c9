/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a component of a compose.yaml may do with others at run time: `spawn` (start components of
 * its own) and `delegate` (share memory) and `calls` (services). These two name components, so they
 * are read when all of them are known.
 */
#include <string.h>

#include <kaal/bits.h>

#include "manifest_check.h"
#include "manifest_values.h"

#define DEFAULT_CHILD_SLOTS 256u
#define MEMORY_LEAST_BYTES  UINT64_C(4096)
#define SLOTS_LEAST         16u

static struct kaal_system_spawn *spawn_of(struct checker *checker)
{
    return &checker->component->packed.spawn;
}

static void read_children(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "children", 1, KAAL_SYSTEM_CHILDREN_MAX,
                     &number)) {
        spawn_of(checker)->children_max = (uint32_t)number;
    }
}

static void read_memory(struct checker *checker, const struct yaml_node *value)
{
    uint64_t bytes;
    if (value_size(checker->diagnostics, value, "memory", MEMORY_LEAST_BYTES,
                   KAAL_SYSTEM_MEMORY_MAX_BYTES, &bytes)) {
        spawn_of(checker)->memory_bytes = align_up(bytes, 4096);
    }
}

static void read_slots(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "slots", SLOTS_LEAST, KAAL_SYSTEM_SLOTS_MAX,
                     &number)) {
        spawn_of(checker)->slots_max = (uint32_t)number;
    }
}

static void read_cpu_percent(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "cpu_percent", 1, 100, &number)) {
        spawn_of(checker)->cpu_percent = (uint32_t)number;
    }
}

static void read_priority(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "priority", KAAL_SYSTEM_PRIORITY_MIN,
                     KAAL_SYSTEM_PRIORITY_MAX, &number)) {
        spawn_of(checker)->priority_max = (uint32_t)number;
    }
}

static void read_images(struct checker *checker, const struct yaml_node *value)
{
    struct kaal_system_spawn *spawn = spawn_of(checker);
    if (!value_has_kind(checker->diagnostics, value, YAML_SEQUENCE, "images",
                        "brackets, such as [worker]")) {
        return;
    }
    for (const struct yaml_node *item = value->first; item != NULL; item = item->next) {
        if (spawn->image_count == KAAL_SYSTEM_SPAWN_IMAGES_MAX) {
            diagnostics_error(checker->diagnostics, item->at,
                              "more than %u images; try: fewer, or bytes: yes",
                              KAAL_SYSTEM_SPAWN_IMAGES_MAX);
            return;
        }
        if (value_name(checker->diagnostics, item, "image", spawn->images[spawn->image_count])) {
            checker->component->spawn_image_at[spawn->image_count++] = item->at;
        }
    }
}

static void read_bytes(struct checker *checker, const struct yaml_node *value)
{
    static const char *const words[] = {"no", "yes"};
    size_t index;
    if (value_word(checker->diagnostics, value, "bytes", words, ARRAY_COUNT(words), &index)) {
        spawn_of(checker)->flags |= index == 1 ? (uint32_t)KAAL_SPAWN_BYTES : 0;
    }
}

static const struct key spawn_keys[] = {
    {"children", true, read_children},  {"memory", true, read_memory},
    {"slots", false, read_slots},       {"cpu_percent", false, read_cpu_percent},
    {"priority", false, read_priority}, {"images", false, read_images},
    {"bytes", false, read_bytes},
};

void read_spawn(struct checker *checker, const struct yaml_node *value)
{
    if (!value_has_kind(checker->diagnostics, value, YAML_MAPPING, "spawn",
                        "children: ... and memory: ... below it")) {
        return;
    }
    checker->spawn_at = value->at;
    read_mapping(checker, value, "the spawn mapping", spawn_keys, ARRAY_COUNT(spawn_keys));
}

void settle_spawn(struct checker *checker)
{
    struct kaal_system_component *packed = &checker->component->packed;
    struct kaal_system_spawn *spawn = &packed->spawn;
    if (checker->spawn_at.line == 0) {
        return;
    }
    if (spawn->slots_max == 0) {
        spawn->slots_max = DEFAULT_CHILD_SLOTS * spawn->children_max;
    }
    if (spawn->cpu_percent == 0) {
        spawn->cpu_percent = 100;
    }
    if (spawn->priority_max == 0) {
        spawn->priority_max = packed->priority;
    }
    if (spawn->priority_max > packed->priority) {
        diagnostics_error(checker->diagnostics, checker->spawn_at,
                          "children of '%s' may have priority %u, above its own %u; try: at most "
                          "its own",
                          packed->name, spawn->priority_max, packed->priority);
    }
    if (spawn->image_count == 0 && spawn->flags == 0) {
        diagnostics_error(checker->diagnostics, checker->spawn_at,
                          "there is nothing that '%s' may start; try: images: [...] or bytes: yes",
                          packed->name);
    }
}

/* A list of other components: each once, none of them the component itself. */
struct peers {
    const char *key;
    const char *what; /* "the component delegates to" */
    const char *does; /* "delegates to" */
    uint32_t *list;   /* [max] */
    uint32_t *count;
    uint32_t max;
    struct position *at; /* out, [max]: where each was written; NULL: not wanted */
};

static void read_list(struct checker *checker, const struct yaml_node *value, uint32_t own,
                      const struct peers *peers)
{
    if (!value_has_kind(checker->diagnostics, value, YAML_SEQUENCE, peers->key,
                        "brackets, such as [shell]")) {
        return;
    }
    for (const struct yaml_node *item = value->first; item != NULL; item = item->next) {
        uint32_t peer;
        if (*peers->count == peers->max) {
            diagnostics_error(checker->diagnostics, item->at, "more than %u components; try: fewer",
                              peers->max);
            return;
        }
        if (!find_component(checker, item, peers->what, &peer)) {
            continue;
        }
        if (peer == own) {
            diagnostics_error(checker->diagnostics, item->at,
                              "'%s' %s itself; try: another component", item->text, peers->does);
            continue;
        }
        if (peers->at != NULL) {
            peers->at[*peers->count] = item->at;
        }
        peers->list[(*peers->count)++] = peer;
    }
}

static void read_component_peers(struct checker *checker, const struct yaml_node *component,
                                 uint32_t own)
{
    struct manifest_component *line = &checker->manifest->components[own];
    struct kaal_system_component *packed = &line->packed;
    const struct peers lists[] = {
        {"delegate", "the component delegates to", "delegates to", packed->delegates,
         &packed->delegate_count, KAAL_SYSTEM_DELEGATES_MAX, NULL},
        {"calls", "the component calls", "calls", packed->callees, &packed->callee_count,
         KAAL_SYSTEM_CALLEES_MAX, NULL},
        {"after", "the component starts after", "starts after", packed->after, &packed->after_count,
         KAAL_SYSTEM_AFTER_MAX, line->after_at},
    };
    for (const struct yaml_node *key = component->first; key != NULL; key = key->next) {
        for (size_t i = 0; i < ARRAY_COUNT(lists); i++) {
            if (strcmp(key->text, lists[i].key) == 0) {
                read_list(checker, key->value, own, &lists[i]);
            }
        }
    }
}

/* The path of a search through `after`: components whose end is not known yet. */
struct path {
    uint32_t items[KAAL_SYSTEM_COMPONENTS_MAX];
    uint32_t next[KAAL_SYSTEM_COMPONENTS_MAX]; /* of each, the entry to follow */
    uint32_t count;
};

/* Names the components from the first place of one on the path, and that one again. */
static void report_circle(struct checker *checker, const struct path *path, uint32_t again)
{
    const struct manifest *manifest = checker->manifest;
    struct buffer names = {0};
    uint32_t first = 0;
    while (path->items[first] != again) {
        first++;
    }
    for (uint32_t i = first; i < path->count; i++) {
        const char *name = manifest->components[path->items[i]].packed.name;
        (void)buffer_append(&names, name, strlen(name));
        (void)buffer_append(&names, ", ", 2);
    }
    const struct manifest_component *component = &manifest->components[again];
    (void)buffer_append(&names, component->packed.name, strlen(component->packed.name) + 1);
    diagnostics_error(checker->diagnostics, component->after_at[path->next[first] - 1],
                      "'%s' starts after itself: %s; try: leave one of them out",
                      component->packed.name, (const char *)names.data);
    buffer_deinit(&names);
}

/* Follows `after` from one component on, depth first; false after a reported circle. */
static bool search_circle(struct checker *checker, uint32_t start, bool *done)
{
    struct path path = {.items = {start}, .count = 1};
    bool on_path[KAAL_SYSTEM_COMPONENTS_MAX] = {false};
    on_path[start] = true;
    while (path.count > 0) {
        uint32_t here = path.items[path.count - 1];
        const struct kaal_system_component *line = &checker->manifest->components[here].packed;
        if (path.next[path.count - 1] == line->after_count) {
            done[here] = true;
            on_path[here] = false;
            path.count--;
            continue;
        }
        uint32_t peer = line->after[path.next[path.count - 1]++];
        if (on_path[peer]) {
            report_circle(checker, &path, peer);
            return false;
        }
        if (!done[peer]) {
            on_path[peer] = true;
            path.next[path.count] = 0;
            path.items[path.count++] = peer;
        }
    }
    return true;
}

/* One circle is reported; leaving out an entry of it may show the next. */
static void check_order(struct checker *checker)
{
    bool done[KAAL_SYSTEM_COMPONENTS_MAX] = {false};
    for (uint32_t start = 0; start < checker->manifest->component_count; start++) {
        if (!done[start] && !search_circle(checker, start, done)) {
            return;
        }
    }
}

void read_peers(struct checker *checker, const struct yaml_node *components)
{
    uint32_t index = 0;
    for (const struct yaml_node *item = components->first; item != NULL; item = item->next) {
        if (item->kind == YAML_MAPPING && index < checker->manifest->component_count) {
            read_component_peers(checker, item, index);
            index++;
        }
    }
    check_order(checker);
}
