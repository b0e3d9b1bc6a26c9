/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Virtio devices in registers that believe what they are told, for tests that make everything lie.
 */
#pragma once

#include <kaal/testing/block_model.h>

/** A block device of 512 blocks, with a cache that can be flushed. */
struct block_model *virtio_block_model(void);

/** A device of another type, with two queues, that does nothing by itself. */
struct block_model *virtio_model(uint32_t type);

/**
 * Finishes the next request of such a device.
 *   index  of the queue;  fill  what it writes;  head_lie, bytes_lie  added to what it says
 * Returns false if there is none.
 */
bool virtio_model_finish(struct block_model *model, uint32_t index, uint8_t fill, uint32_t head_lie,
                         uint32_t bytes_lie);
