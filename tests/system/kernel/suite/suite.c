/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Runs the shared kernel tests as one root task and prints TAP.
 *
 * A test may do to itself, the root task, what it likes: priority, scheduling context, IPC buffer.
 * Between two tests the root task calls the keeper, a thread that no test knows of, which puts all
 * of that right again, revokes the untyped that the test's objects were made of and empties the
 * slots that it used.
 */
#include <harness.h>
#include <inspect.h>

#include <setjmp.h>
#include <stdio.h>

#include <kaal/clock.h>
#include <kaal/startup.h>

#include "../../api-root/arch.h"

#define POOL_BITS    24
#define KEEP_BITS    18
#define OWN_US       5000 /* what the kernel gives the initial thread */
#define PREEMPTED_NS 2000 /* two clock readings further apart: somebody else ran in between */

static seL4_CPtr test_pool;
static seL4_CPtr current_pool;
static seL4_CPtr first_slot;
static struct harness_thread keeper;
static seL4_CPtr keeper_endpoint;

static unsigned test_count;
static const char *test_name;
static bool test_failed;
static jmp_buf test_end;

static void print(const char *text)
{
    for (; *text != '\0'; text++) {
        seL4_DebugPutChar(*text);
    }
}

/* ---- assertions ---- */

static bool is_root(void)
{
    return __sel4_ipc_buffer == seL4_GetBootInfo()->ipcBuffer;
}

static void fail(const char *file, int line, const char *text)
{
    char message[240];
    const char *name = strrchr(file, '/');
    snprintf(message, sizeof(message), "#   %s: %s:%d: %s\n", test_name,
             name == NULL ? file : name + 1, line, text);
    print(message);
    test_failed = true;
    if (is_root()) {
        longjmp(test_end, 1);
    }
    for (;;) {
        (void)seL4_Wait(seL4_CapNull, NULL); /* no handler: this thread ends */
    }
}

void suite_assert(bool good, const char *what, const char *file, int line)
{
    if (!good) {
        fail(file, line, what);
    }
}

void suite_assert_equal(uint64_t value, uint64_t expected, const char *what, const char *file,
                        int line)
{
    if (value != expected) {
        char text[160];
        snprintf(text, sizeof(text), "%s: 0x%lx, not 0x%lx", what, value, expected);
        fail(file, line, text);
    }
}

void suite_assert_text(const char *value, const char *expected, const char *file, int line)
{
    if (strcmp(value, expected) != 0) {
        char text[160];
        snprintf(text, sizeof(text), "\"%s\", not \"%s\"", value, expected);
        fail(file, line, text);
    }
}

/* A root task cannot look into the kernel; on the host these do. */
void inspect_tree(void)
{
}

void inspect_objects(void)
{
}

/* ---- threads ---- */

#define ROOM_COUNT      24
#define ROOM_STACK      8192
#define TLS_BYTES       256 /* on each side of the thread pointer */
#define IPC_BUFFER_PAGE 4096

static struct room {
    _Alignas(IPC_BUFFER_PAGE) char buffer[IPC_BUFFER_PAGE];
    _Alignas(64) char tls[2 * TLS_BYTES];
    _Alignas(16) char stack[ROOM_STACK];
} rooms[ROOM_COUNT];
static seL4_Word next_room;

/* The page is part of the image, so it is mapped already; a thread needs a capability to it. */
seL4_CPtr harness_buffer(struct harness_thread *thread, seL4_Word *vaddr)
{
    extern const char __ehdr_start[];
    assert_true(next_room < ROOM_COUNT);
    thread->room = next_room++;
    *vaddr = (seL4_Word)rooms[thread->room].buffer;
    seL4_CPtr frame = seL4_GetBootInfo()->userImageFrames.start +
                      (*vaddr - (seL4_Word)__ehdr_start) / IPC_BUFFER_PAGE;
    return harness_mint(frame, seL4_AllRights, 0);
}

/* Thread-local variables as the root task has them, but for the IPC buffer. */
static seL4_Word room_thread_pointer(struct room *room)
{
    seL4_Word own = suite_thread_pointer();
    seL4_Word pointer = (seL4_Word)room->tls + TLS_BYTES;
    memcpy(room->tls, (const char *)own - TLS_BYTES, 2 * TLS_BYTES);
    suite_tls_finish(pointer);
    seL4_IPCBuffer **buffer = (seL4_IPCBuffer **)(pointer + ((seL4_Word)&__sel4_ipc_buffer - own));
    *buffer = (seL4_IPCBuffer *)room->buffer;
    return pointer;
}

void harness_start(const struct harness_thread *thread, harness_function function, seL4_Word a,
                   seL4_Word b)
{
    struct room *room = &rooms[thread->room];
    const seL4_Word arguments[3] = {a, b, thread->reply};
    seL4_UserContext context;
    suite_context(&context, (seL4_Word)function, (seL4_Word)room->stack + ROOM_STACK,
                  room_thread_pointer(room), arguments);
    assert_ok(seL4_TCB_WriteRegisters(thread->tcb, true, 0, sizeof(context) / sizeof(seL4_Word),
                                      &context));
}

