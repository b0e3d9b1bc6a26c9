/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a caller can ask a server for: word 0 of a call. An answer is {KAAL_OK, value}.
 */
#pragma once

#include <sel4/sel4.h>

#include <kaal/error.h>
#include <kaal/startup.h>

enum request {
    REQUEST_ECHO,        /* value: word 1 of the call */
    REQUEST_DIE,         /* fault instead of answering */
    REQUEST_NEST,        /* call backend with word 1; value: word 0 of its answer */
    REQUEST_KILL_MIDDLE, /* backend only: kill middle, then answer */
};

/*
 * Calls a component's service.
 *   value  in: word 1 of the call; out: word 1 of the answer, kept if there is none
 * Returns word 0 of the answer, or KAAL_ERR_NOT_FOUND without such a service.
 */
static inline int service_call(const char *name, enum request request, seL4_Word *value)
{
    const struct kaal_resource *resource = kaal_resource_find(name, KAAL_RESOURCE_SERVICE);
    if (resource == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    seL4_SetMR(0, request);
    seL4_SetMR(1, *value);
    seL4_MessageInfo_t info =
        seL4_Call(resource->service.endpoint, seL4_MessageInfo_new(0, 0, 0, 2));
    if (seL4_MessageInfo_get_length(info) > 1) {
        *value = seL4_GetMR(1);
    }
    return (int)(int64_t)seL4_GetMR(0);
}
