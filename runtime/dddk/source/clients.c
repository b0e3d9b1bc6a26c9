/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finding a driver's clients among the channels of the start-up page.
 */
#include <string.h>

#include <kaal/class/clients.h>

#define DATA_SUFFIX "-data"

static const struct kaal_resource *channel_at(uint32_t index)
{
    const struct kaal_startup *startup = kaal_startup();
    const struct kaal_resource *resource = &startup->resources[index];

    return resource->kind == KAAL_RESOURCE_CHANNEL ? resource : NULL;
}

static uint32_t resource_count(void)
{
    uint32_t count = kaal_startup()->resource_count;

    return count < KAAL_STARTUP_RESOURCES_MAX ? count : KAAL_STARTUP_RESOURCES_MAX;
}

const struct kaal_resource *kaal_class_channel(uint32_t message_bytes, uint32_t *position)
{
    while (*position < resource_count()) {
        const struct kaal_resource *resource = channel_at((*position)++);

        if (resource && resource->channel.message_bytes == message_bytes) {
            return resource;
        }
    }
    return NULL;
}

const struct kaal_resource *kaal_class_data_channel(const struct kaal_resource *channel)
{
    size_t length = strnlen(channel->name, KAAL_NAME_BYTES);

    for (uint32_t i = 0; i < resource_count(); i++) {
        const struct kaal_resource *resource = channel_at(i);

        if (resource && length + sizeof(DATA_SUFFIX) <= KAAL_NAME_BYTES &&
            memcmp(resource->name, channel->name, length) == 0 &&
            strcmp(resource->name + length, DATA_SUFFIX) == 0) {
            return resource;
        }
    }
    return NULL;
}
