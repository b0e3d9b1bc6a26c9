/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The state of channels, for crash reports and inspection. The regions belong to components, which
 * may have written anything there.
 */
#pragma once

#include <stdint.h>

#include <kaal/channel.h>
#include <kaal/inspect.h>

struct component;

/**
 * Fills a record with the state of the index-th channel (channels_at()).
 *   component  only channels of it count; NULL: all
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND past the last; KAAL_ERR_KERNEL if its regions cannot be read.
 */
MUST_CHECK int channel_state_read(const struct component *component, uint32_t index,
                                  struct kaal_channel_record *record);

/**
 * What both ends' headers say: fills in indices, fill and waits.
 *   headers  of the two ends, read once each;  record  capacity is set
 */
void channel_state_judge(const struct kaal_channel_region *const headers[2],
                         struct kaal_channel_record *record);
