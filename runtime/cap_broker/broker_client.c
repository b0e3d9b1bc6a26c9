/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The broker's client side: each function is one call on the broker endpoint of the start-up page,
 * as broker_protocol.h lays it out. Results are words in the reply; no capability travels.
 */
#include <kaal/broker_protocol.h>
#include <kaal/chaos.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <sel4/sel4.h>

/* Words of `bytes` bytes. */
#define WORDS(bytes) (((bytes) + sizeof(seL4_Word) - 1) / sizeof(seL4_Word))
/* Text that one log call carries. */
#define LOG_TEXT_BYTES_MAX 200u
/* What a child gets if its parent asks for nothing else. */
#define CHILD_SLOTS        64u
#define CHILD_BUDGET_US    1000u
#define CHILD_PERIOD_US    5000u
#define CHILD_MEMORY_BYTES (UINT64_C(1) << 20)

static_assert(1 + WORDS(sizeof(struct kaal_device_record)) <= seL4_MsgMaxLength, "one message");
static_assert(1 + WORDS(sizeof(struct kaal_component_record)) <= seL4_MsgMaxLength, "one message");
static_assert(WORDS(sizeof(struct kaal_spawn_request)) <= seL4_MsgMaxLength, "one message");
static_assert(2 + WORDS(sizeof(struct kaal_resource)) <= seL4_MsgMaxLength, "one message");

/* Copies bytes into the message, the last word filled up with 0. Returns the next register. */
static uint32_t put_bytes(uint32_t first, const void *data, size_t bytes)
{
    const uint8_t *from = data;
    for (size_t done = 0; done < bytes; done += sizeof(seL4_Word)) {
        seL4_Word word = 0;
        for (size_t i = 0; i < sizeof(word) && done + i < bytes; i++) {
            word |= (seL4_Word)from[done + i] << (8 * i);
        }
        seL4_SetMR((int)first++, word);
    }
    return first;
}

static void get_bytes(uint32_t first, void *data, size_t bytes)
{
    uint8_t *to = data;
    for (size_t done = 0; done < bytes; done++) {
        seL4_Word word = seL4_GetMR((int)(first + done / sizeof(word)));
        to[done] = (uint8_t)(word >> (8 * (done % sizeof(word))));
    }
}

/* A name is always KAAL_NAME_BYTES bytes; a longer one is cut and so names nothing that exists. */
static uint32_t put_name(uint32_t first, const char *name)
{
    char bytes[KAAL_NAME_BYTES] = {0};
    for (size_t i = 0; i < sizeof(bytes) - 1 && name[i] != '\0'; i++) {
        bytes[i] = name[i];
    }
    return put_bytes(first, bytes, sizeof(bytes));
}

/* Sends the registers filled in so far. Returns the broker's result, or KAAL_ERR_FORMAT. */
static int call(enum kaal_broker_operation operation, uint32_t words, uint32_t reply_words)
{
    seL4_MessageInfo_t reply =
        seL4_Call(kaal_startup()->broker_endpoint, seL4_MessageInfo_new(operation, 0, 0, words));
    seL4_Word length = seL4_MessageInfo_get_length(reply);
    if (length < 1) {
        return KAAL_ERR_FORMAT;
    }
    int result = (int)(int64_t)seL4_GetMR(0);
    return result == KAAL_OK && length < 1 + reply_words ? KAAL_ERR_FORMAT : result;
}

struct kaal_device_selector kaal_platform(const char *compatible)
{
    struct kaal_device_selector selector = {.kind = KAAL_SELECT_COMPATIBLE};
    size_t i = 0;
    for (; i < KAAL_DEVICE_ID_BYTES - 1 && compatible[i] != '\0'; i++) {
        selector.id[i] = compatible[i];
    }
    if (compatible[i] != '\0') {
        selector.id[0] = '\0'; /* too long: an empty id matches nothing */
    }
    return selector;
}

