/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The packed system description: one damage per row, each with its error and phrase.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/bits.h>
#include <kaal/system.h>

struct description {
    struct kaal_system header;
    struct kaal_system_component components[2];
    struct kaal_system_channel channels[2];
};

static struct description good(void)
{
    return (struct description){
        .header = {.magic = KAAL_SYSTEM_MAGIC,
                   .version = KAAL_SYSTEM_VERSION,
                   .bytes = sizeof(struct description),
                   .name = "demo",
                   .component_count = 2,
                   .channel_count = 2},
        .components = {{.name = "one",
                        .image = "first",
                        .priority = 100,
                        .budget_us = 5000,
                        .period_us = 5000,
                        .memory_bytes = 1 << 20,
                        .slots_max = 64,
                        .selector_count = 2,
                        .selectors = {{.kind = KAAL_SELECT_AUTO},
                                      {.kind = KAAL_SELECT_PNP, .id = "PNP0501"}}},
                       {.name = "two",
                        .image = "first",
                        .priority = 250,
                        .budget_us = 100,
                        .period_us = 10000,
                        .restart = KAAL_RESTART_ALWAYS,
                        .arguments = "a b"}},
        .channels = {{.name = "data", .ends = {0, 1}, .message_bytes = 64, .capacity = 256},
                     {.name = "more", .ends = {1, 0}, .message_bytes = 1, .capacity = 4096}},
    };
}

static struct description description;

struct damage {
    const char *name;
    int error;
    const char *problem;
    void (*apply)(void);
};

#define DAMAGE(function, statement) \
    static void function(void)      \
    {                               \
        description.statement;      \
    }
DAMAGE(damage_magic, header.magic++)
DAMAGE(damage_version, header.version = 9)
DAMAGE(damage_bytes, header.bytes--)
DAMAGE(damage_name, header.name[0] = 'A')
DAMAGE(damage_no_components, header.component_count = 0)
DAMAGE(damage_components, header.component_count = 257)
DAMAGE(damage_channels, header.channel_count = 513)
DAMAGE(damage_count, header.channel_count = 1)
DAMAGE(damage_component_name, components[0].name[0] = '\0')
DAMAGE(damage_trailing_name, components[0].name[20] = 'x')
DAMAGE(damage_image_name, components[1].image[0] = '/')
DAMAGE(damage_priority, components[0].priority = 251)
DAMAGE(damage_no_priority, components[0].priority = 0)
DAMAGE(damage_budget, components[1].budget_us = 10001)
DAMAGE(damage_no_budget, components[1].budget_us = 0)
DAMAGE(damage_period, components[1].period_us = UINT64_MAX)
DAMAGE(damage_restart, components[0].restart = 3)
DAMAGE(damage_allow, components[0].allow = 1u << 6)
DAMAGE(damage_interrupts, components[0].interrupts_max = KAAL_SYSTEM_INTERRUPTS_MAX + 1)
DAMAGE(damage_children, components[0].spawn.children_max = KAAL_SYSTEM_CHILDREN_MAX + 1)
DAMAGE(damage_spawn_images, components[0].spawn.image_count = KAAL_SYSTEM_SPAWN_IMAGES_MAX + 1)
DAMAGE(damage_spawn_image, components[0].spawn.image_count = 1)
DAMAGE(damage_spawn_cpu, components[0].spawn.cpu_percent = 101)
DAMAGE(damage_spawn_priority, components[0].spawn.priority_max = KAAL_SYSTEM_PRIORITY_MAX + 1)
DAMAGE(damage_spawn_flags, components[0].spawn.flags = 2)
DAMAGE(damage_delegate_count, components[0].delegate_count = KAAL_SYSTEM_DELEGATES_MAX + 1)
DAMAGE(damage_callee_count, components[0].callee_count = KAAL_SYSTEM_CALLEES_MAX + 1)
DAMAGE(damage_callee_itself, components[0].callee_count = 1) /* callees[0] is 0: itself */
DAMAGE(damage_after_count, components[0].after_count = KAAL_SYSTEM_AFTER_MAX + 1)
DAMAGE(damage_after_itself, components[0].after_count = 1) /* after[0] is 0: itself */
DAMAGE(damage_watchdog, components[0].watchdog_ms = KAAL_SYSTEM_WATCHDOG_MAX_MS + 1)
DAMAGE(damage_memory, components[0].memory_bytes = UINT64_MAX)
DAMAGE(damage_slots, components[0].slots_max = 65537)
DAMAGE(damage_backoff, components[0].backoff_ms = 1001)
DAMAGE(damage_selectors, components[0].selector_count = 9)
DAMAGE(damage_selector_kind, components[0].selectors[0].kind = 8)
DAMAGE(damage_selector_no_id, components[0].selectors[1].kind = KAAL_SELECT_SERIAL)
DAMAGE(damage_selector_extra_id, components[0].selectors[0].kind = KAAL_SELECT_COMPATIBLE)
DAMAGE(damage_channel_name, channels[0].name[0] = ' ')
DAMAGE(damage_end, channels[0].ends[1] = 2)
DAMAGE(damage_same_ends, channels[0].ends[1] = 0)
DAMAGE(damage_no_message, channels[0].message_bytes = 0)
DAMAGE(damage_message, channels[0].message_bytes = 4097)
DAMAGE(damage_capacity, channels[0].capacity = 255)
DAMAGE(damage_capacity_zero, channels[0].capacity = 0)
DAMAGE(damage_capacity_large, channels[0].capacity = 131072)

