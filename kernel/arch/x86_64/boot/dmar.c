/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * DMAR: remapping units (DRHD) and the memory regions that firmware's devices keep using (RMRR).
 * All units get the same tables, so scopes of units do not matter; other structures are skipped.
 * Source: Intel Virtualization Technology for Directed I/O, revision 3.3, chapter 8.
 */
#include "boot/dmar.h"

#include <kernel/print.h>

#define DMAR_STRUCTURES 48
#define TYPE_UNIT       0
#define UNIT_BASE       8 /* u64 */
#define UNIT_BYTES      16
#define TYPE_RMRR       1
#define RMRR_BASE       8  /* u64 */
#define RMRR_LIMIT      16 /* u64 */
#define RMRR_SCOPES     24
#define SCOPE_TYPE      0
#define SCOPE_LENGTH    1
#define SCOPE_BUS       5
#define SCOPE_PATH      6 /* device, function of the only hop */
#define SCOPE_BYTES     8
#define SCOPE_ENDPOINT  1
#define REACH           0x100000000 /* registers and regions must lie below 4 GiB */

static BOOT_CODE uint64_t read64(const uint8_t *bytes)
{
    uint64_t value;
    __builtin_memcpy(&value, bytes, sizeof(value));
    return value;
}

static BOOT_CODE bool read_unit(struct iommu_info *info, const uint8_t *unit, word_t bytes)
{
    if (bytes < UNIT_BYTES || read64(unit + UNIT_BASE) >= REACH ||
        info->unit_count == IOMMU_UNITS_MAX) {
        return false;
    }
    info->units[info->unit_count++] = read64(unit + UNIT_BASE);
    return true;
}

static BOOT_CODE bool read_rmrr(struct iommu_info *info, const uint8_t *rmrr, word_t bytes)
{
    if (bytes < RMRR_SCOPES || read64(rmrr + RMRR_BASE) >= REACH ||
        read64(rmrr + RMRR_LIMIT) >= REACH ||
        read64(rmrr + RMRR_BASE) > read64(rmrr + RMRR_LIMIT)) {
        return false;
    }
    for (word_t at = RMRR_SCOPES; at + SCOPE_BYTES <= bytes; at += SCOPE_BYTES) {
        const uint8_t *scope = rmrr + at;
        if (scope[SCOPE_TYPE] != SCOPE_ENDPOINT || scope[SCOPE_LENGTH] != SCOPE_BYTES ||
            info->rmrr_count == IOMMU_RMRR_MAX) {
            return false;
        }
        info->rmrrs[info->rmrr_count++] = (struct iommu_rmrr){
            .request_id = (uint16_t)(scope[SCOPE_BUS] << 8 | (scope[SCOPE_PATH] & 0x1f) << 3 |
                                     (scope[SCOPE_PATH + 1] & 7)),
            .base = read64(rmrr + RMRR_BASE),
            .limit = read64(rmrr + RMRR_LIMIT),
        };
    }
    return true;
}

BOOT_CODE void dmar_read(struct iommu_info *info, const uint8_t *table, word_t bytes)
{
    word_t at = DMAR_STRUCTURES;
    while (at < bytes) {
        uint16_t header[2] = {0, 0}; /* type, length */
        if (bytes - at >= sizeof(header)) {
            __builtin_memcpy(header, table + at, sizeof(header));
        }
        if (header[1] < sizeof(header) || header[1] > bytes - at) {
            kernel_print("boot: ACPI DMAR structure at offset %lu has a length of %u\n", at,
                         (unsigned int)header[1]);
            info->refused = true;
            return;
        }
        if ((header[0] == TYPE_UNIT && !read_unit(info, table + at, header[1])) ||
            (header[0] == TYPE_RMRR && !read_rmrr(info, table + at, header[1]))) {
            info->refused = true;
        }
        at += header[1];
    }
}
