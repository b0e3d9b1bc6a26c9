/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An NVMe controller played by tests. */
#pragma once

#include <kaal/testing/block_model.h>

/** A controller with a namespace of 512 blocks and a volatile cache. */
struct block_model *nvme_model(void);
