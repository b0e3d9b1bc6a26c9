/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Random writes and reads of a part of a disk, several in flight, each byte verified; then what the
 * class answers to requests that cannot be. Arguments: "<channel> <part> <parts>". How much is to
 * be done stands in the disk's first block: "<MiB of transfers> <restarts of the driver to live
 * through>". The driver may die at any time: what was acknowledged must be there.
 *
 * The disk is in chunks of 4 KiB. A chunk's contents follow from its number and version; version 0
 * is zeros. A write raises the versions of its chunks, known to be there once it is acknowledged.
 */
#include <stdlib.h>
#include <string.h>

#include <kaal/bits.h>
#include <kaal/class/disk.h>

#define CHUNK_BYTES   4096u
#define CHUNKS_MAX    65536u
#define BUFFER_CHUNKS 8u
#define BUFFER_BYTES  (BUFFER_CHUNKS * CHUNK_BYTES)
#define BUFFERS_MAX   8u
#define FLUSH_EVERY   64u
#define TEXT_BYTES    512u
#define NS_PER_S      UINT64_C(1000000000)

/* What is in flight with a buffer. */
struct job {
    bool busy;
    bool write;
    uint32_t first; /* chunk */
    uint32_t count;
};

static struct kaal_disk disk;
static uint32_t versions[CHUNKS_MAX]; /* acknowledged */
static struct job jobs[BUFFERS_MAX];
static uint32_t job_of[KAAL_BLOCK_REQUESTS_MAX]; /* ticket to job; BUFFERS_MAX: a flush */
static uint32_t first_chunk, chunk_count, buffer_count;
static uint64_t random_state = 88172645463325252u;
static bool good = true;

static void say(const char *what, bool is_good)
{
    kaal_log("%s: %s", is_good ? "good" : "BAD", what);
}

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 32) * limit >> 32);
}

static uint64_t word_of(uint32_t chunk, uint32_t version)
{
    return version == 0 ? 0 : ((uint64_t)chunk << 32 | version) * UINT64_C(0x9e3779b97f4a7c15);
}

static void fill(uint8_t *to, uint32_t chunk, uint32_t version)
{
    uint64_t *words = (uint64_t *)(void *)to;
    uint64_t word = word_of(chunk, version);

    for (uint32_t i = 0; i < CHUNK_BYTES / 8; i++) {
        words[i] = word == 0 ? 0 : word + i;
    }
}

static bool matches(const uint8_t *from, uint32_t chunk, uint32_t version)
{
    const uint64_t *words = (const uint64_t *)(const void *)from;
    uint64_t word = word_of(chunk, version);
    uint64_t wrong = 0;

    for (uint32_t i = 0; i < CHUNK_BYTES / 8; i++) {
        wrong |= words[i] ^ (word == 0 ? 0 : word + i);
    }
    return wrong == 0;
}

static bool overlaps(uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < buffer_count; i++) {
        if (jobs[i].busy && first < jobs[i].first + jobs[i].count &&
            jobs[i].first < first + count) {
            return true;
        }
    }
    return false;
}

static void submit(const struct kaal_block_request *request, uint32_t job)
{
    uint32_t ticket = 0;

    good = good && kaal_disk_submit(&disk, request, &ticket) == KAAL_OK;
    job_of[ticket] = job;
}

/* Starts a transfer with a free buffer; the range is nobody else's. */
static void start_job(uint32_t index, bool write, uint32_t first, uint32_t count)
{
    uint32_t buffer = index * BUFFER_BYTES;
    const struct kaal_block_request request = {
        .operation = write ? KAAL_BLOCK_WRITE : KAAL_BLOCK_READ,
        .flags = random_below(32) == 0 ? KAAL_BLOCK_BARRIER : 0,
        .bytes = count * CHUNK_BYTES,
        .offset = (uint64_t)first * CHUNK_BYTES,
        .buffer = buffer,
    };

    jobs[index] = (struct job){.busy = true, .write = write, .first = first, .count = count};
    for (uint32_t i = 0; write && i < count; i++) {
        fill(kaal_disk_out(&disk, buffer + i * CHUNK_BYTES), first + i, versions[first + i] + 1);
    }
    submit(&request, index);
}

