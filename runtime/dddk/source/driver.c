/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The class-independent half of a driver: binding by name and the life cycle. It does not know any
 * device or class; it calls the driver's four steps and the class server's three.
 */
#include <string.h>

#include <sel4/sel4.h>

#include <kaal/assert.h>
#include <kaal/driver.h>

/* The one place that changes the state: only the edges of the life cycle exist. */
static void driver_set_state(struct kaal_driver_instance *instance, enum kaal_driver_state next)
{
    ASSERT(next == KAAL_DRIVER_OFF || next > instance->state);
    instance->state = next;
}

static const struct kaal_resource *resource_of_device(const struct kaal_startup *startup,
                                                      const struct kaal_driver_resource *wanted,
                                                      uint32_t device)
{
    for (uint32_t i = 0; i < startup->resource_count && i < KAAL_STARTUP_RESOURCES_MAX; i++) {
        const struct kaal_resource *resource = &startup->resources[i];

        if (resource->kind == wanted->kind && resource->device == device &&
            strncmp(resource->name, wanted->name, KAAL_NAME_BYTES) == 0) {
            return resource;
        }
    }
    return NULL;
}

static int bind_irq(struct kaal_driver_instance *instance, struct kaal_irq *irq,
                    const struct kaal_resource *resource)
{
    if (resource->irq.badge_bit > 62) {
        return KAAL_ERR_RANGE;
    }
    irq->cap = resource->irq.cap;
    irq->badge_bit = resource->irq.badge_bit;
    instance->irqs[instance->irq_count++] = irq;
    return KAAL_OK;
}

static int bind_resource(struct kaal_driver_instance *instance, void *field,
                         const struct kaal_driver_resource *wanted,
                         const struct kaal_resource *resource)
{
    struct kaal_dma *dma = field;

    switch (wanted->kind) {
    case KAAL_RESOURCE_REGISTERS:
    case KAAL_RESOURCE_PORTS:
        return kaal_window_open(field, resource, wanted->bytes);
    case KAAL_RESOURCE_IRQ:
        return bind_irq(instance, field, resource);
    case KAAL_RESOURCE_DMA:
        *dma = (struct kaal_dma){.memory = (void *)(uintptr_t)resource->dma.vaddr,
                                 .bytes = resource->dma.bytes,
                                 .bus = resource->dma.bus};
        return dma->bytes >= wanted->bytes ? KAAL_OK : KAAL_ERR_RANGE;
    default:
        return KAAL_ERR_INVALID;
    }
}

int kaal_driver_bind(struct kaal_driver_instance *instance, const struct kaal_driver *driver,
                     const struct kaal_startup *startup, uint32_t device)
{
    const struct kaal_driver_declaration *declaration = driver->declaration;

    *instance =
        (struct kaal_driver_instance){.driver = driver, .deadline_ns = KAAL_DRIVER_NO_DEADLINE};
    memset(driver->device, 0, driver->device_bytes);
    ASSERT(declaration->resource_count <= KAAL_DRIVER_RESOURCES_MAX);
    for (uint32_t i = 0; i < declaration->resource_count; i++) {
        const struct kaal_driver_resource *wanted = &declaration->resources[i];
        const struct kaal_resource *resource = resource_of_device(startup, wanted, device);
        bool optional = (wanted->index & KAAL_DRIVER_OPTIONAL) != 0;
        int result = optional ? KAAL_OK : KAAL_ERR_NOT_FOUND;

        if (resource) {
            result = bind_resource(instance, (char *)driver->device + driver->field_offsets[i],
                                   wanted, resource);
        }
        if (result != KAAL_OK) {
            return result;
        }
    }
    driver_set_state(instance, KAAL_DRIVER_BOUND);
    return KAAL_OK;
}

static void driver_acknowledge(struct kaal_driver_instance *instance, uint64_t badges)
{
    for (uint32_t i = 0; i < instance->irq_count; i++) {
        if (badges & BIT64(instance->irqs[i]->badge_bit)) {
            (void)seL4_IRQHandler_Ack(instance->irqs[i]->cap);
        }
    }
}

