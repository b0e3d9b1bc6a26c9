/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Virtio devices played by tests, in registers, with one queue.
 */
#pragma once

#include <kaal/testing/block_model.h>

/** A block device of 512 blocks, with a cache that can be flushed. */
struct block_model *virtio_block_model(void);
