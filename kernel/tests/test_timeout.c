/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Timeout faults: when they are sent, what they tell, and what their replies do. */
#include "harness.h"
#include "inspect.h"

enum {
    CLIENT = 10,
    SERVER = 20,
    BUDGET = 1000,
    PERIOD = 10000,
    BADGE = 0x51
};

static seL4_CPtr timeouts; /* where they arrive */
static seL4_CPtr reply;

static seL4_MessageInfo_t label(seL4_Word value, seL4_Word length)
{
    return seL4_MessageInfo_new(value, 0, 0, length);
}

static seL4_Error configure(seL4_CPtr sc, uint64_t budget, uint64_t period)
{
    return seL4_SchedControl_ConfigureFlags(harness_bootinfo->schedcontrol.start, sc, budget,
                                            period, 2, BADGE, 0);
}

/* A thread on a budget, whose timeouts the test hears of if it wants to. */
static struct harness_thread limited(seL4_Word priority, bool heard)
{
    struct harness_thread thread = harness_passive_thread(priority);
    thread.sc = harness_object(seL4_SchedContextObject, 8);
    assert_ok(configure(thread.sc, BUDGET, PERIOD));
    assert_ok(seL4_SchedContext_Bind(thread.sc, thread.tcb));
    timeouts = harness_object(seL4_EndpointObject, 0);
    reply = harness_object(seL4_ReplyObject, 0);
    if (heard) {
        assert_ok(seL4_TCB_SetTimeoutEndpoint(thread.tcb, timeouts));
    }
    return thread;
}

static void expect_timeout(seL4_Word length)
{
    seL4_MessageInfo_t info = seL4_Recv(timeouts, NULL, reply);
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_Fault_Timeout);
    assert_int_equal(seL4_MessageInfo_get_length(info), length);
    assert_int_equal(seL4_GetMR(seL4_Timeout_Data), BADGE);
}

static void expect_silence(void)
{
    seL4_Word badge = 1;
    seL4_NBRecv(timeouts, &badge, reply);
    assert_int_equal(badge, 0);
}

/* The root task computes below everybody else. */
static void pass_us(uint64_t us)
{
    uint64_t end = harness_now_us() + us;
    harness_set_own_priority(0);
    while (harness_now_us() < end) {
        harness_compute_us(10);
    }
    harness_set_own_priority(255);
}

