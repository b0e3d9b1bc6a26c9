/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes kaal_elf_open(): whatever it accepts keeps the promises of <kaal/elf.h>.
 */
#include <kaal/elf.h>

#include "fuzz_input.h"

static void check_segments(const struct kaal_elf *elf)
{
    uint64_t free_from = KAAL_ELF_ADDRESS_FIRST;
    int entry_found = 0;
    for (uint32_t index = 0; index < elf->segment_count; index++) {
        const struct kaal_elf_segment *segment = &elf->segments[index];
        FUZZ_REQUIRE(segment->vaddr >= free_from);
        FUZZ_REQUIRE(segment->memory_bytes > 0 && segment->file_bytes <= segment->memory_bytes);
        FUZZ_REQUIRE(segment->vaddr + segment->memory_bytes <= KAAL_ELF_ADDRESS_END);
        FUZZ_REQUIRE((segment->rights & KAAL_ELF_WRITE) == 0 ||
                     (segment->rights & KAAL_ELF_EXECUTE) == 0);
        free_from = (segment->vaddr + segment->memory_bytes + 4095) & ~UINT64_C(4095);
        (void)fuzz_touch(segment->data, segment->file_bytes);
        if ((segment->rights & KAAL_ELF_EXECUTE) != 0 && elf->entry >= segment->vaddr &&
            elf->entry < segment->vaddr + segment->file_bytes) {
            entry_found = 1;
        }
    }
    FUZZ_REQUIRE(entry_found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *file = fuzz_copy(data, bytes);
    struct kaal_elf elf;
    struct kaal_elf_problem problem = {0};
    if (kaal_elf_open(file, bytes, KAAL_ELF_MACHINE_ANY, &elf, &problem) == KAAL_OK) {
        check_segments(&elf);
    } else {
        FUZZ_REQUIRE(problem.text != NULL && problem.text[0] != '\0');
    }
    free(file);
    return 0;
}
