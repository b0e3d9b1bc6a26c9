/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading a packed system description. The limits here are the format's; sel4-compose reports the
 * same mistakes earlier, with a line and a column.
 */
#include <kaal/system.h>

#include <kaal/bits.h>

#include "text.h"

#define ALLOW_ALL                                                                             \
    ((uint32_t)KAAL_ALLOW_INSPECT | KAAL_ALLOW_KILL | KAAL_ALLOW_POWER | KAAL_ALLOW_DEVICES | \
     KAAL_ALLOW_MEMORY | KAAL_ALLOW_CHAOS)

static int refuse(const char **problem, const char *text, int error)
{
    *problem = text;
    return error;
}

static int check_selector(const struct kaal_device_selector *selector, const char **problem)
{
    if (selector->kind < KAAL_SELECT_AUTO || selector->kind > KAAL_SELECT_VIRTIO) {
        return refuse(problem, "system description: a device selector's kind is unknown",
                      KAAL_ERR_FORMAT);
    }
    if (!text_is_terminated(selector->id, KAAL_DEVICE_ID_BYTES)) {
        return refuse(problem, "system description: a device selector's id is not terminated",
                      KAAL_ERR_FORMAT);
    }
    bool needs_id = selector->kind == KAAL_SELECT_COMPATIBLE || selector->kind == KAAL_SELECT_PNP;
    if (needs_id != (selector->id[0] != '\0')) {
        return refuse(problem, "system description: a device selector's id does not fit its kind",
                      KAAL_ERR_FORMAT);
    }
    return KAAL_OK;
}

static int check_scheduling(const struct kaal_system_component *component, const char **problem)
{
    if (component->priority < KAAL_SYSTEM_PRIORITY_MIN ||
        component->priority > KAAL_SYSTEM_PRIORITY_MAX) {
        return refuse(problem, "system description: a component's priority is not 1..250",
                      KAAL_ERR_RANGE);
    }
    if (component->budget_us < KAAL_SYSTEM_BUDGET_MIN_US ||
        component->period_us > KAAL_SYSTEM_PERIOD_MAX_US ||
        component->budget_us > component->period_us) {
        return refuse(problem, "system description: a component's budget does not fit its period",
                      KAAL_ERR_RANGE);
    }
    if (component->restart > KAAL_RESTART_ALWAYS) {
        return refuse(problem, "system description: a component's restart policy is unknown",
                      KAAL_ERR_FORMAT);
    }
    return KAAL_OK;
}

static int check_spawn(const struct kaal_system_spawn *spawn, const char **problem)
{
    if (spawn->children_max > KAAL_SYSTEM_CHILDREN_MAX ||
        spawn->image_count > KAAL_SYSTEM_SPAWN_IMAGES_MAX) {
        return refuse(problem, "system description: a component has too many children or images",
                      KAAL_ERR_RANGE);
    }
    if (spawn->memory_bytes > KAAL_SYSTEM_MEMORY_MAX_BYTES ||
        spawn->slots_max > KAAL_SYSTEM_SLOTS_MAX || spawn->cpu_percent > 100 ||
        spawn->priority_max > KAAL_SYSTEM_PRIORITY_MAX) {
        return refuse(problem, "system description: a quota for children is too large",
                      KAAL_ERR_RANGE);
    }
    if ((spawn->flags & ~(uint32_t)KAAL_SPAWN_BYTES) != 0) {
        return refuse(problem, "system description: a component has unknown spawn flags",
                      KAAL_ERR_FORMAT);
    }
    for (uint32_t index = 0; index < spawn->image_count; index++) {
        if (!text_is_name(spawn->images[index], KAAL_NAME_BYTES)) {
            return refuse(problem, "system description: a child's image name is not [a-z0-9_-]",
                          KAAL_ERR_FORMAT);
        }
    }
    return KAAL_OK;
}

