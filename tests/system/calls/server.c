/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Serves what protocol.h lists; with the argument "deaf" it never receives a call, and faults after
 * a while, so that those who call it meanwhile are waiting when it dies.
 */
#include <string.h>

#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/broker_protocol.h>

#include "protocol.h"

#define DEAF_NS UINT64_C(20000000)

/* Volatile, so that no compiler can know that nothing is there. */
static volatile uintptr_t unmapped_address = 8;

static _Noreturn void die(void)
{
    *(volatile uint32_t *)unmapped_address = 0;
    kaal_panic("a write to address 8 came back");
}

static _Noreturn void be_deaf(void)
{
    seL4_Word badge = 0;
    if (kaal_timer_arm(kaal_now_ns() + DEAF_NS) != KAAL_OK) {
        kaal_panic("no deadline to be had");
    }
    while ((badge & BIT64(kaal_startup()->timer_badge_bit)) == 0) {
        seL4_Wait(kaal_startup()->notification, &badge);
    }
    die();
}

static int serve(enum request request, seL4_Word *value)
{
    seL4_Word unused = 0;
    switch (request) {
    case REQUEST_ECHO:
        return KAAL_OK;
    case REQUEST_DIE:
        die();
    case REQUEST_NEST:
        *value = (seL4_Word)(int64_t)service_call("backend", (enum request) * value, &unused);
        return KAAL_OK;
    case REQUEST_KILL_MIDDLE:
        return kaal_component_kill("middle");
    }
    return KAAL_ERR_UNSUPPORTED;
}

int main(void)
{
    if (strcmp(kaal_startup()->arguments, "deaf") == 0) {
        be_deaf();
    }
    const struct kaal_resource *own =
        kaal_resource_find(kaal_startup()->name, KAAL_RESOURCE_SERVICE);
    if (own == NULL) {
        kaal_panic("it has no service");
    }
    seL4_Word badge;
    seL4_CPtr reply = kaal_startup()->reply;
    seL4_Recv(own->service.endpoint, &badge, reply);
    for (;;) {
        enum request request = (enum request)seL4_GetMR(0);
        seL4_Word value = seL4_GetMR(1);
        int result = serve(request, &value);
        seL4_SetMR(0, (seL4_Word)(int64_t)result);
        seL4_SetMR(1, value);
        seL4_ReplyRecv(own->service.endpoint, seL4_MessageInfo_new(0, 0, 0, 2), &badge, reply);
    }
}
