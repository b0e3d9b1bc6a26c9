/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whatever a thread does, its time is on its account to the last tick. A subject with a small
 * budget repeats one kind of system call, a least urgent thread takes all the time that is left,
 * and this one sleeps for many of the subject's periods by its own scheduling context. Then what
 * all of them consumed must be the time that passed, and a subject that always had work its budget
 * per period.
 */
#include "accounting.h"

#define OWN_BUDGET_US 2000
#define PERIODS       10
#define PERIOD_US     5000
#define BUDGET_US     1000
#define WINDOW_US     (PERIODS * PERIOD_US)
#define AMPLE_US      10000 /* round robin */
#define REST_PRIORITY 50
#define SELF_US       3 /* of the window: this thread, from its clock to its sleep and back */
#define ACCOUNTS      3
#define NS_PER_US     1000

static struct thread rest_thread;
static struct thread subject_threads[16];
static struct thread partner_threads[16];
static unsigned test_count;

static void check(bool good, const char *subject, const char *what)
{
    arch_console_write(good ? "ok " : "not ok ");
    world_print_number(++test_count);
    arch_console_write(" - ");
    arch_console_write(subject);
    arch_console_write(what);
    arch_console_write("\n");
}

static void tell(const char *what, uint64_t value)
{
    arch_console_write("#   ");
    arch_console_write(what);
    arch_console_write(" ");
    world_print_number(value);
    arch_console_write(" us\n");
}

static void configure(seL4_CPtr sched_context, uint64_t budget_us, uint64_t period_us)
{
    world_check(seL4_SchedControl_ConfigureFlags(seL4_GetBootInfo()->schedcontrol.start,
                                                 sched_context, budget_us, period_us, 0, 0,
                                                 seL4_SchedContext_Sporadic) == seL4_NoError,
                "configuring a scheduling context");
}

static uint64_t consumed_us(const struct thread *thread)
{
    return seL4_SchedContext_Consumed(thread->sched_context).consumed;
}

static void take_rest(uint64_t argument)
{
    (void)argument;
    for (;;) {
        __asm__ volatile("");
    }
}

static void start_partner(const struct subject *subject, struct thread *partner)
{
    world_thread_start(partner, seL4_CapInitThreadVSpace, subject->partner, 0, SERVER_PRIORITY);
    configure(partner->sched_context, AMPLE_US, AMPLE_US);
    seL4_Yield(); /* it runs until it waits */
    if (subject->partner_is_passive) {
        world_make_passive(partner);
    }
}

static void start_subject(const struct subject *subject, struct thread *thread)
{
    world_own_priority(seL4_MaxPrio);
    world_thread_start(thread, seL4_CapInitThreadVSpace, subject->program, 0, SUBJECT_PRIORITY);
    if (subject->faults) {
        world_check(seL4_TCB_SetSchedParams(thread->tcb, seL4_CapInitThreadTCB, seL4_MaxPrio,
                                            SUBJECT_PRIORITY, thread->sched_context,
                                            subject_endpoint) == seL4_NoError,
                    "the subject's fault handler");
    }
    configure(thread->sched_context, BUDGET_US, PERIOD_US);
}

/* Sleeps to the end of this thread's period, then over the window; what each account was charged.
 */
static uint64_t weigh(const struct thread *accounts[ACCOUNTS], uint64_t charged_us[ACCOUNTS])
{
    seL4_Yield();
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        (void)consumed_us(accounts[i]);
    }
    uint64_t start = arch_counter();
    seL4_Yield();
    uint64_t end = arch_counter();
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        charged_us[i] = consumed_us(accounts[i]);
    }
    return arch_counter_ns(end - start) / NS_PER_US;
}

static void test(const struct subject *subject, struct thread *thread, struct thread *partner)
{
    subject_endpoint = world_object(seL4_EndpointObject, 0);
    subject_reply = world_object(seL4_ReplyObject, 0);
    subject_notification = world_object(seL4_NotificationObject, 0);
    if (subject->partner != NULL) {
        start_partner(subject, partner);
    }
    start_subject(subject, thread);

    /* A passive partner's context is unbound and stays at 0. */
    const struct thread *accounts[ACCOUNTS] = {
        thread, subject->partner != NULL ? partner : &rest_thread, &rest_thread};
    uint64_t charged_us[ACCOUNTS];
    uint64_t passed_us = weigh(accounts, charged_us);
    uint64_t partner_us = subject->partner != NULL ? charged_us[1] : 0;
    uint64_t rest_us = subject->partner != NULL ? charged_us[2] : charged_us[1];
    uint64_t sum_us = charged_us[0] + partner_us + rest_us;

    /* Each account is told in whole microseconds, what is over is lost. */
    bool adds_up = sum_us <= passed_us && passed_us - sum_us <= ACCOUNTS + SELF_US;
    check(adds_up, subject->name, ": all that was consumed is the time that passed");
    uint64_t due_us = (uint64_t)PERIODS * BUDGET_US;
    bool exact = charged_us[0] > 0 && charged_us[0] <= due_us + 1 &&
                 (!subject->always_busy || charged_us[0] + 1 >= due_us);
    check(exact, subject->name, ": no more than the budget, and no less");
    tell("passed", passed_us);
    tell("subject", charged_us[0]);
    tell("partner", partner_us);
    tell("rest", rest_us);
    world_thread_stop(thread);
    if (subject->partner != NULL) {
        world_thread_stop(partner);
    }
}

int main(void)
{
    world_init();
    arch_console_init();
    world_thread_start(&rest_thread, seL4_CapInitThreadVSpace, take_rest, 0, REST_PRIORITY);
    configure(seL4_CapInitThreadSC, OWN_BUDGET_US, WINDOW_US);
    for (unsigned i = 0; i < subject_count; i++) {
        test(&subjects[i], &subject_threads[i], &partner_threads[i]);
    }
    arch_console_write("1..");
    world_print_number(test_count);
    arch_console_write("\n");
    arch_power_off();
}