/* Fetches the resources of a bundle with a handle, one call for each. */
static int fetch_resources(struct kaal_bundle *bundle, seL4_Word count)
{
    if (count > KAAL_BUNDLE_RESOURCES_MAX) {
        return KAAL_ERR_FORMAT;
    }
    for (uint32_t i = 0; i < count; i++) {
        seL4_SetMR(0, bundle->handle);
        seL4_SetMR(1, i);
        int error = call(KAAL_BROKER_BUNDLE_RESOURCE, 2, WORDS(sizeof(bundle->resources[i])));
        if (error != KAAL_OK) {
            return error;
        }
        get_bytes(1, &bundle->resources[i], sizeof(bundle->resources[i]));
        bundle->resource_count++;
    }
    return KAAL_OK;
}

int kaal_request_device(struct kaal_device_selector selector, struct kaal_bundle *bundle)
{
    *bundle = (struct kaal_bundle){0};
    int error = call(KAAL_BROKER_REQUEST_DEVICE, put_bytes(0, &selector, sizeof(selector)), 2);
    if (error != KAAL_OK) {
        return error;
    }
    bundle->handle = seL4_GetMR(1);
    error = fetch_resources(bundle, seL4_GetMR(2));
    if (error != KAAL_OK) {
        int ignored = kaal_release(bundle->handle);
        (void)ignored; /* the first error is the one to report */
    }
    return error;
}

int kaal_bundle_of(kaal_handle handle, struct kaal_bundle *bundle)
{
    *bundle = (struct kaal_bundle){.handle = handle};
    seL4_SetMR(0, handle);
    int error = call(KAAL_BROKER_BUNDLE_OF, 1, 1);
    return error == KAAL_OK ? fetch_resources(bundle, seL4_GetMR(1)) : error;
}

int kaal_device_handle(uint32_t device, kaal_handle *handle)
{
    seL4_SetMR(0, device);
    int error = call(KAAL_BROKER_BUNDLE_FIND, 1, 1);
    if (error == KAAL_OK) {
        *handle = seL4_GetMR(1);
    }
    return error;
}

int kaal_pci_config_read(uint32_t device, uint32_t offset, uint32_t width, uint32_t *value)
{
    seL4_SetMR(0, device);
    seL4_SetMR(1, offset);
    seL4_SetMR(2, width);
    int error = call(KAAL_BROKER_CONFIG_READ, 3, 1);
    if (error == KAAL_OK) {
        *value = (uint32_t)seL4_GetMR(1);
    }
    return error;
}

int kaal_pci_config_write(uint32_t device, uint32_t offset, uint32_t width, uint32_t value)
{
    seL4_SetMR(0, device);
    seL4_SetMR(1, offset);
    seL4_SetMR(2, width);
    seL4_SetMR(3, value);
    return call(KAAL_BROKER_CONFIG_WRITE, 4, 0);
}

int kaal_allocate_memory(uint64_t bytes, struct kaal_memory *memory)
{
    seL4_SetMR(0, bytes);
    int error = call(KAAL_BROKER_ALLOCATE_MEMORY, 1, 3);
    if (error == KAAL_OK) {
        memory->handle = seL4_GetMR(1);
        memory->address = (void *)(uintptr_t)seL4_GetMR(2);
        memory->bytes = seL4_GetMR(3);
    }
    return error;
}

int kaal_request_irq(uint64_t number, struct kaal_resource *resource)
{
    seL4_SetMR(0, number);
    int error = call(KAAL_BROKER_REQUEST_IRQ, 1, 1 + WORDS(sizeof(*resource)));
    if (error == KAAL_OK) {
        get_bytes(2, resource, sizeof(*resource));
    }
    return error;
}

