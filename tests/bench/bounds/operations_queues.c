/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Operations on whatever hundreds of threads wait for. */
#include "bounds.h"
#include "watch.h"

#define BADGE         7
#define CALL_DEPTH    100
#define LONG_WORDS    seL4_MsgMaxLength
#define RELEASE_WAKES 40 /* watcher's wakes from now: longer than the crowd needs to be set up */
#define RELEASE_SWEEP 32

static seL4_CPtr object; /* what the crowd waits at */
static seL4_CPtr badged;
static seL4_CPtr holder;  /* a TCB that holds the last capability */
static seL4_CPtr handler; /* an interrupt's */

static void prepare_object(seL4_Word type)
{
    if (object == 0) {
        object = world_slot();
        badged = world_slot();
        holder = world_slot();
        handler = world_slot();
    }
    arena_clear();
    make_one(type, 0, object);
}

static void delete_object(void)
{
    delete_slot(object);
}

static void prepare_senders(void)
{
    prepare_object(seL4_EndpointObject);
    crowd_send(object);
}

static void prepare_receivers(void)
{
    prepare_object(seL4_EndpointObject);
    crowd_wait(object);
}

static void prepare_waiters(void)
{
    prepare_object(seL4_NotificationObject);
    crowd_wait(object);
}

static void prepare_badged_senders(void)
{
    prepare_object(seL4_EndpointObject);
    must(seL4_CNode_Mint(CNODE, badged, seL4_WordBits, CNODE, object, seL4_WordBits, seL4_AllRights,
                         BADGE),
         "mint");
    crowd_send(badged);
}

static void cancel_badged(void)
{
    must(seL4_CNode_CancelBadgedSends(CNODE, badged, seL4_WordBits), "cancel");
}

/* The endpoint's last capability is a thread's timeout handler. */
static void prepare_held_endpoint(void)
{
    prepare_senders();
    make_one(seL4_TCBObject, 0, holder);
    must(seL4_TCB_SetTimeoutEndpoint(holder, object), "timeout endpoint");
    delete_slot(object);
}

static void replace_handler(void)
{
    must(seL4_TCB_SetTimeoutEndpoint(holder, seL4_CapNull), "timeout endpoint");
}

static void delete_holder(void)
{
    delete_slot(holder);
}

/* The notification's last capability is the interrupt's. */
static void prepare_held_notification(void)
{
    prepare_waiters();
    delete_slot(handler);
    must(interrupt_make(handler), "interrupt");
    must(seL4_IRQHandler_SetNotification(handler, object), "interrupt's notification");
    delete_slot(object);
}

static void clear_interrupt(void)
{
    must(seL4_IRQHandler_Clear(handler), "clear");
}

static void delete_handler(void)
{
    delete_slot(handler);
}

/* One thread changes its place among all the others. */
static void set_priority(void)
{
    must(seL4_TCB_SetPriority(crowd_tcb(0), seL4_CapInitThreadTCB, CROWD_PRIORITY + 1), "priority");
}

/* ---- the whole crowd is due at once, just before the watcher ---- */

static uint64_t release_ticks;

static void prepare_release(void)
{
    static unsigned round;
    release_ticks =
        watch_due(RELEASE_WAKES) - watch_period() * (round++ % RELEASE_SWEEP) / RELEASE_SWEEP;
    crowd_release_at(release_ticks);
}

static void pass_release(void)
{
    while (arch_counter() < release_ticks + 2 * watch_period()) {
    }
}

/* ---- a call through many passive servers ---- */

static void prepare_calls(void)
{
    prepare_object(seL4_EndpointObject);
    crowd_call_each_other(CALL_DEPTH);
}

static void delete_context(void)
{
    delete_slot(crowd_sched_context(0));
}

/* ---- a long message with capabilities ---- */

static struct thread receiver;
static seL4_CPtr message_endpoint;
static seL4_CPtr received;

static void receive_for_ever(uint64_t argument)
{
    (void)argument;
    for (;;) {
        seL4_WaitWithMRs(message_endpoint, NULL, NULL, NULL, NULL, NULL);
    }
}

static void prepare_message(void)
{
    if (message_endpoint == 0) {
        message_endpoint = world_object(seL4_EndpointObject, 0);
        received = world_slot();
        world_thread_start(&receiver, seL4_CapInitThreadVSpace, receive_for_ever, 0,
                           CROWD_PRIORITY);
        seL4_IPCBuffer *buffer = (seL4_IPCBuffer *)receiver.ipc_buffer;
        buffer->receiveCNode = CNODE;
        buffer->receiveIndex = received;
        buffer->receiveDepth = seL4_WordBits;
    }
    delete_slot(received);
    others_block();
}

/* Two capabilities become badges, the third one is transferred. */
static void send_message(void)
{
    seL4_SetCap(0, message_endpoint);
    seL4_SetCap(1, message_endpoint);
    seL4_SetCap(2, seL4_CapInitThreadTCB);
    seL4_Send(message_endpoint, seL4_MessageInfo_new(0, 0, seL4_MsgMaxExtraCaps, LONG_WORDS));
}

struct operations operations_queues(void)
{
    static const struct operation list[] = {
        {"delete_endpoint_500_senders", prepare_senders, delete_object},
        {"delete_endpoint_500_receivers", prepare_receivers, delete_object},
        {"delete_notification_500_waiters", prepare_waiters, delete_object},
        {"cancel_500_badged_sends", prepare_badged_senders, cancel_badged},
        {"replace_handler_500_senders", prepare_held_endpoint, replace_handler},
        {"delete_thread_500_senders", prepare_held_endpoint, delete_holder},
        {"clear_interrupt_500_waiters", prepare_held_notification, clear_interrupt},
        {"delete_interrupt_500_waiters", prepare_held_notification, delete_handler},
        {"set_priority_among_500", prepare_waiters, set_priority},
        {"release_500_threads", prepare_release, pass_release},
        {"delete_context_100_calls", prepare_calls, delete_context},
        {"send_120_words_3_caps", prepare_message, send_message},
    };
    return (struct operations){list, sizeof(list) / sizeof(list[0])};
}
