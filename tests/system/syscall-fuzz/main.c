/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Random system calls from user level, on the real kernel.
 *
 * The root task (highest priority) watches three things in rounds: the fuzzing thread gets a world
 * of its own made from one untyped; when it has made enough calls, or is stuck for good, that
 * untyped is revoked and must then be whole again. Every 200 us the monitor looks whether the
 * thread moved, and sets it going again when it blocked or faulted. A metronome thread counts
 * milliseconds all the while: its schedule must not suffer. Prints TAP through the debug calls.
 */
#include <stdio.h>
#include <string.h>

#include <kaal/clock.h>
#include <kaal/startup.h>

#include "fuzz.h"

#ifndef FUZZ_CALLS
#define FUZZ_CALLS 60000u
#endif
#define CALLS_PER_ROUND    1500u
#define RESTARTS_PER_ROUND 400u
#define SEED               UINT64_C(20261122)

#define CNODE         seL4_CapInitThreadCNode
#define DEPTH         seL4_WordBits
#define ARENA_BITS    20
#define IMAGE_MAX     200 /* frames of the image */
#define CONTEXT_WORDS (sizeof(seL4_UserContext) / sizeof(seL4_Word))

/* Slots of the root CNode, from the first free one on. */
static seL4_CPtr base;
enum {
    ROOT_ARENA,
    ROOT_ENDPOINT, /* for faults */
    ROOT_FAULT_MINT,
    ROOT_REPLY,
    ROOT_CANARY, /* a notification that must not notice anything */
    ROOT_METRONOME,
    ROOT_METRONOME_CONTEXT,
    ROOT_IRQ_HANDLER,
    ROOT_PORTS,
    ROOT_IMAGE,                          /* copies of the image's frames */
    ROOT_ROUND = ROOT_IMAGE + IMAGE_MAX, /* from here on: everything of one round */
    ROOT_ROUND_SLOTS = 64,
};

static unsigned checks;
static seL4_CPtr next_slot;
static uint64_t total_calls;
static uint64_t total_successes;
static uint64_t total_faults;
static uint64_t total_restarts;
static uint64_t rounds;
static volatile uint64_t beats;
static bool state_mapped;
static struct fuzz_state *const state = (struct fuzz_state *)STATE_VADDR;

static void print(const char *text)
{
    for (; *text != 0; text++) {
        seL4_DebugPutChar(*text);
    }
}

static void check(const char *name, bool good)
{
    char line[200];
    snprintf(line, sizeof(line), "%sok %u - %s\n", good ? "" : "not ", ++checks, name);
    print(line);
}

static _Noreturn void fail(const char *what)
{
    static const struct fuzz_state nothing;
    const struct fuzz_state *last = state_mapped ? state : &nothing;
    char line[300];
    snprintf(line, sizeof(line),
             "# round %llu (seed %llu): %s; last call: number %lld, capability %#llx, info %#llx\n",
             (unsigned long long)rounds, (unsigned long long)(SEED + rounds), what,
             (long long)last->number, (unsigned long long)last->capability,
             (unsigned long long)last->info);
    print(line);
    check(what, false);
    arch_power_off();
}

static void must(seL4_Error error, const char *what)
{
    if (error != seL4_NoError) {
        fail(what);
    }
}

static seL4_CPtr root(unsigned slot)
{
    return base + slot;
}

/* A fresh object of this round. */
static seL4_CPtr make_sized(seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr slot = next_slot++;
    if (slot >= root(ROOT_ROUND) + ROOT_ROUND_SLOTS) {
        fail("too many objects");
    }
    must(seL4_Untyped_Retype(root(ROOT_ARENA), type, size_bits, CNODE, 0, 0, slot, 1), "retype");
    return slot;
}

static seL4_CPtr make(seL4_Word type)
{
    return make_sized(type, 0);
}

static void give(seL4_CPtr cnode, enum fuzz_slot slot, seL4_CPtr capability)
{
    must(seL4_CNode_Copy(cnode, (seL4_Word)slot, FUZZ_CNODE_BITS, CNODE, capability, DEPTH,
                         seL4_AllRights),
         "copying a capability");
}

