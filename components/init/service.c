/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The helper outranks everybody, so that closing has answered all who were waiting when it returns,
 * before a new instance could receive them. Its budget bounds what calls to a dead component cost;
 * when they use it up, whoever is left waits for the next period or for the next instance.
 */
#include "service.h"

#include <kaal/arena.h>
#include <kaal/assert.h>

#include "memory.h"

#define BUDGET_US UINT64_C(1000)
#define PERIOD_US UINT64_C(10000)

/* The helper's whole life after one closing. */
static void answer(seL4_Word argument)
{
    const struct service *service = (const struct service *)argument;
    for (;;) { /* the first answer finds nobody */
        seL4_Word mr0 = (seL4_Word)(int64_t)KAAL_ERR_PEER;
        seL4_ReplyRecvWithMRs(service->endpoint, seL4_MessageInfo_new(0, 0, 0, 1), NULL, &mr0, NULL,
                              NULL, NULL, service->reply);
    }
}

int service_create(struct service *service)
{
    struct kaal_arena *arena = memory_arena();
    struct service made = {0};
    int error = kaal_arena_allocate(arena, seL4_EndpointObject, 0, 1, &made.endpoint);
    if (error == KAAL_OK) {
        error = kaal_arena_allocate(arena, seL4_ReplyObject, 0, 1, &made.reply);
    }
    if (error == KAAL_OK) {
        error = helper_create(&made.helper);
    }
    if (error == KAAL_OK) {
        error = helper_budget(&made.helper, BUDGET_US, PERIOD_US);
    }
    if (error == KAAL_OK) {
        *service = made;
        service_close(service);
    }
    return error;
}

void service_open(struct service *service)
{
    if (!service->closed) {
        return;
    }
    helper_stop(&service->helper);
    service->closed = false;
    /* Out of budget between receiving and answering, it has left a caller in its Reply object. */
    seL4_SetMR(0, (seL4_Word)(int64_t)KAAL_ERR_PEER);
    seL4_Send(service->reply, seL4_MessageInfo_new(0, 0, 0, 1));
}

void service_close(struct service *service)
{
    if (service->endpoint == 0 || service->closed) {
        return;
    }
    int error = helper_run(&service->helper, answer, (seL4_Word)service);
    ASSERT(error == KAAL_OK);
    service->closed = true;
}
