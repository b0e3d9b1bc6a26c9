/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The bootable aarch64 image, as the loader reads it and a packer (sel4-compose) writes it.
 *
 * The loader is built once as a flat file, `loader.elf.bin`, whose first 64 bytes are a Linux arm64
 * Image header and whose next bytes are a struct kaal_loader_header. A packer makes an image so:
 *
 *   1. copy the flat file and pad it with zeros to a multiple of KAAL_LOADER_PAGE_BYTES;
 *   2. append kernel.elf, pad the same way; append the root task's ELF file, pad the same way;
 *   3. store the offsets (from the start of the image) and the exact sizes of both ELF files in
 *      the header, and the size of the whole image at KAAL_LINUX_IMAGE_SIZE_OFFSET.
 *
 * All numbers are little-endian. Neither ELF file is changed; the loader checks both and copies
 * what they load. Freestanding: this header is shared with programs of the build machine.
 */
#pragma once

#include <stdint.h>

/** Where struct kaal_loader_header lies in the flat file. */
#define KAAL_LOADER_HEADER_OFFSET 64u
/** First word of the header: the bytes "KAALLDR1". */
#define KAAL_LOADER_MAGIC 0x3152444c4c41414bull
/** Alignment of both payloads within the image. */
#define KAAL_LOADER_PAGE_BYTES 4096u
/** Where the Linux Image header holds the size of the whole image (a 64-bit number). */
#define KAAL_LINUX_IMAGE_SIZE_OFFSET 16u

/** The packer's half of the hand-over; zero sizes mean "no payload yet". */
struct kaal_loader_header {
    uint64_t magic;         /**< KAAL_LOADER_MAGIC, set by the loader's build */
    uint64_t loader_bytes;  /**< size of the flat file itself, set by the loader's build */
    uint64_t kernel_offset; /**< of the kernel's ELF file, from the start of the image */
    uint64_t kernel_bytes;  /**< exact size of the kernel's ELF file */
    uint64_t root_offset;   /**< of the root task's ELF file, from the start of the image */
    uint64_t root_bytes;    /**< exact size of the root task's ELF file */
};

_Static_assert(sizeof(struct kaal_loader_header) == 48, "six 64-bit words");