static void end_job(uint32_t index)
{
    struct job *job = &jobs[index];

    job->busy = false;
    for (uint32_t i = 0; i < job->count; i++) {
        uint32_t chunk = job->first + i;

        if (job->write) {
            versions[chunk]++;
        } else if (!matches(kaal_disk_in(&disk, index * BUFFER_BYTES + i * CHUNK_BYTES), chunk,
                            versions[chunk])) {
            kaal_log("BAD: chunk %u is not version %u", chunk, versions[chunk]);
            good = false;
        }
    }
}

/* Takes what is finished; waits for one if `wait`. Returns false when something failed. */
static bool reap(bool wait)
{
    uint32_t ticket;
    int status;
    int error;

    while ((error = kaal_disk_collect(&disk, &ticket, &status, NULL)) == KAAL_ERR_EMPTY && wait) {
        error = kaal_disk_wait(&disk, kaal_now_ns() + 60 * NS_PER_S);
        if (error != KAAL_OK) {
            kaal_log("BAD: waiting gave %s", kaal_error_name(error));
            return false;
        }
    }
    if (error == KAAL_ERR_EMPTY) {
        return true;
    }
    if (error != KAAL_OK || status != KAAL_OK) {
        kaal_log("BAD: a request gave %s", kaal_error_name(error == KAAL_OK ? status : error));
        return false;
    }
    if (job_of[ticket] < BUFFERS_MAX) {
        end_job(job_of[ticket]);
    }
    return true;
}

static bool all_ended(void)
{
    while (disk.in_flight > 0 && good) {
        good = reap(true) && good;
    }
    return good;
}

static bool start_random(uint64_t *done_bytes)
{
    uint32_t index = 0;
    uint32_t count = 1 + random_below(BUFFER_CHUNKS);
    uint32_t first = first_chunk + random_below(chunk_count - count);

    while (index < buffer_count && jobs[index].busy) {
        index++;
    }
    if (index == buffer_count || overlaps(first, count)) {
        return false;
    }
    start_job(index, random_below(2) == 0, first, count);
    *done_bytes += count * CHUNK_BYTES;
    return true;
}

static void load(uint64_t goal_bytes, uint32_t restarts)
{
    const struct kaal_block_request flush = {.operation = KAAL_BLOCK_FLUSH,
                                             .flags = KAAL_BLOCK_BARRIER};
    uint32_t first_driver = disk.calls.client.channel.generation;
    uint64_t done_bytes = 0;
    uint32_t started = 0;

    while (good && (done_bytes < goal_bytes ||
                    disk.calls.client.channel.generation - first_driver < restarts)) {
        if (!start_random(&done_bytes)) {
            good = reap(true) && good;
        } else if (++started % FLUSH_EVERY == 0) {
            submit(&flush, BUFFERS_MAX);
        }
        good = reap(false) && good;
    }
    say("random writes and reads", all_ended());
    kaal_log("moved %llu MiB, %u restarts, %llu submitted again",
             (unsigned long long)(done_bytes >> 20),
             disk.calls.client.channel.generation - first_driver,
             (unsigned long long)disk.submitted_again);
}

/* Every chunk once more, in order. */
static void verify(void)
{
    for (uint32_t at = 0; at < chunk_count && good; at += BUFFER_CHUNKS) {
        uint32_t left = chunk_count - at;

        start_job(0, false, first_chunk + at, left < BUFFER_CHUNKS ? left : BUFFER_CHUNKS);
        (void)all_ended();
    }
    say("every acknowledged write is there", good);
}

static void expect(const char *what, struct kaal_block_request request, int expected)
{
    int result = kaal_disk_do(&disk, &request, NULL);

    say(what, result == expected);
    if (result != expected) {
        kaal_log("%s instead of %s", kaal_error_name(result), kaal_error_name(expected));
    }
}

