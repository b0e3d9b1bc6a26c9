/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes kaal_archive_open() and, through it, every reader of an entry. The checksum of the input
 * is mended first: no fuzzer guesses a CRC, and the bugs are behind it.
 */
#include <kaal/archive.h>
#include <kaal/crc32.h>
#include <kaal/driver_declaration.h>
#include <kaal/elf.h>
#include <kaal/symbols.h>
#include <kaal/system.h>

#include "fuzz_input.h"

static void read_entry(const struct kaal_archive_entry *entry, const void *data, uint64_t bytes)
{
    const char *problem = NULL;
    const struct kaal_system *system;
    const struct kaal_driver_declaration *declaration;
    const char *name;
    uint64_t offset;
    struct kaal_elf elf;
    struct kaal_elf_problem elf_problem;
    (void)fuzz_touch(data, bytes);
    switch (entry->kind) {
    case KAAL_ARCHIVE_SYSTEM:
        if (kaal_system_open(data, bytes, &system, &problem) != KAAL_OK) {
            FUZZ_REQUIRE(problem != NULL);
        }
        break;
    case KAAL_ARCHIVE_IMAGE:
        if (kaal_elf_open(data, bytes, KAAL_ELF_MACHINE_ANY, &elf, &elf_problem) == KAAL_OK) {
            (void)fuzz_touch(elf.segments[0].data, elf.segments[0].file_bytes);
        }
        break;
    case KAAL_ARCHIVE_SYMBOLS:
        for (uint64_t address = 0x400000; address < 0x400100; address += 16) {
            if (kaal_symbols_find(data, bytes, address, &name, &offset) == KAAL_OK) {
                (void)strlen(name);
            }
        }
        break;
    case KAAL_ARCHIVE_DECLARATION:
        if (kaal_driver_declaration_open(data, bytes, &declaration, &problem) != KAAL_OK) {
            FUZZ_REQUIRE(problem != NULL);
        }
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *copy = fuzz_copy(data, bytes);
    struct kaal_archive *header = (struct kaal_archive *)(void *)copy;
    const struct kaal_archive *archive;
    const char *problem = NULL;
    if (bytes >= sizeof *header && header->bytes >= sizeof *header && header->bytes <= bytes) {
        header->checksum = kaal_crc32(header + 1, header->bytes - sizeof *header);
    }
    if (kaal_archive_open(copy, bytes, &archive, &problem) == KAAL_OK) {
        const struct kaal_archive_entry *entries = kaal_archive_entries(archive);
        for (uint32_t index = 0; index < archive->entry_count; index++) {
            const void *contents;
            uint64_t length;
            FUZZ_REQUIRE(kaal_archive_find(archive, (enum kaal_archive_kind)entries[index].kind,
                                           entries[index].name, &contents, &length) == KAAL_OK);
            read_entry(&entries[index], contents, length);
        }
    } else {
        FUZZ_REQUIRE(problem != NULL && problem[0] != '\0');
    }
    free(copy);
    return 0;
}
