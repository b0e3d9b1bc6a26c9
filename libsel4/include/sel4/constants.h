/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sizes, limits and fault words.
 */
#pragma once

#include <abi/arch/vmattributes.h>
#include <abi/constants.h>
#include <abi/debug.h>
#include <abi/faults.h>
