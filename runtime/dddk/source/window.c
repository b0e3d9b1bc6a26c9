/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Opens register windows. Everything that could make a register access go wrong is checked here
 * once, so that the accessors need no checks.
 */
#include <kaal/registers.h>

int kaal_window_open(struct kaal_window *window, const struct kaal_resource *resource,
                     uint64_t bytes)
{
    *window = (struct kaal_window){0};
    if (resource->kind == KAAL_RESOURCE_REGISTERS) {
        if (resource->registers.vaddr % sizeof(uint64_t) != 0) {
            return KAAL_ERR_ALIGN;
        }
        window->address = (uintptr_t)resource->registers.vaddr;
        window->bytes = resource->registers.bytes;
    } else if (resource->kind == KAAL_RESOURCE_PORTS) {
        if (!kaal_arch_has_ports()) {
            return KAAL_ERR_UNSUPPORTED;
        }
        if (!range_inside(resource->ports.first, resource->ports.count, UINT16_MAX + UINT64_C(1))) {
            return KAAL_ERR_RANGE;
        }
        window->ports = resource->ports.cap;
        window->port = (uint16_t)resource->ports.first;
        window->bytes = resource->ports.count;
    } else {
        return KAAL_ERR_INVALID;
    }
    return bytes <= window->bytes ? KAAL_OK : KAAL_ERR_RANGE;
}

int kaal_window_part(const struct kaal_window *whole, uint64_t offset, uint64_t bytes,
                     struct kaal_window *part)
{
    struct kaal_window from = *whole; /* may be the same */

    *part = (struct kaal_window){0};
    if (from.bytes == 0) {
        return KAAL_ERR_NOT_FOUND;
    }
    if (!range_inside(offset, bytes, from.bytes)) {
        return KAAL_ERR_RANGE;
    }
    if (offset % sizeof(uint32_t) != 0) {
        return KAAL_ERR_ALIGN;
    }
    *part = from;
    part->bytes = bytes;
    kaal_arch_window_move(part, offset);
    return KAAL_OK;
}
