/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checked reading of an ELF64 executable that lies in memory: the kernel and the root task here,
 * the root task in the x86_64 kernel, which no loader of ours starts. No byte of the file is
 * trusted: elf_image_check() decides once, afterwards the other functions cannot fail. Freestanding
 * and free of hardware access, so that host tests and fuzzers run the same code.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum elf_machine {
    ELF_MACHINE_X86_64 = 62,
    ELF_MACHINE_AARCH64 = 183,
};

/* What an accepted file loads. Addresses are as linked; ends are exclusive and not rounded. */
struct elf_image {
    const uint8_t *file;
    uint64_t file_bytes;
    uint64_t entry;      /* inside a loaded segment */
    uint64_t virt_start; /* lowest virtual address, page aligned */
    uint64_t virt_end;
    uint64_t phys_start; /* physical address given for virt_start */
    bool phys_parallel;  /* physical addresses run in parallel to virtual ones */
    uint64_t headers_offset;
    uint32_t headers_count;
    uint32_t header_bytes;
};

/* Why and where a file was refused. */
struct elf_error {
    const char *what; /* a static string */
    uint64_t where;   /* program header number, or ELF_ERROR_FILE for the file as a whole */
};
#define ELF_ERROR_FILE UINT64_MAX

/*
 * Check a file and describe what it loads.
 *   file, file_bytes  the ELF file; 8-byte alignment needed
 *   machine           what it must be for
 *   image             filled when the file is good
 *   error             filled when it is refused
 * Returns 0 when good, -1 when refused. Refused are: other formats than ELF64 executables for the
 * machine, tables or segments outside the file, memory sizes below file sizes, wrapping addresses,
 * overlapping segments, an unaligned lowest address, nothing to load, an entry outside of what
 * is loaded.
 * Ownership: borrows file for as long as image is used.
 */
int elf_image_check(const void *file, uint64_t file_bytes, enum elf_machine machine,
                    struct elf_image *image, struct elf_error *error);

/*
 * Copy every segment of a checked image to destination (which stands for virt_start) and zero
 * everything else of the first span_bytes there, gaps included.
 *   span_bytes  at least virt_end - virt_start, a multiple of 16
 */
void elf_image_copy(const struct elf_image *image, uint8_t *destination, uint64_t span_bytes);
