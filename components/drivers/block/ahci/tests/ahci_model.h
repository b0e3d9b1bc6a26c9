/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An AHCI adapter played by tests. */
#pragma once

#include <kaal/testing/block_model.h>

/** An adapter with a disk of 512 sectors at port 0. */
struct block_model *ahci_model(void);
