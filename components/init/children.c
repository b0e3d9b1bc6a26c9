/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A child is a component whose line comes from its parent and not from the description. An ELF file
 * of the parent's is copied before it is looked at, so that nobody can change it between the check
 * and the use; the copy is charged to the parent and gone when the child runs.
 */
#include "children.h"

#include <stddef.h>
#include <string.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/channel.h>

#include "devices.h"
#include "memory.h"

#define PAGE_BYTES    UINT64_C(4096)
#define RUN_MAX       256u
#define ELF_MAX_BYTES (UINT64_C(64) << 20)

/* init's private copy of an ELF file. */
struct staged {
    struct kaal_arena arena;
    unsigned char *address; /* NULL: not mapped */
    uint64_t bytes;         /* whole pages */
};

static struct component *component_of(struct kaal_account *account)
{
    return (struct component *)((char *)account - offsetof(struct component, account));
}

/* The parent's end of a child's channel says that there is nobody. */
static void link_down(struct component *child)
{
    if (child->link != NULL) {
        __atomic_store_n(&child->link->channel.peer_state, KAAL_PEER_GONE, __ATOMIC_RELEASE);
        __atomic_store_n(&child->link->channel.generation, child->link->channel.generation + 1,
                         __ATOMIC_RELEASE);
    }
}

static void end_child(struct kaal_account *account)
{
    struct component *child = component_of(account);
    link_down(child);
    if (child->link != NULL) {
        child->link->kind = KAAL_RESOURCE_NONE;
        child->link = NULL;
    }
    component_destroy(child);
    component_put(child);
}

void children_start(void)
{
    broker()->end_child = end_child;
}

static void stage_close(struct staged *staged)
{
    if (staged->address != NULL) {
        int error =
            kaal_vspace_range_put(memory_vspace(), (uint64_t)staged->address, staged->bytes);
        ASSERT(error == KAAL_OK);
    }
    kaal_arena_release(&staged->arena); /* unmaps */
}

/* Fresh pages in init's window, charged to the parent. */
static int stage_pages(struct staged *staged)
{
    uint64_t vaddr;
    int error = kaal_vspace_range_take(memory_vspace(), staged->bytes, PAGE_BYTES, &vaddr);
    if (error != KAAL_OK) {
        return error;
    }
    staged->address = (unsigned char *)vaddr;
    for (uint64_t done = 0; error == KAAL_OK && done < staged->bytes;) {
        uint64_t left = (staged->bytes - done) / PAGE_BYTES;
        uint32_t count = left < RUN_MAX ? (uint32_t)left : RUN_MAX;
        seL4_CPtr frames;
        error = kaal_arena_allocate(&staged->arena, kaal_frame_type(12), 0, count, &frames);
        if (error == KAAL_OK) {
            error = kaal_vspace_map(memory_vspace(), frames, count, vaddr + done, 12,
                                    KAAL_MAP_READ | KAAL_MAP_WRITE);
        }
        done += count * PAGE_BYTES;
    }
    return error;
}

/* Copies one page of the parent's memory, through a capability that is gone afterwards. */
static int stage_page(const struct component *parent, kaal_handle memory, uint64_t page,
                      unsigned char *to)
{
    seL4_CPtr frame;
    seL4_CPtr copy;
    int error = kaal_broker_memory_frame(&parent->account, memory, page, &frame);
    if (error != KAAL_OK) {
        return error;
    }
    const void *from = memory_peek_begin(frame, &copy);
    if (from == NULL) {
        return KAAL_ERR_KERNEL;
    }
    memcpy(to, from, PAGE_BYTES);
    memory_peek_end(copy);
    return KAAL_OK;
}

static int stage_open(struct staged *staged, struct component *parent,
                      const struct kaal_spawn_request *request)
{
    *staged = (struct staged){.bytes = align_up(request->elf_bytes, PAGE_BYTES)};
    kaal_arena_init_tight(&staged->arena, memory_untyped(), &parent->account.usage);
    if (request->elf_bytes > ELF_MAX_BYTES) {
        return KAAL_ERR_RANGE;
    }
    int error = stage_pages(staged);
    for (uint64_t page = 0; error == KAAL_OK && page < staged->bytes / PAGE_BYTES; page++) {
        error = stage_page(parent, request->elf_memory, page, staged->address + page * PAGE_BYTES);
    }
    return error;
}

