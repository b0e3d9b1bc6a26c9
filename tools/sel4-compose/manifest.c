/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checking a compose.yaml. Each mapping of the schema is a table of keys with one handler each; a
 * key outside the table is an error. Handlers report and go on, so that one run shows all mistakes.
 * Channels come last, because they refer to components by name.
 */
#include "manifest.h"

#include <stdlib.h>
#include <string.h>

#include <kaal/bits.h>

#include "manifest_values.h"

#define DEFAULT_PRIORITY     100u
#define DEFAULT_BUDGET_US    5000u
#define DEFAULT_MEMORY_BYTES (UINT64_C(4) << 20)
#define DEFAULT_SLOTS        256u
#define DEFAULT_MESSAGES     4096u
#define MEMORY_LEAST_BYTES   UINT64_C(4096)
#define SLOTS_LEAST          16u

/* What handlers work on. */
struct checker {
    struct diagnostics *diagnostics;
    struct manifest *manifest;
    enum machine machine;
    struct manifest_component *component; /* the one whose keys are being read */
    struct kaal_system_channel *channel;  /* likewise */
    struct position budget_at;            /* line 0 if the component gives no budget */
    struct position period_at;            /* line 0 if the component gives no period */
};

/* One key of a mapping. */
struct key {
    const char *name;
    bool required;
    void (*handle)(struct checker *checker, const struct yaml_node *value);
};

#define KEYS_MAX 16u

static const char *const machine_names[] = {"x86_64", "aarch64"};

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

/* Calls the handler of every key of a mapping; reports unknown and missing ones. */
static void read_mapping(struct checker *checker, const struct yaml_node *mapping, const char *what,
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

/* --- components ------------------------------------------------------------------------------- */

static void read_component_name(struct checker *checker, const struct yaml_node *value)
{
    checker->component->name_at = value->at;
    (void)value_name(checker->diagnostics, value, "component name",
                     checker->component->packed.name);
}

static void read_image_name(struct checker *checker, const struct yaml_node *value)
{
    checker->component->image_at = value->at;
    (void)value_name(checker->diagnostics, value, "image", checker->component->packed.image);
}

static void skip_value(struct checker *checker, const struct yaml_node *value)
{
    char unused[KAAL_NAME_BYTES];
    (void)value_name(checker->diagnostics, value, "image", unused);
}

static void read_image(struct checker *checker, const struct yaml_node *value)
{
    if (value->kind != YAML_MAPPING) {
        read_image_name(checker, value);
        return;
    }
    struct key keys[ARRAY_COUNT(machine_names)];
    for (size_t index = 0; index < ARRAY_COUNT(machine_names); index++) {
        bool chosen = index == (size_t)checker->machine;
        keys[index] =
            (struct key){machine_names[index], chosen, chosen ? read_image_name : skip_value};
    }
    read_mapping(checker, value, "the image mapping", keys, ARRAY_COUNT(keys));
}

static void read_priority(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "priority", KAAL_SYSTEM_PRIORITY_MIN,
                     KAAL_SYSTEM_PRIORITY_MAX, &number)) {
        checker->component->packed.priority = (uint32_t)number;
    }
}

static void read_budget(struct checker *checker, const struct yaml_node *value)
{
    checker->budget_at = value->at;
    (void)value_number(checker->diagnostics, value, "budget_us", KAAL_SYSTEM_BUDGET_MIN_US,
                       KAAL_SYSTEM_PERIOD_MAX_US, &checker->component->packed.budget_us);
}

static void read_period(struct checker *checker, const struct yaml_node *value)
{
    checker->period_at = value->at;
    (void)value_number(checker->diagnostics, value, "period_us", KAAL_SYSTEM_BUDGET_MIN_US,
                       KAAL_SYSTEM_PERIOD_MAX_US, &checker->component->packed.period_us);
}