static void damage_after_circle(void)
{
    description.components[0].after_count = 1;
    description.components[0].after[0] = 1;
    description.components[1].after_count = 1;
    description.components[1].after[0] = 0;
}

static void damage_delegate(void)
{
    description.components[0].delegate_count = 1;
    description.components[0].delegates[0] = 2;
}

static void damage_selector_text(void)
{
    memset(description.components[0].selectors[1].id, 'x', KAAL_DEVICE_ID_BYTES);
}

static void damage_arguments(void)
{
    memset(description.components[0].arguments, 'x', KAAL_ARGUMENTS_BYTES);
}

static void damage_same_names(void)
{
    memcpy(description.components[1].name, description.components[0].name, KAAL_NAME_BYTES);
}

static void damage_same_channels(void)
{
    memcpy(description.channels[1].name, description.channels[0].name, KAAL_NAME_BYTES);
}

static void damage_channel_size(void)
{
    description.channels[0].message_bytes = 4096;
    description.channels[0].capacity = 2048;
}

#define P "system description: "
static const struct damage damages[] = {
    {"magic", KAAL_ERR_FORMAT, P "the magic number is wrong", damage_magic},
    {"version", KAAL_ERR_VERSION, P "the format version is unknown", damage_version},
    {"size", KAAL_ERR_FORMAT, P "its size does not fit its counts", damage_bytes},
    {"system name", KAAL_ERR_FORMAT, P "the system's name is not [a-z0-9_-]", damage_name},
    {"no components", KAAL_ERR_RANGE, P "too many components or channels, or none",
     damage_no_components},
    {"too many components", KAAL_ERR_RANGE, P "too many components or channels, or none",
     damage_components},
    {"too many channels", KAAL_ERR_RANGE, P "too many components or channels, or none",
     damage_channels},
    {"count against size", KAAL_ERR_FORMAT, P "its size does not fit its counts", damage_count},
    {"component name", KAAL_ERR_FORMAT, P "a component's name is not [a-z0-9_-]",
     damage_component_name},
    {"bytes behind a name", KAAL_ERR_FORMAT, P "a component's name is not [a-z0-9_-]",
     damage_trailing_name},
    {"image name", KAAL_ERR_FORMAT, P "a component's image name is not [a-z0-9_-]",
     damage_image_name},
    {"priority 251", KAAL_ERR_RANGE, P "a component's priority is not 1..250", damage_priority},
    {"priority 0", KAAL_ERR_RANGE, P "a component's priority is not 1..250", damage_no_priority},
    {"budget", KAAL_ERR_RANGE, P "a component's budget does not fit its period", damage_budget},
    {"budget 0", KAAL_ERR_RANGE, P "a component's budget does not fit its period",
     damage_no_budget},
    {"period", KAAL_ERR_RANGE, P "a component's budget does not fit its period", damage_period},
    {"restart policy", KAAL_ERR_FORMAT, P "a component's restart policy is unknown",
     damage_restart},
    {"rights", KAAL_ERR_FORMAT, P "a component has unknown rights", damage_allow},
    {"interrupt quota", KAAL_ERR_RANGE, P "a component's quota, back-off or watchdog is too large",
     damage_interrupts},
    {"children", KAAL_ERR_RANGE, P "a component has too many children or images", damage_children},
    {"spawn images", KAAL_ERR_RANGE, P "a component has too many children or images",
     damage_spawn_images},
    {"spawn image", KAAL_ERR_FORMAT, P "a child's image name is not [a-z0-9_-]",
     damage_spawn_image},
    {"spawn cpu", KAAL_ERR_RANGE, P "a quota for children is too large", damage_spawn_cpu},
    {"spawn priority", KAAL_ERR_RANGE, P "a quota for children is too large",
     damage_spawn_priority},
    {"spawn flags", KAAL_ERR_FORMAT, P "a component has unknown spawn flags", damage_spawn_flags},
    {"delegates", KAAL_ERR_RANGE, P "a component delegates to too many others",
     damage_delegate_count},
    {"delegate", KAAL_ERR_RANGE, P "a component delegates to no component", damage_delegate},
    {"callees", KAAL_ERR_RANGE, P "a component calls too many others", damage_callee_count},
    {"callee", KAAL_ERR_RANGE, P "a component calls no other component", damage_callee_itself},
    {"after", KAAL_ERR_RANGE, P "a component starts after too many others", damage_after_count},
    {"after itself", KAAL_ERR_RANGE, P "a component starts after no other one",
     damage_after_itself},
    {"after each other", KAAL_ERR_FORMAT, P "components start after each other in a circle",
     damage_after_circle},
    {"watchdog", KAAL_ERR_RANGE, P "a component's quota, back-off or watchdog is too large",
     damage_watchdog},
    {"memory quota", KAAL_ERR_RANGE, P "a component's quota, back-off or watchdog is too large",
     damage_memory},
    {"slot quota", KAAL_ERR_RANGE, P "a component's quota, back-off or watchdog is too large",
     damage_slots},
    {"back-off", KAAL_ERR_RANGE, P "a component's quota, back-off or watchdog is too large",
     damage_backoff},
    {"selector count", KAAL_ERR_RANGE, P "a component has too many device selectors",
     damage_selectors},
    {"selector kind", KAAL_ERR_FORMAT, P "a device selector's kind is unknown",
     damage_selector_kind},
    {"selector with an id that its kind has not", KAAL_ERR_FORMAT,
     P "a device selector's id does not fit its kind", damage_selector_no_id},
    {"selector without id", KAAL_ERR_FORMAT, P "a device selector's id does not fit its kind",
     damage_selector_extra_id},
    {"selector text", KAAL_ERR_FORMAT, P "a device selector's id is not terminated",
     damage_selector_text},
    {"arguments", KAAL_ERR_FORMAT, P "a component's arguments are not terminated",
     damage_arguments},
    {"same component names", KAAL_ERR_FORMAT, P "two components have the same name",
     damage_same_names},
    {"channel name", KAAL_ERR_FORMAT, P "a channel's name is not [a-z0-9_-]", damage_channel_name},
    {"channel end", KAAL_ERR_RANGE, P "a channel ends at no component", damage_end},
    {"channel to itself", KAAL_ERR_RANGE, P "both ends of a channel are one component",
     damage_same_ends},
    {"message size 0", KAAL_ERR_RANGE, P "a channel's message size is not 1..4096",
     damage_no_message},
    {"message size 4097", KAAL_ERR_RANGE, P "a channel's message size is not 1..4096",
     damage_message},
    {"capacity", KAAL_ERR_RANGE, P "a channel's capacity is not a power of two 2..65536",
     damage_capacity},
    {"capacity 0", KAAL_ERR_RANGE, P "a channel's capacity is not a power of two 2..65536",
     damage_capacity_zero},
    {"capacity 131072", KAAL_ERR_RANGE, P "a channel's capacity is not a power of two 2..65536",
     damage_capacity_large},
    {"channel size", KAAL_ERR_RANGE, P "a channel's messages exceed 4 MiB", damage_channel_size},
    {"same channel names", KAAL_ERR_FORMAT, P "a component has two channels of one name",
     damage_same_channels},
};

