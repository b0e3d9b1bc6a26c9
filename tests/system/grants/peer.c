/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The peer: looks at what the parent shares with it, and adds one if it may.
 */
#include <kaal/startup.h>

#include "grants.h"

#define WRITE_FLAG (UINT64_C(1) << 63)

int main(void)
{
    static struct share_channel channel;
    int error = share_channel_open(&channel, kaal_resource_find("shares", KAAL_RESOURCE_CHANNEL));
    while (error == KAAL_OK) {
        struct share share;
        struct kaal_memory memory;
        error = share_channel_recv_blocking(&channel, &share, KAAL_NO_DEADLINE);
        if (error != KAAL_OK) {
            break;
        }
        bool write = (share.word & WRITE_FLAG) != 0;
        share.word = UINT64_MAX;
        if (kaal_memory_of(share.handle, &memory) == KAAL_OK) {
            volatile uint64_t *words = memory.address;
            share.word = words[0];
            if (write) {
                words[0]++;
            }
        }
        error = share_channel_send_blocking(&channel, &share, KAAL_NO_DEADLINE);
    }
    return 1;
}
