/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: everything comes from the device tree that the boot loader passed on.
 */
#include <kaal/device_tree.h>

#include "discovery_internal.h"

int kaal_discover(const struct kaal_bootinfo *info, const struct kaal_discovery_access *access,
                  struct kaal_platform *platform, struct kaal_device_registry *registry)
{
    __builtin_memset(platform, 0, sizeof(*platform));
    registry->count = 0;
    registry->dropped = 0;
    const uint8_t *blob;
    uint64_t bytes;
    int error = kaal_bootinfo_find_extra(info, SEL4_BOOTINFO_HEADER_FDT, &blob, &bytes);
    if (error != KAAL_OK) {
        struct kaal_problem problem;
        return report(access,
                      kaal_problem_set(&problem, error,
                                       "bootinfo has no device tree block; pass one to the kernel, "
                                       "without it no device can be found"),
                      &problem);
    }
    return kaal_device_tree_read(blob, bytes, access, platform, registry);
}
