/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the kernel sees physical memory. */
#pragma once

#define DIRECT_MAP_BASE 0xffffff8000000000ul
