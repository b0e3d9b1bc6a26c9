/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The scalar types of the seL4 API.
 */
#pragma once

#include <abi/types.h>
