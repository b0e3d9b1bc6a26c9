/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reply objects: calls, donation to passive servers, nesting, and parties that vanish mid-call. */
#include "harness.h"
#include "inspect.h"

enum {
    CLIENT = 10,
    SERVER = 20,
    INNER = 30
};

/* Offering a capability, even none, makes the kernel take the long way: each test runs both ways.
 */
static bool long_way;

static seL4_MessageInfo_t words(seL4_Word length)
{
    seL4_SetCap(0, seL4_CapNull);
    return seL4_MessageInfo_new(0, 0, long_way ? 1 : 0, length);
}

static void client(seL4_Word ep, seL4_Word value, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    seL4_SetMR(0, value);
    seL4_MessageInfo_t info = seL4_Call(ep, words(1));
    harness_log('c');
    harness_log((char)seL4_GetMR(0));
    harness_log((char)('0' + seL4_MessageInfo_get_length(info)));
    seL4_Wait(seL4_CapNull, NULL);
}

/* Answers each call with its word + 1. */
static void echo_server(seL4_Word ep, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    seL4_Recv(ep, NULL, reply);
    for (;;) {
        harness_log((char)event);
        seL4_SetMR(0, seL4_GetMR(0) + 1);
        seL4_ReplyRecv(ep, words(1), NULL, reply);
    }
}

/* Takes one call and keeps it. */
static void keeping_server(seL4_Word ep, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    seL4_Recv(ep, NULL, reply);
    harness_log((char)event);
    seL4_Wait(seL4_CapNull, NULL);
}

/* A server without time of its own: it gets to its first Recv on a borrowed context. */
static struct harness_thread passive_server(seL4_Word priority, harness_function function,
                                            seL4_CPtr ep, char event)
{
    struct harness_thread thread = harness_thread(priority);
    harness_start(&thread, function, ep, (seL4_Word)event);
    harness_let_run();
    assert_ok(seL4_SchedContext_Unbind(thread.sc));
    return thread;
}

static void test_call_and_reply_with_an_active_server(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread server = harness_thread(SERVER);
    struct harness_thread a = harness_thread(CLIENT);
    struct harness_thread b = harness_thread(CLIENT);
    harness_start(&server, echo_server, ep, 's');
    harness_start(&a, client, ep, 'x');
    harness_let_run();
    harness_start(&b, client, ep, 'p');
    harness_let_run();
    assert_string_equal(harness_log_text(), "scy1scq1");
}

static void test_a_passive_server_runs_on_its_callers_time(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread caller = harness_thread(CLIENT);
    passive_server(SERVER, echo_server, ep, 's');
    harness_start(&caller, client, ep, 'x');
    harness_let_run();
    assert_string_equal(harness_log_text(), "scy1");
    /* The context is back with the caller. */
    assert_error(seL4_SchedContext_Bind(caller.sc, caller.tcb), seL4_IllegalOperation);
    assert_ok(seL4_SchedContext_UnbindObject(caller.sc, caller.tcb));
}

static void test_without_grant_a_call_is_never_answered(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr no_grant = harness_mint(ep, seL4_CanWrite, 0);
    struct harness_thread server = harness_thread(SERVER);
    struct harness_thread caller = harness_thread(CLIENT);
    harness_start(&server, echo_server, ep, 's');
    harness_start(&caller, client, no_grant, 'x');
    harness_let_run();
    assert_string_equal(harness_log_text(), "s");
    assert_ok(seL4_TCB_Resume(caller.tcb)); /* inactive: it calls again */
    harness_let_run();
    assert_string_equal(harness_log_text(), "ss");
}

static void test_grant_reply_suffices_for_a_call(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr cap = harness_mint(ep, seL4_CapRights_new(1, 0, 0, 1), 0);
    struct harness_thread server = harness_thread(SERVER);
    struct harness_thread caller = harness_thread(CLIENT);
    harness_start(&server, echo_server, ep, 's');
    harness_start(&caller, client, cap, 'x');
    harness_let_run();
    assert_string_equal(harness_log_text(), "scy1");
}

/* Calls on before it answers its own caller. */
static void middle_server(seL4_Word ep, seL4_Word inner_ep, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    seL4_Recv(ep, NULL, reply);
    for (;;) {
        harness_log('m');
        seL4_Call(inner_ep, words(1));
        seL4_ReplyRecv(ep, words(1), NULL, reply);
    }
}

static struct harness_thread start_nested(seL4_CPtr ep, seL4_CPtr inner_ep)
{
    struct harness_thread middle = harness_thread(SERVER);
    harness_start(&middle, middle_server, ep, inner_ep);
    harness_let_run();
    assert_ok(seL4_SchedContext_Unbind(middle.sc));
    return middle;
}

static void test_nested_calls_return_through_the_stack(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr inner_ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread caller = harness_thread(CLIENT);
    start_nested(ep, inner_ep);
    passive_server(INNER, echo_server, inner_ep, 'i');
    harness_start(&caller, client, ep, 'x');
    harness_let_run();
    assert_string_equal(harness_log_text(), "micy1");
    inspect_tree();
}

static void test_deleting_the_inner_reply_returns_time_to_the_middle_only(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr inner_ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread caller = harness_thread(CLIENT);
    struct harness_thread middle = start_nested(ep, inner_ep);
    struct harness_thread inner = passive_server(INNER, keeping_server, inner_ep, 'i');
    harness_start(&caller, client, ep, 'x');
    harness_let_run();
    assert_string_equal(harness_log_text(), "mi");
    assert_ok(harness_delete(inner.reply));
    /* The middle is inactive, holding the time: binding another thread to it is refused. */
    assert_error(seL4_SchedContext_UnbindObject(caller.sc, inner.tcb), seL4_IllegalOperation);
    assert_ok(seL4_SchedContext_UnbindObject(caller.sc, middle.tcb));
}

