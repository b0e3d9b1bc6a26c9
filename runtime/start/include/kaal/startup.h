/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The start-up page: what a component is given, by name. init fills it before the component's first
 * instruction, maps it read-only into the component, and keeps a writable mapping of its own to
 * raise channel generations later. Code finds resources by name, so one driver binary serves many
 * devices.
 *
 * Life cycle: built with the component, replaced with a new one when the component restarts.
 * Typical use: const struct kaal_resource *r = kaal_resource_find("regs", KAAL_RESOURCE_REGISTERS).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** First word of every start-up page: "KaaLboot" in memory order. */
#define KAAL_STARTUP_MAGIC UINT64_C(0x746f6f624c61614b)
/** Layout version of struct kaal_startup. */
#define KAAL_STARTUP_VERSION 1u
/** Bytes of a name including its terminating NUL; shared by every packed format. */
#define KAAL_NAME_BYTES 24u
/** Bytes of the argument string including its NUL. */
#define KAAL_ARGUMENTS_BYTES 256u
/** kaal_resource.device of what belongs to no device of the component. */
#define KAAL_NO_DEVICE UINT32_MAX
/** Most resources one component can be given at start. */
#define KAAL_STARTUP_RESOURCES_MAX 46u

/** What a struct kaal_resource describes. */
enum kaal_resource_kind {
    KAAL_RESOURCE_NONE = 0,
    KAAL_RESOURCE_REGISTERS = 1, /**< memory-mapped device registers */
    KAAL_RESOURCE_PORTS = 2,     /**< an x86 I/O port range */
    KAAL_RESOURCE_IRQ = 3,       /**< an interrupt handler, wired to the component's notification */
    KAAL_RESOURCE_DMA = 4,       /**< memory shared with a device */
    KAAL_RESOURCE_CHANNEL = 5,   /**< one end of a channel */
    KAAL_RESOURCE_SERVICE = 6,   /**< a component's service: called by others, or one's own */
};

/** Device registers, mapped uncached. */
struct kaal_registers_resource {
    uint64_t vaddr; /**< where they are mapped in this component */
    uint64_t bytes; /**< length of the usable range from vaddr */
    uint64_t paddr; /**< physical (bus) address, for messages only */
};

/** x86 I/O ports. */
struct kaal_ports_resource {
    uint64_t cap;   /**< IOPort capability */
    uint64_t first; /**< first port */
    uint64_t count; /**< number of ports */
};

/** An interrupt. */
struct kaal_irq_resource {
    uint64_t cap;       /**< IRQHandler capability: acknowledge with it */
    uint64_t badge_bit; /**< bit (0..62) of the notification word that it sets */
    uint64_t number;    /**< interrupt number as the platform names it, for messages only */
};

/** DMA memory. */
struct kaal_dma_resource {
    uint64_t vaddr; /**< where it is mapped in this component */
    uint64_t bytes; /**< length */
    uint64_t bus;   /**< address the device uses for the first byte */
};

/** What init knows of a channel's other end. */
enum kaal_peer_state {
    KAAL_PEER_STOPPED = 0, /**< no instance runs; one will be, or was not yet, started */
    KAAL_PEER_RUNNING = 1, /**< an instance runs */
    KAAL_PEER_GONE = 2,    /**< none runs, and none will be started (restart policy or limit) */
};

/** One end of a channel; the regions' layout is runtime/ipc's. */
struct kaal_channel_resource {
    uint64_t own_vaddr;     /**< region this end writes and the peer can only read */
    uint64_t peer_vaddr;    /**< region the peer writes, mapped read-only here */
    uint32_t region_bytes;  /**< bytes of each region */
    uint32_t message_bytes; /**< size of one message slot */
    uint32_t capacity;      /**< message slots per direction, a power of two */
    uint32_t badge_bit;     /**< bit of the notification word that the peer's doorbell sets */
    uint64_t doorbell;      /**< Notification capability (write only) that wakes the peer */
    uint32_t
        generation; /**< raised by init each time the peer starts anew; read with an atomic load */
    uint32_t peer_state; /**< enum kaal_peer_state, by init; read with an atomic load */
};

/**
 * A service, under the name of the component that gives it. Word 0 of an answer is KAAL_OK or an
 * error. Who calls a component that ends or is not running is answered KAAL_ERR_PEER by init, alone
 * in word 0: it never hangs, and must not assume that what it asked for did or did not happen.
 */
