/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rtc class framework: answers the calls of every client, and the arithmetic of dates.
 */
#include <kaal/class/rtc.h>

#define SECONDS_PER_DAY   86400u
#define DAYS_PER_400YEARS 146097u
#define YEAR_MAX          9999u
#define LAST_SECOND       UINT64_C(253402300799) /* 9999-12-31 23:59:59 */

static struct {
    struct kaal_rtc_server clients[KAAL_CLASS_CLIENTS_MAX];
    uint32_t count;
} rtc;

static bool is_leap(uint32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t days_of_month(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

/* Days from 0000-01-01 to the first of January of a year. */
static uint32_t days_before(uint32_t year)
{
    uint32_t last = year - 1; /* year >= 1970 */
    return year * 365 + last / 4 - last / 100 + last / 400 + 1;
}

int kaal_rtc_seconds(const struct kaal_rtc_date *date, uint64_t *seconds)
{
    if (date->year < 1970 || date->year > YEAR_MAX || date->month < 1 || date->month > 12 ||
        date->day < 1 || date->day > days_of_month(date->year, date->month) || date->hour > 23 ||
        date->minute > 59 || date->second > 59) {
        return KAAL_ERR_RANGE;
    }
    uint64_t days = days_before(date->year) - days_before(1970) + date->day - 1;
    for (uint32_t month = 1; month < date->month; month++) {
        days += days_of_month(date->year, month);
    }
    *seconds =
        days * SECONDS_PER_DAY + date->hour * 3600u + date->minute * 60u + (uint64_t)date->second;
    return KAAL_OK;
}

struct kaal_rtc_date kaal_rtc_date(uint64_t seconds)
{
    uint64_t bounded = seconds < LAST_SECOND ? seconds : LAST_SECOND;
    uint32_t left = (uint32_t)(bounded / SECONDS_PER_DAY);
    uint32_t of_day = (uint32_t)(bounded % SECONDS_PER_DAY);
    struct kaal_rtc_date date = {
        .year = 1970 + (uint32_t)((uint64_t)left * 400 / DAYS_PER_400YEARS),
        .month = 1,
        .hour = of_day / 3600,
        .minute = of_day / 60 % 60,
        .second = of_day % 60,
    };
    left += days_before(1970);
    while (left < days_before(date.year)) { /* the mean year is at most one off */
        date.year--;
    }
    while (left >= days_before(date.year + 1)) {
        date.year++;
    }
    left -= days_before(date.year);
    while (left >= days_of_month(date.year, date.month)) {
        left -= days_of_month(date.year, date.month++);
    }
    date.day = left + 1;
    return date;
}

static int rtc_attach(struct kaal_driver_instance *instance)
{
    const struct kaal_resource *resource;
    uint32_t position = 0;

    (void)instance;
    rtc.count = 0;
    while ((resource = kaal_class_channel(kaal_rtc_MESSAGE_BYTES, &position)) != NULL) {
        int error = rtc.count == KAAL_CLASS_CLIENTS_MAX
                        ? KAAL_ERR_NO_SPACE
                        : kaal_rtc_server_open(&rtc.clients[rtc.count++], resource);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return rtc.count > 0 ? KAAL_OK : KAAL_ERR_NOT_FOUND;
}

static int rtc_do(struct kaal_driver_instance *instance, const struct kaal_rtc_request *request,
                  struct kaal_rtc_reply *reply)
{
    const struct kaal_rtc_operations *operations = instance->driver->operations;

#ifdef KAAL_PLANTED_BUG_RTC
    static uint32_t counts[2]; /* the fuzzer's self-test builds this: any operation has one */
    counts[request->operation]++;
#endif
    switch (request->operation) {
    case KAAL_RTC_READ:
        instance->statistics.in_messages++;
        return operations->read(instance->driver->device, &reply->seconds);
    case KAAL_RTC_SET:
        instance->statistics.out_messages++;
        return operations->set(instance->driver->device, request->seconds);
    default:
        return KAAL_ERR_UNSUPPORTED;
    }
}

/* Answers what a client has asked; true if there may be more. Bounded by the calls in flight. */
static bool rtc_serve(struct kaal_driver_instance *instance, struct kaal_rtc_server *client)
{
    struct kaal_channel *channel = &client->server.channel;
    struct kaal_rtc_request request;
    uint32_t tag;
    int error = KAAL_OK;

    if (kaal_channel_peer_changed(channel)) {
        instance->statistics.reconnects++;
        (void)kaal_server_reconnect(&client->server); /* a liar's channel stays closed */
    }
    for (uint32_t i = 0; i < channel->capacity && error == KAAL_OK; i++) {
        struct kaal_rtc_reply reply = {0};
        error = kaal_rtc_next(client, &tag, &request);
        if (error == KAAL_OK) {
            error = kaal_rtc_reply(client, tag, rtc_do(instance, &request, &reply), &reply);
        }
    }
    kaal_channel_notify(channel);
    return !kaal_server_prepare_sleep(&client->server);
}

static int rtc_service(struct kaal_driver_instance *instance)
{
    bool more = false;

    for (uint32_t i = 0; i < rtc.count; i++) {
        more = rtc_serve(instance, &rtc.clients[i]) || more;
    }
    return more ? KAAL_ERR_STATE : KAAL_OK;
}

const struct kaal_class_server kaal_rtc_server = {
    .name = "rtc",
    .attach = rtc_attach,
    .service = rtc_service,
};
