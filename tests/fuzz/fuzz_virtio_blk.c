/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes the virtio_blk driver through the kit's fuzz entry: device, memory, time and client do
 * what the input says.
 */
#include "virtio_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    return kaal_driver_fuzz_block(&kaal_driver_of_this_component, virtio_block_model(), data,
                                  bytes);
}
