/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the two ends of the benchmark exchange.
 */
#pragma once

#include <kaal/channel.h>

struct bench_message {
    uint64_t number; /* from 0, ascending */
    uint64_t payload[7];
};

KAAL_CHANNEL(bench_channel, struct bench_message, 256);
