/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A broker call while it is served. Request and answer are copies, because every invocation of the
 * kernel on the way uses the IPC buffer.
 */
#pragma once

#include <string.h>

#include <sel4/sel4.h>

#include <kaal/assert.h>
#include <kaal/broker_protocol.h>

#include "component.h"

/* One message and its answer. */
struct call {
    struct component *caller;
    seL4_Word words; /* of the request */
    seL4_Word out;   /* words of the answer so far; word 0 is the result */
    bool answered;   /* false: the caller is gone, or must not be answered */
    seL4_Word request[seL4_MsgMaxLength];
    seL4_Word answer[seL4_MsgMaxLength];
};

/* Adds a record to the answer. */
static inline void put(struct call *call, const void *data, size_t bytes)
{
    ASSERT(bytes <= (seL4_MsgMaxLength - call->out) * sizeof(seL4_Word));
    memcpy(&call->answer[call->out], data, bytes);
    call->out += (bytes + sizeof(seL4_Word) - 1) / sizeof(seL4_Word);
}

/* Adds a word to the answer. */
static inline void put_word(struct call *call, seL4_Word word)
{
    ASSERT(call->out < seL4_MsgMaxLength);
    call->answer[call->out++] = word;
}

/* Logs a request that was refused. Bounded per life, so that nobody can flood the log. */
void log_refused(struct component *component, const char *what, uint64_t number, const char *why);

/* serve_grants.c: memory, shares and children; each is one operation of broker_protocol.h. */

int call_allocate_memory(struct call *call);
int call_allocate_dma(struct call *call);
int call_delegate(struct call *call);
int call_memory_of(struct call *call);
int call_spawn(struct call *call);
int call_child_status(struct call *call);
