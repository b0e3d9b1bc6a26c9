/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Records about the running system, made from live state at the moment of asking.
 */
#pragma once

#include <kaal/error.h>
#include <kaal/inspect.h>

#include "component.h"

/** Fills a record. Returns KAAL_OK, or KAAL_ERR_NOT_FOUND past the last component. */
MUST_CHECK int inspect_component(uint64_t index, struct kaal_component_record *record);
/** Fills a record. Returns KAAL_OK, or KAAL_ERR_NOT_FOUND past the last device. */
MUST_CHECK int inspect_device(uint64_t index, struct kaal_device_record *record);
/** Fills a record. Returns KAAL_OK, or KAAL_ERR_NOT_FOUND past the last holding. */
MUST_CHECK int inspect_holding(const struct component *component, uint64_t index,
                               struct kaal_holding_record *record);