static void refusals(void)
{
    const struct kaal_block_info *info = &disk.info;
    struct kaal_block_request read = {.operation = KAAL_BLOCK_READ, .bytes = info->block_bytes};
    struct kaal_block_request request = read;
    union kaal_block_reply reply;

    request.offset = info->bytes - info->block_bytes;
    expect("the last block can be read", request, KAAL_OK);
    request.offset = info->bytes;
    expect("behind the last block is out of range", request, KAAL_ERR_RANGE);
    request.offset = UINT64_MAX - info->block_bytes + 1;
    expect("so is the end of all numbers", request, KAAL_ERR_RANGE);
    request = read;
    request.offset = 1;
    expect("an unaligned offset is refused", request, KAAL_ERR_ALIGN);
    request = read;
    request.bytes = info->block_bytes + 1;
    expect("an unaligned length is refused", request, KAAL_ERR_ALIGN);
    request = read;
    request.buffer = 4;
    expect("an unaligned buffer is refused", request, KAAL_ERR_ALIGN);
    request = read;
    request.buffer = info->data_bytes;
    expect("a buffer outside the channel is refused", request, KAAL_ERR_INVALID);
    request = read;
    request.bytes = 0;
    expect("nothing is refused", request, KAAL_ERR_INVALID);
    request = read;
    request.operation = 77;
    expect("an unknown operation is refused", request, KAAL_ERR_UNSUPPORTED);
    request = (struct kaal_block_request){.operation = KAAL_BLOCK_FLUSH};
    expect("flush", request, KAAL_OK);
    request = (struct kaal_block_request){.operation = KAAL_BLOCK_STATISTICS};
    say("statistics count", kaal_disk_do(&disk, &request, &reply) == KAAL_OK &&
                                reply.statistics.refused >= 8 && reply.statistics.reads >= 1 &&
                                reply.statistics.errors == 0);
}

int main(void)
{
    char name[KAAL_NAME_BYTES] = {0};
    char text[TEXT_BYTES + 1] = {0};
    char *end = strchr(kaal_startup()->arguments, ' ');
    const struct kaal_block_request first = {.operation = KAAL_BLOCK_READ, .bytes = CHUNK_BYTES};
    int error;

    if (end == NULL || end - kaal_startup()->arguments >= (long)sizeof(name)) {
        return 1;
    }
    memcpy(name, kaal_startup()->arguments, (size_t)(end - kaal_startup()->arguments));
    uint32_t part = (uint32_t)strtoul(end, &end, 10);
    uint32_t parts = (uint32_t)strtoul(end, &end, 10);
    error = kaal_disk_open(&disk, name, kaal_now_ns() + 30 * NS_PER_S);
    if (error == KAAL_OK) {
        error = kaal_disk_do(&disk, &first, NULL);
    }
    say("the disk opens", error == KAAL_OK);
    if (error != KAAL_OK) {
        return 1;
    }
    memcpy(text, kaal_disk_in(&disk, 0), TEXT_BYTES);
    uint64_t megabytes = strtoul(text, &end, 10);
    uint32_t restarts = (uint32_t)strtoul(end, &end, 10);
    uint32_t chunks = (uint32_t)(disk.info.bytes / CHUNK_BYTES) - 1;
    chunk_count = chunks / parts;
    first_chunk = 1 + part * chunk_count;
    buffer_count = disk.info.data_bytes / BUFFER_BYTES;
    buffer_count = buffer_count < BUFFERS_MAX ? buffer_count : BUFFERS_MAX;
    random_state += part;
    if (first_chunk + chunk_count > CHUNKS_MAX || buffer_count == 0) {
        return 1;
    }
    kaal_log("disk of %llu MiB, blocks of %u", (unsigned long long)(disk.info.bytes >> 20),
             disk.info.block_bytes);
    load(megabytes << 20, restarts);
    verify();
    refusals();
    kaal_log("done");
    (void)kaal_disk_wait(&disk, KAAL_NO_DEADLINE);
    return 0;
}
