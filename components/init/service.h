/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The service of one component: an endpoint that outlives its instances. While no instance runs, a
 * helper thread receives in its place and answers every call KAAL_ERR_PEER.
 *
 * Life cycle: service_create() -> service_open() when an instance runs -> service_close() when it
 * has ended -> service_open() again.
 */
#pragma once

#include <stdbool.h>

#include <sel4/sel4.h>

#include <kaal/error.h>

#include "helper.h"

/** A service; zeroed = the component has none, and opening and closing it do nothing. */
struct service {
    seL4_CPtr endpoint; /* all rights */
    seL4_CPtr reply;    /* the helper receives with it */
    struct helper helper;
    bool closed; /* the helper receives */
};

/** Makes it, closed. Returns KAAL_OK, or KAAL_ERR_NO_SPACE or another error of the allocators. */
MUST_CHECK int service_create(struct service *service);

/** From now on calls go to the component. */
void service_open(struct service *service);

/** The component's thread is suspended: answers those who wait for it, and who will call it. */
void service_close(struct service *service);
