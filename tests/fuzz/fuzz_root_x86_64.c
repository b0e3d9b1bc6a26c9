/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes the x86_64 kernel's reading of the root task's ELF file; what it accepts is loaded.
 */
#include "boot/elf.h"

#include "fuzz_input.h"

/* First address above user memory. */
#define USER_TOP UINT64_C(0x7fffffffffff)
/* Larger images are not loaded: the test would only measure clearing. */
#define LOAD_MAX_BYTES (UINT64_C(1) << 20)

static unsigned messages;

void kernel_print(const char *format, ...);
void kernel_print(const char *format, ...)
{
    FUZZ_REQUIRE(format != NULL);
    messages++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *file = fuzz_copy(data, bytes);
    struct elf_image image;
    messages = 0;
    if (elf_check(&image, file, bytes, USER_TOP)) {
        FUZZ_REQUIRE(image.start < image.end);
        FUZZ_REQUIRE(image.entry >= image.start && image.entry < image.end);
        if (image.end - image.start <= LOAD_MAX_BYTES) {
            uint8_t *memory = malloc((size_t)(image.end - image.start));
            FUZZ_REQUIRE(memory != NULL);
            elf_load(&image, memory);
            (void)fuzz_touch(memory, image.end - image.start);
            free(memory);
        }
    } else {
        FUZZ_REQUIRE(messages == 1);
    }
    free(file);
    return 0;
}