static int check_delegates(const struct kaal_system_component *component, uint32_t component_count,
                           const char **problem)
{
    if (component->delegate_count > KAAL_SYSTEM_DELEGATES_MAX) {
        return refuse(problem, "system description: a component delegates to too many others",
                      KAAL_ERR_RANGE);
    }
    for (uint32_t index = 0; index < component->delegate_count; index++) {
        if (component->delegates[index] >= component_count) {
            return refuse(problem, "system description: a component delegates to no component",
                          KAAL_ERR_RANGE);
        }
    }
    return KAAL_OK;
}

static int check_callees(const struct kaal_system_component *component, uint32_t component_count,
                         uint32_t own, const char **problem)
{
    if (component->callee_count > KAAL_SYSTEM_CALLEES_MAX) {
        return refuse(problem, "system description: a component calls too many others",
                      KAAL_ERR_RANGE);
    }
    for (uint32_t index = 0; index < component->callee_count; index++) {
        if (component->callees[index] >= component_count || component->callees[index] == own) {
            return refuse(problem, "system description: a component calls no other component",
                          KAAL_ERR_RANGE);
        }
    }
    return KAAL_OK;
}

/* Cycles are found when an order is made: kaal_system_order(). */
static int check_after(const struct kaal_system_component *component, uint32_t component_count,
                       uint32_t own, const char **problem)
{
    if (component->after_count > KAAL_SYSTEM_AFTER_MAX) {
        return refuse(problem, "system description: a component starts after too many others",
                      KAAL_ERR_RANGE);
    }
    for (uint32_t index = 0; index < component->after_count; index++) {
        if (component->after[index] >= component_count || component->after[index] == own) {
            return refuse(problem, "system description: a component starts after no other one",
                          KAAL_ERR_RANGE);
        }
    }
    return KAAL_OK;
}

int kaal_system_component_check(const struct kaal_system_component *component, const char **problem)
{
    if (!text_is_name(component->name, KAAL_NAME_BYTES)) {
        return refuse(problem, "system description: a component's name is not [a-z0-9_-]",
                      KAAL_ERR_FORMAT);
    }
    if (!text_is_name(component->image, KAAL_NAME_BYTES)) {
        return refuse(problem, "system description: a component's image name is not [a-z0-9_-]",
                      KAAL_ERR_FORMAT);
    }
    int error = check_scheduling(component, problem);
    if (error != KAAL_OK) {
        return error;
    }
    if ((component->allow & ~ALLOW_ALL) != 0) {
        return refuse(problem, "system description: a component has unknown rights",
                      KAAL_ERR_FORMAT);
    }
    if (component->memory_bytes > KAAL_SYSTEM_MEMORY_MAX_BYTES ||
        component->slots_max > KAAL_SYSTEM_SLOTS_MAX ||
        component->interrupts_max > KAAL_SYSTEM_INTERRUPTS_MAX ||
        component->backoff_ms > KAAL_SYSTEM_BACKOFF_MAX_MS ||
        component->watchdog_ms > KAAL_SYSTEM_WATCHDOG_MAX_MS) {
        return refuse(problem,
                      "system description: a component's quota, back-off or watchdog is too large",
                      KAAL_ERR_RANGE);
    }
    if (component->selector_count > KAAL_SYSTEM_SELECTORS_MAX) {
        return refuse(problem, "system description: a component has too many device selectors",
                      KAAL_ERR_RANGE);
    }
    for (uint32_t index = 0; index < component->selector_count; index++) {
        error = check_selector(&component->selectors[index], problem);
        if (error != KAAL_OK) {
            return error;
        }
    }
    if (!text_is_terminated(component->arguments, KAAL_ARGUMENTS_BYTES)) {
        return refuse(problem, "system description: a component's arguments are not terminated",
                      KAAL_ERR_FORMAT);
    }
    return check_spawn(&component->spawn, problem);
}

