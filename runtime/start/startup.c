/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The start-up page: where it is, and finding resources in it.
 */
#include <string.h>

#include "start_internal.h"

static const struct kaal_startup *startup_page;

void kaal_startup_set(const struct kaal_startup *page)
{
    startup_page = page;
}

const struct kaal_startup *kaal_startup(void)
{
    return startup_page;
}

const struct kaal_resource *kaal_resource_find(const char *name, enum kaal_resource_kind kind)
{
    for (uint32_t i = 0; i < startup_page->resource_count; i++) {
        const struct kaal_resource *resource = &startup_page->resources[i];
        if (resource->device == 0 && resource->kind == kind &&
            strncmp(resource->name, name, KAAL_NAME_BYTES) == 0) {
            return resource;
        }
    }
    return NULL;
}

uint64_t kaal_bus_address(const void *address, uint64_t bytes)
{
    uint64_t vaddr = (uintptr_t)address;
    for (uint32_t i = 0; i < startup_page->resource_count; i++) {
        const struct kaal_resource *resource = &startup_page->resources[i];
        const struct kaal_dma_resource *dma = &resource->dma;
        if (resource->kind == KAAL_RESOURCE_DMA && vaddr >= dma->vaddr &&
            vaddr - dma->vaddr <= dma->bytes && bytes <= dma->bytes - (vaddr - dma->vaddr)) {
            return dma->bus + (vaddr - dma->vaddr);
        }
    }
    return UINT64_MAX;
}
