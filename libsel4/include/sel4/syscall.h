/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * System call numbers.
 */
#pragma once

#include <abi/syscall.h>
