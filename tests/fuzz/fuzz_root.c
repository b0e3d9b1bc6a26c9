/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes the reading of the root task's ELF file by the aarch64 loader and the x86_64 kernel; what
 * is accepted is loaded.
 */
#include "elf_image.h"
#include "fuzz_input.h"

/* Larger images are not loaded: the test would only measure clearing. */
#define LOAD_MAX_BYTES (UINT64_C(1) << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *file = fuzz_copy(data, bytes);
    struct elf_image image;
    struct elf_error error = {0};
    if (elf_image_check(file, bytes, ELF_MACHINE_AARCH64, &image, &error) == 0 ||
        elf_image_check(file, bytes, ELF_MACHINE_X86_64, &image, &error) == 0) {
        uint64_t span_bytes = (image.virt_end - image.virt_start + 4095) & ~UINT64_C(4095);
        FUZZ_REQUIRE(image.virt_start < image.virt_end);
        FUZZ_REQUIRE(image.entry >= image.virt_start && image.entry < image.virt_end);
        if (span_bytes <= LOAD_MAX_BYTES) {
            uint8_t *memory = malloc((size_t)span_bytes);
            FUZZ_REQUIRE(memory != NULL);
            elf_image_copy(&image, memory, span_bytes);
            (void)fuzz_touch(memory, span_bytes);
            free(memory);
        }
    } else {
        FUZZ_REQUIRE(error.what != NULL && error.what[0] != '\0');
    }
    free(file);
    return 0;
}
