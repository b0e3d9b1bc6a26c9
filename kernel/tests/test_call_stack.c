/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Call stacks: a client calls the middle server, which calls the inner one, all on the client's
 * time; then one of the parties, a reply object or the scheduling context goes away.
 */
#include "harness.h"
#include "inspect.h"

enum {
    CLIENT = 10,
    MIDDLE = 20,
    INNER = 30
};

static seL4_MessageInfo_t words(seL4_Word length)
{
    return seL4_MessageInfo_new(0, 0, 0, length);
}

static void client(seL4_Word ep, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    seL4_Call(ep, words(0));
    harness_log((char)event);
    seL4_Wait(seL4_CapNull, NULL);
}

static void middle_server(seL4_Word ep, seL4_Word inner_ep, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    seL4_Recv(ep, NULL, reply);
    for (;;) {
        seL4_Call(inner_ep, words(0));
        harness_log('m');
        seL4_ReplyRecv(ep, words(0), NULL, reply);
    }
}

/* Keeps its caller until it is signalled. */
static void inner_server(seL4_Word ep, seL4_Word ntfn, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    seL4_Recv(ep, NULL, reply);
    for (;;) {
        harness_log('i');
        seL4_Wait(ntfn, NULL);
        seL4_ReplyRecv(ep, words(0), NULL, reply);
        harness_log('I');
    }
}

static struct party {
    struct harness_thread client;
    struct harness_thread middle;
    struct harness_thread inner;
    seL4_CPtr ep;
    seL4_CPtr go; /* lets the inner server answer */
} all;

static struct harness_thread passive(seL4_Word priority, harness_function function, seL4_Word a,
                                     seL4_Word b)
{
    struct harness_thread thread = harness_thread(priority);
    harness_start(&thread, function, a, b);
    harness_let_run();
    assert_ok(seL4_SchedContext_Unbind(thread.sc));
    return thread;
}

/* The client's time is with the inner server, which waits for `go`. */
static void call_through(void)
{
    all.ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr inner_ep = harness_object(seL4_EndpointObject, 0);
    all.go = harness_object(seL4_NotificationObject, 0);
    all.middle = passive(MIDDLE, middle_server, all.ep, inner_ep);
    all.inner = passive(INNER, inner_server, inner_ep, all.go);
    all.client = harness_thread(CLIENT);
    harness_start(&all.client, client, all.ep, 'c');
    harness_let_run();
    assert_string_equal(harness_log_text(), "i");
}

static void let_inner_answer(void)
{
    seL4_Signal(all.go);
    harness_let_run();
}

/* True if the thread has the client's scheduling context; takes it away. */
static bool has_time(const struct harness_thread *thread)
{
    return seL4_SchedContext_UnbindObject(all.client.sc, thread->tcb) == seL4_NoError;
}

static void test_time_goes_down_and_comes_back(void)
{
    call_through();
    let_inner_answer();
    assert_string_equal(harness_log_text(), "imc");
    assert_true(has_time(&all.client));
}

static void test_a_deleted_middle_cuts_the_stack(void)
{
    call_through();
    assert_ok(harness_delete(all.middle.tcb));
    let_inner_answer(); /* to nobody: the time stays with it */
    assert_string_equal(harness_log_text(), "i");
    seL4_Send(all.middle.reply, words(0)); /* the client is answered, but has no time */
    harness_let_run();
    assert_string_equal(harness_log_text(), "i");
    assert_false(has_time(&all.client));
    assert_true(has_time(&all.inner));
    assert_ok(seL4_SchedContext_Bind(all.client.sc, all.client.tcb));
    harness_let_run();
    assert_string_equal(harness_log_text(), "ic");
    inspect_tree();
}

static void test_a_suspended_middle_cuts_the_stack(void)
{
    call_through();
    assert_ok(seL4_TCB_Suspend(all.middle.tcb));
    let_inner_answer();
    assert_string_equal(harness_log_text(), "i");
    assert_true(has_time(&all.inner));
}

