/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* clang-format off: the example keeps its lines */
/*
 * The system description: compose.yaml, compiled by sel4-compose into one packed structure. It is
 * the ceiling of what every component may ever be given.
 *
 * The YAML form (every key that is not listed is an error with its line and column):
 *
 *   system: demo                    # name, required
 *   components:                     # required, at least one
 *     - name: serial0               # required, unique, at most 23 characters [a-z0-9_-]
 *       image: ns16550              # required; or {x86_64: ns16550, aarch64: pl011}
 *       priority: 200               # 1..250, default 100 (init is 254)
 *       budget_us: 2000             # CPU per period, default 5000; budget = period: round robin
 *       period_us: 10000            # default 5000, or the budget if that is longer
 *       memory: 1 MiB               # quota of frames and objects, default 4 MiB
 *       slots: 256                  # capability slots it may hold, default 256
 *       interrupts: 8               # interrupts it may hold, default 8
 *       restart: always             # never | on-failure (default) | always
 *       restart_limit: 0            # restarts allowed, 0 = no limit; default 0
 *       backoff_ms: 0               # wait before a restart, doubled each time up to 1 s; default 0
 *       watchdog_ms: 50             # must answer init once in each such period, default never
 *       after: [serial0]            # components that start before it, default none
 *       devices: [auto]             # default none. auto = first free device its declaration
 *                                   # matches; or "serial(0)", "pci:8086:100e",
 *                                   # "pci-class:020000", "compatible:arm,pl011", "pnp:PNP0501",
 *                                   # "virtio:1"
 *       allow: [inspect, kill, power]  # extra broker rights, default none; also devices,
 *                                   # memory, chaos
 *       delegate: [shell]           # components it may share its memory with, or hand
 *                                   # a device over to that their devices line allows
 *       calls: [store]              # components whose service it may call, default none
 *       spawn:                      # components it may start at run time, default none
 *         children: 4               # at a time, required
 *         memory: 8 MiB             # sum of their memory quotas, required
 *         slots: 1024               # sum of their slot quotas, default 256 for each child
 *         cpu_percent: 20           # sum of their budgets, default 100
 *         priority: 90              # highest, default the component's own
 *         images: [worker]          # archive images that it may start, default none
 *         bytes: yes                # also ELF files from its own memory, default no
 *       arguments: "text"           # copied to the start-up page
 *   channels:                       # optional
 *     - name: serial                # resource name at both ends; unique per component
 *       ends: [console, serial0]    # the two components
 *       message_bytes: 1            # size of one message, 1..4096, default 1
 *       messages: 4096              # capacity per direction, power of two 2..65536, default 4096
 */
/* clang-format on */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <kaal/error.h>
#include <kaal/startup.h>

/** First word: "KaaLsyst" in memory order. */
#define KAAL_SYSTEM_MAGIC UINT64_C(0x747379734c61614b)
/** Format version. */
#define KAAL_SYSTEM_VERSION 4u
/** Most components of a system. */
#define KAAL_SYSTEM_COMPONENTS_MAX 256u
/** Most channels of a system. */
#define KAAL_SYSTEM_CHANNELS_MAX 512u
/** Most device selectors of one component. */
#define KAAL_SYSTEM_SELECTORS_MAX 8u
/** Range of a component's priority; init itself runs above it. */
#define KAAL_SYSTEM_PRIORITY_MIN 1u
/** Range of a component's priority; init itself runs above it. */
#define KAAL_SYSTEM_PRIORITY_MAX 250u
/** Least budget: below it a period would be all scheduling. */
#define KAAL_SYSTEM_BUDGET_MIN_US 20u
/** Longest period. */
#define KAAL_SYSTEM_PERIOD_MAX_US UINT64_C(10000000)
/** Largest memory quota. */
#define KAAL_SYSTEM_MEMORY_MAX_BYTES (UINT64_C(1) << 40)
/** Largest quota of capability slots. */
#define KAAL_SYSTEM_SLOTS_MAX 65536u
/** Largest quota of interrupts: a component's notification has so many bits. */
#define KAAL_SYSTEM_INTERRUPTS_MAX 60u
/** Most components that one may share memory with. */
#define KAAL_SYSTEM_DELEGATES_MAX 8u
/** Most components that one may call. */
#define KAAL_SYSTEM_CALLEES_MAX 8u
/** Most components that one may have started at a time. */
#define KAAL_SYSTEM_CHILDREN_MAX 64u
/** Most archive images that a component may start. */
#define KAAL_SYSTEM_SPAWN_IMAGES_MAX 4u
/** Longest first wait before a restart. */
#define KAAL_SYSTEM_BACKOFF_MAX_MS 1000u
/** Longest period of a watchdog. */
#define KAAL_SYSTEM_WATCHDOG_MAX_MS 60000u
/** Most components that one may name to be started before it. */
#define KAAL_SYSTEM_AFTER_MAX 8u
/** Largest message of a channel. */
#define KAAL_SYSTEM_MESSAGE_MAX_BYTES 4096u
/** Range of a channel's capacity in messages. */
#define KAAL_SYSTEM_CAPACITY_MIN 2u
/** Range of a channel's capacity in messages. */
#define KAAL_SYSTEM_CAPACITY_MAX 65536u
/** Most bytes of messages per direction of a channel. */
#define KAAL_SYSTEM_CHANNEL_MAX_BYTES (UINT64_C(4) << 20)
/** Bytes of a device id string (compatible, PNP id) including its NUL. */
#define KAAL_DEVICE_ID_BYTES 40u

