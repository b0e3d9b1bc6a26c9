/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Builds one instance of a component. Addresses: the ELF file where it was linked, then, in the
 * window behind it, stack, IPC buffer, start-up page and whatever the broker maps, each with an
 * unmapped page behind it; the page between the file and the window is the stack's guard.
 */
#include <string.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/clock.h>
#include <kaal/sel4_error.h>

#include "arch.h"
#include "channels.h"
#include "component.h"
#include "devices.h"
#include "elf_load.h"
#include "image.h"
#include "log.h"
#include "memory.h"
#include "order.h"
#include "serve.h"
#include "services.h"

#define PAGE_BYTES   4096u
#define WINDOW_BYTES (UINT64_C(1) << 36)
/* TCB, CNode, scheduling context, root table and three page tables, rounded up to pages. */
#define OBJECT_BYTES (8u * PAGE_BYTES)
/* Ten refills: enough for a thread that blocks often within one period. */
#define SCHED_CONTEXT_BITS 8u

/* What is under construction: filled in step by step. */
struct build {
    struct component *component;
    struct kaal_elf elf;
    uint64_t stack_vaddr;
    uint64_t ipc_vaddr;
    uint64_t startup_vaddr;
    seL4_CPtr ipc_frame;
    const char *step; /* for the message of a failure */
};

/* Checks a file and says what is wrong with it. */
static int open_elf(struct build *build, const void *data, uint64_t bytes)
{
    const struct kaal_system_component *description = build->component->description;
    struct kaal_elf_problem problem;
    int error = kaal_elf_open(data, bytes, KAAL_ELF_MACHINE_NATIVE, &build->elf, &problem);
    if (error == KAAL_OK || !component_end_may_log(build->component)) {
        return error;
    }
    if (problem.header == KAAL_ELF_NO_HEADER) {
        log_line("init: error: %s: image '%s' is not a usable ELF file: %s (0x%llx); try: link it "
                 "with kaal_component()",
                 description->name, description->image, problem.text,
                 (unsigned long long)problem.value);
    } else {
        log_line("init: error: %s: image '%s', program header %u: %s (0x%llx); try: link it with "
                 "kaal_component()",
                 description->name, description->image, problem.header, problem.text,
                 (unsigned long long)problem.value);
    }
    return error;
}

static int open_image(struct build *build)
{
    const struct kaal_system_component *description = build->component->description;
    const void *data;
    uint64_t bytes;
    int error = image_find(KAAL_ARCHIVE_IMAGE, description->image, &data, &bytes);
    if (error != KAAL_OK) {
        log_line("init: error: %s: image '%s' is not in the archive; try: check the image line of "
                 "compose.yaml and build again",
                 description->name, description->image);
        return error;
    }
    return open_elf(build, data, bytes);
}

/* Stack and IPC buffer are neighbours in the CSpace (one Retype), not in the address space. */
static int map_memory(struct build *build)
{
    struct component *component = build->component;
    struct kaal_account *account = &component->account;
    struct kaal_vspace *vspace = &account->vspace;
    build->step = "loading its segments";
    int error = elf_load(&build->elf, account, &component->writable);
    if (error != KAAL_OK) {
        return error;
    }
    build->step = "making its stack";
    seL4_CPtr frames;
    error = kaal_arena_allocate(&account->arena, kaal_frame_type(12), 0, COMPONENT_STACK_FRAMES + 1,
                                &frames);
    if (error != KAAL_OK) {
        return error;
    }
    component->stack_frames = frames;
    build->ipc_frame = frames + COMPONENT_STACK_FRAMES;
    uint64_t stack_bytes = COMPONENT_STACK_FRAMES * PAGE_BYTES;
    error = kaal_vspace_range_take(vspace, stack_bytes, PAGE_BYTES, &build->stack_vaddr);
    if (error == KAAL_OK) {
        error = kaal_vspace_range_take(vspace, PAGE_BYTES, PAGE_BYTES, &build->ipc_vaddr);
    }
    if (error == KAAL_OK) {
        error = kaal_vspace_range_take(vspace, PAGE_BYTES, PAGE_BYTES, &build->startup_vaddr);
    }
    if (error == KAAL_OK) {
        error = kaal_vspace_map(vspace, frames, COMPONENT_STACK_FRAMES, build->stack_vaddr, 12,
                                KAAL_MAP_READ | KAAL_MAP_WRITE);
    }
    if (error == KAAL_OK) {
        error = kaal_vspace_map(vspace, build->ipc_frame, 1, build->ipc_vaddr, 12,
                                KAAL_MAP_READ | KAAL_MAP_WRITE);
    }
    if (error == KAAL_OK) {
        error = kaal_account_map_shared(account, component->startup_frame, 1, build->startup_vaddr,
                                        KAAL_MAP_READ);
    }
    return error;
}

static int place(struct component *component, const char *name, enum kaal_holding_kind kind,
                 seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge, uint64_t *cap)
{
    struct kaal_holding_record holding = {.kind = kind};
    strncpy(holding.name, name, sizeof(holding.name) - 1);
    seL4_CPtr slot = 0;
    int error = kaal_account_place(&component->account, source, rights, badge, &holding, &slot);
    *cap = slot;
    return error;
}

