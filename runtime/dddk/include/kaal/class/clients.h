/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The class multiplexer's part that all classes share: a driver serves every client whose channel
 * the system description connects to it. A client's channel may have any name; what tells a class's
 * channels from others is the size of their messages. Bulk data is in a second channel, whose name
 * is the first one's and "-data".
 */
#pragma once

#include <kaal/channel.h>

/** Most clients of one device. */
#define KAAL_CLASS_CLIENTS_MAX 8u

/**
 * The next channel of this component with messages of a size.
 *   message_bytes  of the class's protocol;  position  in/out: 0 at first
 * Returns the resource, or NULL after the last.
 */
const struct kaal_resource *kaal_class_channel(uint32_t message_bytes, uint32_t *position);

/** The data channel beside a class channel, or NULL if it has none. */
const struct kaal_resource *kaal_class_data_channel(const struct kaal_resource *channel);
