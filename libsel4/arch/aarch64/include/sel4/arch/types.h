/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Capability pointer types and the register context of aarch64.
 */
#pragma once

#include <abi/arch/context.h>
#include <abi/arch/vmattributes.h>
#include <sel4/macros.h>

typedef seL4_CPtr seL4_ARM_VSpace;
typedef seL4_CPtr seL4_ARM_PageDirectory;
typedef seL4_CPtr seL4_ARM_PageTable;
typedef seL4_CPtr seL4_ARM_Page;
typedef seL4_CPtr seL4_ARM_ASIDControl;
typedef seL4_CPtr seL4_ARM_ASIDPool;
typedef seL4_CPtr seL4_ARM_SMC;
typedef seL4_CPtr seL4_ARM_SGI_Signal;
