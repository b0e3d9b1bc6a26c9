/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What init has of a machine, played by the process: memory is the host kernel's, read and
 * written directly; a component's image is a shared object; there is no device but the UART.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arch/host_kernel.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/clock.h>
#include <kaal/elf.h>
#include <kaal/symbols.h>

#include "arch.h"
#include "component.h"
#include "devices.h"
#include "early_console.h"
#include "host.h"
#include "image.h"
#include "memory.h"
#include "power.h"

#define PAGE_BYTES      4096u
#define NS_PER_TICK     16u
#define RECORD_BYTES    65536u
#define RECORDS_LOW     256u
#define SLOTS_LOW       1024u
#define TOP_UP_PAGES    16u
#define PERMANENT_PAGES 16u
#define PERMANENT_ALIGN 64u
#define IMAGE_VADDR     UINT64_C(0x400000)
#define SPIN_TICKS      UINT64_C(62500) /* a millisecond */

/* ---- time ---- */

uint64_t kaal_now_ns(void)
{
    return kernel_host_now() * NS_PER_TICK;
}

const struct kaal_clock *kaal_clock(void)
{
    static const struct kaal_clock clock = {.hz = UINT64_C(1000000000) / NS_PER_TICK};
    return &clock;
}

/* ---- memory.h ---- */

static struct kaal_cspace cspace;
static struct kaal_untyped_manager untyped;
static struct kaal_arena arena;
static struct kaal_usage usage;
static struct kaal_vspace vspace;
static unsigned char first_records[RECORD_BYTES] __attribute__((aligned(64)));
static unsigned char *permanent_next;
static size_t permanent_left;

int memory_start(const struct kaal_bootinfo *bootinfo, struct kaal_problem *problem)
{
    int error = kaal_cspace_init(&cspace, bootinfo->raw);
    if (error == KAAL_OK) {
        error = kaal_untyped_init(&untyped, &cspace, bootinfo->raw, first_records,
                                  sizeof(first_records));
    }
    kaal_arena_init(&arena, &untyped, &usage);
    if (error == KAAL_OK) {
        error = kaal_cspace_expand(&cspace, &untyped);
    }
    return error == KAAL_OK ? error : kaal_problem_set(problem, error, "no memory");
}

struct kaal_cspace *memory_cspace(void)
{
    return &cspace;
}

struct kaal_untyped_manager *memory_untyped(void)
{
    return &untyped;
}

struct kaal_arena *memory_arena(void)
{
    return &arena;
}

struct kaal_vspace *memory_vspace(void)
{
    return &vspace; /* used only for children's ELF files, which nobody has here */
}

void *memory_scratch_begin(seL4_CPtr frame)
{
    seL4_ARM_Page_GetAddress_t result = seL4_ARM_Page_GetAddress(frame);
    return result.error == seL4_NoError ? kernel_host_memory(result.paddr) : NULL;
}

void memory_scratch_end(seL4_CPtr frame)
{
    (void)frame;
}

void *memory_peek_begin(seL4_CPtr frame, seL4_CPtr *copy)
{
    *copy = frame;
    return memory_scratch_begin(frame);
}

void memory_peek_end(seL4_CPtr copy)
{
    (void)copy;
}

int memory_map(seL4_CPtr first, uint32_t count, uint32_t bits, uint32_t how, void **address)
{
    (void)count; /* of one untyped: neighbours */
    (void)bits;
    (void)how;
    *address = memory_scratch_begin(first);
    return *address == NULL ? KAAL_ERR_KERNEL : KAAL_OK;
}

void memory_unmap(seL4_CPtr first, uint32_t count, uint32_t bits, void *address)
{
    (void)first;
    (void)count;
    (void)bits;
    (void)address;
}

static void *pages_permanent(uint32_t count)
{
    seL4_CPtr first;
    return kaal_arena_allocate(&arena, kaal_frame_type(12), 0, count, &first) == KAAL_OK
               ? memory_scratch_begin(first)
               : NULL;
}

void memory_top_up(void)
{
    if (untyped.free_record_count < RECORDS_LOW) {
        void *storage = pages_permanent(TOP_UP_PAGES);
        if (storage != NULL) {
            kaal_untyped_add_storage(&untyped, storage, TOP_UP_PAGES * PAGE_BYTES);
        }
    }
    if (cspace.free_count < SLOTS_LOW) {
        (void)!kaal_cspace_expand(&cspace, &untyped);
    }
}

void *memory_permanent(size_t bytes)
{
    bytes = align_up(bytes, PERMANENT_ALIGN);
    if (bytes > permanent_left) {
        size_t pages = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
        pages = pages < PERMANENT_PAGES ? PERMANENT_PAGES : pages;
        permanent_next = pages_permanent((uint32_t)pages);
        permanent_left = permanent_next != NULL ? pages * PAGE_BYTES : 0;
        if (permanent_next == NULL) {
            return NULL;
        }
    }
    void *memory = permanent_next;
    permanent_next += bytes;
    permanent_left -= bytes;
    return memory;
}

int memory_image_frame(const void *address, seL4_CPtr *frame)
{
    (void)address;
    (void)frame;
    return KAAL_ERR_RANGE;
}

uint64_t memory_image_bytes_from(const void *address)
{
    (void)address;
    return 0; /* nothing is shared with an archive */
}

/* ---- image.h: the description is given, an image is a shared object ---- */

static const struct kaal_system *description;