/* Builds a child from the archive, or from a file of the parent's. */
static int build(struct component *parent, struct component *child,
                 const struct kaal_spawn_request *request)
{
    struct staged staged;
    if (request->elf_bytes == 0) {
        return component_build(child, NULL, 0);
    }
    int error = stage_open(&staged, parent, request);
    if (error == KAAL_OK) {
        error = component_build(child, staged.address, request->elf_bytes);
    }
    stage_close(&staged);
    return error;
}

/* A free entry of a start-up page, or NULL. */
static struct kaal_resource *free_resource(struct kaal_startup *startup)
{
    for (uint32_t i = 0; i < startup->resource_count; i++) {
        if (startup->resources[i].kind == KAAL_RESOURCE_NONE) {
            return &startup->resources[i];
        }
    }
    return startup->resource_count < KAAL_STARTUP_RESOURCES_MAX
               ? &startup->resources[startup->resource_count++]
               : NULL;
}

/* The channel that a request wants, in both start-up pages. */
static int link_up(struct component *parent, struct component *child,
                   const struct kaal_spawn_request *request, kaal_handle handle)
{
    struct kaal_link link;
    if (request->message_bytes == 0) {
        return KAAL_OK;
    }
    struct kaal_resource *parent_end = free_resource(parent->startup);
    struct kaal_resource *child_end = free_resource(child->startup);
    if (parent_end == NULL || child_end == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    int error = kaal_broker_child_link(
        &parent->account, handle, request,
        kaal_channel_region_bytes(request->message_bytes, request->messages), &link);
    if (error == KAAL_OK) {
        *parent_end = link.parent_end;
        *child_end = link.child_end;
        child->link = parent_end;
        memcpy(child->link_headers, link.headers, sizeof(child->link_headers));
    }
    return error;
}

/* Records a child that is built, connects it and lets it run. */
static int start(struct component *parent, struct component *child,
                 const struct kaal_spawn_request *request, kaal_handle *handle)
{
    int error = kaal_broker_child_open(&parent->account, &child->account, handle);
    if (error != KAAL_OK) {
        component_destroy(child);
        component_put(child);
        return error;
    }
    error = link_up(parent, child, request, *handle);
    if (error != KAAL_OK) {
        int released = kaal_broker_release(&parent->account, *handle); /* ends the child */
        ASSERT(released == KAAL_OK);
        return error;
    }
    component_run(child);
    return KAAL_OK;
}

int children_spawn(struct component *parent, const struct kaal_spawn_request *request,
                   kaal_handle *handle)
{
    struct kaal_system_component line;
    int error = kaal_broker_child_line(&parent->account, request, &line);
    if (error != KAAL_OK) {
        return error; /* audited */
    }
    struct component *child = NULL;
    if (component_find(line.name) != NULL) {
        error = KAAL_ERR_BUSY;
    } else {
        error = component_take(&line, &child);
    }
    if (error == KAAL_OK) {
        child->starter = parent;
        error = build(parent, child, request);
        if (error != KAAL_OK) {
            component_put(child);
        }
    }
    if (error == KAAL_OK) {
        error = start(parent, child, request, handle);
    }
    kaal_broker_audit(&parent->account, KAAL_AUDIT_SPAWN, line.name, line.memory_bytes, error);
    return error;
}

int children_status(const struct component *parent, kaal_handle handle,
                    struct kaal_child_status *status)
{
    struct kaal_account *account = kaal_broker_child_of(&parent->account, handle);
    if (account == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    const struct component *child = component_of(account);
    *status = (struct kaal_child_status){
        .state = child->state,
        .faulted = child->faulted,
        .exit_status = child->exit_status,
    };
    return KAAL_OK;
}

void children_ended(struct component *component)
{
    if (component->starter != NULL) {
        link_down(component);
        seL4_Signal(component->starter->event_signal);
    }
}
