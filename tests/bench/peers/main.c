/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Channels beside Concurrency Kit's ck_ring and DPDK's rte_ring: two threads on two cores, messages
 * by value, the queues one after the other in each of 11 rounds. Prints the median time of a
 * message or round trip and the ratio of ours to the better of the others (below 1: ours is
 * faster).
 *
 * usage: bench_peers [ROUNDS]
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "peers.h"

#define ROUNDS_DEFAULT 11
#define ROUNDS_MAX     101
#define QUEUES         4
#define SIZES          3

static const struct queue *const queues[QUEUES] = {&queue_kaal, &queue_kaal_sleepers, &queue_ck,
                                                   &queue_rte};

/* What is measured for each message size. */
enum kind {
    KIND_SINGLE,
    KIND_BATCH,
    KIND_ROUND_TRIP,
    KINDS
};
static const char *const kind_names[KINDS] = {"single", "batch of 32", "round trip"};
/* Bytes moved in one run, at most this many messages. */
static const uint64_t run_bytes[KINDS] = {UINT64_C(256) << 20, UINT64_C(512) << 20,
                                          UINT64_C(16) << 20};
static const uint64_t run_messages_max[KINDS] = {2000000, 8000000, 100000};

static double times[KINDS][SIZES][QUEUES][ROUNDS_MAX]; /* nanoseconds per message */

struct side {
    loop_function loop;
    void *end;
    uint64_t messages;
    uint64_t wrong;
    int cpu;
    double finished_s;
};

static atomic_int arrived;
static _Atomic double started_s;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void *run_side(void *argument)
{
    struct side *side = argument;
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(side->cpu, &cpus);
    if (pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus) != 0) {
        perror("bench_peers: error: pinning a thread");
        exit(1);
    }
    if (atomic_fetch_add(&arrived, 1) == 1) {
        atomic_store(&started_s, now_s());
        atomic_store(&arrived, 3);
    }
    while (atomic_load(&arrived) != 3) {
    }
    side->wrong = side->loop(side->end, side->messages);
    side->finished_s = now_s();
    return NULL;
}

/* The first two processors that this process may use. */
static void pick_cpus(int cpus[2])
{
    cpu_set_t set;
    int found = 0;
    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++) {
            if (CPU_ISSET(cpu, &set)) {
                cpus[found++] = cpu;
            }
        }
    }
    if (found < 2) {
        fprintf(stderr, "bench_peers: error: needs two processors; try a machine with more\n");
        exit(1);
    }
}

static double run_once(const struct queue *queue, const struct loops *loops, enum kind kind)
{
    int cpus[2];
    pick_cpus(cpus);
    uint64_t messages = run_bytes[kind] / loops->message_bytes;
    if (messages > run_messages_max[kind]) {
        messages = run_messages_max[kind];
    }
    messages -= messages % BATCH;
    loop_function sides[KINDS][2] = {{loops->send_single, loops->receive_single},
                                     {loops->send_batch, loops->receive_batch},
                                     {loops->ping, loops->pong}};
    void *made = queue->make(loops->message_bytes);
    struct side side[2];
    pthread_t threads[2];
    atomic_store(&arrived, 0);
    for (unsigned i = 0; i < 2; i++) {
        side[i] = (struct side){.loop = sides[kind][i],
                                .end = queue->end(made, i),
                                .messages = messages,
                                .cpu = cpus[i]};
        if (pthread_create(&threads[i], NULL, run_side, &side[i]) != 0) {
            perror("bench_peers: error: starting a thread");
            exit(1);
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        if (side[i].wrong != 0) {
            fprintf(stderr, "bench_peers: error: %s lost the order of messages\n", queue->name);
            exit(1);
        }
    }
    queue->destroy(made);
    double end_s =
        side[0].finished_s > side[1].finished_s ? side[0].finished_s : side[1].finished_s;
    return (end_s - atomic_load(&started_s)) * 1e9 / (double)messages;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, unsigned count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

/* One line of the table; true if ours is at or above the better of the others. */
static int print_row(enum kind kind, unsigned size, unsigned rounds)
{
    double medians[QUEUES];
    for (unsigned queue = 0; queue < QUEUES; queue++) {
        medians[queue] = median(times[kind][size][queue], rounds);
    }
    double better = medians[2] < medians[3] ? medians[2] : medians[3];
    printf("%5u B  %-12s %9.1f %9.1f %9.1f   %6.2f %9.1f %6.2f\n",
           queues[0]->loops[size]->message_bytes, kind_names[kind], medians[0], medians[2],
           medians[3], medians[0] / better, medians[1], medians[1] / better);
    return medians[0] <= better;
}

/* Every queue in turn, for each row of the table. */
static void measure_round(unsigned round)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (unsigned size = 0; size < SIZES; size++) {
            for (unsigned queue = 0; queue < QUEUES; queue++) {
                times[kind][size][queue][round] =
                    run_once(queues[queue], queues[queue]->loops[size], (enum kind)kind);
            }
        }
    }
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : ROUNDS_DEFAULT;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_peers [ROUNDS]     1..%d, default %d\n", ROUNDS_MAX,
                ROUNDS_DEFAULT);
        return 2;
    }
    for (unsigned round = 0; round < rounds; round++) {
        measure_round(round);
    }
    printf("nanoseconds per message or round trip, median of %u interleaved runs\n", rounds);
    printf("  size  what         %9s %9s %9s   %6s %9s %6s\n", "kaal", "ck_ring", "rte_ring",
           "ratio", "+notify", "ratio");
    int good = 1;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (unsigned size = 0; size < SIZES; size++) {
            good = print_row((enum kind)kind, size, rounds) && good;
        }
    }
    printf("ratio: to the better of ck_ring and rte_ring, below 1 is faster; +notify also looks\n"
           "for a sleeping peer each time, which the others cannot do\n");
    return good ? 0 : 1;
}
