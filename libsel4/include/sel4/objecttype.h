/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Object types for seL4_Untyped_Retype.
 */
#pragma once

#include <abi/objecttype.h>