int kaal_allocate_dma(uint64_t bytes, uint64_t alignment, bool uncached, kaal_handle *handle,
                      struct kaal_dma_resource *dma)
{
    seL4_SetMR(0, bytes);
    seL4_SetMR(1, alignment);
    seL4_SetMR(2, uncached);
    int error = call(KAAL_BROKER_ALLOCATE_DMA, 3, 4);
    if (error == KAAL_OK) {
        *handle = seL4_GetMR(1);
        *dma = (struct kaal_dma_resource){
            .vaddr = seL4_GetMR(2), .bytes = seL4_GetMR(3), .bus = seL4_GetMR(4)};
    }
    return error;
}

int kaal_delegate(kaal_handle handle, const char *peer, bool writable, kaal_handle *peer_handle)
{
    seL4_SetMR(0, handle);
    seL4_SetMR(1, writable);
    int error = call(KAAL_BROKER_DELEGATE, put_name(2, peer), 1);
    if (error == KAAL_OK) {
        *peer_handle = seL4_GetMR(1);
    }
    return error;
}

int kaal_memory_of(kaal_handle handle, struct kaal_memory *memory)
{
    seL4_SetMR(0, handle);
    int error = call(KAAL_BROKER_MEMORY_OF, 1, 2);
    if (error == KAAL_OK) {
        *memory = (struct kaal_memory){
            .handle = handle, .address = (void *)(uintptr_t)seL4_GetMR(1), .bytes = seL4_GetMR(2)};
    }
    return error;
}

int kaal_release(kaal_handle handle)
{
    seL4_SetMR(0, handle);
    return call(KAAL_BROKER_RELEASE, 1, 0);
}

int kaal_timer_arm(uint64_t deadline_ns)
{
    seL4_SetMR(0, deadline_ns);
    return call(KAAL_BROKER_TIMER_ARM, 1, 0);
}

int kaal_log_write(const char *text, size_t bytes)
{
    if (bytes > LOG_TEXT_BYTES_MAX) {
        bytes = LOG_TEXT_BYTES_MAX;
    }
    seL4_SetMR(0, bytes);
    return call(KAAL_BROKER_LOG_WRITE, put_bytes(1, text, bytes), 0);
}

int kaal_log_read(uint64_t *position, char *text, size_t capacity, size_t *bytes)
{
    size_t most = (seL4_MsgMaxLength - 3) * sizeof(seL4_Word);
    seL4_SetMR(0, *position);
    seL4_SetMR(1, capacity < most ? capacity : most);
    int error = call(KAAL_BROKER_LOG_READ, 2, 2);
    if (error != KAAL_OK) {
        return error;
    }
    seL4_Word length = seL4_GetMR(2);
    if (length > capacity || length > most) {
        return KAAL_ERR_FORMAT;
    }
    *position = seL4_GetMR(1);
    *bytes = length;
    get_bytes(3, text, length);
    return KAAL_OK;
}

int kaal_component_kill(const char *component)
{
    return call(KAAL_BROKER_KILL, put_name(0, component), 0);
}

int kaal_power_off(void)
{
    return call(KAAL_BROKER_POWER_OFF, 0, 0);
}

void kaal_exit(int status)
{
    for (;;) {
        /* There is no reply: the broker destroys the caller, which waits here until then. */
        seL4_SetMR(0, (seL4_Word)(int64_t)status);
        (void)seL4_Call(kaal_startup()->broker_endpoint,
                        seL4_MessageInfo_new(KAAL_BROKER_EXIT, 0, 0, 1));
    }
}

/* One record by index. */
static int inspect(enum kaal_broker_operation operation, uint32_t words, void *record, size_t bytes)
{
    int error = call(operation, words, (uint32_t)WORDS(bytes));
    if (error == KAAL_OK) {
        get_bytes(1, record, bytes);
    }
    return error;
}

int kaal_inspect_component(uint32_t index, struct kaal_component_record *record)
{
    seL4_SetMR(0, index);
    return inspect(KAAL_BROKER_INSPECT_COMPONENT, 1, record, sizeof(*record));
}