static void read_memory(struct checker *checker, const struct yaml_node *value)
{
    uint64_t bytes;
    if (value_size(checker->diagnostics, value, "memory", MEMORY_LEAST_BYTES,
                   KAAL_SYSTEM_MEMORY_MAX_BYTES, &bytes)) {
        checker->component->packed.memory_bytes = align_up(bytes, 4096);
    }
}

static void read_slots(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "slots", SLOTS_LEAST, KAAL_SYSTEM_SLOTS_MAX,
                     &number)) {
        checker->component->packed.slots_max = (uint32_t)number;
    }
}

static void read_restart(struct checker *checker, const struct yaml_node *value)
{
    static const char *const words[] = {
        [KAAL_RESTART_NEVER] = "never",
        [KAAL_RESTART_ON_FAILURE] = "on-failure",
        [KAAL_RESTART_ALWAYS] = "always",
    };
    size_t index;
    if (value_word(checker->diagnostics, value, "restart", words, ARRAY_COUNT(words), &index)) {
        checker->component->packed.restart = (uint32_t)index;
    }
}

static void read_restart_limit(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "restart_limit", 0, UINT32_MAX, &number)) {
        checker->component->packed.restart_limit = (uint32_t)number;
    }
}

static void read_backoff(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "backoff_ms", 0, KAAL_SYSTEM_BACKOFF_MAX_MS,
                     &number)) {
        checker->component->packed.backoff_ms = (uint32_t)number;
    }
}

static void read_devices(struct checker *checker, const struct yaml_node *value)
{
    struct kaal_system_component *packed = &checker->component->packed;
    if (!value_has_kind(checker->diagnostics, value, YAML_SEQUENCE, "devices",
                        "brackets, such as [auto]")) {
        return;
    }
    for (const struct yaml_node *item = value->first; item != NULL; item = item->next) {
        if (packed->selector_count == KAAL_SYSTEM_SELECTORS_MAX) {
            diagnostics_error(checker->diagnostics, item->at,
                              "more than %u devices; try: a second component of the same image",
                              KAAL_SYSTEM_SELECTORS_MAX);
            return;
        }
        struct kaal_device_selector *selector = &packed->selectors[packed->selector_count];
        if (value_selector(checker->diagnostics, item, selector)) {
            packed->selector_count++;
            if (selector->kind == KAAL_SELECT_AUTO) {
                checker->component->auto_at = item->at;
            }
        }
    }
}

static void read_allow(struct checker *checker, const struct yaml_node *value)
{
    static const char *const words[] = {"inspect", "kill", "power", "devices", "memory"};
    static const uint32_t bits[] = {KAAL_ALLOW_INSPECT, KAAL_ALLOW_KILL, KAAL_ALLOW_POWER,
                                    KAAL_ALLOW_DEVICES, KAAL_ALLOW_MEMORY};
    _Static_assert(ARRAY_COUNT(words) == ARRAY_COUNT(bits), "one bit for each word");
    if (!value_has_kind(checker->diagnostics, value, YAML_SEQUENCE, "allow",
                        "brackets, such as [inspect]")) {
        return;
    }
    for (const struct yaml_node *item = value->first; item != NULL; item = item->next) {
        size_t index;
        if (value_word(checker->diagnostics, item, "right", words, ARRAY_COUNT(words), &index)) {
            checker->component->packed.allow |= bits[index];
        }
    }
}

static void read_arguments(struct checker *checker, const struct yaml_node *value)
{
    if (!value_has_kind(checker->diagnostics, value, YAML_SCALAR, "arguments", "one quoted text")) {
        return;
    }
    size_t length = strlen(value->text);
    if (length >= KAAL_ARGUMENTS_BYTES) {
        diagnostics_error(checker->diagnostics, value->at,
                          "arguments have %zu bytes; try: at most %u", length,
                          KAAL_ARGUMENTS_BYTES - 1);
        return;
    }
    memcpy(checker->component->packed.arguments, value->text, length);
}

