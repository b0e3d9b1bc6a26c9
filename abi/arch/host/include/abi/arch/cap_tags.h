/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The host kernel uses the aarch64 column of the ABI.
 */
#pragma once

#include "../../../../aarch64/include/abi/arch/cap_tags.h"
