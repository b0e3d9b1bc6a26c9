/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Children: from the archive, from bytes, from damaged bytes, past every quota, and 10,000 times.
 */
#include <stdlib.h>
#include <string.h>

#include <sel4/sel4.h>

#include <kaal/inspect.h>
#include <kaal/startup.h>

#include "grants.h"

#define CYCLES        10000u
#define DAMAGED_BYTES 400u /* the ELF header and the program headers */

extern const unsigned char child_file[];
extern const unsigned char child_file_end[];

static uint64_t file_bytes(void)
{
    return (uint64_t)(child_file_end - child_file);
}

static struct kaal_spawn_request request_for(const char *arguments)
{
    struct kaal_spawn_request request = kaal_spawn_request("child", "grants_child");
    request.priority = 89;
    request.budget_us = 500;
    request.memory_bytes = 256 << 10;
    strncpy(request.arguments, arguments, sizeof(request.arguments) - 1);
    return request;
}

/* Sleeps until a child has ended. */
static struct kaal_child_status wait_for(kaal_handle child)
{
    struct kaal_child_status status = {.state = KAAL_COMPONENT_RUNNING};
    while (kaal_child_status(child, &status) == KAAL_OK && status.state == KAAL_COMPONENT_RUNNING) {
        seL4_Word badge;
        seL4_Wait(kaal_startup()->notification, &badge);
    }
    return status;
}

/* Runs a child to its end. elf: NULL for the archive's image. */
static struct kaal_child_status run(const char *arguments, const void *elf, uint64_t elf_bytes)
{
    struct kaal_spawn_request request = request_for(arguments);
    struct kaal_child_status status = {.state = UINT32_MAX};
    kaal_handle child;
    if (kaal_spawn(&request, elf, elf_bytes, &child) == KAAL_OK) {
        status = wait_for(child);
        if (kaal_release(child) != KAAL_OK) {
            status.state = UINT32_MAX;
        }
    }
    return status;
}

static void test_ends(void)
{
    for (unsigned bytes = 0; bytes < 2; bytes++) {
        const void *elf = bytes == 1 ? child_file : NULL;
        uint64_t elf_bytes = bytes == 1 ? file_bytes() : 0;
        struct kaal_child_status status = run("exit 7", elf, elf_bytes);
        say(bytes == 1 ? "a child from bytes ends with its status" : "a child ends with its status",
            status.state == KAAL_COMPONENT_STOPPED && status.exit_status == 7 &&
                status.faulted == 0);
        status = run("fault", elf, elf_bytes);
        say(bytes == 1 ? "a child from bytes faults" : "a child faults",
            status.state == KAAL_COMPONENT_STOPPED && status.faulted == 1);
    }
}

static bool refused(struct kaal_spawn_request request, int expected)
{
    kaal_handle child;
    int error = kaal_spawn(&request, NULL, 0, &child);
    if (error == KAAL_OK) {
        return kaal_release(child) == KAAL_OK && false;
    }
    return error == expected;
}

static void test_refusals(void)
{
    struct kaal_spawn_request request = kaal_spawn_request("child", "shell");
    request.priority = 89;
    say("an image that the manifest does not name: refused", refused(request, KAAL_ERR_DENIED));
    request = request_for("");
    request.priority = 90;
    say("a child above its ceiling's priority: refused", refused(request, KAAL_ERR_DENIED));
    request = request_for("");
    request.allow = KAAL_ALLOW_INSPECT;
    say("a right that cannot be passed on: refused", refused(request, KAAL_ERR_DENIED));
    request = request_for("");
    memcpy(request.name, "shell", sizeof("shell"));
    say("a name that is taken: refused", refused(request, KAAL_ERR_BUSY));
    request = request_for("");
    request.memory_bytes = 4 << 20;
    say("past the children's memory: refused by its name", refused(request, KAAL_ERR_QUOTA_MEMORY));
    request = request_for("");
    request.slots_max = 257;
    say("past the children's slots: refused by its name", refused(request, KAAL_ERR_QUOTA_SLOTS));
    request = request_for("");
    request.budget_us = 2600;
    say("past the children's CPU time: refused by its name", refused(request, KAAL_ERR_QUOTA_CPU));
    request = request_for("");
    request.memory_bytes = 4096;
    say("a child that does not fit into its quota: refused",
        refused(request, KAAL_ERR_QUOTA_MEMORY));
}

