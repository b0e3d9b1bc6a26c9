/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Kernel benchmark rows. Each row function returns counter ticks for ROUNDS operations, measured
 * around the whole loop after WARM_ROUNDS unmeasured ones; main() prints the mean in nanoseconds,
 * which under -icount shift=0 are instructions.
 */
#include "rows.h"
#include "world.h"

/* A server's parameters, shared with the client because both map this image. */
static struct server {
    struct thread thread;
    seL4_CPtr endpoint;
    seL4_CPtr reply;
    seL4_Word words; /* length of its replies */
} servers[8];
static unsigned server_count;

static void serve(uint64_t argument)
{
    const struct server *server = (const struct server *)argument;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, server->words);
    seL4_Word badge = 0;
    seL4_Word mr0 = 0, mr1 = 0, mr2 = 0, mr3 = 0;
    for (;;) {
        if (server->words == 0) {
            seL4_ReplyRecvWithMRs(server->endpoint, info, &badge, NULL, NULL, NULL, NULL,
                                  server->reply);
        } else {
            seL4_ReplyRecvWithMRs(server->endpoint, info, &badge, &mr0, &mr1, &mr2, &mr3,
                                  server->reply);
        }
    }
}

/* Starts a server and lets it block once; passive: its scheduling context is taken away then. */
static struct server *server_start(seL4_CPtr vspace, seL4_Word words, bool passive)
{
    struct server *server = &servers[server_count++];
    server->endpoint = world_object(seL4_EndpointObject, 0);
    server->reply = world_object(seL4_ReplyObject, 0);
    server->words = words;
    world_thread_start(&server->thread, vspace, serve, (uint64_t)server, seL4_MaxPrio);
    seL4_Yield();
    if (passive) {
        world_make_passive(&server->thread);
    }
    return server;
}

static inline void call(const struct server *server)
{
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, server->words);
    if (server->words == 0) {
        seL4_CallWithMRs(server->endpoint, info, NULL, NULL, NULL, NULL);
    } else {
        seL4_Word mr0 = 1, mr1 = 2, mr2 = 3, mr3 = 4;
        seL4_CallWithMRs(server->endpoint, info, &mr0, &mr1, &mr2, &mr3);
    }
}

/* Ticks of ROUNDS calls. */
static uint64_t time_calls(const struct server *server)
{
    for (int i = 0; i < WARM_ROUNDS; i++) {
        call(server);
    }
    uint64_t start = arch_counter();
    for (int i = 0; i < ROUNDS; i++) {
        call(server);
    }
    return arch_counter() - start;
}

static uint64_t call_reply(bool other_space, seL4_Word words, bool passive)
{
    seL4_CPtr vspace = other_space ? world_clone_vspace() : seL4_CapInitThreadVSpace;
    struct server *server = server_start(vspace, words, passive);
    uint64_t ticks = time_calls(server);
    world_thread_stop(&server->thread);
    return ticks;
}

static uint64_t row_call_passive_same_space(void)
{
    return call_reply(false, 0, true);
}

static uint64_t row_call_passive_0(void)
{
    return call_reply(true, 0, true);
}

static uint64_t row_call_passive_4(void)
{
    return call_reply(true, 4, true);
}

static uint64_t row_call_passive_10(void)
{
    return call_reply(true, 10, true);
}

static uint64_t row_call_active_0(void)
{
    return call_reply(true, 0, false);
}

static uint64_t row_call_active_4(void)
{
    return call_reply(true, 4, false);
}

static uint64_t row_call_active_10(void)
{
    return call_reply(true, 10, false);
}

static uint64_t row_nbsend_empty_slot(void)
{
    seL4_CPtr empty = world_slot();
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, 0);
    seL4_NBSendWithMRs(empty, info, NULL, NULL, NULL, NULL);
    uint64_t start = arch_counter();
    for (int i = 0; i < ROUNDS; i++) {
        seL4_NBSendWithMRs(empty, info, NULL, NULL, NULL, NULL);
    }
    return arch_counter() - start;
}

static uint64_t row_signal_no_waiter(void)
{
    seL4_CPtr notification = world_object(seL4_NotificationObject, 0);
    seL4_Signal(notification);
    uint64_t start = arch_counter();
    for (int i = 0; i < ROUNDS; i++) {
        seL4_Signal(notification);
    }
    return arch_counter() - start;
}

static uint64_t row_poll_idle(void)
{
    seL4_CPtr notification = world_object(seL4_NotificationObject, 0);
    seL4_Word badge;
    seL4_Poll(notification, &badge);
    uint64_t start = arch_counter();
    for (int i = 0; i < ROUNDS; i++) {
        seL4_Poll(notification, &badge);
    }
    return arch_counter() - start;
}

static uint64_t row_create_run_destroy(void)
{
    return process_create_run_destroy(ROUNDS);
}

static const struct row {
    const char *name; /* as in reference.csv */
    uint64_t (*measure)(void);
} rows[] = {
    {"nbsend_empty_slot", row_nbsend_empty_slot},
    {"yield_alone", row_yield_alone},
    {"poll_idle_notification", row_poll_idle},
    {"wait_pending_notification", row_wait_pending},
    {"signal_no_waiter", row_signal_no_waiter},
    {"signal_to_waiter", row_signal_to_waiter},
    {"notification_ping_pong", row_notification_ping_pong},
    {"call_reply_passive_0_words_same_space", row_call_passive_same_space},
    {"call_reply_passive_0_words", row_call_passive_0},
    {"call_reply_passive_4_words", row_call_passive_4},
    {"call_reply_passive_10_words", row_call_passive_10},
    {"call_reply_active_0_words", row_call_active_0},
    {"call_reply_active_4_words", row_call_active_4},
    {"call_reply_active_10_words", row_call_active_10},
    {"call_one_way_passive", row_call_one_way},
    {"reply_recv_one_way_passive", row_reply_one_way},
    {"vm_fault_round_trip", row_vm_fault},
    {"unknown_syscall_round_trip", row_unknown_syscall},
    {"undefined_instruction_round_trip", row_undefined_instruction},
    {"map_page", row_map_page},
    {"unmap_page", row_unmap_page},
    {"retype_frame_fresh", row_retype_frame_fresh},
    {"retype_endpoint_fresh", row_retype_endpoint_fresh},
    {"retype_tcb_fresh", row_retype_tcb_fresh},
    {"retype_frame_reused", row_retype_frame_reused},
    {"cnode_copy", row_cnode_copy},
    {"delete_last_frame_cap", row_delete_last_frame_cap},
    {"set_priority_self", row_set_priority_self},
    {"interrupt_to_user_handler", row_interrupt_to_handler},
    {"interrupt_round_trip", row_interrupt_round_trip},
    {"create_run_destroy_process", row_create_run_destroy},
};

int main(void)
{
    world_init();
    arch_console_init();
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t ticks = rows[i].measure();
        arch_console_write("bench: ");
        arch_console_write(rows[i].name);
        arch_console_write(" ");
        world_print_number(arch_counter_ns(ticks) / ROUNDS);
        arch_console_write("\n");
    }
    arch_console_write("bench: done\n");
    arch_power_off();
}
