/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The components of a compose.yaml: one handler for each key, then what can be said only when all
 * keys of a component are known.
 */
#include <string.h>

#include <kaal/bits.h>

#include "manifest_check.h"
#include "manifest_values.h"

#define DEFAULT_PRIORITY     100u
#define DEFAULT_BUDGET_US    5000u
#define DEFAULT_MEMORY_BYTES (UINT64_C(4) << 20)
#define DEFAULT_SLOTS        256u
#define DEFAULT_INTERRUPTS   8u
#define MEMORY_LEAST_BYTES   UINT64_C(4096)
#define SLOTS_LEAST          16u

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
    struct key keys[MACHINE_COUNT];
    for (size_t index = 0; index < MACHINE_COUNT; index++) {
        bool chosen = index == (size_t)checker->machine;
        keys[index] = (struct key){machine_name((enum machine)index), chosen,
                                   chosen ? read_image_name : skip_value};
    }
    read_mapping(checker, value, "the image mapping", keys, MACHINE_COUNT);
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

static void read_interrupts(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "interrupts", 0, KAAL_SYSTEM_INTERRUPTS_MAX,
                     &number)) {
        checker->component->packed.interrupts_max = (uint32_t)number;
    }
}

static void skip_peers(struct checker *checker, const struct yaml_node *value)
{
    (void)checker;
    (void)value; /* second pass: read_peers() */
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

static void read_watchdog(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "watchdog_ms", 1, KAAL_SYSTEM_WATCHDOG_MAX_MS,
                     &number)) {
        checker->component->packed.watchdog_ms = (uint32_t)number;
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
    static const char *const words[] = {"inspect", "kill", "power", "devices", "memory", "chaos"};
    static const uint32_t bits[] = {KAAL_ALLOW_INSPECT, KAAL_ALLOW_KILL,   KAAL_ALLOW_POWER,
                                    KAAL_ALLOW_DEVICES, KAAL_ALLOW_MEMORY, KAAL_ALLOW_CHAOS};
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
    {"name", true, read_component_name},  {"image", true, read_image},
    {"priority", false, read_priority},   {"budget_us", false, read_budget},
    {"period_us", false, read_period},    {"memory", false, read_memory},
    {"slots", false, read_slots},         {"interrupts", false, read_interrupts},
    {"restart", false, read_restart},     {"restart_limit", false, read_restart_limit},
    {"backoff_ms", false, read_backoff},  {"watchdog_ms", false, read_watchdog},
    {"devices", false, read_devices},     {"allow", false, read_allow},
    {"delegate", false, skip_peers},      {"calls", false, skip_peers},
    {"after", false, skip_peers},         {"spawn", false, read_spawn},
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
                   .slots_max = DEFAULT_SLOTS,
                   .interrupts_max = DEFAULT_INTERRUPTS},
        .name_at = item->at,
        .image_at = item->at,
    };
    checker->budget_at = (struct position){0};
    checker->period_at = (struct position){0};
    checker->spawn_at = (struct position){0};
    read_mapping(checker, item, "the component", component_keys, ARRAY_COUNT(component_keys));
    settle_scheduling(checker);
    settle_spawn(checker);
    check_component_name(checker, checker->component);
    manifest->component_count++;
}

void read_components(struct checker *checker, const struct yaml_node *value)
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
