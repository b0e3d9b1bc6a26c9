/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The least urgent component: does nothing but say what time it is, so that the interrupted moment
 * can be read afterwards.
 */
#include "stamp.h"

int main(void)
{
    static struct stamp_channel channel;
    if (stamp_channel_open(&channel, kaal_resource_find("stamp", KAAL_RESOURCE_CHANNEL)) !=
        KAAL_OK) {
        kaal_panic("bench: error: the spinner has no channel");
    }
    volatile struct stamp *stamp = stamp_channel_reserve(&channel, 1);
    for (;;) {
        stamp->now_ns = kaal_now_ns();
    }
}
