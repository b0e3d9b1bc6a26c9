/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Components that others start. A child has a line of a system description of its own, made from
 * the request and checked by the reader of descriptions; its quotas are a part of what its parent's
 * line allows for all children together. Building and ending it is init's.
 */
#include "server_internal.h"

#define PERMILLE         1000u
#define PERCENT_PERMILLE 10u

static bool names_equal(const char *left, const char *right)
{
    return __builtin_memcmp(left, right, KAAL_NAME_BYTES) == 0;
}

static bool may_start_image(const struct kaal_system_spawn *spawn, const char *image)
{
    for (uint32_t i = 0; i < spawn->image_count && i < KAAL_SYSTEM_SPAWN_IMAGES_MAX; i++) {
        if (names_equal(spawn->images[i], image)) {
            return true;
        }
    }
    return false;
}

static uint32_t permille_of(const struct kaal_system_component *line)
{
    return (uint32_t)((line->budget_us * PERMILLE + line->period_us - 1) / line->period_us);
}

/* No channel, or one of a size that the manifest could have, too. */
static bool link_valid(const struct kaal_spawn_request *request)
{
    if (request->message_bytes == 0) {
        return request->messages == 0;
    }
    return request->message_bytes <= KAAL_SYSTEM_MESSAGE_MAX_BYTES &&
           is_power_of_two(request->messages) && request->messages >= KAAL_SYSTEM_CAPACITY_MIN &&
           request->messages <= KAAL_SYSTEM_CAPACITY_MAX &&
           (uint64_t)request->messages * request->message_bytes <= KAAL_SYSTEM_CHANNEL_MAX_BYTES;
}

/* What the parent's line allows, before quotas. */
static int check_ceiling(const struct kaal_account *parent,
                         const struct kaal_spawn_request *request,
                         const struct kaal_system_component *line)
{
    const struct kaal_system_component *ceiling = parent->ceiling;
    bool from_bytes = request->elf_bytes != 0;
    if (ceiling->spawn.children_max == 0 || line->priority > ceiling->spawn.priority_max ||
        (line->allow & ~(ceiling->allow & (uint32_t)KAAL_ALLOW_MEMORY)) != 0) {
        return KAAL_ERR_DENIED;
    }
    if (from_bytes) {
        return (ceiling->spawn.flags & KAAL_SPAWN_BYTES) != 0 ? KAAL_OK : KAAL_ERR_DENIED;
    }
    return may_start_image(&ceiling->spawn, line->image) ? KAAL_OK : KAAL_ERR_DENIED;
}

static int check_quotas(const struct kaal_account *parent, const struct kaal_system_component *line)
{
    const struct kaal_system_spawn *spawn = &parent->ceiling->spawn;
    const struct kaal_children *children = &parent->children;
    if (children->count >= spawn->children_max) {
        return KAAL_ERR_QUOTA_CHILDREN;
    }
    if (!range_inside(children->memory_bytes, line->memory_bytes, spawn->memory_bytes)) {
        return KAAL_ERR_QUOTA_MEMORY;
    }
    if (!range_inside(children->slots, line->slots_max, spawn->slots_max)) {
        return KAAL_ERR_QUOTA_SLOTS;
    }
    if (!range_inside(children->cpu_permille, permille_of(line),
                      (uint64_t)spawn->cpu_percent * PERCENT_PERMILLE)) {
        return KAAL_ERR_QUOTA_CPU;
    }
    return KAAL_OK;
}

int child_line(const struct kaal_account *parent, const struct kaal_spawn_request *request,
               struct kaal_system_component *line)
{
    const char *problem;
    if (!parent->running) {
        return KAAL_ERR_STATE;
    }
    *line = (struct kaal_system_component){
        .priority = request->priority,
        .restart = KAAL_RESTART_NEVER,
        .budget_us = request->budget_us,
        .period_us = request->period_us,
        .memory_bytes = request->memory_bytes,
        .slots_max = request->slots_max,
        .allow = request->allow,
    };
    __builtin_memcpy(line->name, request->name, sizeof(line->name));
    __builtin_memcpy(line->image, request->elf_bytes != 0 ? request->name : request->image,
                     sizeof(line->image));
    __builtin_memcpy(line->arguments, request->arguments, sizeof(line->arguments));
    if (kaal_system_component_check(line, &problem) != KAAL_OK || line->memory_bytes == 0 ||
        line->slots_max == 0 || !link_valid(request)) {
        return KAAL_ERR_INVALID;
    }
    int error = check_ceiling(parent, request, line);
    return error == KAAL_OK ? check_quotas(parent, line) : error;
}

int kaal_broker_child_open(struct kaal_account *parent, struct kaal_account *child,
                           kaal_handle *handle)
{
    const struct kaal_system_component *line = child->ceiling;
    struct kaal_grant *grant = grant_create(parent);
    if (grant == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    struct kaal_holding_record record = {.kind = KAAL_HOLDING_CHILD, .bytes = line->memory_bytes};
    name_copy(record.name, line->name);
    int error = account_list(parent, grant->handle, &record);
    if (error != KAAL_OK) {
        grant_destroy(parent, grant);
        return error;
    }
    grant->kind = GRANT_CHILD;
    grant->child = child;
    child->parent = parent;
    parent->children.count++;
    parent->children.slots += line->slots_max;
    parent->children.memory_bytes += line->memory_bytes;
    parent->children.cpu_permille += permille_of(line);
    *handle = grant->handle;
    return KAAL_OK;
}

void child_end(struct kaal_account *parent, struct kaal_account *child)
{
    const struct kaal_system_component *line = child->ceiling;
    ASSERT(parent->children.count > 0);
    parent->children.count--;
    parent->children.slots -= line->slots_max;
    parent->children.memory_bytes -= line->memory_bytes;
    parent->children.cpu_permille -= permille_of(line);
    parent->broker->end_child(child);
    child->parent = NULL;
}

struct kaal_account *kaal_broker_child_of(const struct kaal_account *parent, kaal_handle handle)
{
    const struct kaal_grant *grant = grant_find(parent, handle);
    return grant == NULL || grant->kind != GRANT_CHILD ? NULL : grant->child;
}
