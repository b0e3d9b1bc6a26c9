/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes kaal_system_open(): whatever it accepts can be walked without a further check, as init
 * does.
 */
#include <kaal/system.h>

#include "fuzz_input.h"

static void walk(const struct kaal_system *system)
{
    const struct kaal_system_component *components = kaal_system_components(system);
    const struct kaal_system_channel *channels = kaal_system_channels(system);
    FUZZ_REQUIRE(system->component_count <= KAAL_SYSTEM_COMPONENTS_MAX);
    for (uint32_t index = 0; index < system->component_count; index++) {
        FUZZ_REQUIRE(strnlen(components[index].name, KAAL_NAME_BYTES) < KAAL_NAME_BYTES);
        FUZZ_REQUIRE(strnlen(components[index].arguments, KAAL_ARGUMENTS_BYTES) <
                     KAAL_ARGUMENTS_BYTES);
        FUZZ_REQUIRE(components[index].budget_us <= components[index].period_us);
        for (uint32_t selector = 0; selector < components[index].selector_count; selector++) {
            (void)fuzz_touch(&components[index].selectors[selector],
                             sizeof components[index].selectors[selector]);
        }
    }
    for (uint32_t index = 0; index < system->channel_count; index++) {
        FUZZ_REQUIRE(channels[index].ends[0] < system->component_count);
        FUZZ_REQUIRE(channels[index].ends[1] < system->component_count);
        FUZZ_REQUIRE((uint64_t)channels[index].capacity * channels[index].message_bytes <=
                     KAAL_SYSTEM_CHANNEL_MAX_BYTES);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *copy = fuzz_copy(data, bytes);
    const struct kaal_system *system;
    const char *problem = NULL;
    if (kaal_system_open(copy, bytes, &system, &problem) == KAAL_OK) {
        walk(system);
    } else {
        FUZZ_REQUIRE(problem != NULL && problem[0] != '\0');
    }
    free(copy);
    return 0;
}
