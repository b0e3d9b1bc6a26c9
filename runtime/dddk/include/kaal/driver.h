/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What every driver declares, whatever its class: which devices it serves, what it needs of them,
 * and the four steps of its life. Class headers (<kaal/class/serial.h>) wrap KAAL_DRIVER_DEFINE in
 * a macro of their own; a driver file uses that one.
 *
 * Life cycle, driven by kaal_driver_run() in the component's main thread:
 *
 *   BOUND --probe--> PROBED --start--> RUNNING --stop--> STOPPED --shutdown--> OFF
 *
 * Binding fills the register, interrupt and DMA fields of the driver's structure from the start-up
 * page, by name. While RUNNING, each wake-up (interrupt, channel doorbell) lets the class server do
 * what can be done; then interrupts are acknowledged. A device error or a refused step stops and
 * shuts down the device and ends the component with a failure: its restart policy decides.
 *
 * A driver with a reset function gets a second chance first: after a device error, a deadline that
 * passed without an answer, or interrupts without end, the device is reset and started again, and
 * the class server gives it again what it had not finished. KAAL_DRIVER_RESETS_MAX resets without
 * any work done between them end the component.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kaal/dma.h>
#include <kaal/driver_declaration.h>
#include <kaal/error.h>
#include <kaal/for_each.h>
#include <kaal/registers.h>
#include <kaal/startup.h>

/** The section of the declaration; only ELF images are read by tools, host tests just link it. */
#ifdef __MACH__
#define KAAL_DRIVER_SECTION "__DATA,kaal_driver"
#else
#define KAAL_DRIVER_SECTION ".kaal_driver"
#endif

/** An interrupt of the device; the kit acknowledges it, drivers only declare it. */
struct kaal_irq {
    uint64_t cap;       /**< IRQHandler capability */
    uint64_t badge_bit; /**< its bit in the component's notification word */
};

/** Interrupts in a row that brought no work before the device counts as broken, */
#define KAAL_DRIVER_IDLE_INTERRUPTS_MAX 1000u
/** if they came within this time: on a shared line, slower ones may all be a neighbour's. */
#define KAAL_DRIVER_IDLE_INTERRUPTS_NS UINT64_C(100000000)
/** Resets in a row without any work done between them before the driver gives up. */
#define KAAL_DRIVER_RESETS_MAX 3u
/** A deadline that never passes. */
#define KAAL_DRIVER_NO_DEADLINE UINT64_MAX

/** Where a driver is in its life. */
enum kaal_driver_state {
    KAAL_DRIVER_UNBOUND = 0,
    KAAL_DRIVER_BOUND,
    KAAL_DRIVER_PROBED,
    KAAL_DRIVER_RUNNING,
    KAAL_DRIVER_STOPPED,
    KAAL_DRIVER_OFF,
};

/** Counters of one driver instance; the kit and the class server write them. */
struct kaal_driver_statistics {
    uint64_t wakeups;       /**< notifications received */
    uint64_t interrupts;    /**< of them, with an interrupt of the device */
    uint64_t in_messages;   /**< units moved from the device to clients */
    uint64_t out_messages;  /**< units moved from clients to the device */
    uint64_t full_channels; /**< times the device had to wait for a client */
    uint64_t reconnects;    /**< times a client started anew */
    uint64_t errors;        /**< requests that the device could not do */
    uint64_t refused;       /**< requests that asked for what cannot be */
    uint64_t resets;        /**< times the device was reset while running */
};

struct kaal_driver;

/** A driver at work. */
struct kaal_driver_instance {
    const struct kaal_driver *driver;                 /**< set by kaal_driver_bind() */
    enum kaal_driver_state state;                     /**< changed by the life-cycle calls only */
    uint32_t irq_count;                               /**< used entries of irqs */
    struct kaal_irq *irqs[KAAL_DRIVER_RESOURCES_MAX]; /**< fields of the driver's structure */
    struct kaal_driver_statistics statistics;         /**< since bind */
    uint64_t deadline_ns;   /**< class server: serve again then at the latest; kaal_now_ns() time */
    uint64_t work_seen;     /**< messages moved when last looked at */
    uint64_t idle_since_ns; /**< time of the first of the idle interrupts */
    uint32_t idle_interrupts; /**< in a row */
    uint32_t idle_resets;     /**< in a row */
};

