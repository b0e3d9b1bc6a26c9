/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The seL4 API: types, constants, system calls and invocations. Include only this.
 */
#pragma once

#include <autoconf.h>

#include <sel4/bootinfo.h>
#include <sel4/constants.h>
#include <sel4/errors.h>
#include <sel4/faults.h>
#include <sel4/functions.h>
#include <sel4/invocation.h>
#include <sel4/macros.h>
#include <sel4/objecttype.h>
#include <sel4/syscall.h>
#include <sel4/syscalls.h>
#include <sel4/types.h>

#include <interfaces/sel4_client.h>
#include <sel4/deprecated.h>
