/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Putting the archive into init.elf. The segment keeps its address; only its contents and length
 * change, so nothing in init needs relocation.
 */
#include "root_image.h"

#include <inttypes.h>

#include "elf_writer.h"

#define ARCHIVE_SECTION ".kaal_archive"
#define PAGE_BYTES      4096u

static bool refuse(struct diagnostics *diagnostics, const char *path, const char *what)
{
    diagnostics_error(diagnostics, (struct position){0},
                      "%s: %s; try: the init.elf and linker script of this KaaL", path, what);
    return false;
}

/* The placeholder must be a whole, page-aligned, read-only segment behind all others. */
static bool check_placeholder(const struct component_image *init, const char *path,
                              struct diagnostics *diagnostics)
{
    struct elf_section section;
    const char *problem;
    if (!elf_section_find(&init->file, ARCHIVE_SECTION, &section, &problem)) {
        return refuse(diagnostics, path,
                      problem != NULL ? problem : "it has no section .kaal_archive");
    }
    const struct kaal_elf_segment *last = &init->elf.segments[init->elf.segment_count - 1];
    if (section.header->vaddr != last->vaddr) {
        return refuse(diagnostics, path, "section .kaal_archive does not start the last segment");
    }
    if (last->vaddr % PAGE_BYTES != 0) {
        return refuse(diagnostics, path, "section .kaal_archive is not page-aligned");
    }
    if (last->rights != KAAL_ELF_READ) {
        return refuse(diagnostics, path, "the segment of .kaal_archive is not read-only");
    }
    if (init->elf.segments[0].vaddr % PAGE_BYTES != 0) {
        return refuse(diagnostics, path, "the first segment is not page-aligned");
    }
    return true;
}

bool root_image_write(const struct component_image *init, const char *init_path,
                      const struct buffer *archive, struct position at,
                      struct diagnostics *diagnostics, struct buffer *root)
{
    if (!check_placeholder(init, init_path, diagnostics)) {
        return false;
    }
    struct kaal_elf elf = init->elf;
    struct kaal_elf_segment *last = &elf.segments[elf.segment_count - 1];
    last->data = archive->data;
    last->file_bytes = archive->bytes;
    last->memory_bytes = archive->bytes;

    uint64_t image_bytes = last->vaddr + last->memory_bytes - elf.segments[0].vaddr;
    if (image_bytes > ROOT_IMAGE_MAX_BYTES) {
        diagnostics_error(diagnostics, at,
                          "the root image is %" PRIu64 " KiB long, the limit is %" PRIu64
                          " KiB; try: fewer or smaller component images (sel4-compose info lists "
                          "sizes)",
                          image_bytes >> 10, ROOT_IMAGE_MAX_BYTES >> 10);
        return false;
    }
    elf_write(&elf, root);
    return true;
}

const struct kaal_archive *root_image_archive(const struct component_image *image,
                                              const char **problem)
{
    const struct kaal_elf_segment *last = &image->elf.segments[image->elf.segment_count - 1];
    const struct kaal_archive *archive;
    if (last->rights != KAAL_ELF_READ) {
        *problem = "the last segment is not read-only, so it holds no archive";
        return NULL;
    }
    if (kaal_archive_open(last->data, last->file_bytes, &archive, problem) != KAAL_OK) {
        return NULL;
    }
    return archive;
}