/** What the class framework does for the kit; one constant per class. */
struct kaal_class_server {
    const char *name; /**< of the class, and of the channels it serves */
    /** Opens the channels. Returns KAAL_OK or why the clients cannot be served. */
    int (*attach)(struct kaal_driver_instance *instance);
    /**
     * Does all that can be done now and arms what must wake it again.
     * Returns KAAL_OK (sleep), KAAL_ERR_STATE (more to do, call again) or a device error.
     */
    int (*service)(struct kaal_driver_instance *instance);
    /** The device was reset: gives it again what it had not finished. NULL: nothing to do. */
    void (*restarted)(struct kaal_driver_instance *instance);
};

/** A driver as the kit sees it; KAAL_DRIVER_DEFINE makes it. */
struct kaal_driver {
    const struct kaal_driver_declaration *declaration; /**< what init reads from the image */
    const uint32_t *field_offsets;          /**< of the declaration's resources in the structure */
    void *device;                           /**< the driver's structure */
    size_t device_bytes;                    /**< its size */
    const struct kaal_class_server *server; /**< the class framework */
    const void *operations;                 /**< what the class framework calls */
    int (*probe)(void *device);             /**< KAAL_OK if this is the device */
    int (*start)(void *device);             /**< KAAL_OK once it works and may interrupt */
    void (*stop)(void *device);             /**< no interrupts, no DMA afterwards */
    void (*shutdown)(void *device);         /**< puts it into its lowest-power state */
    bool (*reset)(void *device);            /**< as after power on; false: it has no reset */
    bool (*interrupted)(void *device);      /**< takes the device's interrupt back; was it ours? */
};

/** The members that every class macro gives the driver's table of functions; each may be NULL. */
#define KAAL_DRIVER_STEPS(name)             \
    int (*probe)(struct name * device);     \
    int (*start)(struct name * device);     \
    void (*stop)(struct name * device);     \
    void (*shutdown)(struct name * device); \
    void (*reset)(struct name * device);    \
    bool (*interrupted)(struct name * device)

/** Match entry: an ACPI PNP id, e.g. "PNP0501". */
#define KAAL_PNP(pnp_id)                      \
    {                                         \
        .kind = KAAL_SELECT_PNP, .id = pnp_id \
    }
/** Match entry: a device tree compatible string. */
#define KAAL_COMPATIBLE(compatible)                      \
    {                                                    \
        .kind = KAAL_SELECT_COMPATIBLE, .id = compatible \
    }
/** Match entry: a PCI function by vendor and device id. */
#define KAAL_PCI(vendor, device)                                              \
    {                                                                         \
        .kind = KAAL_SELECT_PCI, .value = (uint32_t)(vendor) << 16 | (device) \
    }
/** Match entry: PCI functions by class << 16 | subclass << 8 | interface. */
#define KAAL_PCI_CLASS(class_code)                           \
    {                                                        \
        .kind = KAAL_SELECT_PCI_CLASS, .value = (class_code) \
    }
/** Match entry: a virtio device of a type, on PCI or in registers. */
#define KAAL_VIRTIO(device_type)                           \
    {                                                      \
        .kind = KAAL_SELECT_VIRTIO, .value = (device_type) \
    }
/** The list of match entries of a driver, 1 to KAAL_DRIVER_MATCHES_MAX. */
#define KAAL_MATCH(...) (__VA_ARGS__)

/** Resource: x86 I/O ports for a KAAL_REGISTERS field; index counts the device's port ranges. */
#define KAAL_PORTS(field, index) (PORTS, #field, field, field.window, index)
/** Resource: memory-mapped registers for a KAAL_REGISTERS field; index: range, or BAR number. */
#define KAAL_MMIO(field, index) (MMIO, #field, field, field.window, index)
/** Resource: a whole range for a field of type struct kaal_window; the device may lack it. */
#define KAAL_RANGE_OPTIONAL(name, field, index) (RANGE, name, field, field.ports, index)
/** Resource: an interrupt for a field of type struct kaal_irq; index counts the device's. */
#define KAAL_IRQ(field, index) KAAL_IRQ_NAMED(#field, field, index)
/** The same for a field inside a structure, which needs a name of its own. */
#define KAAL_IRQ_NAMED(name, field, index) (IRQ, name, field, field.badge_bit, index)
/** Resource: memory for the device and a field of type struct kaal_dma. */
#define KAAL_DMA(field, length) KAAL_DMA_NAMED(#field, field, length)
/** The same for a field inside a structure. */
#define KAAL_DMA_NAMED(name, field, length) (DMA, name, field, field.bus, length)
/** The list of resources of a driver, 1 to KAAL_DRIVER_RESOURCES_MAX; names are the fields'. */
#define KAAL_RESOURCES(...) (__VA_ARGS__)

