/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sends back every byte of a serial line, small letters as capitals.
 */
#include <kaal/channel.h>
#include <kaal/event.h>

static struct kaal_channel line;

static uint8_t capital(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z' ? (uint8_t)(byte - 'a' + 'A') : byte;
}

static void send(uint8_t byte)
{
    while (kaal_stream_write(&line, &byte, 1) != 1) {
        if (kaal_channel_peer_changed(&line)) {
            (void)kaal_channel_reconnect(&line);
        } else if (kaal_channel_prepare_send(&line, 1)) {
            (void)kaal_event_sleep(KAAL_NO_DEADLINE);
        }
    }
}

int main(void)
{
    int error = kaal_channel_open(&line, kaal_resource_find("serial", KAAL_RESOURCE_CHANNEL));

    kaal_log("echo: %s", kaal_error_name(error));
    while (error == KAAL_OK) {
        uint8_t byte;

        if (kaal_stream_read(&line, &byte, 1) == 1) {
            send(capital(byte));
        } else if (kaal_channel_peer_changed(&line)) {
            (void)kaal_channel_reconnect(&line);
        } else if (kaal_channel_prepare_receive(&line)) {
            (void)kaal_event_sleep(KAAL_NO_DEADLINE);
        }
    }
    return 1;
}
