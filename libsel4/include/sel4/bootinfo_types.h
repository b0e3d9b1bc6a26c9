/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Boot information as the initial thread finds it.
 */
#pragma once

#include <abi/bootinfo.h>
