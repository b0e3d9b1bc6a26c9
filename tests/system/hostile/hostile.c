/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A component that breaks every rule it can, one per life: the generation number of its start-up
 * page selects the attempt, and its restart policy gives it the next. An attempt must end as a
 * fault report (the component dies of it) or as an error code (it logs "refused"); whatever gets
 * through logs "NOT STOPPED". The last life logs that it is done and stays.
 */
#include <sel4/sel4.h>

#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/inspect.h>
#include <kaal/startup.h>

#include "hostile.h"

/* A component's CSpace has at most this many slots; most of them were never given to it. */
#define SLOTS 256u
/* A capability pointer far outside. */
#define CPTR_OUTSIDE UINT64_C(0x123456789abc)
#define IMAGE_START  UINT64_C(0x400000)
#define PAGE         UINT64_C(4096)

static void read_at(uint64_t address)
{
    (void)*(volatile uint8_t *)(uintptr_t)address;
}

static void write_at(uint64_t address)
{
    *(volatile uint8_t *)(uintptr_t)address = 0x55;
}

static void read_below_image(void)
{
    read_at(IMAGE_START - PAGE);
}

static void read_below_stack(void)
{
    read_at(kaal_startup()->stack_bottom_vaddr - 1);
}

static void read_null(void)
{
    read_at(0);
}

static void read_kernel(void)
{
    read_at(hostile_kernel_address);
}

static void write_kernel(void)
{
    write_at(hostile_kernel_address);
}

static void write_startup_page(void)
{
    write_at((uintptr_t)kaal_startup());
}

static void write_own_code(void)
{
    write_at((uintptr_t)&write_own_code);
}

static void write_peer_region(void)
{
    const struct kaal_resource *prey = kaal_resource_find("prey", KAAL_RESOURCE_CHANNEL);

    if (!prey) {
        kaal_log("no channel prey: NOT STOPPED");
        return;
    }
    write_at(prey->channel.own_vaddr); /* this one is ours */
    write_at(prey->channel.peer_vaddr);
}

static void read_registers(void)
{
    read_at(hostile_register_address);
}

/* Slots that were given: invoking them is no attempt (and the broker would take it seriously). */
static bool slot_is_ours(seL4_CPtr slot)
{
    const struct kaal_startup *startup = kaal_startup();

    if (slot == startup->broker_endpoint || slot == startup->notification ||
        slot == startup->reply) {
        return true;
    }
    for (uint32_t i = 0; i < startup->resource_count; i++) {
        if (startup->resources[i].kind == KAAL_RESOURCE_CHANNEL &&
            startup->resources[i].channel.doorbell == slot) {
            return true;
        }
    }
    return false;
}

/* Tries one invocation on every slot that was not given; logs how many were refused. */
static void sweep_slots(const char *name, int (*invoke)(seL4_CPtr slot))
{
    unsigned refused = 0;
    unsigned accepted = 0;

    for (seL4_CPtr slot = 0; slot < SLOTS; slot++) {
        if (!slot_is_ours(slot)) {
            int error = invoke(slot);

            refused += error != seL4_NoError;
            accepted += error == seL4_NoError;
        }
    }
    kaal_log("%s: refused on %u slots%s", name, refused, accepted ? ", NOT STOPPED" : "");
}

static int invoke_suspend(seL4_CPtr slot)
{
    return (int)seL4_TCB_Suspend(slot);
}

static int invoke_set_space(seL4_CPtr slot)
{
    seL4_CPtr own = kaal_startup()->broker_endpoint;

    return (int)seL4_TCB_SetSpace(slot, own, own, 0, own, 0);
}

static int invoke_retype(seL4_CPtr slot)
{
    seL4_CPtr own = kaal_startup()->broker_endpoint;

    return (int)seL4_Untyped_Retype(slot, seL4_NotificationObject, 0, own, 0, 0, SLOTS - 1, 1);
}

static void use_slots_not_given(void)
{
    sweep_slots("suspend a thread", invoke_suspend);
    sweep_slots("retype memory", invoke_retype);
}

static void change_fault_handler(void)
{
    sweep_slots("change the fault handler", invoke_set_space);
}

static void call_outside_cspace(void)
{
    (void)seL4_Call(CPTR_OUTSIDE, seL4_MessageInfo_new(1, 0, 0, 0));
}

