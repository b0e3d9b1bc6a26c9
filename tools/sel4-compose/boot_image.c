/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: one bootable file out of the loader, the kernel and a root image.
 */
#include "boot_image.h"

#include <string.h>

#include <kaal/bits.h>
#include <kaal/elf.h>
#include <kaal/elf_format.h>
#include <kaal/loader_image.h>

/* Most zeroed memory behind the flat file; it becomes part of the image. */
#define LOADER_ZERO_MAX_BYTES (UINT64_C(1) << 20)

bool kernel_check(const struct buffer *kernel, const char *path, enum machine machine,
                  struct diagnostics *diagnostics)
{
    static const uint8_t magic[] = {0x7f, 'E', 'L', 'F', ELF_CLASS_64, ELF_DATA_LITTLE};
    const struct elf_header *header = (const struct elf_header *)kernel->data;
    uint32_t expected =
        machine == MACHINE_X86_64 ? KAAL_ELF_MACHINE_X86_64 : KAAL_ELF_MACHINE_AARCH64;
    if (kernel->bytes < sizeof *header || memcmp(kernel->data, magic, sizeof magic) != 0 ||
        header->machine != expected) {
        diagnostics_error(diagnostics, (struct position){0},
                          "%s: not a 64-bit ELF file for %s; try: the kernel.elf of that machine",
                          path, machine_name(machine));
        return false;
    }
    return true;
}

static bool loader_check(const struct buffer *loader, const char *path,
                         struct diagnostics *diagnostics, struct kaal_loader_header *header)
{
    bool good = loader->bytes >= KAAL_LOADER_HEADER_OFFSET + sizeof *header;
    if (good) {
        memcpy(header, loader->data + KAAL_LOADER_HEADER_OFFSET, sizeof *header);
        good = header->magic == KAAL_LOADER_MAGIC && header->kernel_bytes == 0 &&
               header->root_bytes == 0 && header->loader_bytes >= loader->bytes &&
               header->loader_bytes - loader->bytes <= LOADER_ZERO_MAX_BYTES;
    }
    if (!good) {
        diagnostics_error(diagnostics, (struct position){0},
                          "%s: not an empty KaaL loader; try: the loader.elf.bin of this KaaL",
                          path);
    }
    return good;
}

bool boot_image_write(const struct buffer *loader, const char *loader_path,
                      const struct buffer *kernel, const struct buffer *root,
                      struct diagnostics *diagnostics, struct buffer *image)
{
    struct kaal_loader_header header;
    if (!loader_check(loader, loader_path, diagnostics, &header)) {
        return false;
    }
    (void)buffer_append(image, loader->data, loader->bytes);
    if (header.loader_bytes > image->bytes) { /* its .bss is not in the flat file */
        (void)buffer_append(image, NULL, (size_t)header.loader_bytes - image->bytes);
    }
    buffer_align(image, KAAL_LOADER_PAGE_BYTES);
    header.kernel_offset = buffer_append(image, kernel->data, kernel->bytes);
    header.kernel_bytes = kernel->bytes;
    buffer_align(image, KAAL_LOADER_PAGE_BYTES);
    header.root_offset = buffer_append(image, root->data, root->bytes);
    header.root_bytes = root->bytes;
    buffer_align(image, KAAL_LOADER_PAGE_BYTES);

    uint64_t image_bytes = image->bytes;
    memcpy(image->data + KAAL_LOADER_HEADER_OFFSET, &header, sizeof header);
    memcpy(image->data + KAAL_LINUX_IMAGE_SIZE_OFFSET, &image_bytes, sizeof image_bytes);
    return true;
}
