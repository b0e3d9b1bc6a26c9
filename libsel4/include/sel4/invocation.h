/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Invocation labels.
 */
#pragma once

#include <abi/invocation.h>