/* Images by name; CMake says where they are. */
struct host_image {
    char name[KAAL_NAME_BYTES];
    const char *path;
};
static struct host_image images[] = {{"chaos", HOST_CHAOS_OBJECT}, {"load", HOST_LOAD_OBJECT}};
static const uint64_t no_symbols[4]; /* nothing that kaal_symbols_find() accepts */

void host_image_set(const struct kaal_system *system)
{
    description = system;
}

void host_image_set_load(const char *path)
{
    for (size_t i = 0; i < ARRAY_COUNT(images); i++) {
        if (strcmp(images[i].name, "load") == 0) {
            images[i].path = path;
        }
    }
}

int image_open(void)
{
    return KAAL_OK;
}

const struct kaal_system *image_system(void)
{
    return description;
}

int image_find(enum kaal_archive_kind kind, const char *name, const void **data, uint64_t *bytes)
{
    if (kind == KAAL_ARCHIVE_SYMBOLS) {
        *data = no_symbols;
        *bytes = sizeof(no_symbols);
        return KAAL_OK;
    }
    for (size_t i = 0; kind == KAAL_ARCHIVE_IMAGE && i < ARRAY_COUNT(images); i++) {
        if (strcmp(images[i].name, name) == 0) {
            *data = &images[i];
            *bytes = sizeof(images[i]);
            return KAAL_OK;
        }
    }
    return KAAL_ERR_NOT_FOUND;
}

const struct kaal_driver_declaration *image_declaration(const char *image)
{
    (void)image;
    return NULL;
}

/* ---- instances: loaded when init opens the image, unloaded when it destroys the component ---- */

static void *opened; /* by the last kaal_elf_open(), not running yet */
static void *instances[KAAL_SYSTEM_COMPONENTS_MAX];

/* A copy of the object under a name of its own, so that its variables are new. */
static void *load(const char *path)
{
    char copy[] = "/tmp/chaos-component-XXXXXX";
    int file = mkstemp(copy);
    FILE *from = fopen(path, "rb");
    unsigned char block[65536];
    size_t bytes;
    if (file < 0 || from == NULL) {
        perror(path);
        abort();
    }
    while ((bytes = fread(block, 1, sizeof(block), from)) != 0) {
        if (write(file, block, bytes) != (ssize_t)bytes) {
            perror(copy);
            abort();
        }
    }
    (void)fclose(from);
    void *object = dlopen(copy, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        abort();
    }
    (void)close(file);
    (void)unlink(copy);
    return object;
}

int __wrap_kaal_elf_open(const void *data, uint64_t bytes, uint32_t machine, struct kaal_elf *elf,
                         struct kaal_elf_problem *problem);

int __wrap_kaal_elf_open(const void *data, uint64_t bytes, uint32_t machine, struct kaal_elf *elf,
                         struct kaal_elf_problem *problem)
{
    const struct host_image *image = data;
    (void)bytes;
    (void)machine;
    (void)problem;
    opened = load(image->path);
    *elf = (struct kaal_elf){.entry = (uint64_t)dlsym(opened, "host_component_start_here"),
                             .segment_count = 1};
    elf->segments[0] = (struct kaal_elf_segment){
        .vaddr = IMAGE_VADDR, .memory_bytes = PAGE_BYTES, .rights = KAAL_ELF_READ | KAAL_ELF_WRITE};
    return KAAL_OK;
}

void __real_component_destroy(struct component *component);
void __wrap_component_destroy(struct component *component);

void __wrap_component_destroy(struct component *component)
{
    __real_component_destroy(component);
    if (instances[component->index] != NULL) {
        (void)dlclose(instances[component->index]);
        instances[component->index] = NULL;
    }
}

int __real_component_build(struct component *component, const void *elf, uint64_t elf_bytes);
int __wrap_component_build(struct component *component, const void *elf, uint64_t elf_bytes);

int __wrap_component_build(struct component *component, const void *elf, uint64_t elf_bytes)
{
    int error = __real_component_build(component, elf, elf_bytes);
    instances[component->index] = opened;
    return error;
}

/* An endless loop that a timer can interrupt. */
static void spin(void)
{
    for (;;) {
        kernel_host_advance(SPIN_TICKS);
    }
}

int __wrap_kaal_symbols_address(const void *data, uint64_t bytes, const char *name,
                                uint64_t *address);

int __wrap_kaal_symbols_address(const void *data, uint64_t bytes, const char *name,
                                uint64_t *address)
{
    (void)data;
    (void)bytes;
    (void)name;
    *address = (uint64_t)spin;
    return KAAL_OK;
}

/* ---- devices.h: none ---- */

static struct kaal_platform platform = {.power = {.method = KAAL_POWER_ACPI}};
static struct kaal_device_registry registry;
static struct kaal_broker the_broker;

void devices_start(const struct kaal_bootinfo *info)
{
    (void)info;
    kaal_broker_init(&the_broker, &cspace, &untyped, &platform, &registry);
}

struct kaal_broker *broker(void)
{
    return &the_broker;
}

const struct kaal_platform *devices_platform(void)
{
    return &platform;
}

struct kaal_device_registry *devices_registry(void)
{
    return &registry;
}

int devices_give(struct component *component)
{
    (void)component;
    return KAAL_OK;
}

/* ---- arch.h, early_console.h, power.h ---- */

void arch_sync_instructions(const void *start, size_t bytes)
{
    (void)start;
    (void)bytes;
}

int arch_uart_take(void)
{
    return KAAL_OK;
}

void arch_uart_give(void)
{
}

bool arch_uart_ready(void)
{
    return true;
}

void arch_uart_put(char character)
{
    host_uart_put(character);
}

int arch_power_off(const struct kaal_power *power)
{
    (void)power;
    host_power_off();
}