int kaal_inspect_device(uint32_t index, struct kaal_device_record *record)
{
    seL4_SetMR(0, index);
    return inspect(KAAL_BROKER_INSPECT_DEVICE, 1, record, sizeof(*record));
}

int kaal_inspect_channel(uint32_t index, struct kaal_channel_record *record)
{
    seL4_SetMR(0, index);
    return inspect(KAAL_BROKER_INSPECT_CHANNEL, 1, record, sizeof(*record));
}

int kaal_inspect_memory(struct kaal_memory_record *record)
{
    return inspect(KAAL_BROKER_INSPECT_MEMORY, 0, record, sizeof(*record));
}

int kaal_inspect_holding(const char *component, uint32_t index, struct kaal_holding_record *record)
{
    uint32_t words = put_name(0, component);
    seL4_SetMR((int)words, index);
    return inspect(KAAL_BROKER_INSPECT_HOLDING, words + 1, record, sizeof(*record));
}

int kaal_inspect_audit(uint64_t sequence, struct kaal_audit_record *record)
{
    seL4_SetMR(0, sequence);
    return inspect(KAAL_BROKER_INSPECT_AUDIT, 1, record, sizeof(*record));
}

int kaal_inspect_slots(const char *component, uint64_t occupied[KAAL_INSPECT_SLOT_WORDS])
{
    return inspect(KAAL_BROKER_INSPECT_SLOTS, put_name(0, component), occupied,
                   KAAL_INSPECT_SLOT_WORDS * sizeof(occupied[0]));
}

static void copy_name(char to[KAAL_NAME_BYTES], const char *from)
{
    for (size_t i = 0; i < KAAL_NAME_BYTES - 1 && from[i] != '\0'; i++) {
        to[i] = from[i];
    }
}

struct kaal_spawn_request kaal_spawn_request(const char *name, const char *image)
{
    struct kaal_spawn_request request = {
        .priority = (uint32_t)kaal_startup()->priority,
        .slots_max = CHILD_SLOTS,
        .budget_us = CHILD_BUDGET_US,
        .period_us = CHILD_PERIOD_US,
        .memory_bytes = CHILD_MEMORY_BYTES,
    };
    copy_name(request.name, name);
    copy_name(request.image, image);
    return request;
}

int kaal_spawn(const struct kaal_spawn_request *request, const void *elf, uint64_t elf_bytes,
               kaal_handle *handle)
{
    struct kaal_spawn_request sent = *request;
    sent.elf_bytes = elf_bytes;
    sent.elf_memory = 0;
    if (elf_bytes != 0) {
        struct kaal_memory memory;
        int error = kaal_allocate_memory(elf_bytes, &memory);
        if (error != KAAL_OK) {
            return error;
        }
        __builtin_memcpy(memory.address, elf, elf_bytes);
        sent.elf_memory = memory.handle;
    }
    int error = call(KAAL_BROKER_SPAWN, put_bytes(0, &sent, sizeof(sent)), 1);
    if (error == KAAL_OK) {
        *handle = seL4_GetMR(1);
    }
    if (sent.elf_memory != 0) {
        int released = kaal_release(sent.elf_memory);
        ASSERT(released == KAAL_OK);
    }
    return error;
}

int kaal_child_status(kaal_handle handle, struct kaal_child_status *status)
{
    seL4_SetMR(0, handle);
    return inspect(KAAL_BROKER_CHILD_STATUS, 1, status, sizeof(*status));
}

int kaal_chaos_act(const char *component, enum kaal_chaos_action action, uint64_t argument,
                   uint64_t value, uint64_t *where)
{
    uint32_t words = put_name(0, component);
    seL4_SetMR((int)words, action);
    seL4_SetMR((int)words + 1, argument);
    seL4_SetMR((int)words + 2, value);
    int error = call(KAAL_BROKER_CHAOS, words + 3, 1);
    if (error == KAAL_OK) {
        *where = seL4_GetMR(1);
    }
    return error;
}
