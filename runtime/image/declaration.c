/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checking a driver declaration. It comes out of a driver's ELF file, so sel4-compose checks it
 * when it packs and init checks it again when it reads: the archive may be of any origin.
 */
#include <kaal/driver_declaration.h>

#include "text.h"

static int refuse(const char **problem, const char *text, int error)
{
    *problem = text;
    return error;
}

static int check_match(const struct kaal_driver_match *match, const char **problem)
{
    if (!text_is_terminated(match->id, KAAL_DEVICE_ID_BYTES)) {
        return refuse(problem, "driver declaration: a match's id is not terminated",
                      KAAL_ERR_FORMAT);
    }
    switch (match->kind) {
    case KAAL_SELECT_PCI:
    case KAAL_SELECT_PCI_CLASS:
    case KAAL_SELECT_VIRTIO:
        if (match->id[0] != '\0') {
            return refuse(problem, "driver declaration: a PCI or virtio match has a text id",
                          KAAL_ERR_FORMAT);
        }
        return KAAL_OK;
    case KAAL_SELECT_COMPATIBLE:
    case KAAL_SELECT_PNP:
        if (match->id[0] == '\0') {
            return refuse(problem, "driver declaration: a match's id is empty", KAAL_ERR_FORMAT);
        }
        return KAAL_OK;
    default:
        return refuse(problem, "driver declaration: a match's kind is unknown", KAAL_ERR_FORMAT);
    }
}

static int check_resource(const struct kaal_driver_resource *resource, const char **problem)
{
    if (!text_is_name(resource->name, KAAL_NAME_BYTES)) {
        return refuse(problem, "driver declaration: a resource's name is not [a-z0-9_-]",
                      KAAL_ERR_FORMAT);
    }
    if (resource->kind < KAAL_RESOURCE_REGISTERS || resource->kind > KAAL_RESOURCE_DMA) {
        return refuse(problem, "driver declaration: a resource's kind is unknown", KAAL_ERR_FORMAT);
    }
    if (resource->kind == KAAL_RESOURCE_DMA &&
        (resource->bytes == 0 || resource->bytes > KAAL_SYSTEM_MEMORY_MAX_BYTES)) {
        return refuse(problem, "driver declaration: DMA memory of no or of too large a size",
                      KAAL_ERR_RANGE);
    }
    return KAAL_OK;
}

static int check_header(const struct kaal_driver_declaration *header, const char **problem)
{
    if (header->magic != KAAL_DRIVER_MAGIC) {
        return refuse(problem, "driver declaration: the magic number is wrong", KAAL_ERR_FORMAT);
    }
    if (header->version != KAAL_DRIVER_VERSION) {
        return refuse(problem, "driver declaration: the layout version is unknown",
                      KAAL_ERR_VERSION);
    }
    if (header->device_class > KAAL_CLASS_RNG) {
        return refuse(problem, "driver declaration: the device class is unknown", KAAL_ERR_FORMAT);
    }
    if (!text_is_name(header->name, KAAL_NAME_BYTES)) {
        return refuse(problem, "driver declaration: the driver's name is not [a-z0-9_-]",
                      KAAL_ERR_FORMAT);
    }
    if (header->match_count > KAAL_DRIVER_MATCHES_MAX ||
        header->resource_count > KAAL_DRIVER_RESOURCES_MAX) {
        return refuse(problem, "driver declaration: too many matches or resources", KAAL_ERR_RANGE);
    }
    return KAAL_OK;
}

int kaal_driver_declaration_open(const void *data, uint64_t bytes,
                                 const struct kaal_driver_declaration **declaration,
                                 const char **problem)
{
    const struct kaal_driver_declaration *header = data;
    if ((uintptr_t)data % _Alignof(struct kaal_driver_declaration) != 0) {
        return refuse(problem, "driver declaration: not at an 8-byte aligned address",
                      KAAL_ERR_FORMAT);
    }
    if (bytes < sizeof *header) {
        return refuse(problem, "driver declaration: it ends too early", KAAL_ERR_TRUNCATED);
    }
    int error = check_header(header, problem);
    if (error != KAAL_OK) {
        return error;
    }
    for (uint32_t index = 0; index < header->match_count; index++) {
        error = check_match(&header->matches[index], problem);
        if (error != KAAL_OK) {
            return error;
        }
    }
    for (uint32_t index = 0; index < header->resource_count; index++) {
        error = check_resource(&header->resources[index], problem);
        if (error != KAAL_OK) {
            return error;
        }
        for (uint32_t other = 0; other < index; other++) {
            if (text_equal(header->resources[other].name, header->resources[index].name,
                           KAAL_NAME_BYTES)) {
                return refuse(problem, "driver declaration: two resources have the same name",
                              KAAL_ERR_FORMAT);
            }
        }
    }
    *declaration = header;
    return KAAL_OK;
}
