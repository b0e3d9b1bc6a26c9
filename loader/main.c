/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The loader proper. Life of a boot: find the payload by the header, check both ELF files, decide
 * where everything goes (kernel at its physical address, then the device tree, then the root
 * task), turn the MMU on, copy, make the copies visible to instruction fetch, enter the kernel.
 * Whatever is wrong ends in one line on the console that names the file and the place.
 */
#include "elf_image.h"
#include "loader.h"
#include "memory.h"
#include <board.h>
#include <kaal/loader_image.h>
#include <stdbool.h>
#include <stddef.h>

#define PAGE_BYTES     4096ull
#define FDT_MAGIC      0xd00dfeedu
#define FDT_HEADER_MIN 40u
#define USER_TOP       0x800000000000ull
#define RAM_BASE       ((uint64_t)PLATFORM_RAM_BASE)
#define RAM_END        (RAM_BASE + PLATFORM_RAM_BYTES)

struct range {
    uint64_t start;
    uint64_t end; /* exclusive */
};

static uint64_t page_up(uint64_t value)
{
    return (value + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
}

static bool ranges_overlap(struct range a, struct range b)
{
    return a.start < b.end && b.start < a.end;
}

static uint32_t big_endian32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void store_big_endian32(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

/*
 * Bytes of the device tree that hold something: QEMU hands over a mostly empty 1 MiB blob, and
 * every page of it would cost the root task a page and a capability slot. 0 when there is no tree.
 */
static uint32_t device_tree_used_bytes(const uint8_t *tree)
{
    if (tree == NULL) {
        return 0;
    }
    if (((uintptr_t)tree & 7) != 0 || big_endian32(tree) != FDT_MAGIC) {
        loader_fail("device tree", "no device tree at the address in x0", (uintptr_t)tree);
    }
    uint64_t total = big_endian32(tree + 4);
    uint64_t structure_end = (uint64_t)big_endian32(tree + 8) + big_endian32(tree + 36);
    uint64_t strings_end = (uint64_t)big_endian32(tree + 12) + big_endian32(tree + 32);
    uint64_t used = structure_end > strings_end ? structure_end : strings_end;
    if (total < FDT_HEADER_MIN || used > total || big_endian32(tree + 16) > total) {
        loader_fail("device tree", "blocks outside the tree, size in bytes", total);
    }
    return (uint32_t)((used + 7) & ~7ull);
}

static void check_payload(const char *name, const struct kaal_loader_header *header,
                          uint64_t offset, uint64_t bytes, uint64_t base)
{
    if (bytes == 0) {
        loader_fail(name, "missing: nothing was packed into this image", 0);
    }
    if (offset < header->loader_bytes || offset % KAAL_LOADER_PAGE_BYTES != 0 ||
        offset > RAM_END - base || bytes > RAM_END - base - offset) {
        loader_fail(name, "packed at an impossible offset", offset);
    }
}

static void check_elf(const char *name, const void *file, uint64_t bytes, struct elf_image *image)
{
    struct elf_error error;
    if (elf_image_check(file, bytes, ELF_MACHINE_AARCH64, image, &error) != 0) {
        if (error.where == ELF_ERROR_FILE) {
            loader_fail(name, error.what, bytes);
        }
        loader_fail_header(name, error.what, error.where);
    }
}

/* Nothing that is copied may hit RAM's end, the loader with its payload, or the tree's source. */
static void check_room(const char *name, struct range wanted, struct range loader,
                       struct range tree)
{
    if (wanted.start < RAM_BASE || wanted.end > RAM_END || wanted.end < wanted.start) {
        loader_fail(name, "does not fit into RAM, would end at", wanted.end);
    }
    if (ranges_overlap(wanted, loader)) {
        loader_fail(name, "would overwrite the loader, ends at", wanted.end);
    }
    if (ranges_overlap(wanted, tree)) {
        loader_fail(name, "would overwrite the device tree, ends at", wanted.end);
    }
}

static void *at(uint64_t physical)
{
    return (void *)(uintptr_t)physical;
}

void loader_main(const uint8_t *tree, uint64_t base)
{
    const struct kaal_loader_header *header = at(base + KAAL_LOADER_HEADER_OFFSET);
    if (header->magic != KAAL_LOADER_MAGIC) {
        loader_fail("image", "damaged: the loader's header is not there", base);
    }
    if (base < RAM_BASE || base >= RAM_END) {
        loader_fail("image", "not in the RAM that this loader was built for", base);
    }
    if (!loader_probe(RAM_END - sizeof(uint64_t))) {
        loader_fail("RAM", "less than this kernel was built for, which ends at", RAM_END);
    }
    check_payload("kernel", header, header->kernel_offset, header->kernel_bytes, base);
    check_payload("root task", header, header->root_offset, header->root_bytes, base);
    struct range loader = {base, base + header->loader_bytes};
    uint64_t payload_end = header->kernel_offset + header->kernel_bytes;
    if (header->root_offset + header->root_bytes > payload_end) {
        payload_end = header->root_offset + header->root_bytes;
    }
    loader.end = base + payload_end;

    struct elf_image kernel;
    struct elf_image root;
    check_elf("kernel", at(base + header->kernel_offset), header->kernel_bytes, &kernel);
    check_elf("root task", at(base + header->root_offset), header->root_bytes, &root);
    if (root.virt_end > USER_TOP) {
        loader_fail("root task", "linked above the user address space, ends at", root.virt_end);
    }
    if (((kernel.virt_start | kernel.phys_start) & (LOADER_BLOCK_BYTES - 1)) != 0 ||
        kernel.virt_start < LOADER_KERNEL_VIRT_MIN) {
        loader_fail("kernel", "not linked at a 2 MiB aligned kernel address", kernel.virt_start);
    }
    if (!kernel.phys_parallel) {
        loader_fail("kernel", "segments have no common physical offset", kernel.phys_start);
    }

    /* Kernel, device tree, root task: ascending, disjoint, page aligned. */
    uint32_t tree_bytes = device_tree_used_bytes(tree);
    struct range tree_source = {(uintptr_t)tree, (uintptr_t)tree + tree_bytes};
    struct range kernel_place = {kernel.phys_start,
                                 kernel.phys_start + page_up(kernel.virt_end - kernel.virt_start)};
    struct range tree_place = {kernel_place.end, kernel_place.end + page_up(tree_bytes)};
    struct range root_place = {tree_place.end,
                               tree_place.end + page_up(root.virt_end - root.virt_start)};
    check_room("kernel", kernel_place, loader, tree_source);
    check_room("device tree", tree_place, loader, tree_source);
    check_room("root task", root_place, loader, tree_source);

    loader_map_memory(base, (uintptr_t)tree, &kernel);

    elf_image_copy(&kernel, at(kernel_place.start), kernel_place.end - kernel_place.start);
    uint64_t tree_physical = 0;
    if (tree_bytes != 0) {
        uint8_t *copy = at(tree_place.start);
        memory_copy(copy, tree, tree_bytes);
        memory_zero(copy + tree_bytes, tree_place.end - tree_place.start - tree_bytes);
        store_big_endian32(copy + 4, tree_bytes);
        tree_physical = tree_place.start;
    }
    elf_image_copy(&root, at(root_place.start), root_place.end - root_place.start);
    loader_clean_to_unification(kernel_place.start, root_place.end);

    const uint64_t handoff[6] = {
        root_place.start, root_place.end, root_place.start - root.virt_start,
        root.entry,       tree_physical,  tree_bytes,
    };
    loader_enter_kernel(handoff, kernel.entry);
}