static void worker(seL4_Word us, seL4_Word event, seL4_Word unused1, seL4_Word unused2)
{
    (void)unused1;
    (void)unused2;
    harness_compute_us(us);
    harness_log((char)event);
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_a_budgeted_thread_that_computes_on_times_out(void)
{
    struct harness_thread thread = limited(CLIENT, true);
    harness_start(&thread, worker, BUDGET + 500, 'w');
    expect_timeout(2);
    assert_in_range(seL4_GetMR(seL4_Timeout_Consumed), BUDGET - 30, BUDGET + 10);
    seL4_Send(reply, label(0, 0));
    pass_us(2 * PERIOD);
    assert_string_equal(harness_log_text(), "w");
    expect_silence();
}

static void test_round_robin_never_times_out(void)
{
    struct harness_thread thread = limited(CLIENT, true);
    assert_ok(configure(thread.sc, BUDGET, BUDGET));
    harness_start(&thread, worker, 3 * BUDGET, 'w');
    pass_us(PERIOD);
    assert_string_equal(harness_log_text(), "w");
    expect_silence();
}

static void yielder(seL4_Word event, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    (void)unused1;
    (void)unused2;
    (void)unused3;
    for (int i = 0; i < 3; i++) {
        seL4_Yield();
        harness_log((char)event);
    }
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_yield_never_times_out(void)
{
    struct harness_thread thread = limited(CLIENT, true);
    harness_start(&thread, yielder, 'y', 0);
    pass_us(PERIOD + 1000);
    assert_string_equal(harness_log_text(), "y");
    expect_silence();
}

static void test_without_handler_a_thread_waits(void)
{
    struct harness_thread thread = limited(CLIENT, false);
    harness_start(&thread, worker, BUDGET + 500, 'w');
    pass_us(PERIOD - 1000);
    assert_string_equal(harness_log_text(), "");
    pass_us(2000);
    assert_string_equal(harness_log_text(), "w");
}

static void test_a_reply_with_a_label_stops_the_thread_with_its_context(void)
{
    struct harness_thread thread = limited(CLIENT, true);
    harness_start(&thread, worker, BUDGET + 500, 'w');
    expect_timeout(2);
    seL4_Send(reply, label(1, 0));
    pass_us(2 * PERIOD);
    assert_string_equal(harness_log_text(), "");
    assert_ok(seL4_SchedContext_UnbindObject(thread.sc, thread.tcb));
}

/* All registers but the last of the context, the flags sanitised. */
static void test_a_reply_writes_registers(void)
{
    enum {
        FLAGS = 2,
        CONTEXT_WORDS = sizeof(seL4_UserContext) / sizeof(seL4_Word)
    };
    struct harness_thread thread = limited(CLIENT, true);
    seL4_UserContext context;
    const seL4_Word *words = (const seL4_Word *)&context;
    harness_start(&thread, worker, BUDGET + 500, 'w');
    expect_timeout(2);
    for (int i = 0; i < CONTEXT_WORDS; i++) {
        seL4_SetMR(i, 0x1000 + (seL4_Word)i);
    }
    seL4_SetMR(FLAGS, ~0ul);
    seL4_Send(reply, label(1, CONTEXT_WORDS));
    assert_ok(seL4_TCB_ReadRegisters(thread.tcb, false, 0, CONTEXT_WORDS, &context));
    for (int i = 0; i < seL4_TimeoutReply_Length; i++) {
        assert_int_equal(words[i], i == FLAGS ? HARNESS_FLAGS_WRITTEN : 0x1000ul + (seL4_Word)i);
    }
    assert_int_not_equal(words[CONTEXT_WORDS - 1], 0x1000 + CONTEXT_WORDS - 1);
}

static void test_a_handler_may_give_more_time(void)
{
    struct harness_thread thread = limited(CLIENT, true);
    harness_start(&thread, worker, BUDGET + 500, 'w');
    expect_timeout(2);
    assert_ok(configure(thread.sc, 2 * BUDGET, PERIOD));
    seL4_Send(reply, label(0, 0));
    pass_us(1000);
    assert_string_equal(harness_log_text(), "w"); /* without waiting for a refill */
}

static void test_a_thread_without_context_tells_no_consumption(void)
{
    struct harness_thread thread = limited(CLIENT, true);
    harness_start(&thread, worker, BUDGET + 500, 'w');
    pass_us(2 * BUDGET); /* its fault waits for a receiver */
    assert_ok(seL4_SchedContext_UnbindObject(thread.sc, thread.tcb));
    expect_timeout(1);
}

/* ---- servers on their client's time ---- */

static void client(seL4_Word ep, seL4_Word event, seL4_Word unused1, seL4_Word unused2)
{
    (void)unused1;
    (void)unused2;
    seL4_Call(ep, label(0, 0));
    harness_log((char)event);
    seL4_Wait(seL4_CapNull, NULL);
}

static void server(seL4_Word ep, seL4_Word us, seL4_Word own_reply, seL4_Word unused)
{
    (void)unused;
    seL4_Recv(ep, NULL, own_reply);
    for (;;) {
        harness_compute_us(us);
        harness_log('s');
        seL4_ReplyRecv(ep, label(0, 0), NULL, own_reply);
    }
}

static struct harness_thread passive_server(seL4_CPtr ep, uint64_t us)
{
    struct harness_thread thread = harness_thread(SERVER);
    harness_start(&thread, server, ep, us);
    harness_let_run();
    assert_ok(seL4_SchedContext_Unbind(thread.sc));
    return thread;
}

static void test_a_passive_server_times_out_with_its_clients_badge(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread serving = passive_server(ep, BUDGET + 500);
    struct harness_thread caller = limited(CLIENT, false);
    assert_ok(seL4_TCB_SetTimeoutEndpoint(serving.tcb, timeouts));
    harness_start(&caller, client, ep, 'c');
    expect_timeout(2);
    seL4_Send(reply, label(0, 0));
    pass_us(PERIOD + 1000);
    assert_string_equal(harness_log_text(), "sc");
}

/* The usual way out: the handler answers for the server, whose caller then has no time left. */
static void test_a_caller_answered_without_budget_times_out(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread serving = passive_server(ep, BUDGET + 500);
    struct harness_thread caller = limited(CLIENT, true);
    harness_start(&caller, client, ep, 'c');
    pass_us(2 * BUDGET); /* the server has no handler, and waits */
    expect_silence();
    seL4_Send(serving.reply, label(0, 0));
    expect_timeout(2);
    seL4_Send(reply, label(0, 0));
    pass_us(PERIOD);
    assert_string_equal(harness_log_text(), "c");
    inspect_objects();
}

static void test_a_caller_answered_without_budget_waits(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread serving = passive_server(ep, BUDGET + 500);
    struct harness_thread caller = limited(CLIENT, false);
    harness_start(&caller, client, ep, 'c');
    pass_us(2 * BUDGET);
    seL4_Send(serving.reply, label(0, 0));
    pass_us(PERIOD - 3 * BUDGET);
    assert_string_equal(harness_log_text(), "");
    pass_us(2 * BUDGET);
    assert_string_equal(harness_log_text(), "c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_a_budgeted_thread_that_computes_on_times_out),
        HARNESS_TEST(test_round_robin_never_times_out),
        HARNESS_TEST(test_yield_never_times_out),
        HARNESS_TEST(test_without_handler_a_thread_waits),
        HARNESS_TEST(test_a_reply_with_a_label_stops_the_thread_with_its_context),
        HARNESS_TEST(test_a_reply_writes_registers),
        HARNESS_TEST(test_a_handler_may_give_more_time),
        HARNESS_TEST(test_a_thread_without_context_tells_no_consumption),
        HARNESS_TEST(test_a_passive_server_times_out_with_its_clients_badge),
        HARNESS_TEST(test_a_caller_answered_without_budget_times_out),
        HARNESS_TEST(test_a_caller_answered_without_budget_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