static int fill_startup(struct build *build)
{
    struct component *component = build->component;
    const struct kaal_system_component *description = component->description;
    struct kaal_startup *startup = component->startup;
    memset(startup, 0, sizeof(*startup));
    startup->magic = KAAL_STARTUP_MAGIC;
    startup->version = KAAL_STARTUP_VERSION;
    memcpy(startup->name, description->name, sizeof(startup->name));
    memcpy(startup->arguments, description->arguments, sizeof(startup->arguments));
    startup->generation = component->generation;
    startup->priority = description->priority;
    startup->ipc_buffer_vaddr = build->ipc_vaddr;
    startup->stack_bottom_vaddr = build->stack_vaddr;
    startup->stack_top_vaddr = build->stack_vaddr + COMPONENT_STACK_FRAMES * PAGE_BYTES;
    startup->clock_hz = kaal_clock()->hz;
    startup->clock_start_ticks = kaal_clock()->start_ticks;
    startup->timer_badge_bit = component->timer_bit;
    startup->death_badge_bit = component->event_bit;
    startup->asked_alive = order_is_awaited(component) ? 1 : 0;
    component->ready = false;

    build->step = "placing its capabilities";
    int error =
        place(component, "broker", KAAL_HOLDING_ENDPOINT, broker_endpoint(),
              seL4_CapRights_new(1, 0, 0, 1), component->index + 1, &startup->broker_endpoint);
    if (error == KAAL_OK) {
        error = place(component, "notification", KAAL_HOLDING_NOTIFICATION,
                      component->account.notification, seL4_CanRead, 0, &startup->notification);
    }
    if (error == KAAL_OK) {
        error = place(component, "reply", KAAL_HOLDING_REPLY, component->reply, seL4_NoRights, 0,
                      &startup->reply);
    }
    return error;
}

static int give_resources(struct build *build)
{
    build->step = "connecting its channels";
    int error = channels_connect(build->component);
    if (error == KAAL_OK) {
        build->step = "giving it the services that it calls";
        error = services_connect(build->component);
    }
    if (error == KAAL_OK) {
        build->step = "giving it its devices";
        error = devices_give(build->component);
    }
    return error;
}

static int make_thread(struct build *build)
{
    struct component *component = build->component;
    const struct kaal_system_component *description = component->description;
    struct kaal_arena *arena = &component->account.arena;
    build->step = "making its thread";
    int error = kaal_arena_allocate(arena, seL4_TCBObject, 0, 1, &component->tcb);
    if (error == KAAL_OK) {
        error = kaal_arena_allocate(arena, seL4_SchedContextObject, SCHED_CONTEXT_BITS, 1,
                                    &component->sched_context);
    }
    if (error != KAAL_OK) {
        return error;
    }
    seL4_CNode_CapData_t guard = seL4_CNode_CapData_new(0, seL4_WordBits - KAAL_ACCOUNT_CNODE_BITS);
    seL4_Error kernel =
        seL4_TCB_Configure(component->tcb, component->account.cnode, guard.words[0],
                           component->account.vspace.root, 0, build->ipc_vaddr, build->ipc_frame);
    if (kernel == seL4_NoError) {
        kernel = seL4_TCB_BindNotification(component->tcb, component->account.notification);
    }
    if (kernel == seL4_NoError) {
        kernel = seL4_SchedControl_ConfigureFlags(sched_control(), component->sched_context,
                                                  description->budget_us, description->period_us,
                                                  seL4_MaxExtraRefills(SCHED_CONTEXT_BITS),
                                                  component->index + 1, seL4_SchedContext_NoFlag);
    }
    if (kernel == seL4_NoError) {
        kernel =
            seL4_TCB_SetSchedParams(component->tcb, seL4_CapInitThreadTCB, 0, description->priority,
                                    component->sched_context, component->fault_handler);
    }
    if (kernel == seL4_NoError) {
        seL4_UserContext context;
        arch_context_init(&context, build->elf.entry, component->startup->stack_top_vaddr,
                          build->startup_vaddr);
        kernel = seL4_TCB_WriteRegisters(component->tcb, false, 0,
                                         sizeof(context) / sizeof(seL4_Word), &context);
    }
#ifdef CONFIG_DEBUG_BUILD
    seL4_DebugNameThread(component->tcb, description->name);
#endif
    return kaal_error_from_sel4(kernel);
}

/* What a person can do about an error of building. */
static const char *advice(int error)
{
    switch (error) {
    case KAAL_ERR_QUOTA_MEMORY:
    case KAAL_ERR_QUOTA_SLOTS:
    case KAAL_ERR_QUOTA_INTERRUPTS:
        return "; try: more in its memory, slots or interrupts line of compose.yaml";
    case KAAL_ERR_NO_MEMORY:
    case KAAL_ERR_NO_SLOT:
        return "; try: a machine with more RAM, or fewer components";
    default:
        return "";
    }
}

int component_build(struct component *component, const void *elf, uint64_t elf_bytes)
{
    struct build build = {.component = component, .step = "starting its account"};
    memory_top_up();
    int error = elf == NULL ? open_image(&build) : open_elf(&build, elf, elf_bytes);
    if (error != KAAL_OK) {
        return error;
    }
    uint64_t reserve =
        elf_private_bytes(&build.elf) + OBJECT_BYTES + (COMPONENT_STACK_FRAMES + 1) * PAGE_BYTES;
    component->generation++;
    error = kaal_account_start(&component->account, reserve, elf_end(&build.elf) + PAGE_BYTES,
                               WINDOW_BYTES);
    if (error == KAAL_OK) {
        error = map_memory(&build);
    }
    if (error == KAAL_OK) {
        error = fill_startup(&build);
    }
    if (error == KAAL_OK) {
        error = give_resources(&build);
    }
    if (error == KAAL_OK) {
        error = make_thread(&build);
    }
    if (error != KAAL_OK && component_end_may_log(component)) {
        log_line("init: error: %s could not be built: %s: %s%s", component->description->name,
                 build.step, kaal_error_text(error), advice(error));
    }
    if (error != KAAL_OK) {
        component_destroy(component);
    }
    return error;
}
