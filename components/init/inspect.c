/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Nothing is cached: frames and slots come from the account's counts, CPU time from the scheduling
 * context.
 */
#include "inspect.h"

#include <string.h>

#include "devices.h"

/* The index-th component in use, or NULL. */
static struct component *used_at(uint64_t index)
{
    for (uint32_t i = 0; i < component_count(); i++) {
        if (!component_at(i)->unused && index-- == 0) {
            return component_at(i);
        }
    }
    return NULL;
}

int inspect_component(uint64_t index, struct kaal_component_record *record)
{
    struct component *component = used_at(index);
    if (component == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    memset(record, 0, sizeof(*record));
    memcpy(record->name, component->description->name, sizeof(record->name));
    record->state = component->state;
    record->priority = component->description->priority;
    record->cpu_time_us = component_cpu_time_us(component);
    record->frames = component->account.usage.frames;
    record->slots = component->account.usage.slots;
    record->restarts = component->restarts;
    record->watchdog_ms = component->description->watchdog_ms;
    record->interrupts = component->account.usage.interrupts;
    record->started_ns = component->start_ns;
    record->ended_ns = component->ended_ns;
    record->trusted = kaal_account_trusts_dma(&component->account) ? KAAL_TRUSTED_DMA : 0;
    if (component->account.parent != NULL) {
        memcpy(record->parent, component->account.parent->ceiling->name, sizeof(record->parent));
    }
    return KAAL_OK;
}

int inspect_device(uint64_t index, struct kaal_device_record *record)
{
    const struct kaal_device_registry *registry = devices_registry();
    if (index >= registry->count) {
        return KAAL_ERR_NOT_FOUND;
    }
    kaal_broker_device_record(broker(), &registry->devices[index], record);
    return KAAL_OK;
}

int inspect_holding(const struct component *component, uint64_t index,
                    struct kaal_holding_record *record)
{
    if (index > UINT32_MAX) {
        return KAAL_ERR_NOT_FOUND;
    }
    return kaal_account_holding(&component->account, (uint32_t)index, record);
}