/** @cond INTERNAL */
/* What a resource's shape says: its kind, and how its index and length follow from the arguments.
 */
#define KAAL_RESOURCE_SHAPE_PORTS(type, field, number) \
    .kind = KAAL_RESOURCE_PORTS, .index = (number), .bytes = KAAL_RESOURCE_REACH(type, field)
#define KAAL_RESOURCE_SHAPE_MMIO(type, field, number) \
    .kind = KAAL_RESOURCE_REGISTERS, .index = (number), .bytes = KAAL_RESOURCE_REACH(type, field)
#define KAAL_RESOURCE_SHAPE_RANGE(type, field, number) \
    .kind = KAAL_RESOURCE_REGISTERS, .index = (number) | KAAL_DRIVER_OPTIONAL, .bytes = 0
#define KAAL_RESOURCE_SHAPE_IRQ(type, field, number) \
    .kind = KAAL_RESOURCE_IRQ, .index = (number), .bytes = 0
#define KAAL_RESOURCE_SHAPE_DMA(type, field, length) \
    .kind = KAAL_RESOURCE_DMA, .index = 0, .bytes = (length)
#define KAAL_RESOURCE_REACH(type, field) sizeof(*((struct type *)0)->field.extent)

#define KAAL_RESOURCE_ENTRY(shared, element) \
    KAAL_REGISTER_CALL(KAAL_RESOURCE_ENTRY_OF, shared, KAAL_UNPACK(element))
