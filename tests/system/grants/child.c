/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A child: does what its arguments say, or waits.
 */
#include <stdlib.h>
#include <string.h>

#include <sel4/sel4.h>

#include <kaal/startup.h>

#include "grants.h"

/* Adds one to each word that comes from the parent; 0 ends it. */
static int echo(void)
{
    static struct share_channel channel;
    struct share share;
    int error = share_channel_open(&channel, kaal_resource_find("parent", KAAL_RESOURCE_CHANNEL));
    do {
        if (error == KAAL_OK) {
            error = share_channel_recv_blocking(&channel, &share, KAAL_NO_DEADLINE);
        }
        if (error != KAAL_OK) {
            return 1;
        }
        share.handle++;
        error = share_channel_send_blocking(&channel, &share, KAAL_NO_DEADLINE);
    } while (share.word != 0);
    return 0;
}

int main(void)
{
    const char *arguments = kaal_startup()->arguments;
    if (strncmp(arguments, "exit ", 5) == 0) {
        return atoi(arguments + 5);
    }
    if (strcmp(arguments, "echo") == 0) {
        return echo();
    }
    if (strcmp(arguments, "fault") == 0) {
        volatile int *volatile nowhere = (volatile int *)0x10;
        *nowhere = 1;
    }
    for (;;) {
        seL4_Word badge;
        seL4_Wait(kaal_startup()->notification, &badge);
    }
}
