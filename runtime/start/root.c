/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The start of the root task in C. It has boot information instead of a start-up page: main finds
 * it with seL4_GetBootInfo(), and kaal_startup() is NULL.
 */
#include <string.h>

#include <sel4/sel4.h>

#include <arch_start.h>

#include "start_internal.h"

int main(void);
_Noreturn void kaal_start_root(seL4_BootInfo *info);

/* The counter's frequency from the extra boot information; 0 if no block tells it. */
static uint64_t counter_hz_from(const seL4_BootInfo *info)
{
    const char *block = (const char *)info + seL4_BootInfoFrameSize;
    seL4_Word left = info->extraLen;
    seL4_BootInfoHeader header;

    while (left >= sizeof(header)) {
        memcpy(&header, block, sizeof(header));
        if (header.len < sizeof(header) || header.len > left) {
            return 0;
        }
        uint32_t mhz;
        if (header.id == SEL4_BOOTINFO_HEADER_X86_TSC_FREQ &&
            header.len >= sizeof(header) + sizeof(mhz)) {
            memcpy(&mhz, block + sizeof(header), sizeof(mhz));
            return mhz * UINT64_C(1000000);
        }
        block += header.len;
        left -= header.len;
    }
    return 0;
}

_Noreturn void kaal_start_root(seL4_BootInfo *info)
{
    uint64_t start_ticks = arch_ticks();
    kaal_tls_install();
    seL4_InitBootInfo(info);
    seL4_SetIPCBuffer(info->ipcBuffer);
    uint64_t hz = arch_counter_hz();
    kaal_clock_set(hz != 0 ? hz : counter_hz_from(info), start_ticks);
    main();
    /* A root task has nobody to tell that it ended. */
    __builtin_trap();
}
