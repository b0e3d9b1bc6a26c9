/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Object types for Untyped_Retype. The architecture's types follow the generic ones.
 */
#pragma once

typedef enum api_object {
    seL4_UntypedObject = 0,
    seL4_TCBObject = 1,
    seL4_EndpointObject = 2,
    seL4_NotificationObject = 3,
    seL4_CapTableObject = 4,
    seL4_SchedContextObject = 5,
    seL4_ReplyObject = 6,
    seL4_NonArchObjectTypeCount = 7,
} seL4_ObjectType;

#include <abi/arch/objecttype.h>
