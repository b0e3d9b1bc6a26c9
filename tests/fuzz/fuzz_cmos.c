/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes the cmos driver through the kit's fuzz entry: its device, its client and its restarts do
 * what the input says.
 */
#include <kaal/testing/fuzz.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    return kaal_driver_fuzz(&kaal_driver_of_this_component, &FUZZ_RTC, data, bytes);
}