struct kaal_service_resource {
    uint64_t endpoint; /**< caller: write + grantReply; the server itself: read */
    uint64_t reserved; /**< 0 */
};

/** A named resource. */
struct kaal_resource {
    char name[KAAL_NAME_BYTES]; /**< NUL-terminated */
    uint32_t kind;              /**< enum kaal_resource_kind */
    uint32_t device;            /**< index of the device it belongs to in this component, from 0 */
    union {
        struct kaal_registers_resource registers;
        struct kaal_ports_resource ports;
        struct kaal_irq_resource irq;
        struct kaal_dma_resource dma;
        struct kaal_channel_resource channel;
        struct kaal_service_resource service;
    };
};
_Static_assert(sizeof(struct kaal_resource) == 80, "packed format shared by init and components");

/** The page itself. Fields are written by init only; capability fields are CPtrs of the component.
 */
struct kaal_startup {
    uint64_t magic;              /**< KAAL_STARTUP_MAGIC */
    uint32_t version;            /**< KAAL_STARTUP_VERSION */
    uint32_t resource_count;     /**< entries used in resources[] */
    char name[KAAL_NAME_BYTES];  /**< instance name, e.g. "serial0" */
    uint64_t generation;         /**< how often this component was started, from 1 */
    uint64_t broker_endpoint;    /**< Endpoint: write + grantReply */
    uint64_t notification;       /**< the bound Notification: read */
    uint64_t reply;              /**< Reply object */
    uint64_t ipc_buffer_vaddr;   /**< the IPC buffer of the main thread */
    uint64_t stack_bottom_vaddr; /**< lowest usable stack address; a guard page is below */
    uint64_t stack_top_vaddr;    /**< initial stack pointer */
    uint64_t clock_hz;           /**< ticks per second of the user-readable counter */
    uint64_t clock_start_ticks;  /**< counter value that kaal_now_ns() calls 0 */
    uint64_t timer_badge_bit;    /**< notification bit set when the armed deadline passes */
    uint64_t death_badge_bit;    /**< notification bit set when a channel's generation changed */
    uint64_t priority;           /**< seL4 priority of the main thread */
    uint64_t asked_alive;        /**< 1: init wants to know whether it is alive, or at first ready;
                                      atomic load */
    uint64_t reserved;           /**< 0 */
    char arguments[KAAL_ARGUMENTS_BYTES]; /**< from the system description, NUL-terminated */
    struct kaal_resource resources[KAAL_STARTUP_RESOURCES_MAX]; /**< [resource_count] */
};
_Static_assert(sizeof(struct kaal_startup) <= 4096, "the start-up page is one page");

/**
 * The start-up page of this component.
 * Returns a read-only pointer that stays valid for the component's life.
 * Context: any thread, after start. Ownership: static.
 */
const struct kaal_startup *kaal_startup(void);

/**
 * Finds a resource of the first device (or a channel) by name.
 *   name  as in the driver declaration or the system description;  kind  what it must be
 * Returns the entry in the start-up page, or NULL if there is none of that name and kind.
 * Context: anywhere. Ownership: borrowed, valid for the component's life.
 */
const struct kaal_resource *kaal_resource_find(const char *name, enum kaal_resource_kind kind);

/**
 * Where the component's devices see memory of it: DMA memory, or a region of one of its channels.
 *   address, bytes  the memory
 * Returns the bus address of its first byte, or UINT64_MAX if no device can reach all of it.
 * Context: anywhere; linear in the start-up page's resources.
 */
uint64_t kaal_bus_address(const void *address, uint64_t bytes);

/**
 * Nanoseconds since init started, from the counter that user code can read (TSC, CNTVCT_EL0).
 * Context: anywhere, never blocks, no system call.
 */
uint64_t kaal_now_ns(void);

/**
 * Writes one line to init's log through the broker; printf-like.
 *   format  printf format (musl's); the line is cut at 200 bytes
 * Context: component threads; one broker call, may be delayed while init is busy.
 */
void kaal_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * Ends this component on purpose: reports `reason` and faults, so that the restart policy applies.
 *   reason  NUL-terminated text
 */
_Noreturn void kaal_panic(const char *reason);
