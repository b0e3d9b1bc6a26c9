/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The MC146818 clock of PCs, which the firmware left in UTC. A century has no cell that all
 * machines agree on: years 70 to 99 are 1970 to 1999. Any format is read; what is set is in the
 * usual one, decimal and 24 hours.
 */
#include <string.h>

#include <kaal/class/rtc.h>

#include "cmos_regs.h"

#define UPDATE_POLLS_MAX 20000u /* an update takes at most 2 ms, a port at least 0.1 us */
#define READS_MAX        5u     /* each read takes far less than the second between updates */

struct cmos {
    struct cmos_registers regs;
};

/* In the order of struct kaal_rtc_date. */
static const uint8_t cells[CMOS_FIELDS] = {CMOS_YEAR, CMOS_MONTH,  CMOS_DAY,
                                           CMOS_HOUR, CMOS_MINUTE, CMOS_SECOND};

static uint8_t cell_read(struct cmos *clock, uint8_t cell)
{
    cmos_write_index(&clock->regs, cell);
    return cmos_read_data(&clock->regs);
}

static void cell_write(struct cmos *clock, uint8_t cell, uint32_t value)
{
    cmos_write_index(&clock->regs, cell);
    cmos_write_data(&clock->regs, (uint8_t)value);
}

/* A predecessor may have ended in the middle of setting the clock. */
static int cmos_start(struct cmos *clock)
{
    cell_write(clock, CMOS_B, cell_read(clock, CMOS_B) & ~(CMOS_B_SET | CMOS_B_INTERRUPTS));
    return KAAL_OK;
}

static uint32_t decode(uint8_t mode, bool hour, uint32_t raw)
{
    bool twelve = hour && !(mode & CMOS_B_24_HOURS);
    uint32_t shown = twelve ? raw & ~CMOS_HOUR_PM : raw;
    uint32_t value = mode & CMOS_B_BINARY ? shown : shown / 16 * 10 + shown % 16;

    return twelve ? value % 12 + (raw & CMOS_HOUR_PM ? 12 : 0) : value;
}

static int read_once(struct cmos *clock, uint64_t *seconds)
{
    uint8_t mode = cell_read(clock, CMOS_B);
    uint32_t fields[CMOS_FIELDS];
    struct kaal_rtc_date date;

    for (unsigned polls = 0; cell_read(clock, CMOS_A) & CMOS_A_UPDATING; polls++) {
        if (polls == UPDATE_POLLS_MAX) {
            return KAAL_ERR_TIMEOUT;
        }
    }
    for (unsigned i = 0; i < CMOS_FIELDS; i++) {
        fields[i] = decode(mode, cells[i] == CMOS_HOUR, cell_read(clock, cells[i]));
    }
    fields[0] += fields[0] < 70 ? 2000 : 1900;
    memcpy(&date, fields, sizeof(date));
    return kaal_rtc_seconds(&date, seconds);
}

/* Whoever was held up between two cells has read two moments: twice the same is one. */
static int cmos_read(struct cmos *clock, uint64_t *seconds)
{
    int error = KAAL_ERR_IO;

    *seconds = UINT64_MAX;
    for (unsigned i = 0; i < READS_MAX && error != KAAL_ERR_TIMEOUT; i++) {
        uint64_t before = *seconds;
        error = read_once(clock, seconds);
        if (error == KAAL_OK && *seconds == before) {
            return KAAL_OK;
        }
    }
    return error == KAAL_ERR_TIMEOUT ? error : KAAL_ERR_IO;
}

static int cmos_set(struct cmos *clock, uint64_t seconds)
{
    struct kaal_rtc_date date = kaal_rtc_date(seconds);
    uint32_t fields[CMOS_FIELDS];

    memcpy(fields, &date, sizeof(date));
    fields[0] %= 100;
    if (date.year >= 2070) {
        return KAAL_ERR_RANGE;
    }
    cell_write(clock, CMOS_B, CMOS_B_SET | CMOS_B_24_HOURS);
    for (unsigned i = 0; i < CMOS_FIELDS; i++) {
        cell_write(clock, cells[i], fields[i] / 10 * 16 + fields[i] % 10);
    }
    cell_write(clock, CMOS_B, CMOS_B_24_HOURS);
    return KAAL_OK;
}

KAAL_RTC_DRIVER(cmos, KAAL_MATCH(KAAL_PNP("PNP0B00")), KAAL_RESOURCES(KAAL_PORTS(regs, 0)),
                .start = cmos_start, .read = cmos_read, .set = cmos_set);
