/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The portable half of booting: from a description of the machine to a runnable root task.
 *
 * The architecture maps the kernel, finds memory and the root task image, copies that where it
 * shall stay, fills a struct boot_args, initialises its interrupt controller and timer and calls
 * kernel_boot(); then it restores node()->current as after any other entry.
 */
#pragma once

#include <kernel/slot.h>

#define BOOT_RAM_MAX      32
#define BOOT_RESERVED_MAX 32
#define BOOT_EXTRA_MAX    8

/* Physical, end exclusive, page granularity not required. */
struct boot_region {
    paddr_t start;
    paddr_t end;
};

/* One block of extra boot information; the header {id, length} is added by kernel_boot(). */
struct boot_extra {
    word_t id;        /* SEL4_BOOTINFO_HEADER_* */
    const void *data; /* kernel address, readable until kernel_boot() returns */
    word_t bytes;     /* without the header */
};

struct boot_args {
    /* RAM that the kernel knows, ascending and disjoint; what is not in it is "device". */
    struct boot_region ram[BOOT_RAM_MAX];
    word_t ram_count;
    /* Never handed out: kernel image, device tree copy, interrupt controllers. Any order. */
    struct boot_region reserved[BOOT_RESERVED_MAX];
    word_t reserved_count;
    /* Inside a reserved region: the kernel's boot-only code and data, handed out again; may be
     * empty. */
    struct boot_region reusable;
    /* The root task: where its image lies (page aligned; reserved by kernel_boot() itself). */
    struct boot_region image;
    vaddr_t image_vaddr; /* lowest virtual address, page aligned */
    vaddr_t entry;
    struct boot_extra extra[BOOT_EXTRA_MAX];
    word_t extra_count;
    word_t num_iopt_levels;
};

/*
 * Build the root task, its boot information and all untyped capabilities, and make it current.
 * Returns false, after a message on the console, when memory does not suffice.
 */
bool kernel_boot(const struct boot_args *args) MUST_CHECK;

/* ---- for the architecture's hooks while kernel_boot() runs ---- */

/* Put a capability into a fixed slot (seL4_Cap*) of the root CNode. */
void boot_set_cap(word_t index, struct cap cap);

/* Put a capability into the next free slot of the root CNode; false when it is full. */
bool boot_add_cap(struct cap cap);

/* The next zeroed 4 KiB page of those counted by arch_boot_paging_count() */
void *boot_take_paging_page(void);
