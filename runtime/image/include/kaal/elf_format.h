/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ELF64 structures, as far as KaaL reads and writes them. Source: System V ABI, chapters 4
 * and 5. Names are the specification's without its prefixes; the standard <elf.h> exists on Linux
 * only.
 */
#pragma once

#include <stdint.h>

/** First four bytes of a file, as a little-endian word. */
#define ELF_MAGIC UINT32_C(0x464c457f)
/** identity[4]: 64-bit. */
#define ELF_CLASS_64 2u
/** identity[5]: little-endian. */
#define ELF_DATA_LITTLE 1u
/** type: an executable linked at fixed addresses. */
#define ELF_TYPE_EXECUTABLE 2u

/** Program header types. */
enum elf_segment_type {
    ELF_SEGMENT_LOAD = 1,
    ELF_SEGMENT_DYNAMIC = 2,
    ELF_SEGMENT_INTERPRETER = 3,
    ELF_SEGMENT_TLS = 7,
    ELF_SEGMENT_GNU_STACK = 0x6474e551,
};

/** Section header types. */
enum elf_section_type {
    ELF_SECTION_SYMBOLS = 2,
    ELF_SECTION_STRINGS = 3,
    ELF_SECTION_NO_BITS = 8,
};

/** Low four bits of elf_symbol.info for a function. */
#define ELF_SYMBOL_FUNCTION 2u

/** The file header. */
struct elf_header {
    uint8_t identity[16];           /**< magic, class, data encoding, version */
    uint16_t type;                  /**< ELF_TYPE_* */
    uint16_t machine;               /**< KAAL_ELF_MACHINE_* */
    uint32_t version;               /**< 1 */
    uint64_t entry;                 /**< address */
    uint64_t program_header_offset; /**< in the file */
    uint64_t section_header_offset; /**< in the file, 0 if none */
    uint32_t flags;                 /**< per machine */
    uint16_t header_bytes;          /**< of this structure */
    uint16_t program_header_bytes;  /**< of one */
    uint16_t program_header_count;  /**< number */
    uint16_t section_header_bytes;  /**< of one */
    uint16_t section_header_count;  /**< number */
    uint16_t section_names_index;   /**< section with the names of sections */
};
_Static_assert(sizeof(struct elf_header) == 64, "System V ABI");

/** A program header. */
struct elf_program_header {
    uint32_t type;         /**< enum elf_segment_type */
    uint32_t flags;        /**< enum kaal_elf_right */
    uint64_t offset;       /**< in the file */
    uint64_t vaddr;        /**< virtual address */
    uint64_t paddr;        /**< physical address */
    uint64_t file_bytes;   /**< length in the file */
    uint64_t memory_bytes; /**< length in memory */
    uint64_t alignment;    /**< 0, 1 or a power of two */
};
_Static_assert(sizeof(struct elf_program_header) == 56, "System V ABI");

/** A section header. */
struct elf_section_header {
    uint32_t name;        /**< offset in the section names */
    uint32_t type;        /**< enum elf_section_type */
    uint64_t flags;       /**< SHF_* */
    uint64_t vaddr;       /**< address, 0 if not loaded */
    uint64_t offset;      /**< in the file */
    uint64_t bytes;       /**< length */
    uint32_t link;        /**< symbols: index of their string section */
    uint32_t info;        /**< per type */
    uint64_t alignment;   /**< power of two */
    uint64_t entry_bytes; /**< of one entry of a table */
};
_Static_assert(sizeof(struct elf_section_header) == 64, "System V ABI");

/** A symbol. */
struct elf_symbol {
    uint32_t name;    /**< offset in the string section */
    uint8_t info;     /**< low four bits: type */
    uint8_t other;    /**< visibility */
    uint16_t section; /**< index, 0 if undefined */
    uint64_t value;   /**< address */
    uint64_t bytes;   /**< length, 0 if unknown */
};
_Static_assert(sizeof(struct elf_symbol) == 24, "System V ABI");