/* The page is mapped in the fuzzer's space and, by a copy, in ours. */
static seL4_CPtr share_page(seL4_CPtr vspace, seL4_Word vaddr)
{
    seL4_CPtr frame = make(arch_page_type());
    seL4_CPtr copy = next_slot++;
    must(seL4_CNode_Copy(CNODE, copy, DEPTH, CNODE, frame, DEPTH, seL4_AllRights), "frame copy");
    must(arch_map_page(frame, vspace, vaddr, seL4_ReadWrite), "mapping a page");
    must(arch_map_page(copy, seL4_CapInitThreadVSpace, vaddr, seL4_ReadWrite), "mapping our page");
    return frame;
}

static unsigned image_frames(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    return (unsigned)(info->userImageFrames.end - info->userImageFrames.start);
}

/* The whole image, read-only, and two pages of the fuzzer's own. Returns the buffer's frame. */
static seL4_CPtr map_world(seL4_CPtr vspace)
{
    extern const char __ehdr_start[];
    const seL4_BootInfo *info = seL4_GetBootInfo();
    must(arch_assign(vspace), "ASID");
    must(arch_map_tables(vspace, STATE_VADDR, make), "tables");
    if (image_frames() > IMAGE_MAX) {
        fail("the image is too large");
    }
    for (unsigned i = 0; i < image_frames(); i++) {
        must(seL4_CNode_Copy(CNODE, root(ROOT_IMAGE + i), DEPTH, CNODE,
                             info->userImageFrames.start + i, DEPTH, seL4_CanRead),
             "image copy");
        must(arch_map_page(root(ROOT_IMAGE + i), vspace, (seL4_Word)__ehdr_start + i * 4096,
                           seL4_CanRead),
             "mapping the image");
    }
    (void)share_page(vspace, STATE_VADDR);
    return share_page(vspace, BUFFER_VADDR);
}

struct round {
    seL4_CPtr tcb;
    seL4_CPtr context;
};

/* (Re)starts the fuzzing thread at its beginning. */
static bool restart(const struct round *round)
{
    seL4_UserContext regs = {0};
    arch_thread_begin(&regs, (seL4_Word)fuzzer, STACK_TOP, STATE_VADDR);
    return seL4_TCB_Suspend(round->tcb) == seL4_NoError &&
           seL4_TCB_WriteRegisters(round->tcb, 1, 0, CONTEXT_WORDS, &regs) == seL4_NoError;
}

static struct round begin_round(void)
{
    next_slot = root(ROOT_ROUND);
    seL4_CPtr cnode = make_sized(seL4_CapTableObject, FUZZ_CNODE_BITS);
    seL4_CPtr vspace = make(arch_vspace_type());
    seL4_CPtr buffer = map_world(vspace);
    struct round round = {.tcb = make(seL4_TCBObject),
                          .context = make_sized(seL4_SchedContextObject, 8)};
    state_mapped = true;
    memset(state, 0, sizeof(*state));
    state->random = SEED + rounds;

    give(cnode, FUZZ_TCB, round.tcb);
    give(cnode, FUZZ_CNODE, cnode);
    give(cnode, FUZZ_VSPACE, vspace);
    /* Moved, not copied: a copied untyped counts as used up. */
    must(seL4_CNode_Move(cnode, FUZZ_UNTYPED, FUZZ_CNODE_BITS, CNODE,
                         make_sized(seL4_UntypedObject, 17), DEPTH),
         "moving an untyped");
    give(cnode, FUZZ_ENDPOINT, make(seL4_EndpointObject));
    must(seL4_CNode_Mint(cnode, FUZZ_BADGED_ENDPOINT, FUZZ_CNODE_BITS, CNODE, next_slot - 1, DEPTH,
                         seL4_AllRights, 0x77),
         "mint");
    give(cnode, FUZZ_NOTIFICATION, make(seL4_NotificationObject));
    give(cnode, FUZZ_REPLY, make(seL4_ReplyObject));
    give(cnode, FUZZ_CONTEXT, round.context);
    give(cnode, FUZZ_OTHER_TCB, make(seL4_TCBObject));
    give(cnode, FUZZ_OTHER_CONTEXT, make_sized(seL4_SchedContextObject, 7));
    give(cnode, FUZZ_OTHER_CNODE, make_sized(seL4_CapTableObject, 4));
    give(cnode, FUZZ_FRAME, make(arch_page_type()));
    /* Unmapped tables cannot be copied. */
    must(seL4_CNode_Move(cnode, FUZZ_TABLE, FUZZ_CNODE_BITS, CNODE, make(arch_table_type()), DEPTH),
         "moving a table");
    give(cnode, FUZZ_ASID_POOL, seL4_CapInitThreadASIDPool);
    give(cnode, FUZZ_SCHED_CONTROL, seL4_GetBootInfo()->schedcontrol.start);
    give(cnode, FUZZ_DOMAIN, seL4_CapDomain);
    give(cnode, FUZZ_IRQ_HANDLER, root(ROOT_IRQ_HANDLER));
    if (seL4_DebugCapIdentify(root(ROOT_PORTS)) != 0) {
        give(cnode, FUZZ_PORTS, root(ROOT_PORTS));
    }