static void settle_scheduling(struct checker *checker)
{
    struct kaal_system_component *packed = &checker->component->packed;
    if (packed->budget_us == 0) {
        bool short_period = packed->period_us != 0 && packed->period_us < DEFAULT_BUDGET_US;
        packed->budget_us = short_period ? packed->period_us : DEFAULT_BUDGET_US;
    }
    if (packed->period_us == 0) {
        packed->period_us =
            packed->budget_us > DEFAULT_BUDGET_US ? packed->budget_us : DEFAULT_BUDGET_US;
    }
    if (packed->budget_us > packed->period_us) {
        diagnostics_error(checker->diagnostics,
                          checker->budget_at.line != 0 ? checker->budget_at : checker->period_at,
                          "budget_us %llu is longer than period_us %llu; try: a budget of at most "
                          "the period",
                          (unsigned long long)packed->budget_us,
                          (unsigned long long)packed->period_us);
    }
}

static void check_component_name(struct checker *checker,
                                 const struct manifest_component *component)
{
    const struct manifest *manifest = checker->manifest;
    if (component->packed.name[0] == '\0') {
        return; /* already reported */
    }
    if (strcmp(component->packed.name, "init") == 0) {
        diagnostics_error(checker->diagnostics, component->name_at,
                          "component name 'init' is taken by the root task; try: another name");
    }
    for (uint32_t other = 0; other < manifest->component_count; other++) {
        if (strcmp(manifest->components[other].packed.name, component->packed.name) == 0) {
            diagnostics_error(checker->diagnostics, component->name_at,
                              "component name '%s' is used already in line %u; try: another name",
                              component->packed.name, manifest->components[other].name_at.line);
            return;
        }
    }
}

static const struct key component_keys[] = {
    {"name", true, read_component_name},
    {"image", true, read_image},
    {"priority", false, read_priority},
    {"budget_us", false, read_budget},
    {"period_us", false, read_period},
    {"memory", false, read_memory},
    {"slots", false, read_slots},
    {"restart", false, read_restart},
    {"restart_limit", false, read_restart_limit},
    {"backoff_ms", false, read_backoff},
    {"devices", false, read_devices},
    {"allow", false, read_allow},
    {"arguments", false, read_arguments},
};
_Static_assert(ARRAY_COUNT(component_keys) <= KEYS_MAX, "read_mapping() has room for all keys");

static void read_component(struct checker *checker, const struct yaml_node *item)
{
    struct manifest *manifest = checker->manifest;
    if (!value_has_kind(checker->diagnostics, item, YAML_MAPPING, "a component",
                        "- name: ... with its keys below")) {
        return;
    }
    if (manifest->component_count == KAAL_SYSTEM_COMPONENTS_MAX) {
        diagnostics_error(checker->diagnostics, item->at,
                          "more than %u components; try: fewer components",
                          KAAL_SYSTEM_COMPONENTS_MAX);
        return;
    }
    checker->component = &manifest->components[manifest->component_count];
    *checker->component = (struct manifest_component){
        .packed = {.priority = DEFAULT_PRIORITY,
                   .restart = KAAL_RESTART_ON_FAILURE,
                   .memory_bytes = DEFAULT_MEMORY_BYTES,
                   .slots_max = DEFAULT_SLOTS},
        .name_at = item->at,
        .image_at = item->at,
    };
    checker->budget_at = (struct position){0};
    checker->period_at = (struct position){0};
    read_mapping(checker, item, "the component", component_keys, ARRAY_COUNT(component_keys));
    settle_scheduling(checker);
    check_component_name(checker, checker->component);
    manifest->component_count++;
}

static void read_components(struct checker *checker, const struct yaml_node *value)
{
    if (!value_has_kind(checker->diagnostics, value, YAML_SEQUENCE, "components",
                        "- name: ... for each component")) {
        return;
    }
    if (value->first == NULL) {
        diagnostics_error(checker->diagnostics, value->at,
                          "there is no component; try: - name: ... below 'components:'");
        return;
    }
    for (const struct yaml_node *item = value->first; item != NULL; item = item->next) {
        read_component(checker, item);
        if (checker->manifest->component_count == KAAL_SYSTEM_COMPONENTS_MAX &&
            item->next != NULL) {
            read_component(checker, item->next); /* reports that there are too many */
            return;
        }
    }
}

