/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A caller and two servers, one behind the other. A call gives KAAL_ERR_PEER or the right answer;
 * only a corrupted server may give a wrong one.
 */
#include <sel4/sel4.h>

#include <kaal/bits.h>
#include <kaal/event.h>

#include "load.h"

#define CALLS_PER_BURST 8u
#define RETRY_NS        (100 * NS_PER_US)
#define TABLE_ENTRIES   64u
#define TABLE_FACTOR    UINT64_C(0x0101010101010101)

static uint64_t table[TABLE_ENTRIES]; /* writable memory that answers depend on */

static uint64_t right_answer(uint64_t value)
{
    return (value ^ value % TABLE_ENTRIES * TABLE_FACTOR) + 1;
}

/* Returns KAAL_OK and the answer, or the error that word 0 says. */
static int service_call(const char *name, uint64_t *value)
{
    const struct kaal_resource *resource = kaal_resource_find(name, KAAL_RESOURCE_SERVICE);
    if (resource == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    seL4_SetMR(0, *value);
    seL4_MessageInfo_t info =
        seL4_Call(resource->service.endpoint, seL4_MessageInfo_new(0, 0, 0, 1));
    int error = (int)(int64_t)seL4_GetMR(0);
    if (error == KAAL_OK && seL4_MessageInfo_get_length(info) == 2) {
        *value = seL4_GetMR(1);
        return KAAL_OK;
    }
    return error == KAAL_OK ? KAAL_ERR_FORMAT : error;
}

static bool call_once(struct kaal_chaos_report *state, uint64_t value, bool *disturbed)
{
    uint64_t answer = value;
    uint64_t start_ns = kaal_now_ns();
    int error = service_call("middle", &answer);
    uint64_t took_ns = kaal_now_ns() - start_ns;
    state->worst_ns = took_ns > state->worst_ns ? took_ns : state->worst_ns;
    if (error == KAAL_ERR_PEER) {
        *disturbed = true;
        return false;
    }
    if (error != KAAL_OK || answer != right_answer(value)) {
        state->damaged++;
        return false;
    }
    state->done++;
    if (*disturbed) {
        *disturbed = false;
        state->recovered_ns = kaal_now_ns();
    }
    return true;
}

_Noreturn void play_caller(void)
{
    static struct kaal_channel report;
    static struct kaal_chaos_report state;
    bool disturbed = false;
    uint64_t value = 0;
    open_channel(&report, "caller_report");
    for (;;) {
        uint64_t until_ns = kaal_now_ns() + TICK_NS;
        for (unsigned i = 0; i < CALLS_PER_BURST; i++) {
            if (!call_once(&state, value, &disturbed)) {
                until_ns = kaal_now_ns() + RETRY_NS;
                break;
            }
            value++;
        }
        do {
            answer_questions(&report, &state);
            (void)kaal_channel_prepare_receive(&report);
        } while (kaal_event_sleep(until_ns) == KAAL_OK);
    }
}

static int serve(const char *backend, uint64_t *value)
{
    if (backend != NULL) {
        int error = service_call(backend, value);
        *value += 1;
        return error;
    }
    *value ^= table[*value % TABLE_ENTRIES];
    return KAAL_OK;
}

_Noreturn void play_server(const char *backend)
{
    const struct kaal_startup *startup = kaal_startup();
    const struct kaal_resource *own = kaal_resource_find(startup->name, KAAL_RESOURCE_SERVICE);
    if (own == NULL) {
        kaal_panic("server: it has no service");
    }
    for (uint64_t i = 0; i < TABLE_ENTRIES; i++) {
        table[i] = i * TABLE_FACTOR;
    }
    seL4_Word badge;
    kaal_event_answer_watchdog();
    seL4_Recv(own->service.endpoint, &badge, startup->reply);
    for (;;) {
        if ((badge & BIT64(63)) != 0) {
            kaal_event_answer_watchdog();
            seL4_Recv(own->service.endpoint, &badge, startup->reply);
            continue;
        }
        uint64_t value = seL4_GetMR(0);
        int error = serve(backend, &value);
        seL4_SetMR(0, (seL4_Word)(int64_t)error);
        seL4_SetMR(1, value);
        seL4_ReplyRecv(own->service.endpoint, seL4_MessageInfo_new(0, 0, 0, 2), &badge,
                       startup->reply);
    }
}
