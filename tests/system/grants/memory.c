/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Memory at run time: the heap through the C library, sharing, and refusals.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <kaal/heap.h>
#include <kaal/startup.h>

#include "grants.h"

#define STRINGS    200u
#define WRITE_FLAG (UINT64_C(1) << 63)

static struct share_channel channel;

static int compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* musl's strdup() and qsort() over our malloc(). */
static void test_heap(void)
{
    struct kaal_heap_figures figures;
    char **strings = calloc(STRINGS, sizeof(*strings));
    bool good = strings != NULL;
    for (unsigned i = 0; good && i < STRINGS; i++) {
        char text[] = {(char)('a' + i * 7 % 26), (char)('a' + i % 26), '\0'};
        strings[i] = strdup(text);
        good = strings[i] != NULL;
    }
    if (good) {
        qsort(strings, STRINGS, sizeof(*strings), compare);
    }
    for (unsigned i = 1; good && i < STRINGS; i++) {
        good = strcmp(strings[i - 1], strings[i]) <= 0;
    }
    for (unsigned i = 0; strings != NULL && i < STRINGS; i++) {
        free(strings[i]);
    }
    free(strings);
    say("strings on the heap are sorted", good);
    void *aligned = aligned_alloc(65536, 100);
    say("aligned_alloc", aligned != NULL && (uintptr_t)aligned % 65536 == 0);
    free(aligned);
    errno = 0;
    say("malloc past the quota is NULL and ENOMEM", malloc(16 << 20) == NULL && errno == ENOMEM);
    kaal_heap_figures(&figures);
    say("the heap has no object left", figures.object_count == 0);
}

static uint64_t ask_peer(kaal_handle handle, bool write)
{
    struct share share = {.handle = handle, .word = write ? WRITE_FLAG : 0};
    if (share_channel_send_blocking(&channel, &share, KAAL_NO_DEADLINE) != KAAL_OK ||
        share_channel_recv_blocking(&channel, &share, KAAL_NO_DEADLINE) != KAAL_OK) {
        return UINT64_MAX;
    }
    return share.word;
}

static void test_shares(void)
{
    struct kaal_memory memory;
    kaal_handle readable;
    kaal_handle writable;
    if (kaal_allocate_memory(3 * 4096, &memory) != KAAL_OK) {
        say("memory to share", false);
        return;
    }
    volatile uint64_t *words = memory.address;
    words[0] = 41;
    say("share to read", kaal_delegate(memory.handle, "peer", false, &readable) == KAAL_OK &&
                             ask_peer(readable, false) == 41);
    say("share to write", kaal_delegate(memory.handle, "peer", true, &writable) == KAAL_OK &&
                              ask_peer(writable, true) == 41 && words[0] == 42);
    say("the peer's handle is not ours", kaal_release(readable) == KAAL_ERR_FOREIGN);
    say("sharing with whom the manifest does not name: refused",
        kaal_delegate(memory.handle, "shell", false, &readable) == KAAL_ERR_DENIED);
    say("sharing with nobody: refused",
        kaal_delegate(memory.handle, "nobody", false, &readable) == KAAL_ERR_NOT_FOUND);
    say("release", kaal_release(memory.handle) == KAAL_OK);
    say("the share ended with it", ask_peer(writable, false) == UINT64_MAX);
    say("double release: refused", kaal_release(memory.handle) == KAAL_ERR_DOUBLE_FREE);
}

static void test_refusals(void)
{
    struct kaal_memory memory;
    struct kaal_dma_resource dma;
    kaal_handle handle;
    say("past the memory quota: refused by its name",
        kaal_allocate_memory(UINT64_C(5) << 20, &memory) == KAAL_ERR_QUOTA_MEMORY);
    say("DMA memory without a device: refused",
        kaal_allocate_dma(4096, 4096, false, &handle, &dma) == KAAL_ERR_DENIED);
}

void test_memory(void)
{
    say("open", share_channel_open(&channel, kaal_resource_find("shares", KAAL_RESOURCE_CHANNEL)) ==
                    KAAL_OK);
    test_heap();
    test_shares();
    test_refusals();
}
