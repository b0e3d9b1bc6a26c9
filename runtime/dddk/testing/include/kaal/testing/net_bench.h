/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The bench for network drivers: test_bench with a data channel, and a client of the net class with
 * a start-up page of its own. Calls of the client's go between net_bench_client() and
 * net_bench_driver(), because both ends live in one process.
 */
#pragma once

#include <kaal/class/net_client.h>
#include <kaal/testing/bench.h>

/** Buffers of each half on the bench. */
#define NET_BENCH_BUFFERS 16u

/** The bench; one at a time. */
struct net_bench {
    struct test_bench bench;         /**< the driver's side */
    struct kaal_startup client_page; /**< the client's */
    struct kaal_net_client client;   /**< open */
};

/** Sets everything up anew; the driver is not yet started. */
void net_bench_open(struct net_bench *bench, const struct kaal_driver *driver,
                    struct kaal_mock *mock);

/** Ends the driver without warning and starts the next instance. As test_bench_start(). */
int net_bench_restart(struct net_bench *bench, const struct kaal_driver *driver);

/** Ends the client without warning; the next instance is open and has nothing. */
void net_bench_new_client(struct net_bench *bench);

/** From here on calls are the client's. */
void net_bench_client(struct net_bench *bench);
/** From here on calls are the driver's. */
void net_bench_driver(struct net_bench *bench);
