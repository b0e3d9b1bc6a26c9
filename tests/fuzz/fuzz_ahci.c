/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes the ahci driver through the kit's fuzz entry: device, memory, time and client do what the
 * input says.
 */
#include "ahci_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    return kaal_driver_fuzz_block(&kaal_driver_of_this_component, ahci_model(), data, bytes);
}
