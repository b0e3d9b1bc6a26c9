/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The kernel options that the ABI depends on.
 *
 * The build generates <kernel/gen_config.h>, in which an option that is off is not defined at all
 * (as programs written for seL4 expect). Each is 0 or 1 here, under a name that hurts nobody.
 */
#pragma once

#include <kernel/gen_config.h>

#ifndef CONFIG_KERNEL_MCS
#error "this is the ABI of the MCS kernel"
#endif

/* x86_64: I/O page tables; inserts three labels and one object type. */
#ifdef CONFIG_IOMMU
#define ABI_IOMMU CONFIG_IOMMU
#else
#define ABI_IOMMU 0
#endif

/* Inserts four TCB labels before TCBSetTLSBase. */
#ifdef CONFIG_HARDWARE_DEBUG_API
#define ABI_HARDWARE_DEBUG_API CONFIG_HARDWARE_DEBUG_API
#else
#define ABI_HARDWARE_DEBUG_API 0
#endif

#ifdef CONFIG_DEBUG_BUILD
#define ABI_DEBUG_BUILD CONFIG_DEBUG_BUILD
#else
#define ABI_DEBUG_BUILD 0
#endif
