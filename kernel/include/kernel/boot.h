/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The portable half of booting: from a description of the machine to a runnable root task.
 *
 * The architecture maps the kernel, tells boot_memory.h what is RAM and what is reserved, takes the
 * memory of the root task's image and puts the image there, fills a struct boot_args, initialises
 * its interrupt controller and timer and calls kernel_boot(); then it restores node()->current as
 * after any other entry.
 */
#pragma once

#include <kernel/boot_memory.h>
#include <kernel/slot.h>

#define BOOT_EXTRA_MAX 8

/* One block of extra boot information; the header {id, length} is added by kernel_boot(). */
struct boot_extra {
    word_t id;        /* SEL4_BOOTINFO_HEADER_* */
    const void *data; /* kernel address, readable until kernel_boot() returns */
    word_t bytes;     /* without the header */
};

struct boot_args {
    /* Reserved, but handed out again: the kernel's boot-only code and data; may be empty. */
    struct boot_region reusable;
    /* The root task: where its image lies, whole pages. */
    struct boot_region image;
    vaddr_t image_vaddr; /* lowest virtual address, page aligned */
    vaddr_t entry;
    struct boot_extra extra[BOOT_EXTRA_MAX];
    word_t extra_count;
    word_t num_iopt_levels;
};

/*
 * Build the root task, its boot information and all untyped capabilities, and make it current.
 * Stops, after a message, when memory does not suffice.
 */
void kernel_boot(const struct boot_args *args);

/* Put a capability into a fixed slot (seL4_Cap*) of the root CNode: for arch_boot_caps(). */
void boot_set_cap(word_t index, struct cap cap);
