/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checks bootinfo and answers questions about it. The kernel made it, so a failed check means a
 * kernel of another version or a damaged frame: the message says which field, and init stops with
 * it instead of failing somewhere later.
 */
#include <kaal/bootinfo.h>

#include <kaal/bits.h>

/* Extra blocks are packed without alignment, so words are read byte by byte. */
static uint64_t read_word(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < sizeof(value); i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

struct named_region {
    const char *name;
    const seL4_SlotRegion *region;
};

static int check_regions(const seL4_BootInfo *raw, struct kaal_problem *problem)
{
    const struct named_region regions[] = {
        {"empty", &raw->empty},
        {"userImageFrames", &raw->userImageFrames},
        {"userImagePaging", &raw->userImagePaging},
        {"extraBIPages", &raw->extraBIPages},
        {"schedcontrol", &raw->schedcontrol},
        {"untyped", &raw->untyped},
    };
    uint64_t slot_count = UINT64_C(1) << raw->initThreadCNodeSizeBits;
    for (unsigned i = 0; i < ARRAY_COUNT(regions); i++) {
        const seL4_SlotRegion *a = regions[i].region;
        if (a->start > a->end || a->end > slot_count) {
            return kaal_problem_set(problem, KAAL_ERR_RANGE,
                                    "bootinfo: region %s is slots %llu..%llu, but the CNode has "
                                    "%llu; use a kernel with the seL4 16 MCS layout",
                                    regions[i].name, (unsigned long long)a->start,
                                    (unsigned long long)a->end, (unsigned long long)slot_count);
        }
        if (a->start != a->end && a->start < seL4_NumInitialCaps) {
            return kaal_problem_set(problem, KAAL_ERR_RANGE,
                                    "bootinfo: region %s starts at slot %llu among the fixed slots",
                                    regions[i].name, (unsigned long long)a->start);
        }
        for (unsigned j = 0; j < i; j++) {
            const seL4_SlotRegion *b = regions[j].region;
            if (a->start < b->end && b->start < a->end) {
                return kaal_problem_set(problem, KAAL_ERR_FORMAT,
                                        "bootinfo: regions %s and %s overlap", regions[j].name,
                                        regions[i].name);
            }
        }
    }
    return KAAL_OK;
}

static bool untypeds_overlap(const seL4_UntypedDesc *a, const seL4_UntypedDesc *b)
{
    return a->paddr < b->paddr + (UINT64_C(1) << b->sizeBits) &&
           b->paddr < a->paddr + (UINT64_C(1) << a->sizeBits);
}

static int check_untyped(const seL4_BootInfo *raw, uint32_t index, uint64_t *highest_end,
                         struct kaal_problem *problem)
{
    const seL4_UntypedDesc *entry = &raw->untypedList[index];
    if (entry->sizeBits < seL4_MinUntypedBits || entry->sizeBits > seL4_MaxUntypedBits) {
        return kaal_problem_set(problem, KAAL_ERR_RANGE,
                                "bootinfo: untyped %u has 2^%u bytes; the kernel's limits are "
                                "2^%u to 2^%u",
                                index, entry->sizeBits, (unsigned)seL4_MinUntypedBits,
                                (unsigned)seL4_MaxUntypedBits);
    }
    /* Above 2^39 the kernel cuts relative to 2^39, which larger blocks show. */
    uint64_t alignment = UINT64_C(1) << (entry->sizeBits < 39 ? entry->sizeBits : 39);
    if (entry->paddr % alignment != 0) {
        return kaal_problem_set(problem, KAAL_ERR_FORMAT,
                                "bootinfo: untyped %u at 0x%llx is not aligned to its 2^%u bytes",
                                index, (unsigned long long)entry->paddr, entry->sizeBits);
    }
    uint64_t end = entry->paddr + (UINT64_C(1) << entry->sizeBits);
    if (end < entry->paddr) {
        return kaal_problem_set(problem, KAAL_ERR_RANGE, "bootinfo: untyped %u ends past 2^64",
                                index);
    }
    if (entry->paddr >= *highest_end) { /* the list is mostly ascending */
        *highest_end = end;
        return KAAL_OK;
    }
    for (uint32_t i = 0; i < index; i++) {
        if (untypeds_overlap(entry, &raw->untypedList[i])) {
            return kaal_problem_set(problem, KAAL_ERR_FORMAT,
                                    "bootinfo: untypeds %u and %u overlap at 0x%llx", i, index,
                                    (unsigned long long)entry->paddr);
        }
    }
    return KAAL_OK;
}

static int check_untypeds(struct kaal_bootinfo *info, struct kaal_problem *problem)
{
    const seL4_BootInfo *raw = info->raw;
    uint64_t count = raw->untyped.end - raw->untyped.start;
    if (count > ARRAY_COUNT(raw->untypedList)) {
        return kaal_problem_set(problem, KAAL_ERR_RANGE,
                                "bootinfo: %llu untypeds, but the list has room for %u",
                                (unsigned long long)count, (unsigned)ARRAY_COUNT(raw->untypedList));
    }
    info->untyped_count = (uint32_t)count;
    uint64_t highest_end = 0;
    for (uint32_t i = 0; i < info->untyped_count; i++) {
        int error = check_untyped(raw, i, &highest_end, problem);
        if (error != KAAL_OK) {
            return error;
        }
        uint64_t bytes = UINT64_C(1) << raw->untypedList[i].sizeBits;
        if (raw->untypedList[i].isDevice) {
            info->device_bytes += bytes;
            info->device_count++;
        } else {
            info->ram_bytes += bytes;
            info->ram_count++;
            if (bytes > info->largest_ram_bytes) {
                info->largest_ram_bytes = bytes;
            }
        }
    }
    if (info->ram_count == 0) {
        return kaal_problem_set(problem, KAAL_ERR_FORMAT,
                                "bootinfo: no RAM untyped at all; give the machine more memory");
    }
    return KAAL_OK;
}

static int check_extra(const struct kaal_bootinfo *info, struct kaal_problem *problem)
{
    uint64_t offset = 0;
    while (offset < info->extra_bytes) {
        if (info->extra_bytes - offset < sizeof(seL4_BootInfoHeader)) {
            return kaal_problem_set(problem, KAAL_ERR_TRUNCATED,
                                    "bootinfo: %llu bytes after the last extra block are no block",
                                    (unsigned long long)(info->extra_bytes - offset));
        }
        uint64_t id = read_word(info->extra + offset);
        uint64_t bytes = read_word(info->extra + offset + sizeof(seL4_Word));
        if (bytes < sizeof(seL4_BootInfoHeader) || bytes > info->extra_bytes - offset) {
            return kaal_problem_set(problem, KAAL_ERR_FORMAT,
                                    "bootinfo: extra block %llu at offset %llu has length %llu, "
                                    "%llu bytes are left",
                                    (unsigned long long)id, (unsigned long long)offset,
                                    (unsigned long long)bytes,
                                    (unsigned long long)(info->extra_bytes - offset));
        }
        offset += bytes;
    }
    return KAAL_OK;
}

int kaal_bootinfo_open(const void *data, uint64_t available_bytes, struct kaal_bootinfo *info,
                       struct kaal_problem *problem)
{
    *info = (struct kaal_bootinfo){.raw = data};
    if (data == NULL || (uintptr_t)data % _Alignof(seL4_BootInfo) != 0) {
        return kaal_problem_set(problem, KAAL_ERR_FORMAT, "bootinfo: no frame at this address");
    }
    if (available_bytes != 0 && available_bytes < sizeof(seL4_BootInfo)) {
        return kaal_problem_set(
            problem, KAAL_ERR_TRUNCATED, "bootinfo: only %llu bytes, the structure has %u",
            (unsigned long long)available_bytes, (unsigned)sizeof(seL4_BootInfo));
    }
    const seL4_BootInfo *raw = info->raw;
    if (raw->extraLen > UINT32_MAX ||
        (available_bytes != 0 && raw->extraLen != 0 &&
         !range_inside(KAAL_BOOTINFO_FRAME_BYTES, raw->extraLen, available_bytes))) {
        return kaal_problem_set(problem, KAAL_ERR_TRUNCATED,
                                "bootinfo: %llu bytes of extra blocks are announced, fewer exist",
                                (unsigned long long)raw->extraLen);
    }
    if (raw->initThreadCNodeSizeBits < 5 || raw->initThreadCNodeSizeBits > 32) {
        return kaal_problem_set(problem, KAAL_ERR_RANGE,
                                "bootinfo: the root CNode has 2^%llu slots; use a kernel with the "
                                "seL4 16 MCS layout",
                                (unsigned long long)raw->initThreadCNodeSizeBits);
    }
    if (raw->ipcBuffer == NULL || (uintptr_t)raw->ipcBuffer % sizeof(seL4_IPCBuffer) != 0) {
        return kaal_problem_set(problem, KAAL_ERR_FORMAT,
                                "bootinfo: IPC buffer at 0x%llx is not aligned to its size",
                                (unsigned long long)(uintptr_t)raw->ipcBuffer);
    }
    if (raw->schedcontrol.start == raw->schedcontrol.end) {
        return kaal_problem_set(problem, KAAL_ERR_FORMAT,
                                "bootinfo: no SchedControl capability; use an MCS kernel");
    }
    info->extra_bytes = raw->extraLen;
    if (raw->extraLen != 0) {
        info->extra = (const uint8_t *)data + KAAL_BOOTINFO_FRAME_BYTES;
    }
    int error = check_regions(raw, problem);
    if (error == KAAL_OK) {
        error = check_untypeds(info, problem);
    }
    if (error == KAAL_OK) {
        error = check_extra(info, problem);
    }
    return error;
}

int kaal_bootinfo_find_untyped(const struct kaal_bootinfo *info, uint64_t paddr, uint32_t *index)
{
    for (uint32_t i = 0; i < info->untyped_count; i++) {
        const seL4_UntypedDesc *entry = &info->raw->untypedList[i];
        if (paddr >= entry->paddr && paddr - entry->paddr < UINT64_C(1) << entry->sizeBits) {
            *index = i;
            return KAAL_OK;
        }
    }
    return KAAL_ERR_NOT_FOUND;
}

int kaal_bootinfo_find_extra(const struct kaal_bootinfo *info, seL4_Word id,
                             const uint8_t **content, uint64_t *bytes)
{
    for (uint64_t offset = 0; offset < info->extra_bytes;) {
        uint64_t block_bytes = read_word(info->extra + offset + sizeof(seL4_Word));
        if (read_word(info->extra + offset) == id) {
            *content = info->extra + offset + sizeof(seL4_BootInfoHeader);
            *bytes = block_bytes - sizeof(seL4_BootInfoHeader);
            return KAAL_OK;
        }
        offset += block_bytes;
    }
    return KAAL_ERR_NOT_FOUND;
}

int kaal_bootinfo_tsc_mhz(const struct kaal_bootinfo *info, uint32_t *mhz)
{
    const uint8_t *content;
    uint64_t bytes;
    int error = kaal_bootinfo_find_extra(info, SEL4_BOOTINFO_HEADER_X86_TSC_FREQ, &content, &bytes);
    if (error != KAAL_OK) {
        return error;
    }
    if (bytes < sizeof(uint32_t)) {
        return KAAL_ERR_FORMAT;
    }
    uint32_t value = (uint32_t)content[0] | (uint32_t)content[1] << 8 | (uint32_t)content[2] << 16 |
                     (uint32_t)content[3] << 24;
    if (value == 0) {
        return KAAL_ERR_FORMAT;
    }
    *mhz = value;
    return KAAL_OK;
}
