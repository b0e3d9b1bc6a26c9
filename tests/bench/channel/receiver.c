/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Takes each message as soon as it comes, checks that none is missing, and sleeps again.
 */
#include <kaal/startup.h>

#include "message.h"

int main(void)
{
    static struct bench_channel channel;
    int error = bench_channel_open(&channel, kaal_resource_find("bench", KAAL_RESOURCE_CHANNEL));
    for (uint64_t expected = 0; error == KAAL_OK; expected++) {
        struct bench_message message;
        error = bench_channel_recv_blocking(&channel, &message, KAAL_NO_DEADLINE);
        if (error == KAAL_OK && message.number != expected) {
            kaal_panic("bench: error: a message is missing");
        }
    }
    kaal_log("bench: error: receiver: %s", kaal_error_name(error));
    return 1;
}
