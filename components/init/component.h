/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A component as init sees it: its line of the system description, its account with the broker,
 * what survives its death (notification, Reply, start-up page, channel frames) and what dies with
 * the instance (everything in account.arena).
 *
 * Life cycle: components_create() once -> component_build() -> component_run() -> a fault, exit or
 * kill -> component_destroy() -> component_build() again, as the restart policy says.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/broker_server.h>
#include <kaal/inspect.h>
#include <kaal/startup.h>
#include <kaal/system.h>

#include "deadline.h"
#include "elf_load.h"
#include "service.h"

/* Bit 63 is set in every notification badge and in no endpoint badge. */
#define BADGE_NOTIFICATION (UINT64_C(1) << 63)
/* Endpoint badges: component index + 1, with BADGE_FAULT for its fault handler. */
#define BADGE_FAULT (UINT64_C(1) << 32)
/* Bits of init's own notification. */
#define BADGE_INIT_BACKOFF  (BADGE_NOTIFICATION | 1u)
#define BADGE_INIT_WATCHDOG (BADGE_NOTIFICATION | 2u)
/* Those that the broker uses for shared interrupt lines. */
#define BADGE_INIT_LINES (BADGE_NOTIFICATION - (UINT64_C(1) << 8))

/** Frames of a component's stack; a guard page lies below and above. */
#define COMPONENT_STACK_FRAMES 8u

/** One component. */
struct component {
    const struct kaal_system_component *description;
    struct kaal_system_component line; /* a child's description */
    struct component *starter;         /* who started it; NULL: it is in the description */
    struct kaal_account account;
    uint32_t index;             /* in the system description; children behind it */
    struct kaal_resource *link; /* a child's: its end in the parent's start-up page, or NULL */
    seL4_CPtr link_headers[2];  /* first frames of that channel's regions: the parent's, its own */
    bool unused;                /* a child's record that waits for the next child */
    bool faulted;               /* the last instance ended by a fault */
    int64_t exit_status;        /* what the last instance ended with, if it did */
    uint32_t state;             /* enum kaal_component_state */
    uint32_t restarts;          /* how often it was started again */
    uint32_t backoff_ms;        /* wait before the next restart */
    uint64_t generation;        /* instances started so far */
    uint64_t start_ns;          /* when the present instance started */
    uint64_t ended_ns;          /* when the last one ended */
    uint64_t retry_ns;          /* state BACKOFF: when to start again */
    uint64_t cpu_time_us;       /* consumed by all instances, as last read */

    /* For ever; capabilities are slots of init's CSpace. */
    struct service service;  /* what others call it through; zeroed: nobody may */
    seL4_CPtr reply;         /* Reply object that the component receives with */
    seL4_CPtr fault_handler; /* init's endpoint, badged BADGE_FAULT */
    seL4_CPtr timer_signal;  /* its notification, badged with the timer bit */
    seL4_CPtr event_signal;  /* its notification, badged with the death bit */
    seL4_CPtr startup_frame;
    struct kaal_startup *startup; /* init's writable mapping of it */
    uint32_t timer_bit;
    uint32_t event_bit;
    struct deadline deadline; /* kaal_timer_arm(), or the back-off while it is dead */
    struct deadline watchdog; /* of its line's watchdog_ms */
    bool follows_log;         /* asked for log text and there was none: wake it when there is */

    /* Of the present instance. */
    bool ready;               /* it has answered init's first question */
    uint64_t log_start;       /* position in the log at its start */
    uint32_t requests_logged; /* its refused requests that made a log line */
    seL4_CPtr tcb;
    seL4_CPtr sched_context;
    uint64_t watchdog_ns; /* end of the watchdog's present period */
    struct elf_writable writable;
    seL4_CPtr stack_frames; /* first of COMPONENT_STACK_FRAMES slots */
};

/**
 * Makes the records and the lasting objects of every component of the description.
 *   endpoint  init's endpoint, all rights
 * Returns KAAL_OK, KAAL_ERR_NO_MEMORY or another error of the allocators.
 */
MUST_CHECK int components_create(const struct kaal_system *system, seL4_CPtr endpoint);

/**
 * A record for a component that is not in the description, with lasting objects like the others'.
 *   line  its description, copied;  component  out
 * Returns KAAL_OK, KAAL_ERR_NO_MEMORY, KAAL_ERR_NO_SPACE or another error of the allocators.
 * Ownership: until component_put(), when nothing of an instance is left.
 */
MUST_CHECK int component_take(const struct kaal_system_component *line,
                              struct component **component);
/** Gives back such a record. */
void component_put(struct component *component);

/**
 * Whether a message about what a component asked for may go to the log: so many in each of its
 * lives. The last one says that there will be no more.
 */
bool component_may_log(struct component *component);
/** Whether its end, or its failure to start, may: a child's counts as a request of its parent's. */
bool component_end_may_log(struct component *component);

/** How many components there are, unused records of children included. */
uint32_t component_count(void);
/** The index-th component; index < component_count(). */
struct component *component_at(uint32_t index);
/** The component of that name that is in use, or NULL. name: [KAAL_NAME_BYTES], NUL-terminated or
 * not. */
struct component *component_find(const char *name);
/** True if its image declares itself the driver of a serial port. */
bool component_is_serial(const struct component *component);

/**
 * Builds an instance of its image in the archive, or of an ELF file: VSpace, segments, stack,
 * CSpace, devices, thread. It does not run yet. elf, elf_bytes  the file, which nobody else can
 * change, or NULL, 0; used during the call only Returns KAAL_OK, or an error after a log line that
 * names the component and what is wrong; then nothing of the instance is left.
 */
MUST_CHECK int component_build(struct component *component, const void *elf, uint64_t elf_bytes);

/** Lets a built instance run, and tells the peers of its channels. */
void component_run(struct component *component);

/**
 * Takes everything of the instance back: suspend, quiesce its devices, answer who waits for its
 * Reply, tell peers, give back memory, slots, interrupts and ports.
 */
void component_destroy(struct component *component);

/** Microseconds of CPU used by all instances; reads the running one's scheduling context. */
uint64_t component_cpu_time_us(struct component *component);