/** When a component that ended is started again. */
enum kaal_restart {
    KAAL_RESTART_NEVER = 0,
    KAAL_RESTART_ON_FAILURE = 1,
    KAAL_RESTART_ALWAYS = 2,
};

/** Extra rights of a component, bits of kaal_system_component.allow. */
enum kaal_allow {
    KAAL_ALLOW_INSPECT = 1u << 0, /**< read component, device and memory records */
    KAAL_ALLOW_KILL = 1u << 1,    /**< kill components */
    KAAL_ALLOW_POWER = 1u << 2,   /**< power the machine off */
    KAAL_ALLOW_DEVICES = 1u << 3, /**< request devices at run time (within its selectors) */
    KAAL_ALLOW_MEMORY = 1u << 4,  /**< request memory at run time (within its quota) */
    KAAL_ALLOW_CHAOS = 1u << 5,   /**< do harm to others: <kaal/chaos.h> */
};

/** What a device selector compares. */
enum kaal_selector_kind {
    KAAL_SELECT_AUTO = 1,       /**< whatever the image's driver declaration matches */
    KAAL_SELECT_SERIAL = 2,     /**< index-th serial port of the platform: value */
    KAAL_SELECT_PCI = 3,        /**< value = vendor << 16 | device */
    KAAL_SELECT_PCI_CLASS = 4,  /**< value = class << 16 | subclass << 8 | interface */
    KAAL_SELECT_COMPATIBLE = 5, /**< id = device tree compatible string */
    KAAL_SELECT_PNP = 6,        /**< id = ACPI PNP id */
    KAAL_SELECT_VIRTIO = 7,     /**< value = virtio device type, whatever its transport */
};

/** One entry of a component's device list. */
struct kaal_device_selector {
    uint32_t kind;                 /**< enum kaal_selector_kind */
    uint32_t value;                /**< per kind, else 0 */
    char id[KAAL_DEVICE_ID_BYTES]; /**< per kind, NUL-terminated, else all 0 */
};
_Static_assert(sizeof(struct kaal_device_selector) == 48, "packed format");

/** What else a component may start, bits of kaal_system_spawn.flags. */
enum kaal_spawn_flag {
    KAAL_SPAWN_BYTES = 1u << 0, /**< ELF files from its own memory */
};

/** The ceiling of what a component may start at run time; children_max 0: nothing. */
struct kaal_system_spawn {
    uint32_t children_max; /**< live children at a time */
    uint32_t slots_max;    /**< sum of their slot quotas */
    uint64_t memory_bytes; /**< sum of their memory quotas */
    uint32_t cpu_percent;  /**< sum of their budgets, in percent of the processor */
    uint32_t priority_max; /**< highest priority of a child */
    uint32_t flags;        /**< bits of enum kaal_spawn_flag */
    uint32_t image_count;  /**< used entries of images */
    char images[KAAL_SYSTEM_SPAWN_IMAGES_MAX][KAAL_NAME_BYTES]; /**< [image_count] */
};
_Static_assert(sizeof(struct kaal_system_spawn) == 32 + 4 * 24, "packed format");