    must(seL4_SchedControl_Configure(seL4_GetBootInfo()->schedcontrol.start, round.context, 5000,
                                     5000, 0, 0x99),
         "scheduling context");
    must(seL4_TCB_Configure(round.tcb, cnode,
                            seL4_CNode_CapData_new(0, seL4_WordBits - FUZZ_CNODE_BITS).words[0],
                            vspace, 0, BUFFER_VADDR, buffer),
         "configuring the thread");
    must(seL4_TCB_SetSchedParams(round.tcb, seL4_CapInitThreadTCB, 50, 50, round.context,
                                 root(ROOT_FAULT_MINT)),
         "its parameters");
    if (!restart(&round)) {
        fail("starting the thread");
    }
    return round;
}

/* Takes everything of the round back; nothing of it may be left. */
static void end_round(void)
{
    for (unsigned i = 0; i < image_frames(); i++) {
        must(seL4_CNode_Delete(CNODE, root(ROOT_IMAGE + i), DEPTH), "deleting an image copy");
    }
    state_mapped = false;
    must(seL4_CNode_Revoke(CNODE, root(ROOT_ARENA), DEPTH), "revoking the arena");
    for (seL4_CPtr slot = root(ROOT_ROUND); slot < root(ROOT_ROUND) + ROOT_ROUND_SLOTS; slot++) {
        if (seL4_DebugCapIdentify(slot) != 0) {
            fail("a capability survived the revocation of its memory");
        }
    }
    must(seL4_Untyped_Retype(root(ROOT_ARENA), seL4_UntypedObject, ARENA_BITS, CNODE, 0, 0,
                             root(ROOT_ROUND), 1),
         "the whole arena is free again");
    must(seL4_CNode_Delete(CNODE, root(ROOT_ROUND), DEPTH), "deleting the probe");
    /* What the fuzzer had copies of still works, and what it had not is as it was. */
    must(seL4_IRQHandler_Clear(root(ROOT_IRQ_HANDLER)), "the interrupt handler");
    seL4_Word badge = 1;
    (void)seL4_Poll(root(ROOT_CANARY), &badge);
    if (badge != 0) {
        fail("somebody rang a notification that nobody has");
    }
}

static void one_round(void)
{
    struct round round = begin_round();
    uint64_t seen = 0;
    unsigned stuck = 0;
    unsigned restarts = 0;
    while (state->calls < CALLS_PER_ROUND && stuck < 3 && restarts < RESTARTS_PER_ROUND) {
        seL4_Yield(); /* until our next period */
        seL4_Word badge = 0;
        (void)seL4_NBRecv(root(ROOT_ENDPOINT), &badge, root(ROOT_REPLY));
        if (badge != 0) {
            total_faults++;
        }
        if (badge != 0 || state->calls == seen) {
            restarts++;
            stuck = state->calls == seen ? stuck + 1 : 0;
            if (!restart(&round)) {
                break;
            }
        } else {
            stuck = 0;
        }
        seen = state->calls;
    }
    total_calls += state->calls;
    total_successes += state->successes;
    total_restarts += restarts;
    end_round();
    rounds++;
}