static void test_a_deleted_client_leaves_its_time_with_the_servers(void)
{
    call_through();
    assert_ok(harness_delete(all.client.tcb));
    let_inner_answer(); /* the middle answers nobody and receives again, on the time it has */
    assert_string_equal(harness_log_text(), "im");
    assert_true(has_time(&all.middle));
}

static void test_a_deleted_reply_in_the_middle_of_the_stack_moves_no_time(void)
{
    call_through();
    assert_ok(harness_delete(all.middle.reply)); /* the client waits on it */
    assert_false(has_time(&all.client));
    let_inner_answer();
    assert_string_equal(harness_log_text(), "im");
    assert_true(has_time(&all.middle));
}

static void test_a_deleted_context_stops_all_for_good(void)
{
    call_through();
    assert_ok(harness_delete(all.client.sc));
    let_inner_answer();
    assert_string_equal(harness_log_text(), "i");
    assert_ok(seL4_SchedContext_Bind(all.inner.sc, all.inner.tcb));
    harness_let_run(); /* it answers; the middle has no time */
    assert_string_equal(harness_log_text(), "i");
    assert_ok(seL4_SchedContext_Bind(all.middle.sc, all.middle.tcb));
    harness_let_run();
    assert_string_equal(harness_log_text(), "im");
    inspect_objects();
}

static void test_an_unbound_context_forgets_the_stack(void)
{
    call_through();
    assert_ok(seL4_SchedContext_Unbind(all.client.sc));
    assert_ok(seL4_SchedContext_Bind(all.client.sc, all.inner.tcb));
    let_inner_answer(); /* returns no time: it goes on to wait for the next caller */
    assert_string_equal(harness_log_text(), "i");
    assert_true(has_time(&all.inner));
}

static void test_unbinding_the_thread_alone_keeps_the_stack(void)
{
    call_through();
    assert_ok(seL4_SchedContext_UnbindObject(all.client.sc, all.inner.tcb));
    seL4_Send(all.inner.reply, words(0)); /* the top of the stack: the middle gets the time */
    harness_let_run();
    assert_string_equal(harness_log_text(), "imc");
    assert_true(has_time(&all.client));
}

/* A caller that got time of its own meanwhile leaves the returning time where it is. */
static void test_time_is_not_returned_to_a_caller_that_has_some(void)
{
    call_through();
    assert_ok(seL4_SchedContext_Bind(all.middle.sc, all.middle.tcb));
    let_inner_answer();
    /* The inner server kept it; the client, next on the stack, took it from there. */
    assert_string_equal(harness_log_text(), "imc");
    assert_false(has_time(&all.inner));
    assert_true(has_time(&all.client));
}

static void test_a_reply_to_one_that_called_through_another_reply_object(void)
{
    call_through();
    assert_ok(seL4_TCB_Resume(all.client.tcb)); /* calls again, without time: waits for it */
    assert_false(has_time(&all.client));
    let_inner_answer();
    assert_string_equal(harness_log_text(), "im");
    /* The stack was cut at the client, so the middle keeps what it has. */
    assert_true(has_time(&all.middle));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_time_goes_down_and_comes_back),
        HARNESS_TEST(test_a_deleted_middle_cuts_the_stack),
        HARNESS_TEST(test_a_suspended_middle_cuts_the_stack),
        HARNESS_TEST(test_a_deleted_client_leaves_its_time_with_the_servers),
        HARNESS_TEST(test_a_deleted_reply_in_the_middle_of_the_stack_moves_no_time),
        HARNESS_TEST(test_a_deleted_context_stops_all_for_good),
        HARNESS_TEST(test_an_unbound_context_forgets_the_stack),
        HARNESS_TEST(test_unbinding_the_thread_alone_keeps_the_stack),
        HARNESS_TEST(test_time_is_not_returned_to_a_caller_that_has_some),
        HARNESS_TEST(test_a_reply_to_one_that_called_through_another_reply_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
