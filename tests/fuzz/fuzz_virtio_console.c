/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes the virtio_console driver: device, time and client do what the input says.
 */
#include "virtio_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    return fuzz_virtio_stream(&kaal_driver_of_this_component, 3, "serial", data, bytes);
}