static void test_damage_is_refused(void **state)
{
    const struct damage *damage = *state;
    const struct kaal_system *system = NULL;
    const char *problem = NULL;
    description = good();
    damage->apply();
    assert_int_equal(kaal_system_open(&description, sizeof description, &system, &problem),
                     damage->error);
    assert_string_equal(problem, damage->problem);
    assert_null(system);
}

static void test_good_description_opens(void **state)
{
    (void)state;
    const struct kaal_system *system;
    const char *problem;
    description = good();
    assert_int_equal(kaal_system_open(&description, sizeof description, &system, &problem),
                     KAAL_OK);
    assert_ptr_equal(kaal_system_components(system), description.components);
    assert_ptr_equal(kaal_system_channels(system), description.channels);
}

static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    const struct kaal_system *system;
    const char *problem;
    description = good();
    for (uint64_t bytes = 0; bytes < sizeof description; bytes++) {
        assert_int_equal(kaal_system_open(&description, bytes, &system, &problem),
                         KAAL_ERR_TRUNCATED);
    }
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(test_good_description_opens),
        cmocka_unit_test(test_every_truncation_is_refused),
    };
    struct CMUnitTest table[ARRAY_COUNT(damages)];
    for (size_t index = 0; index < ARRAY_COUNT(damages); index++) {
        table[index] = (struct CMUnitTest){
            .name = damages[index].name,
            .test_func = test_damage_is_refused,
            .initial_state = (void *)(uintptr_t)&damages[index],
        };
    }
    int failed = cmocka_run_group_tests(table, NULL, NULL);
    return failed + cmocka_run_group_tests(others, NULL, NULL);
}
