/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The order is fixed by the description; whether something before a component runs is looked up
 * when it matters.
 */
#include "order.h"

#include <kaal/assert.h>

static uint32_t order[KAAL_SYSTEM_COMPONENTS_MAX];
static bool awaited[KAAL_SYSTEM_COMPONENTS_MAX];
static uint32_t count;

void order_create(const struct kaal_system *system)
{
    int error = kaal_system_order(system, order);
    ASSERT(error == KAAL_OK); /* kaal_system_open() has tried it */
    count = system->component_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct kaal_system_component *line = &kaal_system_components(system)[i];
        for (uint32_t j = 0; j < line->after_count; j++) {
            awaited[line->after[j]] = true;
        }
    }
}

bool order_is_awaited(const struct component *component)
{
    return component->starter == NULL && awaited[component->index];
}

uint32_t order_count(void)
{
    return count;
}

struct component *order_at(uint32_t index)
{
    ASSERT(index < count);
    return component_at(order[index]);
}

enum order_state order_state(const struct component *component, const struct component **cause)
{
    const struct kaal_system_component *line = component->description;
    enum order_state state = ORDER_READY;
    for (uint32_t i = 0; i < line->after_count; i++) {
        const struct component *before = component_at(line->after[i]);
        if (before->state == KAAL_COMPONENT_FAILED) {
            *cause = before;
            return ORDER_HOPELESS;
        }
        if (before->state == KAAL_COMPONENT_BACKOFF ||
            (before->state == KAAL_COMPONENT_RUNNING && !before->ready)) {
            *cause = before;
            state = ORDER_WAITS;
        }
    }
    return state;
}
