/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Object types of aarch64, behind the generic ones.
 */
#pragma once

typedef enum _mode_object {
    seL4_ARM_HugePageObject = 7,
    seL4_ARM_VSpaceObject = 8,
    seL4_ModeObjectTypeCount = 9,
} seL4_seL4ArchObjectType;

typedef enum api_arch_object {
    seL4_ARM_SmallPageObject = 9,
    seL4_ARM_LargePageObject = 10,
    seL4_ARM_PageTableObject = 11,
    seL4_ObjectTypeCount = 12,
} seL4_ArchObjectType;