#define KAAL_RESOURCE_ENTRY_OF(type, shape, name_, field, member, number) \
    {.name = name_, KAAL_RESOURCE_SHAPE_##shape(type, field, number)},
#define KAAL_RESOURCE_OFFSET(shared, element) \
    KAAL_REGISTER_CALL(KAAL_RESOURCE_OFFSET_OF, shared, KAAL_UNPACK(element))
#define KAAL_RESOURCE_OFFSET_OF(type, shape, name_, field, member, number) \
    offsetof(struct type, field) + 0 * offsetof(struct type, member), /* member checks the type */
/** @endcond */

/**
 * Defines the driver of this component; for class frameworks. Needs `struct NAME` (the driver's
 * structure) and `NAME_operations` with the members of KAAL_DRIVER_STEPS.
 *   name  of driver and structure;  class  enum kaal_class;  class_server  its framework
 *   matches, resources  from KAAL_MATCH and KAAL_RESOURCES;  class_operations  for the framework
 */
#define KAAL_DRIVER_DEFINE(name_, class, class_server, matches_, resources_, class_operations)   \
    static const struct kaal_driver_declaration name_##_declaration                              \
        __attribute__((section(KAAL_DRIVER_SECTION), used)) = {                                  \
            .magic = KAAL_DRIVER_MAGIC,                                                          \
            .version = KAAL_DRIVER_VERSION,                                                      \
            .device_class = class,                                                               \
            .name = #name_,                                                                      \
            .match_count = sizeof((struct kaal_driver_match[]){KAAL_UNPACK(matches_)}) /         \
                           sizeof(struct kaal_driver_match),                                     \
            .resource_count =                                                                    \
                sizeof((uint32_t[]){KAAL_DRIVER_OFFSETS(name_, resources_)}) / sizeof(uint32_t), \
            .matches = {KAAL_UNPACK(matches_)},                                                  \
            .resources = {KAAL_FOR_EACH_IN(KAAL_RESOURCE_ENTRY, name_, resources_)},             \
    };                                                                                           \
    static const uint32_t name_##_field_offsets[] = {KAAL_DRIVER_OFFSETS(name_, resources_)};    \
    static struct name_ name_##_device;                                                          \
    static int name_##_call_probe(void *device)                                                  \
    {                                                                                            \
        return name_##_operations.probe ? name_##_operations.probe(device) : KAAL_OK;            \
    }                                                                                            \
    static int name_##_call_start(void *device)                                                  \
    {                                                                                            \
        return name_##_operations.start ? name_##_operations.start(device) : KAAL_OK;            \
    }                                                                                            \
    static void name_##_call_stop(void *device)                                                  \
    {                                                                                            \
        if (name_##_operations.stop) {                                                           \
            name_##_operations.stop(device);                                                     \
        }                                                                                        \
    }                                                                                            \
    static void name_##_call_shutdown(void *device)                                              \
    {                                                                                            \
        if (name_##_operations.shutdown) {                                                       \
            name_##_operations.shutdown(device);                                                 \
        }                                                                                        \
    }                                                                                            \
    static bool name_##_call_reset(void *device)                                                 \
    {                                                                                            \
        if (name_##_operations.reset) {                                                          \
            name_##_operations.reset(device);                                                    \
        }                                                                                        \
        return name_##_operations.reset != NULL;                                                 \
    }                                                                                            \
    static bool name_##_call_interrupted(void *device)                                           \
    {                                                                                            \
        return !name_##_operations.interrupted || name_##_operations.interrupted(device);        \
    }                                                                                            \
    const struct kaal_driver kaal_driver_of_this_component = {                                   \
        .declaration = &name_##_declaration,                                                     \
        .field_offsets = name_##_field_offsets,                                                  \
        .device = &name_##_device,                                                               \
        .device_bytes = sizeof(name_##_device),                                                  \
        .server = class_server,                                                                  \
        .operations = class_operations,                                                          \
        .probe = name_##_call_probe,                                                             \
        .start = name_##_call_start,                                                             \
        .stop = name_##_call_stop,                                                               \
        .shutdown = name_##_call_shutdown,                                                       \
        .reset = name_##_call_reset,                                                             \
        .interrupted = name_##_call_interrupted,                                                 \
    }
/** @cond INTERNAL */
#define KAAL_DRIVER_OFFSETS(name_, resources_) \
    KAAL_FOR_EACH_IN(KAAL_RESOURCE_OFFSET, name_, resources_)
/** @endcond */

/** The one driver of this component, from KAAL_DRIVER_DEFINE. */
extern const struct kaal_driver kaal_driver_of_this_component;

/**
 * Fills the driver's structure from the start-up page, by the declared names; all else becomes 0.
 *   instance  out;  driver  from KAAL_DRIVER_DEFINE
 *   startup  page to read;  device  which of the component's devices, from 0
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND if a declared resource is missing, KAAL_ERR_RANGE if it is
 * shorter than declared, and as kaal_window_open().
 * Context: start-up. Ownership: keeps driver and its structure until the component ends.
 */
MUST_CHECK int kaal_driver_bind(struct kaal_driver_instance *instance,
                                const struct kaal_driver *driver,
                                const struct kaal_startup *startup, uint32_t device);

/**
 * Probes the device, attaches the class server and starts the device: BOUND to RUNNING.
 *   instance  bound
 * Returns KAAL_OK, or what probe, the class server or start answered; the device is then stopped
 * and off.
 * Context: start-up.
 */
MUST_CHECK int kaal_driver_start(struct kaal_driver_instance *instance);

/**
 * Handles one wake-up: serves, acknowledges the device's interrupts, and serves again. The second
 * turn is what makes edge-triggered interrupts safe: an edge that came while the line was masked
 * leaves no trace but the device's own status. A device error resets the device if it can be.
 *   instance  RUNNING;  badges  notification word, 0 = just look
 * Returns KAAL_OK, KAAL_ERR_STATE (more to do) or a device error that a reset did not mend.
 * Context: event loop, never blocks.
 */
MUST_CHECK int kaal_driver_wake(struct kaal_driver_instance *instance, uint64_t badges);

/** Stops the device and shuts it down, from whatever state: afterwards OFF. */
void kaal_driver_stop(struct kaal_driver_instance *instance);

/**
 * The driver component's main: bind, start, then serve wake-ups for ever.
 *   driver  from KAAL_DRIVER_DEFINE
 * Never returns: ends the component with a failure if the device is not there or breaks.
 */
_Noreturn void kaal_driver_run(const struct kaal_driver *driver);
