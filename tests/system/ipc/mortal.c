/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A peer that answers one number in each of its lives and ends: well with the argument "exit", else
 * by a fault. Whether it lives again is compose.yaml's to say.
 */
#include <string.h>

#include <kaal/startup.h>

#include "protocol.h"

int main(void)
{
    static struct numbers_channel last;
    int error = numbers_channel_open(
        &last, kaal_resource_find(kaal_startup()->name, KAAL_RESOURCE_CHANNEL));
    struct number number = {.value = LAST_WORDS, .life = kaal_startup()->generation};
    struct number wish;
    if (error == KAAL_OK) {
        error = numbers_channel_recv_blocking(&last, &wish, KAAL_NO_DEADLINE);
    }
    if (error == KAAL_OK) {
        error = numbers_channel_send(&last, &number);
    }
    if (error != KAAL_OK || strcmp(kaal_startup()->arguments, "exit") != 0) {
        kaal_panic(kaal_error_name(error));
    }
    return 0;
}
