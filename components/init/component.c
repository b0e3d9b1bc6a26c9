/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of components, their lasting objects, and the two ends of an instance that are not
 * building it: running and destroying. Building is in spawn.c.
 */
#include "component.h"

#include <string.h>

#include <kaal/assert.h>
#include <kaal/sel4_error.h>

#include "channels.h"
#include "devices.h"
#include "image.h"
#include "log.h"
#include "memory.h"
#include "watchdog.h"

/* Log lines about a component's requests in one life. */
#define REQUESTS_LOGGED_MAX 32u
/* Those of the description, and as many children's records. */
#define COMPONENTS_MAX (2 * KAAL_SYSTEM_COMPONENTS_MAX)

static struct component *components[COMPONENTS_MAX];
static seL4_CPtr fault_endpoint; /* init's, all rights */
static uint32_t count;

/* Copies an endpoint or notification capability within init's CSpace with a badge. */
static int mint(seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge, seL4_CPtr *slot)
{
    struct kaal_cspace *cspace = memory_cspace();
    int error = kaal_cspace_allocate(cspace, slot);
    if (error != KAAL_OK) {
        return error;
    }
    error = kaal_error_from_sel4(seL4_CNode_Mint(cspace->root, *slot, cspace->depth, cspace->root,
                                                 source, cspace->depth, rights, badge));
    if (error != KAAL_OK) {
        (void)!kaal_cspace_free(cspace, *slot);
    }
    return error;
}

/* The lasting objects of a record. */
static int create(struct component *component, const struct kaal_driver_declaration *declaration)
{
    struct kaal_arena *arena = memory_arena();
    struct kaal_account *account = &component->account;
    void *page;
    int error = kaal_account_open(account, broker(), component->description, declaration);
    if (error == KAAL_OK) {
        error = kaal_account_badge_bit(account, true, &component->timer_bit);
    }
    if (error == KAAL_OK) {
        error = kaal_account_badge_bit(account, true, &component->event_bit);
    }
    if (error == KAAL_OK) {
        error = kaal_arena_allocate(arena, seL4_ReplyObject, 0, 1, &component->reply);
    }
    if (error == KAAL_OK) {
        error = mint(fault_endpoint, seL4_AllRights, BADGE_FAULT | (component->index + 1),
                     &component->fault_handler);
    }
    if (error == KAAL_OK) {
        error = mint(account->notification, seL4_CanWrite,
                     BADGE_NOTIFICATION | UINT64_C(1) << component->timer_bit,
                     &component->timer_signal);
    }
    if (error == KAAL_OK) {
        error = mint(account->notification, seL4_CanWrite,
                     BADGE_NOTIFICATION | UINT64_C(1) << component->event_bit,
                     &component->event_signal);
    }
    if (error == KAAL_OK) {
        error = kaal_arena_allocate(arena, kaal_frame_type(12), 0, 1, &component->startup_frame);
    }
    if (error == KAAL_OK) {
        error = memory_map(component->startup_frame, 1, 12, KAAL_MAP_READ | KAAL_MAP_WRITE, &page);
    }
    if (error == KAAL_OK) {
        component->startup = page;
        account->index = component->index;
    }
    return error;
}

/* Adds a record behind the others. */
static int add(struct component *component, const struct kaal_system_component *description,
               const struct kaal_driver_declaration *declaration)
{
    component->description = description;
    component->index = count;
    component->backoff_ms = description->backoff_ms;
    memory_top_up();
    int error = create(component, declaration);
    if (error == KAAL_OK) {
        components[count++] = component;
    }
    return error;
}

int components_create(const struct kaal_system *system, seL4_CPtr endpoint)
{
    const struct kaal_system_component *descriptions = kaal_system_components(system);
    struct component *records = memory_permanent(system->component_count * sizeof(*records));
    if (records == NULL) {
        return KAAL_ERR_NO_MEMORY;
    }
    fault_endpoint = endpoint;
    for (uint32_t i = 0; i < system->component_count; i++) {
        int error = add(&records[i], &descriptions[i], image_declaration(descriptions[i].image));
        if (error != KAAL_OK) {
            log_line("init: error: no room for the records of component '%s': %s",
                     descriptions[i].name, kaal_error_text(error));
            return error;
        }
    }
    return KAAL_OK;
}

