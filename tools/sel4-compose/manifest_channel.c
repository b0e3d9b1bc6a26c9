/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The channels of a compose.yaml.
 */
#include <string.h>

#include <kaal/bits.h>

#include "manifest_check.h"
#include "manifest_values.h"

#define DEFAULT_MESSAGES 4096u

static void read_channel_name(struct checker *checker, const struct yaml_node *value)
{
    checker->manifest->channel_at[checker->manifest->channel_count] = value->at;
    (void)value_name(checker->diagnostics, value, "channel name", checker->channel->name);
}

static void read_ends(struct checker *checker, const struct yaml_node *value)
{
    if (!value_has_kind(checker->diagnostics, value, YAML_SEQUENCE, "ends",
                        "two components in brackets, such as [console, serial0]")) {
        return;
    }
    size_t count = 0;
    for (const struct yaml_node *item = value->first; item != NULL; item = item->next) {
        count++;
    }
    if (count != 2) {
        diagnostics_error(checker->diagnostics, value->at,
                          "a channel has two ends, but %zu are given; try: two components in "
                          "brackets, such as [console, serial0]",
                          count);
        return;
    }
    uint32_t ends[2];
    bool good = find_component(checker, value->first, "the channel ends at", &ends[0]);
    good = find_component(checker, value->first->next, "the channel ends at", &ends[1]) && good;
    if (!good) {
        return;
    }
    if (ends[0] == ends[1]) {
        diagnostics_error(checker->diagnostics, value->first->next->at,
                          "both ends of the channel are '%s'; try: two different components",
                          value->first->text);
        return;
    }
    checker->channel->ends[0] = ends[0];
    checker->channel->ends[1] = ends[1];
}

static void read_message_bytes(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (value_number(checker->diagnostics, value, "message_bytes", 1, KAAL_SYSTEM_MESSAGE_MAX_BYTES,
                     &number)) {
        checker->channel->message_bytes = (uint32_t)number;
    }
}

static void read_messages(struct checker *checker, const struct yaml_node *value)
{
    uint64_t number;
    if (!value_number(checker->diagnostics, value, "messages", KAAL_SYSTEM_CAPACITY_MIN,
                      KAAL_SYSTEM_CAPACITY_MAX, &number)) {
        return;
    }
    if (!is_power_of_two(number)) {
        uint64_t above = KAAL_SYSTEM_CAPACITY_MIN;
        while (above < number) {
            above *= 2;
        }
        diagnostics_error(checker->diagnostics, value->at,
                          "messages is %llu, which is no power of two; try: %llu",
                          (unsigned long long)number, (unsigned long long)above);
        return;
    }
    checker->channel->capacity = (uint32_t)number;
}

static const struct key channel_keys[] = {
    {"name", true, read_channel_name},
    {"ends", true, read_ends},
    {"message_bytes", false, read_message_bytes},
    {"messages", false, read_messages},
};

/* The name must be free at both ends: resources are found by name. */
static void check_channel_name(struct checker *checker)
{
    const struct manifest *manifest = checker->manifest;
    const struct kaal_system_channel *channel = checker->channel;
    for (uint32_t other = 0; other < manifest->channel_count; other++) {
        const struct kaal_system_channel *before = &manifest->channels[other];
        if (strcmp(before->name, channel->name) != 0 || before->ends[0] == before->ends[1]) {
            continue;
        }
        for (unsigned end = 0; end < 2; end++) {
            if (channel->ends[end] == before->ends[0] || channel->ends[end] == before->ends[1]) {
                diagnostics_error(checker->diagnostics,
                                  manifest->channel_at[manifest->channel_count],
                                  "component '%s' has a channel named '%s' already, in line %u; "
                                  "try: another name",
                                  manifest->components[channel->ends[end]].packed.name,
                                  channel->name, manifest->channel_at[other].line);
                return;
            }
        }
    }
}

static void read_channel(struct checker *checker, const struct yaml_node *item)
{
    struct manifest *manifest = checker->manifest;
    if (!value_has_kind(checker->diagnostics, item, YAML_MAPPING, "a channel",
                        "- name: ... with its keys below")) {
        return;
    }
    checker->channel = &manifest->channels[manifest->channel_count];
    *checker->channel =
        (struct kaal_system_channel){.message_bytes = 1, .capacity = DEFAULT_MESSAGES};
    manifest->channel_at[manifest->channel_count] = item->at;
    uint32_t errors_before = checker->diagnostics->errors;
    read_mapping(checker, item, "the channel", channel_keys, ARRAY_COUNT(channel_keys));
    if (checker->diagnostics->errors == errors_before) {
        check_channel_name(checker);
    }
    uint64_t bytes = (uint64_t)checker->channel->capacity * checker->channel->message_bytes;
    if (bytes > KAAL_SYSTEM_CHANNEL_MAX_BYTES) {
        diagnostics_error(checker->diagnostics, item->at,
                          "the channel needs %llu KiB per direction; try: fewer or smaller "
                          "messages, at most %llu KiB",
                          (unsigned long long)bytes >> 10,
                          (unsigned long long)KAAL_SYSTEM_CHANNEL_MAX_BYTES >> 10);
    }
    manifest->channel_count++;
}

void read_channels(struct checker *checker, const struct yaml_node *value)
{
    if (!value_has_kind(checker->diagnostics, value, YAML_SEQUENCE, "channels",
                        "- name: ... for each channel")) {
        return;
    }
    for (const struct yaml_node *item = value->first; item != NULL; item = item->next) {
        if (checker->manifest->channel_count == KAAL_SYSTEM_CHANNELS_MAX) {
            diagnostics_error(checker->diagnostics, item->at,
                              "more than %u channels; try: fewer channels",
                              KAAL_SYSTEM_CHANNELS_MAX);
            return;
        }
        read_channel(checker, item);
    }
}
