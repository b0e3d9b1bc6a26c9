/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads the clock and logs the date; with the argument "set" also sets it to the last second of a
 * leap day, waits for the day to change, and checks what the driver refuses. Then, for ever, reads
 * it once per 100 ms over all restarts of the driver, and logs when it goes back.
 */
#include <string.h>

#include <sel4/sel4.h>

#include <kaal/broker.h>
#include <kaal/class/rtc.h>
#include <kaal/event.h>

#define CALL_NS       UINT64_C(5000000000)
#define PERIOD_NS     UINT64_C(100000000)
#define LEAP_DAY_ENDS UINT64_C(1709251199) /* 2024-02-29 23:59:59 */
#define YEAR_2200     UINT64_C(7258118400)

static struct kaal_rtc_client rtc;

/* One call, submitted again to the next instance when the driver died. */
static int call(enum kaal_rtc_operation operation, uint64_t *seconds)
{
    struct kaal_rtc_request request = {.operation = operation, .seconds = *seconds};
    struct kaal_rtc_reply reply = {0};
    uint64_t deadline = kaal_now_ns() + CALL_NS;
    int error = kaal_rtc_call(&rtc, &request, &reply, deadline);

    while (error == KAAL_ERR_PEER && kaal_now_ns() < deadline) {
        if (kaal_client_reconnect(&rtc.client) == KAAL_OK) {
            error = kaal_rtc_call(&rtc, &request, &reply, deadline);
        } else {
            seL4_Yield();
        }
    }
    *seconds = reply.seconds;
    return error;
}

static void show(const char *what)
{
    uint64_t seconds = 0;
    int error = call(KAAL_RTC_READ, &seconds);
    struct kaal_rtc_date date = kaal_rtc_date(seconds);

    kaal_log("%s: %s %llu = %04u-%02u-%02u %02u:%02u:%02u", what, kaal_error_name(error),
             (unsigned long long)seconds, date.year, date.month, date.day, date.hour, date.minute,
             date.second);
}

static void set(void)
{
    uint64_t seconds = LEAP_DAY_ENDS;
    int error = call(KAAL_RTC_SET, &seconds);
    kaal_log("set: %s", kaal_error_name(error));
    while (error == KAAL_OK && seconds <= LEAP_DAY_ENDS) {
        error = call(KAAL_RTC_READ, &seconds);
        seL4_Yield();
    }
    show("next day");
    seconds = YEAR_2200;
    kaal_log("too late: %s", kaal_error_name(call(KAAL_RTC_SET, &seconds)));
    kaal_log("unknown: %s", kaal_error_name(call((enum kaal_rtc_operation)7, &seconds)));
}

static _Noreturn void watch(void)
{
    uint64_t before = 0;
    int last = KAAL_OK;

    for (uint64_t due = kaal_now_ns();; due += PERIOD_NS) {
        uint64_t seconds = 0;
        int error = call(KAAL_RTC_READ, &seconds);
        if (error != last || seconds < before) {
            kaal_log("BAD: %s, %llu after %llu", kaal_error_name(error),
                     (unsigned long long)seconds, (unsigned long long)before);
        }
        last = error;
        before = seconds;
        while (kaal_event_sleep(due) == KAAL_OK) {
        }
    }
}

int main(void)
{
    int error = kaal_rtc_client_open(
        &rtc, kaal_resource_find(kaal_startup()->arguments[0] == 's' ? "rtc-set" : "rtc",
                                 KAAL_RESOURCE_CHANNEL));
    if (error != KAAL_OK) {
        kaal_log("BAD: no clock: %s", kaal_error_name(error));
        return 1;
    }
    show("first");
    if (strcmp(kaal_startup()->arguments, "set") == 0) {
        set();
    }
    watch();
}