bool component_may_log(struct component *component)
{
    component->requests_logged++;
    if (component->requests_logged == REQUESTS_LOGGED_MAX) {
        log_line("init: broker: further refusals of this life of %s are not logged",
                 component->description->name);
    }
    return component->requests_logged < REQUESTS_LOGGED_MAX;
}

bool component_end_may_log(struct component *component)
{
    return component->starter == NULL || component_may_log(component->starter);
}

static struct component *find_unused(void)
{
    for (uint32_t i = 0; i < count; i++) {
        if (components[i]->unused) {
            return components[i];
        }
    }
    return NULL;
}

int component_take(const struct kaal_system_component *line, struct component **component)
{
    struct component *taken = find_unused();
    if (taken == NULL) {
        if (count == COMPONENTS_MAX) {
            return KAAL_ERR_NO_SPACE;
        }
        taken = memory_permanent(sizeof(*taken));
        int error = taken == NULL ? KAAL_ERR_NO_MEMORY : add(taken, &taken->line, NULL);
        if (error != KAAL_OK) {
            return error;
        }
    }
    taken->line = *line;
    taken->unused = false;
    taken->faulted = false;
    taken->exit_status = 0;
    taken->cpu_time_us = 0;
    taken->generation = 0;
    seL4_Word stale;
    seL4_Poll(taken->account.notification, &stale); /* a signal to the one before */
    *component = taken;
    return KAAL_OK;
}

void component_put(struct component *component)
{
    ASSERT(component->description == &component->line);
    ASSERT(!component->account.running);
    component->unused = true;
}

uint32_t component_count(void)
{
    return count;
}

struct component *component_at(uint32_t index)
{
    ASSERT(index < count);
    return components[index];
}

struct component *component_find(const char *name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!components[i]->unused &&
            strncmp(components[i]->description->name, name, KAAL_NAME_BYTES) == 0) {
            return components[i];
        }
    }
    return NULL;
}

bool component_is_serial(const struct component *component)
{
    const struct kaal_driver_declaration *declaration = component->account.declaration;
    return declaration != NULL && declaration->device_class == KAAL_CLASS_SERIAL;
}

uint64_t component_cpu_time_us(struct component *component)
{
    if (component->sched_context != 0) {
        seL4_SchedContext_Consumed_t consumed =
            seL4_SchedContext_Consumed(component->sched_context);
        if (consumed.error == seL4_NoError) {
            component->cpu_time_us += consumed.consumed;
        }
    }
    return component->cpu_time_us;
}

void component_run(struct component *component)
{
    component->state = KAAL_COMPONENT_RUNNING;
    component->start_ns = kaal_now_ns();
    component->log_start = log_end();
    watchdog_start(component);
    service_open(&component->service);
    seL4_Error error = seL4_TCB_Resume(component->tcb);
    ASSERT(error == seL4_NoError);
}

void component_destroy(struct component *component)
{
    if (component->tcb != 0) {
        seL4_Error error = seL4_TCB_Suspend(component->tcb);
        ASSERT(error == seL4_NoError);
    }
    component->state = KAAL_COMPONENT_STOPPED;
    component->ended_ns = kaal_now_ns();
    component->follows_log = false;
    component->requests_logged = 0;
    deadline_disarm(&component->deadline);
    watchdog_stop(component);
    kaal_account_silence(&component->account);
    /* Whoever is blocked in a call on this component learns that nobody will answer; without a
     * caller this has no effect. */
    seL4_SetMR(0, (seL4_Word)(int64_t)KAAL_ERR_PEER);
    seL4_Send(component->reply, seL4_MessageInfo_new(0, 0, 0, 1));
    service_close(&component->service);
    (void)component_cpu_time_us(component);
    kaal_account_stop(&component->account);
    component->tcb = 0;
    component->sched_context = 0;
    component->stack_frames = 0;
    channels_announce(component, KAAL_PEER_STOPPED);
}