static void test_count(void)
{
    kaal_handle children[3];
    bool good = true;
    for (unsigned i = 0; i < 3; i++) {
        struct kaal_spawn_request request = request_for("");
        request.name[0] = (char)('a' + i);
        good = kaal_spawn(&request, NULL, 0, &children[i]) == KAAL_OK && good;
    }
    say("three children live side by side", good);
    say("a fourth one: refused by its name", refused(request_for(""), KAAL_ERR_QUOTA_CHILDREN));
    kaal_handle shared;
    struct kaal_memory memory;
    good = kaal_allocate_memory(4096, &memory) == KAAL_OK;
    say("memory is shared with a child",
        good && kaal_delegate(memory.handle, "bhild", true, &shared) == KAAL_OK);
    for (unsigned i = 0; i < 3; i++) {
        good = kaal_release(children[i]) == KAAL_OK && good;
    }
    struct kaal_child_status status;
    say("released children are gone",
        good && kaal_child_status(children[0], &status) == KAAL_ERR_NOT_FOUND);
    say("and so is the share", kaal_release(memory.handle) == KAAL_OK);
}

static void test_link(void)
{
    static struct share_channel channel;
    struct kaal_spawn_request request = request_for("echo");
    struct share share = {0};
    kaal_handle child;
    request.message_bytes = sizeof(struct share);
    request.messages = 16;
    bool good =
        kaal_spawn(&request, NULL, 0, &child) == KAAL_OK &&
        share_channel_open(&channel, kaal_resource_find("child", KAAL_RESOURCE_CHANNEL)) == KAAL_OK;
    for (uint64_t left = 100; good && left > 0; left--) {
        share.word = left - 1;
        good = share_channel_send_blocking(&channel, &share, KAAL_NO_DEADLINE) == KAAL_OK &&
               share_channel_recv_blocking(&channel, &share, KAAL_NO_DEADLINE) == KAAL_OK;
    }
    say("a channel to a child", good && share.handle == 100);
    good = good && wait_for(child).state == KAAL_COMPONENT_STOPPED;
    say("its end is seen in the channel",
        good && share_channel_recv_blocking(&channel, &share, KAAL_NO_DEADLINE) == KAAL_ERR_PEER);
    say("the channel goes with the child",
        kaal_release(child) == KAAL_OK &&
            kaal_resource_find("child", KAAL_RESOURCE_CHANNEL) == NULL);
}

/* Each byte of the headers changed: whatever it makes, a child or an error, nothing is lost. */
static void test_damaged_files(void)
{
    unsigned char *copy = malloc(file_bytes());
    unsigned started = 0;
    unsigned failed = 0;
    if (copy == NULL) {
        say("room for a copy of the file", false);
        return;
    }
    for (unsigned at = 0; at < DAMAGED_BYTES; at++) {
        struct kaal_spawn_request request = request_for("exit 0");
        kaal_handle child;
        memcpy(copy, child_file, file_bytes());
        copy[at] ^= (unsigned char)(1u << at % 8);
        if (kaal_spawn(&request, copy, file_bytes(), &child) != KAAL_OK) {
            failed++;
        } else if (kaal_release(child) == KAAL_OK) {
            started++;
        }
    }
    struct kaal_spawn_request request = request_for("");
    kaal_handle child;
    say("damaged files: an error or a child", failed > 50 && started + failed == DAMAGED_BYTES);
    say("half a file: refused",
        kaal_spawn(&request, copy, file_bytes() / 2, &child) == KAAL_ERR_TRUNCATED);
    free(copy);
}

static bool same(const struct kaal_memory_record *left, const struct kaal_memory_record *right)
{
    return memcmp(left, right, sizeof(*left)) == 0;
}

static void test_many(void)
{
    struct kaal_memory_record before;
    struct kaal_memory_record after;
    struct kaal_spawn_request request = request_for("");
    request.message_bytes = 64;
    request.messages = 16;
    bool good = kaal_inspect_memory(&before) == KAAL_OK;
    uint64_t start = kaal_now_ns();
    for (unsigned i = 0; good && i < CYCLES; i++) {
        kaal_handle child;
        good = kaal_spawn(&request, NULL, 0, &child) == KAAL_OK && kaal_release(child) == KAAL_OK;
    }
    kaal_log("bench: spawn_and_release %llu",
             (unsigned long long)((kaal_now_ns() - start) / CYCLES));
    good = good && kaal_inspect_memory(&after) == KAAL_OK;
    say("10,000 children leave every count as it was", good && same(&before, &after));
    if (good && !same(&before, &after)) {
        kaal_log("free KiB %llu -> %llu, slots %llu -> %llu",
                 (unsigned long long)before.untyped_free_bytes >> 10,
                 (unsigned long long)after.untyped_free_bytes >> 10,
                 (unsigned long long)before.broker_slots_free,
                 (unsigned long long)after.broker_slots_free);
    }
}

void test_children(void)
{
    test_ends();
    test_refusals();
    test_count();
    test_link();
    test_damaged_files();
    (void)run("exit 0", NULL, 0);
    test_many();
}