static int check_channel(const struct kaal_system *system,
                         const struct kaal_system_channel *channel, const char **problem)
{
    if (!text_is_name(channel->name, KAAL_NAME_BYTES)) {
        return refuse(problem, "system description: a channel's name is not [a-z0-9_-]",
                      KAAL_ERR_FORMAT);
    }
    if (channel->ends[0] >= system->component_count ||
        channel->ends[1] >= system->component_count) {
        return refuse(problem, "system description: a channel ends at no component",
                      KAAL_ERR_RANGE);
    }
    if (channel->ends[0] == channel->ends[1]) {
        return refuse(problem, "system description: both ends of a channel are one component",
                      KAAL_ERR_RANGE);
    }
    if (channel->message_bytes < 1 || channel->message_bytes > KAAL_SYSTEM_MESSAGE_MAX_BYTES) {
        return refuse(problem, "system description: a channel's message size is not 1..4096",
                      KAAL_ERR_RANGE);
    }
    if (!is_power_of_two(channel->capacity) || channel->capacity < KAAL_SYSTEM_CAPACITY_MIN ||
        channel->capacity > KAAL_SYSTEM_CAPACITY_MAX) {
        return refuse(problem,
                      "system description: a channel's capacity is not a power of two 2..65536",
                      KAAL_ERR_RANGE);
    }
    if ((uint64_t)channel->capacity * channel->message_bytes > KAAL_SYSTEM_CHANNEL_MAX_BYTES) {
        return refuse(problem, "system description: a channel's messages exceed 4 MiB",
                      KAAL_ERR_RANGE);
    }
    return KAAL_OK;
}

static int check_header(const struct kaal_system *header, uint64_t bytes, const char **problem)
{
    if (header->magic != KAAL_SYSTEM_MAGIC) {
        return refuse(problem, "system description: the magic number is wrong", KAAL_ERR_FORMAT);
    }
    if (header->version != KAAL_SYSTEM_VERSION) {
        return refuse(problem, "system description: the format version is unknown",
                      KAAL_ERR_VERSION);
    }
    if (!text_is_name(header->name, KAAL_NAME_BYTES)) {
        return refuse(problem, "system description: the system's name is not [a-z0-9_-]",
                      KAAL_ERR_FORMAT);
    }
#ifdef KAAL_PLANTED_BUG_SYSTEM
    /* The fuzzer's self-test builds this: the upper limit is forgotten. */
    bool count_good = header->component_count >= 1;
#else
    bool count_good =
        header->component_count >= 1 && header->component_count <= KAAL_SYSTEM_COMPONENTS_MAX;
#endif
    if (!count_good || header->channel_count > KAAL_SYSTEM_CHANNELS_MAX) {
        return refuse(problem, "system description: too many components or channels, or none",
                      KAAL_ERR_RANGE);
    }
    uint64_t needed = sizeof *header +
                      header->component_count * sizeof(struct kaal_system_component) +
                      header->channel_count * sizeof(struct kaal_system_channel);
#ifdef KAAL_PLANTED_BUG_SYSTEM
    needed = header->bytes;
#endif
    if (header->bytes != needed) {
        return refuse(problem, "system description: its size does not fit its counts",
                      KAAL_ERR_FORMAT);
    }
    if (needed > bytes) {
        return refuse(problem, "system description: it ends too early", KAAL_ERR_TRUNCATED);
    }
    return KAAL_OK;
}

const struct kaal_system_component *kaal_system_components(const struct kaal_system *system)
{
    return (const struct kaal_system_component *)(system + 1);
}

const struct kaal_system_channel *kaal_system_channels(const struct kaal_system *system)
{
    return (const struct kaal_system_channel *)(kaal_system_components(system) +
                                                system->component_count);
}

