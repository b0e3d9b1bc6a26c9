/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Switching the machine off, with what its tables say and a capability for it; no private call.
 */
#pragma once

#include <kaal/error.h>
#include <kaal/platform.h>

/**
 * Switches off.
 * Returns only on failure: KAAL_ERR_UNSUPPORTED, after a log line that says what is missing.
 */
int power_off(void);

/**
 * Supplied by arch/<isa>/: makes the request. Returns KAAL_OK if the machine took it (it may need
 * a moment), else why not.
 */
int arch_power_off(const struct kaal_power *power);