static bool driver_interrupted(const struct kaal_driver_instance *instance, uint64_t badges)
{
    for (uint32_t i = 0; i < instance->irq_count; i++) {
        if (badges & BIT64(instance->irqs[i]->badge_bit)) {
            return true;
        }
    }
    return false;
}

int kaal_driver_start(struct kaal_driver_instance *instance)
{
    const struct kaal_driver *driver = instance->driver;
    int result;

    ASSERT(instance->state == KAAL_DRIVER_BOUND);
    result = driver->probe(driver->device);
    if (result == KAAL_OK) {
        driver_set_state(instance, KAAL_DRIVER_PROBED);
        result = driver->server->attach(instance);
    }
    if (result == KAAL_OK) {
        result = driver->start(driver->device);
    }
    if (result != KAAL_OK) {
        kaal_driver_stop(instance);
        return result;
    }
    driver_set_state(instance, KAAL_DRIVER_RUNNING);
    /* An earlier instance may have died between an interrupt and its acknowledgement. */
    driver_acknowledge(instance, UINT64_MAX);
    return KAAL_OK;
}

/* Messages moved so far: what changes when there was any use in an interrupt or a reset. */
static bool driver_worked(struct kaal_driver_instance *instance)
{
    uint64_t work = instance->statistics.in_messages + instance->statistics.out_messages;
    bool worked = work != instance->work_seen;

    instance->work_seen = work;
    if (worked) {
        instance->idle_interrupts = 0;
        instance->idle_resets = 0;
    }
    return worked;
}

/* Stops a device that answers wrongly or not at all, and starts it again. */
static int driver_reset(struct kaal_driver_instance *instance, int cause)
{
    const struct kaal_driver *driver = instance->driver;
    int result;

    instance->idle_interrupts = 0;
    if (instance->idle_resets == KAAL_DRIVER_RESETS_MAX || !driver->reset(driver->device)) {
        return cause;
    }
    instance->idle_resets++;
    instance->statistics.resets++;
    kaal_log("device error: %s (%s); the device is reset", kaal_error_name(cause),
             kaal_error_text(cause));
    result = driver->start(driver->device);
    if (result != KAAL_OK) {
        return result;
    }
    if (driver->server->restarted) {
        driver->server->restarted(instance);
    }
    return KAAL_ERR_STATE;
}

/* Counts an interrupt that brought no work; true if there have been too many, too fast. */
static bool driver_storms(struct kaal_driver_instance *instance)
{
    if (instance->idle_interrupts++ == 0) {
        instance->idle_since_ns = kaal_now_ns();
    }
    if (instance->idle_interrupts < KAAL_DRIVER_IDLE_INTERRUPTS_MAX) {
        return false;
    }
    instance->idle_interrupts = 0;
    return kaal_now_ns() - instance->idle_since_ns < KAAL_DRIVER_IDLE_INTERRUPTS_NS;
}

int kaal_driver_wake(struct kaal_driver_instance *instance, uint64_t badges)
{
    const struct kaal_driver *driver = instance->driver;
    bool ours = false;
    int result;

    ASSERT(instance->state == KAAL_DRIVER_RUNNING);
    instance->statistics.wakeups += badges != 0;
    if (!driver_interrupted(instance, badges)) {
        result = driver->server->service(instance);
    } else {
        instance->statistics.interrupts++;
        ours = driver->interrupted(driver->device);
        result = driver->server->service(instance);
        driver_acknowledge(instance, badges);
        if (result == KAAL_OK) {
            result = driver->server->service(instance);
        }
    }
    if (!driver_worked(instance) && ours && driver_storms(instance)) {
        result = KAAL_ERR_IO;
    }
    return result == KAAL_OK || result == KAAL_ERR_STATE ? result : driver_reset(instance, result);
}

void kaal_driver_stop(struct kaal_driver_instance *instance)
{
    const struct kaal_driver *driver = instance->driver;

    /* A device that probe did not recognise is not touched again. */
    if (instance->state >= KAAL_DRIVER_PROBED && instance->state < KAAL_DRIVER_STOPPED) {
        driver->stop(driver->device);
        driver_set_state(instance, KAAL_DRIVER_STOPPED);
        driver->shutdown(driver->device);
    }
    driver_set_state(instance, KAAL_DRIVER_OFF);
}