/* --- channels --------------------------------------------------------------------------------- */

static void read_channel_name(struct checker *checker, const struct yaml_node *value)
{
    checker->manifest->channel_at[checker->manifest->channel_count] = value->at;
    (void)value_name(checker->diagnostics, value, "channel name", checker->channel->name);
}

/* Finds the component that one end names. Returns false after a reported error. */
static bool read_end(struct checker *checker, const struct yaml_node *item, uint32_t *end)
{
    const struct manifest *manifest = checker->manifest;
    const char *names[KAAL_SYSTEM_COMPONENTS_MAX];
    if (!value_has_kind(checker->diagnostics, item, YAML_SCALAR, "a channel's end",
                        "the name of a component")) {
        return false;
    }
    for (uint32_t index = 0; index < manifest->component_count; index++) {
        names[index] = manifest->components[index].packed.name;
        if (strcmp(names[index], item->text) == 0) {
            *end = index;
            return true;
        }
    }
    const char *nearest = nearest_text(item->text, names, manifest->component_count);
    diagnostics_error(
        checker->diagnostics, item->at, "the channel ends at '%s', which is no component; try: %s",
        item->text, nearest != NULL && nearest[0] != '\0' ? nearest : "a name from 'components:'");
    return false;
}

static void read_ends(struct checker *checker, const struct yaml_node *value)
{
    if (!value_has_kind(checker->diagnostics, value, YAML_SEQUENCE, "ends",
                        "two components in brackets, such as [console, serial0]")) {
        return;
    }
    size_t count = 0;
    for (const struct yaml_node *item = value->first; item != NULL; item = item->next) {
        count++;
    }
    if (count != 2) {
        diagnostics_error(checker->diagnostics, value->at,
                          "a channel has two ends, but %zu are given; try: two components in "
                          "brackets, such as [console, serial0]",
                          count);
        return;
    }
    uint32_t ends[2];
    bool good = read_end(checker, value->first, &ends[0]);
    good = read_end(checker, value->first->next, &ends[1]) && good;
    if (!good) {
        return;
    }
    if (ends[0] == ends[1]) {
        diagnostics_error(checker->diagnostics, value->first->next->at,
                          "both ends of the channel are '%s'; try: two different components",
                          value->first->text);
        return;
    }
    checker->channel->ends[0] = ends[0];
    checker->channel->ends[1] = ends[1];
}

static void read_message_bytes(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "message_bytes", 1, KAAL_SYSTEM_MESSAGE_MAX_BYTES,
                     &number)) {
        checker->channel->message_bytes = (uint32_t)number;
    }
}

static void read_messages(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (!value_number(checker->diagnostics, value, "messages", KAAL_SYSTEM_CAPACITY_MIN,
                      KAAL_SYSTEM_CAPACITY_MAX, &number)) {
        return;
    }
    if (!is_power_of_two(number)) {
        uint64_t above = KAAL_SYSTEM_CAPACITY_MIN;
        while (above < number) {
            above *= 2;
        }
        diagnostics_error(checker->diagnostics, value->at,
                          "messages is %llu, which is no power of two; try: %llu",
                          (unsigned long long)number, (unsigned long long)above);
        return;
    }
    checker->channel->capacity = (uint32_t)number;
}

static const struct key channel_keys[] = {
    {"name", true, read_channel_name},
    {"ends", true, read_ends},
    {"message_bytes", false, read_message_bytes},
    {"messages", false, read_messages},
};

