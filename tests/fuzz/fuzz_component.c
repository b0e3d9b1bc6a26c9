/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes sel4-compose's reading of a component's ELF file: sections, symbols, driver declaration.
 * What is accepted, stripped and written must be accepted by init's reader again, with the same
 * segments.
 */
#include <kaal/symbols.h>

#include "component_image.h"
#include "elf_writer.h"
#include "fuzz_input.h"

/* Larger segments are not written: the test would only measure memset. */
#define WRITE_MAX_BYTES 65536u

static void check_round_trip(const struct kaal_elf *elf)
{
    struct buffer file = {0};
    struct kaal_elf again;
    struct kaal_elf_problem problem;
    for (uint32_t index = 0; index < elf->segment_count; index++) {
        if (elf->segments[index].file_bytes > WRITE_MAX_BYTES) {
            return;
        }
    }
    elf_write(elf, &file);
    FUZZ_REQUIRE(kaal_elf_open(file.data, file.bytes, elf->machine, &again, &problem) == KAAL_OK);
    FUZZ_REQUIRE(again.segment_count == elf->segment_count && again.entry == elf->entry);
    for (uint32_t index = 0; index < elf->segment_count; index++) {
        FUZZ_REQUIRE(again.segments[index].vaddr == elf->segments[index].vaddr);
        FUZZ_REQUIRE(again.segments[index].memory_bytes == elf->segments[index].memory_bytes);
        FUZZ_REQUIRE(again.segments[index].file_bytes == elf->segments[index].file_bytes);
        FUZZ_REQUIRE(memcmp(again.segments[index].data, elf->segments[index].data,
                            (size_t)elf->segments[index].file_bytes) == 0);
    }
    buffer_deinit(&file);
}

static void check_symbols(const struct buffer *symbols)
{
    const char *name;
    uint64_t offset;
    for (uint64_t address = 0x400000; symbols->bytes > 0 && address < 0x400100; address += 8) {
        int error = kaal_symbols_find(symbols->data, symbols->bytes, address, &name, &offset);
        FUZZ_REQUIRE(error == KAAL_OK || error == KAAL_ERR_NOT_FOUND);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct component_image image = {0};
    FILE *out = fopen("/dev/null", "w");
    FUZZ_REQUIRE(out != NULL);
    struct diagnostics diagnostics = {.file = "c.yaml", .out = out};
    image.file = (struct buffer){.data = fuzz_copy(data, bytes), .bytes = bytes, .capacity = bytes};
    if (component_image_parse(&image, "file", MACHINE_X86_64, (struct position){.line = 1},
                              &diagnostics)) {
        check_round_trip(&image.elf);
        check_symbols(&image.symbols);
    } else {
        FUZZ_REQUIRE(diagnostics.errors == 1);
    }
    component_image_deinit(&image);
    (void)fclose(out);
    return 0;
}
