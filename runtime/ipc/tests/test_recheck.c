/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The second look before sleeping survives compilation: channel.c is built here with the target's
 * optimisation. The peer's page is taken away, so the look faults; at that moment the wish to be
 * woken must be in memory already. The fault handler lets the peer act just then, and the look must
 * see it.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include <cmocka.h>

#include <kaal/channel.h>

#include "rig.h"

#define CAPACITY 4u

static struct kaal_channel a;
static volatile sig_atomic_t faults;
static volatile sig_atomic_t asked_before_looking;
static void (*peer_acts)(void);

static void on_fault(int signal)
{
    (void)signal;
    faults++;
    peer_acts();
    (void)mprotect((void *)rig.a.channel.peer_vaddr, 4096, PROT_READ);
}

static void message_comes(void)
{
    asked_before_looking = rig.region_a->wake_data == 5;
    rig.region_b->produced = 6;
}

static void room_comes(void)
{
    asked_before_looking = rig.region_a->wake_room == 5; /* the oldest slot */
    rig.region_b->consumed = 6;
}

static void prepare(uint32_t produced, uint32_t consumed)
{
    rig_make(sizeof(uint64_t), CAPACITY);
    rig.region_a->produced = produced;
    rig.region_a->consumed = consumed;
    rig.region_b->produced = 5;
    rig.region_b->consumed = 5;
    assert_int_equal(kaal_channel_open(&a, &rig.a), KAAL_OK);
    faults = asked_before_looking = 0;
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_NODEFER};
    assert_int_equal(sigaction(SIGSEGV, &action, NULL), 0);
    assert_int_equal(sigaction(SIGBUS, &action, NULL), 0);
    assert_int_equal(mprotect((void *)rig.a.channel.peer_vaddr, 4096, PROT_NONE), 0);
}

static void finish(bool sleeps)
{
    (void)signal(SIGSEGV, SIG_DFL);
    (void)signal(SIGBUS, SIG_DFL);
    assert_int_equal(faults, 1);
    assert_true(asked_before_looking);
    assert_false(sleeps);
    rig_free();
}

static void test_receiver_looks_again_after_asking(void **state)
{
    (void)state;
    prepare(5, 5);
    peer_acts = message_comes;
    finish(kaal_channel_prepare_receive(&a));
}

static void test_sender_looks_again_after_asking(void **state)
{
    (void)state;
    prepare(5 + CAPACITY, 5);
    peer_acts = room_comes;
    finish(kaal_channel_prepare_send(&a, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_receiver_looks_again_after_asking),
        cmocka_unit_test(test_sender_looks_again_after_asking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
