/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Everything of the ABI in one include, for code that needs most of it.
 */
#pragma once

#include <abi/bootinfo.h>
#include <abi/cap_tags.h>
#include <abi/config.h>
#include <abi/constants.h>
#include <abi/debug.h>
#include <abi/errors.h>
#include <abi/faults.h>
#include <abi/invocation.h>
#include <abi/message.h>
#include <abi/objecttype.h>
#include <abi/rights.h>
#include <abi/syscall.h>
#include <abi/types.h>

#include <abi/arch/context.h>
#include <abi/arch/vmattributes.h>