static void report_broker_answer(const char *name, int result)
{
    kaal_log("broker, %s: %s %s", name, result == KAAL_OK ? "NOT STOPPED" : "refused",
             kaal_error_name(result));
}

/* Operations that the system description does not allow, and one that does not exist. */
static void abuse_broker(void)
{
    struct kaal_memory_record memory;
    struct kaal_resource irq;
    struct kaal_memory allocated;
    struct kaal_bundle bundle;
    struct kaal_dma_resource dma;
    struct kaal_child_status status;
    struct kaal_audit_record decision;
    struct kaal_spawn_request child = kaal_spawn_request("child", "shell");
    uint64_t slots[KAAL_INSPECT_SLOT_WORDS];
    kaal_handle handle;
    seL4_Word unknown_label = 0xabcdef;

    report_broker_answer("kill", kaal_component_kill("shell"));
    report_broker_answer("inspect", kaal_inspect_memory(&memory));
    report_broker_answer("power off", kaal_power_off());
    report_broker_answer("irq", kaal_request_irq(4, &irq));
    report_broker_answer("device", kaal_request_device(kaal_serial(0), &bundle));
    report_broker_answer("memory", kaal_allocate_memory(PAGE, &allocated));
    report_broker_answer("release", kaal_release(0x1234));
    report_broker_answer("DMA memory", kaal_allocate_dma(PAGE, PAGE, true, &handle, &dma));
    report_broker_answer("delegate", kaal_delegate(1, "shell", true, &handle));
    report_broker_answer("memory of another", kaal_memory_of(1, &allocated));
    report_broker_answer("spawn", kaal_spawn(&child, NULL, 0, &handle));
    report_broker_answer("child of another", kaal_child_status(1, &status));
    report_broker_answer("audit log", kaal_inspect_audit(0, &decision));
    report_broker_answer("slots of another", kaal_inspect_slots("shell", slots));
    (void)seL4_Call(kaal_startup()->broker_endpoint,
                    seL4_MessageInfo_new(unknown_label, 0, 0, seL4_MsgMaxLength));
    report_broker_answer("unknown operation", (int)(int64_t)seL4_GetMR(0));
}

/* Uses 1 KiB of stack per call; far more calls than any stack has room for. */
static unsigned overflow_stack(unsigned depth)
{
    volatile uint8_t frame[1024];

    frame[depth % sizeof(frame)] = (uint8_t)depth;
    return depth > BIT32(20) ? depth
                             : overflow_stack(depth + 1) + frame[(depth + 1) % sizeof(frame)];
}

static void overrun_stack(void)
{
    (void)overflow_stack(1);
}

struct attempt {
    const char *name;
    void (*run)(void);
    bool must_fault; /* else it must be refused with an error code */
};

static const struct attempt attempts[] = {
    {"read another's memory below the image", read_below_image, true},
    {"read the guard page below the stack", read_below_stack, true},
    {"read address 0", read_null, true},
    {"read the kernel's memory", read_kernel, true},
    {"write the kernel's memory", write_kernel, true},
    {"write the start-up page", write_startup_page, true},
    {"write its own code", write_own_code, true},
    {"write the peer's side of a channel", write_peer_region, true},
    {"read an unowned register page", read_registers, true},
    {"execute a privileged instruction", hostile_privileged, true},
    {"overrun the stack", overrun_stack, true},
    {"call a capability outside its CSpace", call_outside_cspace, true},
    {"use slots it was not given", use_slots_not_given, false},
    {"change its own fault handler", change_fault_handler, false},
    {"abuse the broker", abuse_broker, false},
};

int main(void)
{
    uint64_t life = kaal_startup()->generation;
    seL4_Word badge;

    if (life >= 1 && life <= ARRAY_COUNT(attempts)) {
        const struct attempt *attempt = &attempts[life - 1];

        kaal_log("attempt %u of %u: %s", (unsigned)life, (unsigned)ARRAY_COUNT(attempts),
                 attempt->name);
        attempt->run();
        kaal_log("attempt %u %s", (unsigned)life,
                 attempt->must_fault ? "NOT STOPPED" : "came back with error codes");
        kaal_exit(1);
    }
    kaal_log("all attempts made");
    for (;;) {
        seL4_Wait(kaal_startup()->notification, &badge);
    }
}
