/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Plants capabilities just before a component first runs.
 */
#include <string.h>

#include <kaal/assert.h>

#include "component.h"
#include "memory.h"
#include "serve.h"

#define PLANTED_SLOT 200u

void __real_component_run(struct component *component);
void __wrap_component_run(struct component *component);

void __wrap_component_run(struct component *component)
{
    const struct kaal_cspace *cspace = memory_cspace();
    if (strcmp(component->description->name, "shell") == 0) {
        struct kaal_holding_record record = {
            .name = "serial", .kind = KAAL_HOLDING_CHANNEL, .bytes = 8192};
        seL4_CPtr cap;
        int error =
            kaal_account_place(&component->account, component_find("serial0")->account.notification,
                               seL4_CanWrite, BADGE_NOTIFICATION | 1, &record, &cap);
        ASSERT(error == KAAL_OK);
    } else if (strcmp(component->description->name, "console") == 0) {
        seL4_Error error =
            seL4_CNode_Copy(component->account.cnode, PLANTED_SLOT, KAAL_ACCOUNT_CNODE_BITS,
                            cspace->root, broker_endpoint(), cspace->depth, seL4_AllRights);
        ASSERT(error == seL4_NoError);
    }
    __real_component_run(component);
}