/* ---- memory and time ---- */

seL4_CPtr harness_pool(void)
{
    return current_pool;
}

/* At the last page that the page table of the boot information covers. */
unsigned char *harness_memory(seL4_CPtr frame)
{
    seL4_Word vaddr = (seL4_Word)seL4_GetBootInfo() | ((1ul << seL4_LargePageBits) - 1);
    vaddr &= ~((1ul << seL4_PageBits) - 1);
    assert_ok(suite_map(frame, vaddr));
    return (unsigned char *)vaddr;
}

uint64_t harness_ticks(uint64_t us)
{
    return us * (kaal_clock()->hz / 1000) / 1000;
}

uint64_t harness_us_max(void)
{
    return suite_us_max(kaal_clock()->hz / 1000000);
}

uint64_t harness_now_us(void)
{
    return kaal_now_ns() / 1000;
}

void harness_compute_us(uint64_t us)
{
    uint64_t used = 0;
    uint64_t last = kaal_now_ns();
    while (used < us * 1000) {
        uint64_t now = kaal_now_ns();
        if (now - last < PREEMPTED_NS) {
            used += now - last;
        }
        last = now;
    }
}

/* ---- the keeper ---- */

static void clean_up(void)
{
    seL4_BootInfo *info = seL4_GetBootInfo();
    assert_ok(seL4_SchedControl_Configure(info->schedcontrol.start, seL4_CapInitThreadSC, OWN_US,
                                          OWN_US, 0, 0));
    assert_ok(seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, keeper.tcb, seL4_MaxPrio, seL4_MaxPrio,
                                      seL4_CapInitThreadSC, seL4_CapNull));
    assert_ok(seL4_TCB_SetIPCBuffer(seL4_CapInitThreadTCB, (seL4_Word)info->ipcBuffer,
                                    seL4_CapInitThreadIPCBuffer));
    assert_ok(seL4_TCB_SetTimeoutEndpoint(seL4_CapInitThreadTCB, seL4_CapNull));
    /* Perhaps there is none, so without a complaint. */
    seL4_NBSend(seL4_CapInitThreadTCB, seL4_MessageInfo_new(TCBUnbindNotification, 0, 0, 0));
    assert_ok(harness_revoke(test_pool));
    seL4_CPtr end = harness_slot();
    for (seL4_CPtr slot = first_slot; slot < end; slot++) {
        assert_ok(harness_delete(slot));
    }
    next_room = keeper.room + 1;
    harness_begin(info, first_slot);
}

static void keep(seL4_Word endpoint, seL4_Word unused1, seL4_Word reply, seL4_Word unused2)
{
    seL4_MessageInfo_t info = seL4_Recv(endpoint, NULL, reply);
    (void)unused1;
    (void)unused2;
    for (;;) {
        clean_up();
        info = seL4_ReplyRecv(endpoint, info, NULL, reply);
    }
}

static seL4_CPtr boot_untyped(seL4_Word bits)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (!info->untypedList[i].isDevice && info->untypedList[i].sizeBits > bits) {
            return info->untyped.start + i;
        }
    }
    return seL4_CapNull;
}

static void set_up(void)
{
    seL4_BootInfo *info = seL4_GetBootInfo();
    harness_begin(info, info->empty.start);
    current_pool = boot_untyped(POOL_BITS);
    test_pool = harness_untyped(POOL_BITS);
    current_pool = harness_untyped(KEEP_BITS);
    harness_begin(info, current_pool + 1);
    keeper = harness_thread(seL4_MaxPrio);
    keeper_endpoint = harness_object(seL4_EndpointObject, 0);
    harness_start(&keeper, keep, keeper_endpoint, 0);
    first_slot = harness_slot();
    current_pool = test_pool;
    harness_begin(info, first_slot);
}

/* ---- running ---- */

/* Sets test_failed. */
static void run_test(const struct CMUnitTest *test)
{
    test_name = test->name;
    test_failed = false;
    if (setjmp(test_end) == 0) {
        test->function();
    } else {
        harness_set_own_priority(seL4_MaxPrio);
    }
    (void)seL4_Call(keeper_endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
}

int suite_run(const struct CMUnitTest *tests, unsigned count)
{
    int failures = 0;
    for (unsigned i = 0; i < count; i++) {
        char line[160];
        run_test(&tests[i]);
        snprintf(line, sizeof(line), "%sok %u - %s\n", test_failed ? "not " : "", ++test_count,
                 test_name);
        print(line);
        failures += test_failed;
    }
    return failures;
}

static void set_up_or_bail_out(void)
{
    test_name = "set-up";
    if (setjmp(test_end) != 0) {
        print("Bail out!\n");
        arch_power_off();
    }
    set_up();
}

int main(void)
{
    char line[32];
    set_up_or_bail_out();
    int failures = 0;
#define SUITE_FILE(name) failures += suite_##name();
#include <suite_files.h>
#undef SUITE_FILE
    snprintf(line, sizeof(line), "1..%u\n# %d failed\n", test_count, failures);
    print(line);
    arch_power_off();
}
