/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A child: does what its arguments say, or waits.
 */
#include <stdlib.h>
#include <string.h>

#include <sel4/sel4.h>

#include <kaal/startup.h>

int main(void)
{
    const char *arguments = kaal_startup()->arguments;
    if (strncmp(arguments, "exit ", 5) == 0) {
        return atoi(arguments + 5);
    }
    if (strcmp(arguments, "fault") == 0) {
        *(volatile int *)0x10 = 1;
    }
    for (;;) {
        seL4_Word badge;
        seL4_Wait(kaal_startup()->notification, &badge);
    }
}
