/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Switching the machine off, with what its tables say and a capability for it; no private call.
 */
#pragma once

#include <kaal/error.h>
#include <kaal/platform.h>

/**
 * Ends all components in their order and switches off.
 *   print_log  whether init prints all that the log holds when no serial driver is left
 * Returns only on failure, after a log line that says what is missing: KAAL_ERR_UNSUPPORTED if the
 * platform does not say how (then the components go on), KAAL_ERR_TIMEOUT if it did not switch off.
 */
int power_off(bool print_log);

/**
 * Supplied by arch/<isa>/: makes the request. Returns KAAL_OK if the machine took it (it may need
 * a moment), else why not.
 */
int arch_power_off(const struct kaal_power *power);