/** One component. */
struct kaal_system_component {
    char name[KAAL_NAME_BYTES];  /**< instance name */
    char image[KAAL_NAME_BYTES]; /**< archive entry of its ELF file */
    uint32_t priority;           /**< seL4 priority */
    uint32_t restart;            /**< enum kaal_restart */
    uint64_t budget_us;          /**< scheduling context budget */
    uint64_t period_us;          /**< scheduling context period, >= budget */
    uint64_t memory_bytes;       /**< quota */
    uint32_t slots_max;          /**< quota */
    uint32_t restart_limit;      /**< 0 = unlimited */
    uint32_t backoff_ms;         /**< first wait before a restart */
    uint32_t allow;              /**< bits of enum kaal_allow */
    uint32_t selector_count;     /**< used entries of selectors */
    uint32_t interrupts_max;     /**< quota */
    struct kaal_device_selector selectors[KAAL_SYSTEM_SELECTORS_MAX]; /**< [selector_count] */
    char arguments[KAAL_ARGUMENTS_BYTES];                             /**< NUL-terminated */
    uint32_t delegate_count;                       /**< used entries of delegates */
    uint32_t callee_count;                         /**< used entries of callees */
    uint32_t delegates[KAAL_SYSTEM_DELEGATES_MAX]; /**< indices into components[] */
    uint32_t callees[KAAL_SYSTEM_CALLEES_MAX];     /**< indices into components[] */
    uint32_t watchdog_ms;                          /**< period; 0 = none */
    uint32_t after_count;                          /**< used entries of after */
    uint32_t after[KAAL_SYSTEM_AFTER_MAX];         /**< indices into components[] */
    struct kaal_system_spawn spawn;                /**< what it may start */
};
_Static_assert(sizeof(struct kaal_system_component) ==
                   48 + 8 + 24 + 24 + 8 * 48 + 256 + 8 + 32 + 32 + 8 + 32 + 128,
               "packed format without holes");

/** One channel. */
struct kaal_system_channel {
    char name[KAAL_NAME_BYTES]; /**< resource name at both ends */
    uint32_t ends[2];           /**< indices into components[] */
    uint32_t message_bytes;     /**< size of one message */
    uint32_t capacity;          /**< messages per direction, power of two */
};
_Static_assert(sizeof(struct kaal_system_channel) == 40, "packed format");

/** Header; components[component_count] and then channels[channel_count] follow it directly. */
struct kaal_system {
    uint64_t magic;             /**< KAAL_SYSTEM_MAGIC */
    uint32_t version;           /**< KAAL_SYSTEM_VERSION */
    uint32_t bytes;             /**< of the whole structure */
    char name[KAAL_NAME_BYTES]; /**< of the system */
    uint32_t component_count;   /**< 1..KAAL_SYSTEM_COMPONENTS_MAX */
    uint32_t channel_count;     /**< 0..KAAL_SYSTEM_CHANNELS_MAX */
};
_Static_assert(sizeof(struct kaal_system) == 48, "packed format");

/**
 * Checks a packed system description completely (sizes, counts, names, ranges, channel ends).
 *   data, bytes  the archive entry;  system  out: the header inside data
 *   problem  out: a static phrase that says what is wrong, set on failure
 * Returns KAAL_OK; KAAL_ERR_TRUNCATED, KAAL_ERR_FORMAT, KAAL_ERR_VERSION, KAAL_ERR_RANGE.
 * Ownership: borrows data for as long as the description is used.
 */
MUST_CHECK int kaal_system_open(const void *data, uint64_t bytes, const struct kaal_system **system,
                                const char **problem);

/**
 * Checks one component's line by itself: everything but its delegates and callees, which are
 * indices.
 *   component  the line;  problem  out: what is wrong, set on failure
 * Returns KAAL_OK, KAAL_ERR_FORMAT or KAAL_ERR_RANGE.
 */
MUST_CHECK int kaal_system_component_check(const struct kaal_system_component *component,
                                           const char **problem);

/** The components of a description that kaal_system_open() accepted: [component_count]. */
const struct kaal_system_component *kaal_system_components(const struct kaal_system *system);

/** The channels of a description that kaal_system_open() accepted: [channel_count]. */
const struct kaal_system_channel *kaal_system_channels(const struct kaal_system *system);

/**
 * Puts the components of a checked description into an order of starting: each behind those that
 * its `after` names, otherwise as in the file. Ending goes the other way round.
 *   order  out, [component_count]: indices
 * Returns KAAL_OK, or KAAL_ERR_FORMAT if some start after each other in a circle.
 */
MUST_CHECK int kaal_system_order(const struct kaal_system *system,
                                 uint32_t order[KAAL_SYSTEM_COMPONENTS_MAX]);
