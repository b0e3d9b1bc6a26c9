/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The chaos component: does harm to the others at seeded random moments, waits until they are
 * themselves again, and checks that nothing was lost. options.c reads what it is to do, events.c
 * does one harm, checks.c has the invariants, loads.c talks to the load; main.c goes round.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/channel.h>
#include <kaal/chaos.h>
#include <kaal/inspect.h>

#define CHAOS_COMPONENTS_MAX 64u
#define CHAOS_CHANNELS_MAX   64u
#define CHAOS_LOADS_MAX      8u
#define CHAOS_EVENTS_MAX     4096u
#define NS_PER_US            UINT64_C(1000)
#define NS_PER_MS            UINT64_C(1000000)

/* What it is to do; from the arguments, "key=value" with spaces between. */
struct chaos_options {
    uint64_t seed;
    uint64_t run_ms;   /* how long */
    uint64_t gap_us;   /* between two events at most; half of it on average */
    uint64_t hang_ms;  /* longest time that a step of a load, and an answer of it, may take */
    bool plant_leak;   /* init loses memory after some events: must be noticed */
    const char *spare; /* names with commas between that no harm is done to */
    size_t spare_bytes;
};

/* Kinds of harm. */
enum chaos_kind {
    CHAOS_KILL,
    CHAOS_SUSPEND,
    CHAOS_SPIN,
    CHAOS_CORRUPT,
    CHAOS_KINDS,
};

/* A component as it was before anything happened, and how often it has been started since. */
struct chaos_component {
    struct kaal_component_record before;
    uint32_t restarts; /* as last seen */
    bool victim;
};

/* One harm. Times in ns since boot. */
struct chaos_event {
    enum chaos_kind kind;
    uint32_t victim;       /* index of the component */
    uint64_t harmed_ns;    /* when it was done */
    uint64_t ended_ns;     /* when init ended the instance */
    uint64_t started_ns;   /* when the next one ran */
    uint64_t recovered_ns; /* when the last load that was disturbed had its next success */
};

/* A load that reports. */
struct chaos_load {
    struct kaal_channel channel;
    const char *name;
    struct kaal_chaos_report last;
};

/* Everything. */
struct chaos {
    struct chaos_options options;
    uint64_t random;
    struct chaos_component components[CHAOS_COMPONENTS_MAX];
    uint32_t component_count;
    uint32_t victims[CHAOS_COMPONENTS_MAX];
    uint32_t victim_count;
    struct kaal_channel_record channels[CHAOS_CHANNELS_MAX]; /* as last seen */
    uint32_t channel_count;
    struct kaal_memory_record memory; /* before anything happened */
    struct chaos_load loads[CHAOS_LOADS_MAX];
    uint32_t load_count;
    uint64_t queries;
    uint32_t event_count;
    uint32_t broken; /* promises */
    uint64_t recoveries[CHAOS_KINDS][CHAOS_EVENTS_MAX];
    uint32_t counts[CHAOS_KINDS];
};

/* A word that depends on the seed and on how many were asked for before. */
uint64_t chaos_random(struct chaos *chaos);
/* One below limit. */
uint64_t chaos_below(struct chaos *chaos, uint64_t limit);
/* Sleeps until then. */
void chaos_sleep_until(uint64_t when_ns);
/* Says that a promise was not kept; printf-like. */
void chaos_broken(struct chaos *chaos, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* options.c: returns false, with *problem where it does not understand them. */
bool chaos_options_parse(const char *arguments, struct chaos_options *options,
                         const char **problem);
/* Whether no harm is to be done to a component. */
bool chaos_options_spare(const struct chaos_options *options, const char *name);

/* events.c */
const char *chaos_kind_name(enum chaos_kind kind);
/* Chooses and does one harm, and waits until the victim runs again. False: it never does. */
bool chaos_event_happen(struct chaos *chaos, struct chaos_event *event);
/* Ends every victim as often as it takes for init to have made what it makes once. */
void chaos_event_warm_up(struct chaos *chaos);

/* checks.c */
/* Notes how everything is. Returns false, with a message, if it cannot be known. */
bool chaos_check_begin(struct chaos *chaos);
/* Compares everything with how it was, after an event. */
void chaos_check(struct chaos *chaos, const struct chaos_event *event);

/* loads.c */
/* Opens the channel of every load. */
void chaos_loads_open(struct chaos *chaos);
/* Asks every load, until it has got on since it was asked last; keeps the answers. */
void chaos_loads_ask(struct chaos *chaos);
/* Compares the answers with those before the event; fills in event->recovered_ns. */
void chaos_loads_check(struct chaos *chaos, struct chaos_event *event);
