/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the kernel sees physical memory. */
#pragma once

#include <arch/layout.h>

#define DIRECT_MAP_BASE PHYSICAL_BASE