/* The name must be free at both ends: resources are found by name. */
static void check_channel_name(struct checker *checker)
{
    const struct manifest *manifest = checker->manifest;
    const struct kaal_system_channel *channel = checker->channel;
    for (uint32_t other = 0; other < manifest->channel_count; other++) {
        const struct kaal_system_channel *before = &manifest->channels[other];
        if (strcmp(before->name, channel->name) != 0 || before->ends[0] == before->ends[1]) {
            continue;
        }
        for (unsigned end = 0; end < 2; end++) {
            if (channel->ends[end] == before->ends[0] || channel->ends[end] == before->ends[1]) {
                diagnostics_error(checker->diagnostics,
                                  manifest->channel_at[manifest->channel_count],
                                  "component '%s' has a channel named '%s' already, in line %u; "
                                  "try: another name",
                                  manifest->components[channel->ends[end]].packed.name,
                                  channel->name, manifest->channel_at[other].line);
                return;
            }
        }
    }
}

static void read_channel(struct checker *checker, const struct yaml_node *item)
{
    struct manifest *manifest = checker->manifest;
    if (!value_has_kind(checker->diagnostics, item, YAML_MAPPING, "a channel",
                        "- name: ... with its keys below")) {
        return;
    }
    checker->channel = &manifest->channels[manifest->channel_count];
    *checker->channel =
        (struct kaal_system_channel){.message_bytes = 1, .capacity = DEFAULT_MESSAGES};
    manifest->channel_at[manifest->channel_count] = item->at;
    uint32_t errors_before = checker->diagnostics->errors;
    read_mapping(checker, item, "the channel", channel_keys, ARRAY_COUNT(channel_keys));
    if (checker->diagnostics->errors == errors_before) {
        check_channel_name(checker);
    }
    uint64_t bytes = (uint64_t)checker->channel->capacity * checker->channel->message_bytes;
    if (bytes > KAAL_SYSTEM_CHANNEL_MAX_BYTES) {
        diagnostics_error(checker->diagnostics, item->at,
                          "the channel needs %llu KiB per direction; try: fewer or smaller "
                          "messages, at most %llu KiB",
                          (unsigned long long)bytes >> 10,
                          (unsigned long long)KAAL_SYSTEM_CHANNEL_MAX_BYTES >> 10);
    }
    manifest->channel_count++;
}

static void read_channels(struct checker *checker, const struct yaml_node *value)
{
    if (!value_has_kind(checker->diagnostics, value, YAML_SEQUENCE, "channels",
                        "- name: ... for each channel")) {
        return;
    }
    for (const struct yaml_node *item = value->first; item != NULL; item = item->next) {
        if (checker->manifest->channel_count == KAAL_SYSTEM_CHANNELS_MAX) {
            diagnostics_error(checker->diagnostics, item->at,
                              "more than %u channels; try: fewer channels",
                              KAAL_SYSTEM_CHANNELS_MAX);
            return;
        }
        read_channel(checker, item);
    }
}

/* --- the whole file --------------------------------------------------------------------------- */

static void read_system(struct checker *checker, const struct yaml_node *value)
{
    checker->manifest->at = value->at;
    (void)value_name(checker->diagnostics, value, "system name", checker->manifest->name);
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

/* The start-up page has a fixed number of entries; each channel end takes one. */
static void check_channel_ends(struct checker *checker)
{
    const struct manifest *manifest = checker->manifest;
    for (uint32_t index = 0; index < manifest->component_count; index++) {
        uint32_t ends = 0;
        for (uint32_t channel = 0; channel < manifest->channel_count; channel++) {
            ends += manifest->channels[channel].ends[0] == index ? 1 : 0;
            ends += manifest->channels[channel].ends[1] == index ? 1 : 0;
        }
        if (ends > KAAL_STARTUP_RESOURCES_MAX) {
            diagnostics_error(checker->diagnostics, manifest->components[index].name_at,
                              "component '%s' has %u channels; try: at most %u",
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
        if (strcmp(key->text, "channels") == 0) {
            read_channels(checker, key->value);
        }
    }
    if (checker->diagnostics->errors == 0) {
        check_channel_ends(checker);
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
