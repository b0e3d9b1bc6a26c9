/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a request for 4 KiB costs, from the client to the device and back: processor time of client
 * and driver with their share of the kernel, without what the machine is idle while the device
 * works. Under -icount shift=0 a nanosecond is an instruction.
 */
#include <string.h>

#include <kaal/class/disk.h>
#include <kaal/inspect.h>

#define REQUESTS   2048u
#define REQUEST    4096u
#define COMPONENTS 16u
#define NS_PER_US  1000u
#define OPEN_NS    UINT64_C(30000000000)
#define DEPTH_MAX  KAAL_BLOCK_REQUESTS_MAX

static struct kaal_disk disk;

/* Processor time of the two components so far. */
static uint64_t cpu_time_us(void)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < COMPONENTS; i++) {
        struct kaal_component_record record;

        if (kaal_inspect_component(i, &record) == KAAL_OK &&
            (strcmp(record.name, "disk0") == 0 || strcmp(record.name, "client") == 0)) {
            sum += record.cpu_time_us;
        }
    }
    return sum;
}

static void submit(uint16_t operation, uint32_t number, uint32_t buffer)
{
    const struct kaal_block_request request = {
        .operation = operation,
        .bytes = REQUEST,
        .offset = (uint64_t)number * REQUEST % (disk.info.bytes - REQUEST),
        .buffer = buffer * REQUEST,
    };
    uint32_t ticket;

    if (kaal_disk_submit(&disk, &request, &ticket) != KAAL_OK) {
        kaal_panic("bench: error: submit");
    }
}

/* Waits for a finished request. */
static void finish(void)
{
    uint32_t ticket;
    int status = KAAL_OK;
    int error;

    while ((error = kaal_disk_collect(&disk, &ticket, &status, NULL)) == KAAL_ERR_EMPTY) {
        error = kaal_disk_wait(&disk, KAAL_NO_DEADLINE);
        if (error != KAAL_OK) {
            break;
        }
    }
    if (error != KAAL_OK || status != KAAL_OK) {
        kaal_panic("bench: error: a request failed");
    }
}

/* Mean instructions of a request with so many in flight. */
static uint64_t measure(uint16_t operation, uint32_t depth)
{
    uint64_t start_us = cpu_time_us();

    for (uint32_t done = 0; done < REQUESTS; done += depth) {
        for (uint32_t i = 0; i < depth; i++) {
            submit(operation, done + i, i);
        }
        for (uint32_t i = 0; i < depth; i++) {
            finish();
        }
    }
    return (cpu_time_us() - start_us) * NS_PER_US / REQUESTS;
}

int main(void)
{
    if (kaal_disk_open(&disk, "disk", kaal_now_ns() + OPEN_NS) != KAAL_OK) {
        kaal_panic("bench: error: open");
    }
    uint32_t depth = disk.info.data_bytes / REQUEST;
    depth = depth < DEPTH_MAX ? depth : DEPTH_MAX;
    (void)measure(KAAL_BLOCK_READ, 1);
    kaal_log("bench: read_single %llu", (unsigned long long)measure(KAAL_BLOCK_READ, 1));
    kaal_log("bench: write_single %llu", (unsigned long long)measure(KAAL_BLOCK_WRITE, 1));
    kaal_log("bench: read_full %llu", (unsigned long long)measure(KAAL_BLOCK_READ, depth));
    kaal_log("bench: write_full %llu", (unsigned long long)measure(KAAL_BLOCK_WRITE, depth));
    kaal_log("bench: done");
    return 0;
}
