/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The host kernel uses the aarch64 form of the API.
 */
#pragma once

#include "../../../../aarch64/include/sel4/arch/sel4_client.h"
