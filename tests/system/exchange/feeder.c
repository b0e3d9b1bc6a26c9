/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sends numbers as fast as there is room, then ends: feeder a with 600, b with 200 of them.
 */
#include <kaal/startup.h>

#include "protocol.h"

int main(void)
{
    static struct number_channel feed;
    bool is_a = kaal_startup()->arguments[0] == 'a';
    int error = number_channel_open(
        &feed, kaal_resource_find(is_a ? "feed_a" : "feed_b", KAAL_RESOURCE_CHANNEL));
    for (uint64_t number = 0; number < (is_a ? FEED_A : FEED_B) && error == KAAL_OK; number++) {
        error = number_channel_send_blocking(&feed, &number, KAAL_NO_DEADLINE);
    }
    return error == KAAL_OK ? 0 : 1;
}