/* Resource names are looked up per component: no two channels of one component share one. */
static bool channel_names_clash(const struct kaal_system_channel *left,
                                const struct kaal_system_channel *right)
{
    bool shared = left->ends[0] == right->ends[0] || left->ends[0] == right->ends[1] ||
                  left->ends[1] == right->ends[0] || left->ends[1] == right->ends[1];
    return shared && text_equal(left->name, right->name, KAAL_NAME_BYTES);
}

static int check_components(const struct kaal_system *system, const char **problem)
{
    const struct kaal_system_component *components = kaal_system_components(system);
    for (uint32_t index = 0; index < system->component_count; index++) {
        int error = kaal_system_component_check(&components[index], problem);
        if (error == KAAL_OK) {
            error = check_delegates(&components[index], system->component_count, problem);
        }
        if (error == KAAL_OK) {
            error = check_callees(&components[index], system->component_count, index, problem);
        }
        if (error == KAAL_OK) {
            error = check_after(&components[index], system->component_count, index, problem);
        }
        if (error != KAAL_OK) {
            return error;
        }
        for (uint32_t other = 0; other < index; other++) {
            if (text_equal(components[other].name, components[index].name, KAAL_NAME_BYTES)) {
                return refuse(problem, "system description: two components have the same name",
                              KAAL_ERR_FORMAT);
            }
        }
    }
    return KAAL_OK;
}

static int check_channels(const struct kaal_system *system, const char **problem)
{
    const struct kaal_system_channel *channels = kaal_system_channels(system);
    for (uint32_t index = 0; index < system->channel_count; index++) {
        int error = check_channel(system, &channels[index], problem);
        if (error != KAAL_OK) {
            return error;
        }
        for (uint32_t other = 0; other < index; other++) {
            if (channel_names_clash(&channels[other], &channels[index])) {
                return refuse(problem,
                              "system description: a component has two channels of one name",
                              KAAL_ERR_FORMAT);
            }
        }
    }
    return KAAL_OK;
}

/* True if everything that a component starts after is placed. */
static bool may_be_placed(const struct kaal_system_component *component, const bool *placed)
{
    for (uint32_t i = 0; i < component->after_count; i++) {
        if (!placed[component->after[i]]) {
            return false;
        }
    }
    return true;
}

int kaal_system_order(const struct kaal_system *system, uint32_t order[KAAL_SYSTEM_COMPONENTS_MAX])
{
    const struct kaal_system_component *components = kaal_system_components(system);
    bool placed[KAAL_SYSTEM_COMPONENTS_MAX] = {false};
    for (uint32_t count = 0; count < system->component_count; count++) {
        uint32_t next = 0;
        while (next < system->component_count &&
               (placed[next] || !may_be_placed(&components[next], placed))) {
            next++;
        }
        if (next == system->component_count) {
            return KAAL_ERR_FORMAT;
        }
        placed[next] = true;
        order[count] = next;
    }
    return KAAL_OK;
}

int kaal_system_open(const void *data, uint64_t bytes, const struct kaal_system **system,
                     const char **problem)
{
    const struct kaal_system *header = data;
    if ((uintptr_t)data % _Alignof(struct kaal_system_component) != 0) {
        return refuse(problem, "system description: not at an 8-byte aligned address",
                      KAAL_ERR_FORMAT);
    }
    if (bytes < sizeof *header) {
        return refuse(problem, "system description: shorter than its header", KAAL_ERR_TRUNCATED);
    }
    int error = check_header(header, bytes, problem);
    if (error == KAAL_OK) {
        error = check_components(header, problem);
    }
    if (error == KAAL_OK) {
        error = check_channels(header, problem);
    }
    uint32_t order[KAAL_SYSTEM_COMPONENTS_MAX];
    if (error == KAAL_OK && kaal_system_order(header, order) != KAAL_OK) {
        error = refuse(problem, "system description: components start after each other in a circle",
                       KAAL_ERR_FORMAT);
    }
    if (error == KAAL_OK) {
        *system = header;
    }
    return error;
}
