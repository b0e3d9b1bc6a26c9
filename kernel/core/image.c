/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See image.h. */
#include <arch/paging.h>
#include <kernel/image.h>

BOOT_CODE void kernel_image_map(pte_t *pages)
{
    const struct {
        const char *start;
        const char *end;
        pte_t attributes;
    } parts[] = {
        {kernel_image_start, kernel_boot_text_end, KERNEL_TEXT},
        {kernel_boot_text_end, kernel_boot_end, KERNEL_DATA},
        {kernel_boot_end, kernel_text_end, KERNEL_TEXT},
        {kernel_text_end, kernel_const_end, KERNEL_CONST},
        {kernel_const_end, kernel_stack_guard, KERNEL_DATA},
        {kernel_stack_guard + BIT(LEVEL_LAST), kernel_image_end, KERNEL_DATA},
    };
    for (word_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        for (const char *page = parts[i].start; page < parts[i].end; page += BIT(LEVEL_LAST)) {
            pages[table_index((word_t)page, LEVEL_LAST)] =
                kernel_image_paddr(page) | parts[i].attributes;
        }
    }
}

void kernel_image_drop_boot(pte_t *pages)
{
    for (const char *page = kernel_image_start; page < kernel_boot_end; page += BIT(LEVEL_LAST)) {
        pages[table_index((word_t)page, LEVEL_LAST)] = 0;
    }
}