static void test_deleting_a_reply_object_gives_time_back_and_stops_the_caller(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread caller = harness_thread(CLIENT);
    struct harness_thread server = passive_server(SERVER, keeping_server, ep, 's');
    harness_start(&caller, client, ep, 'x');
    harness_let_run();
    assert_ok(harness_delete(server.reply));
    assert_ok(seL4_SchedContext_UnbindObject(caller.sc, caller.tcb));
    harness_let_run();
    assert_string_equal(harness_log_text(), "s");
}

static void test_a_dead_server_leaves_time_with_the_reply_object(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread caller = harness_thread(CLIENT);
    struct harness_thread server = passive_server(SERVER, keeping_server, ep, 's');
    harness_start(&caller, client, ep, 'x');
    harness_let_run();
    assert_ok(harness_delete(server.tcb));
    /* Anybody who has the reply capability can still answer; the time comes back with it. */
    seL4_SetMR(0, 'z');
    seL4_Send(server.reply, words(1));
    harness_let_run();
    assert_string_equal(harness_log_text(), "scz1");
}

static void test_a_suspended_caller_leaves_its_reply_object_free(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread caller = harness_thread(CLIENT);
    struct harness_thread server = passive_server(SERVER, keeping_server, ep, 's');
    harness_start(&caller, client, ep, 'x');
    harness_let_run();
    assert_ok(seL4_TCB_Suspend(caller.tcb));
    seL4_Send(server.reply, words(0));                                /* no effect */
    assert_ok(seL4_SchedContext_UnbindObject(caller.sc, server.tcb)); /* time stayed there */
}

static void test_an_unused_reply_object_answers_nobody(void)
{
    seL4_CPtr reply = harness_object(seL4_ReplyObject, 0);
    seL4_MessageInfo_t info = seL4_Call(reply, words(0));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_NoError);
}

static void test_offering_an_occupied_reply_object_evicts_its_caller(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr other_ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread caller = harness_thread(CLIENT);
    struct harness_thread server = harness_thread(SERVER);
    harness_start(&server, keeping_server, ep, 's');
    harness_start(&caller, client, ep, 'x');
    harness_let_run();
    seL4_NBRecv(other_ep, NULL, server.reply);
    seL4_Send(server.reply, words(0));
    harness_let_run();
    assert_string_equal(harness_log_text(), "s"); /* inactive for good */
}

static void granting_server(seL4_Word ep, seL4_Word cap, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    seL4_Recv(ep, NULL, reply);
    seL4_SetCap(0, cap);
    seL4_Send(reply, seL4_MessageInfo_new(0, 0, 1, 0));
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_a_reply_may_carry_a_capability(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr frame = harness_object(HARNESS_PAGE, 0);
    struct harness_thread server = harness_thread(SERVER);
    seL4_CPtr dest = harness_slot();
    harness_start(&server, granting_server, ep, frame);
    seL4_SetCapReceivePath(ROOT, dest, DEPTH);
    seL4_MessageInfo_t info = seL4_Call(ep, words(0));
    assert_int_equal(seL4_MessageInfo_get_extraCaps(info), 1);
    assert_int_equal(harness_tag(dest), 1);
    seL4_CPtr second = harness_slot();
    seL4_SetCapReceivePath(ROOT, second, DEPTH);
    assert_int_equal(harness_tag(second), 0);
}

/* NBSendRecv hands its time on to a passive receiver and waits. */
static void handing_thread(seL4_Word ep, seL4_Word own_ep, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    harness_log('h');
    seL4_NBSendRecv(ep, words(0), own_ep, NULL, reply);
    harness_log('!');
}

static void test_nbsendrecv_donates(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr own_ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread handing = harness_thread(CLIENT);
    struct harness_thread server = passive_server(SERVER, keeping_server, ep, 's');
    harness_start(&handing, handing_thread, ep, own_ep);
    harness_let_run();
    assert_string_equal(harness_log_text(), "hs");
    assert_ok(seL4_SchedContext_UnbindObject(handing.sc, server.tcb));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_call_and_reply_with_an_active_server),
        HARNESS_TEST(test_a_passive_server_runs_on_its_callers_time),
        HARNESS_TEST(test_without_grant_a_call_is_never_answered),
        HARNESS_TEST(test_grant_reply_suffices_for_a_call),
        HARNESS_TEST(test_nested_calls_return_through_the_stack),
        HARNESS_TEST(test_deleting_the_inner_reply_returns_time_to_the_middle_only),
        HARNESS_TEST(test_deleting_a_reply_object_gives_time_back_and_stops_the_caller),
        HARNESS_TEST(test_a_dead_server_leaves_time_with_the_reply_object),
        HARNESS_TEST(test_a_suspended_caller_leaves_its_reply_object_free),
        HARNESS_TEST(test_an_unused_reply_object_answers_nobody),
        HARNESS_TEST(test_offering_an_occupied_reply_object_evicts_its_caller),
        HARNESS_TEST(test_a_reply_may_carry_a_capability),
        HARNESS_TEST(test_nbsendrecv_donates),
    };
    int failed = cmocka_run_group_tests_name("fast path", tests, NULL, NULL);
    long_way = true;
    return failed + cmocka_run_group_tests_name("long way", tests, NULL, NULL);
}
