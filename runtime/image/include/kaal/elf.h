/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading the ELF file of a component (or of the root task): a static, non-relocated ELF64
 * executable for one of KaaL's machines. The reader proves, before anything is copied or mapped,
 * that every byte that a segment names lies in the file, that segments share no page, that no page
 * is both writable and executable, and that the entry point is in an executable one.
 *
 * Typical use:
 *   struct kaal_elf elf;
 *   struct kaal_elf_problem problem;
 *   if (kaal_elf_open(file, bytes, KAAL_ELF_MACHINE_NATIVE, &elf, &problem) != KAAL_OK) { report }
 *   for (i = 0; i < elf.segment_count; i++) { copy elf.segments[i].data to its address }
 */
#pragma once

#include <stdint.h>

#include <kaal/error.h>

/** e_machine of x86_64. */
#define KAAL_ELF_MACHINE_X86_64 62u
/** e_machine of aarch64. */
#define KAAL_ELF_MACHINE_AARCH64 183u
/** Accept either machine. */
#define KAAL_ELF_MACHINE_ANY 0u
#if defined(__x86_64__)
/** The machine that this code was compiled for. */
#define KAAL_ELF_MACHINE_NATIVE KAAL_ELF_MACHINE_X86_64
#elif defined(__aarch64__)
/** The machine that this code was compiled for. */
#define KAAL_ELF_MACHINE_NATIVE KAAL_ELF_MACHINE_AARCH64
#endif

/** Most loadable segments of one file. */
#define KAAL_ELF_SEGMENTS_MAX 16u
/** Most program headers of one file, of any type. */
#define KAAL_ELF_HEADERS_MAX 32u
/** Longest thread-local block of one thread. */
#define KAAL_ELF_TLS_MAX_BYTES UINT64_C(65536)
/** First address that no segment may reach: the end of the lower half of both machines. */
#define KAAL_ELF_ADDRESS_END UINT64_C(0x00007ffffffff000)
/** First address that a segment may have: page 0 stays unmapped to catch null pointers. */
#define KAAL_ELF_ADDRESS_FIRST UINT64_C(0x1000)

/** Rights of a segment, bits of kaal_elf_segment.rights; the values are ELF's p_flags. */
enum kaal_elf_right {
    KAAL_ELF_EXECUTE = 1u << 0,
    KAAL_ELF_WRITE = 1u << 1,
    KAAL_ELF_READ = 1u << 2,
};

/** One loadable segment; segments are in ascending address order and share no 4 KiB page. */
struct kaal_elf_segment {
    uint64_t vaddr;        /**< first address; need not be page-aligned */
    uint64_t memory_bytes; /**< length in memory; what the file lacks is zero; never 0 */
    uint64_t file_bytes;   /**< length of data, at most memory_bytes */
    const uint8_t *data;   /**< contents, borrowed from the file */
    uint64_t file_offset;  /**< of data in the file */
    uint32_t rights;       /**< bits of enum kaal_elf_right; never WRITE together with EXECUTE */
    uint32_t header;       /**< index of its program header, for messages */
};

/** The thread-local storage template; memory_bytes is 0 if there is none. */
struct kaal_elf_tls {
    uint64_t vaddr;        /**< of the initial image, inside a loaded segment */
    uint64_t memory_bytes; /**< length of one thread's block */
    uint64_t file_bytes;   /**< length of the initial image */
    uint64_t alignment;    /**< a power of two, 1..4096 */
};

/** A file that kaal_elf_open() accepted. */
struct kaal_elf {
    uint64_t entry;          /**< address of the first instruction */
    uint32_t machine;        /**< KAAL_ELF_MACHINE_* */
    uint32_t segment_count;  /**< 1..KAAL_ELF_SEGMENTS_MAX */
    struct kaal_elf_tls tls; /**< thread-local storage */
    struct kaal_elf_segment segments[KAAL_ELF_SEGMENTS_MAX]; /**< [segment_count] */
};

/** kaal_elf_problem.header for mistakes outside the program headers. */
#define KAAL_ELF_NO_HEADER UINT32_MAX

/** What is wrong with a file, and where. */
struct kaal_elf_problem {
    const char *text; /**< static phrase */
    uint32_t header;  /**< index of the program header, or KAAL_ELF_NO_HEADER */
    uint64_t value;   /**< the offending value, as in the file; 0 if there is none */
};

/**
 * Checks an ELF file completely and describes its segments.
 *   data, bytes  the file, 8-byte aligned;  machine  KAAL_ELF_MACHINE_* that it must be for
 *   elf  out: the description, set on success;  problem  out: set on failure
 * Returns KAAL_OK; KAAL_ERR_TRUNCATED, KAAL_ERR_FORMAT, KAAL_ERR_UNSUPPORTED (another machine, a
 * dynamic or relocatable file), KAAL_ERR_RANGE (addresses), KAAL_ERR_ALIGN, KAAL_ERR_DENIED (a
 * writable and executable segment, an executable stack).
 * Context: anywhere, never blocks, allocates nothing. Ownership: borrows data while elf is used.
 * Source: System V ABI, chapter 5 (program headers).
 */
MUST_CHECK int kaal_elf_open(const void *data, uint64_t bytes, uint32_t machine,
                             struct kaal_elf *elf, struct kaal_elf_problem *problem);