static _Alignas(16) char metronome_stack[1024];

static void metronome(void)
{
    for (;;) {
        beats++;
        seL4_Yield();
    }
}

static void start_metronome(void)
{
    seL4_UserContext regs = {0};
    must(seL4_SchedControl_Configure(seL4_GetBootInfo()->schedcontrol.start,
                                     root(ROOT_METRONOME_CONTEXT), 100, 1000, 0, 0),
         "the metronome's scheduling context");
    must(seL4_TCB_Configure(root(ROOT_METRONOME), CNODE, 0, seL4_CapInitThreadVSpace, 0, 0, 0),
         "the metronome");
    must(seL4_TCB_SetSchedParams(root(ROOT_METRONOME), seL4_CapInitThreadTCB, 254, 254,
                                 root(ROOT_METRONOME_CONTEXT), 0),
         "the metronome's parameters");
    arch_thread_begin(&regs, (seL4_Word)metronome,
                      (seL4_Word)(metronome_stack + sizeof(metronome_stack)), 0);
    must(seL4_TCB_WriteRegisters(root(ROOT_METRONOME), 1, 0, CONTEXT_WORDS, &regs),
         "starting the metronome");
}

static void set_up(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_CPtr memory = 0;
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start && memory == 0; i++) {
        if (!info->untypedList[i].isDevice && info->untypedList[i].sizeBits >= ARENA_BITS + 1) {
            memory = info->untyped.start + i;
        }
    }
    base = info->empty.start;
    static const struct {
        seL4_Word type;
        seL4_Word size_bits;
        unsigned slot;
    } objects[] = {
        {seL4_UntypedObject, ARENA_BITS, ROOT_ARENA},
        {seL4_EndpointObject, 0, ROOT_ENDPOINT},
        {seL4_ReplyObject, 0, ROOT_REPLY},
        {seL4_NotificationObject, 0, ROOT_CANARY},
        {seL4_TCBObject, 0, ROOT_METRONOME},
        {seL4_SchedContextObject, 8, ROOT_METRONOME_CONTEXT},
    };
    for (unsigned i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        must(seL4_Untyped_Retype(memory, objects[i].type, objects[i].size_bits, CNODE, 0, 0,
                                 root(objects[i].slot), 1),
             "set-up");
    }
    must(seL4_CNode_Mint(CNODE, root(ROOT_FAULT_MINT), DEPTH, CNODE, root(ROOT_ENDPOINT), DEPTH,
                         seL4_AllRights, 0x42),
         "fault endpoint");
    if (!arch_devices(root(ROOT_IRQ_HANDLER), root(ROOT_PORTS))) {
        fail("devices");
    }
    start_metronome();
    /* Yield then sleeps until the next period. */
    must(
        seL4_SchedControl_Configure(info->schedcontrol.start, seL4_CapInitThreadSC, 150, 200, 0, 0),
        "our own scheduling context");
}

int main(void)
{
    set_up();
    uint64_t start_ns = kaal_now_ns();
    uint64_t first_beat = beats;
    while (total_calls < FUZZ_CALLS) {
        one_round();
    }
    uint64_t expected = (kaal_now_ns() - start_ns) / 1000000;
    uint64_t counted = beats - first_beat;
    char line[200];
    snprintf(line, sizeof(line),
             "# %llu system calls in %llu rounds, %llu invocations succeeded, %llu faults, "
             "%llu restarts, %llu beats in %llu ms\n",
             (unsigned long long)total_calls, (unsigned long long)rounds,
             (unsigned long long)total_successes, (unsigned long long)total_faults,
             (unsigned long long)total_restarts, (unsigned long long)counted,
             (unsigned long long)expected);
    print(line);
    check("the kernel survived random system calls", true);
    check("their memory came back whole after each round", rounds >= 10);
    check("a good part of them did something", total_successes > total_calls / 20);
    check("faults were delivered", total_faults > 100);
    check("another thread kept its schedule",
          counted + expected / 50 + 5 >= expected && counted <= expected + expected / 50 + 5);
    snprintf(line, sizeof(line), "1..%u\n", checks);
    print(line);
    arch_power_off();
}
