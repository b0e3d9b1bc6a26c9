/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Error codes of invocations.
 */
#pragma once

#include <abi/errors.h>
