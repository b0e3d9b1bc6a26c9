/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes the virtio_net driver through the kit's fuzz entry for network drivers: registers,
 * descriptors, interrupts, client and restarts are what the input says.
 */
#include <kaal/testing/fuzz.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    return kaal_driver_fuzz_net(&kaal_driver_of_this_component, data, bytes);
}
