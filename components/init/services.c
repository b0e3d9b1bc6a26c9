/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every service has one endpoint; callers are told apart by their badge, index + 1.
 */
#include "services.h"

#include <string.h>

#include "memory.h"

int services_create(const struct kaal_system *system)
{
    const struct kaal_system_component *lines = kaal_system_components(system);
    for (uint32_t caller = 0; caller < system->component_count; caller++) {
        for (uint32_t i = 0; i < lines[caller].callee_count; i++) {
            struct service *service = &component_at(lines[caller].callees[i])->service;
            memory_top_up();
            int error = service->endpoint != 0 ? KAAL_OK : service_create(service);
            if (error != KAAL_OK) {
                return error;
            }
        }
    }
    return KAAL_OK;
}

static int connect(struct component *component, const struct component *server,
                   seL4_CapRights_t rights, seL4_Word badge)
{
    struct kaal_startup *startup = component->startup;
    struct kaal_holding_record holding = {.kind = KAAL_HOLDING_SERVICE};
    seL4_CPtr cap;
    if (startup->resource_count == KAAL_STARTUP_RESOURCES_MAX) {
        return KAAL_ERR_NO_SPACE;
    }
    memcpy(holding.name, server->description->name, sizeof(holding.name));
    int error = kaal_account_place(&component->account, server->service.endpoint, rights, badge,
                                   &holding, &cap);
    if (error != KAAL_OK) {
        return error;
    }
    struct kaal_resource *resource = &startup->resources[startup->resource_count++];
    *resource = (struct kaal_resource){.kind = KAAL_RESOURCE_SERVICE, .service.endpoint = cap};
    memcpy(resource->name, holding.name, sizeof(resource->name));
    return KAAL_OK;
}

int services_connect(struct component *component)
{
    const struct kaal_system_component *line = component->description;
    int error = KAAL_OK;
    if (component->service.endpoint != 0) {
        error = connect(component, component, seL4_CapRights_new(0, 0, 1, 0), 0);
    }
    for (uint32_t i = 0; error == KAAL_OK && i < line->callee_count; i++) {
        error = connect(component, component_at(line->callees[i]), seL4_CapRights_new(1, 0, 0, 1),
                        component->index + 1);
    }
    return error;
}
