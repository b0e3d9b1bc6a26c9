/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The configuration of the kernel and of this library.
 */
#pragma once

#include <kernel/gen_config.h>
#include <sel4/gen_config.h>
