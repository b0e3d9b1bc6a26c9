/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checking an ELF file. Each check comes before the first use of what it proves; no sum of two
 * numbers from the file is formed before both are known to be small.
 */
#include <kaal/elf.h>

#include <kaal/bits.h>
#include <kaal/elf_format.h>

#define PAGE_BYTES UINT64_C(4096)

static int refuse(struct kaal_elf_problem *problem, const char *text, uint32_t header,
                  uint64_t value, int error)
{
    *problem = (struct kaal_elf_problem){.text = text, .header = header, .value = value};
    return error;
}

static int refuse_file(struct kaal_elf_problem *problem, const char *text, uint64_t value,
                       int error)
{
    return refuse(problem, text, KAAL_ELF_NO_HEADER, value, error);
}

static int check_identity(const struct elf_header *header, uint32_t machine,
                          struct kaal_elf_problem *problem)
{
    uint32_t magic = (uint32_t)header->identity[0] | (uint32_t)header->identity[1] << 8 |
                     (uint32_t)header->identity[2] << 16 | (uint32_t)header->identity[3] << 24;
    if (magic != ELF_MAGIC) {
        return refuse_file(problem, "not an ELF file", magic, KAAL_ERR_FORMAT);
    }
    if (header->identity[4] != ELF_CLASS_64 || header->identity[5] != ELF_DATA_LITTLE) {
        return refuse_file(problem, "not a 64-bit little-endian ELF file", header->identity[4],
                           KAAL_ERR_UNSUPPORTED);
    }
    if (header->type != ELF_TYPE_EXECUTABLE) {
        return refuse_file(problem, "not a static executable (e_type)", header->type,
                           KAAL_ERR_UNSUPPORTED);
    }
    bool known =
        header->machine == KAAL_ELF_MACHINE_X86_64 || header->machine == KAAL_ELF_MACHINE_AARCH64;
    if (!known || (machine != KAAL_ELF_MACHINE_ANY && header->machine != machine)) {
        return refuse_file(problem, "built for another machine (e_machine)", header->machine,
                           KAAL_ERR_UNSUPPORTED);
    }
    return KAAL_OK;
}

static int check_header(const struct elf_header *header, uint64_t bytes,
                        struct kaal_elf_problem *problem)
{
    if (header->program_header_bytes != sizeof(struct elf_program_header)) {
        return refuse_file(problem, "program headers of an unknown size (e_phentsize)",
                           header->program_header_bytes, KAAL_ERR_FORMAT);
    }
    if (header->program_header_count == 0 || header->program_header_count > KAAL_ELF_HEADERS_MAX) {
        return refuse_file(problem, "no program headers, or more than 32 (e_phnum)",
                           header->program_header_count, KAAL_ERR_FORMAT);
    }
    if (header->program_header_offset % 8 != 0) {
        return refuse_file(problem, "program headers are not 8-byte aligned (e_phoff)",
                           header->program_header_offset, KAAL_ERR_ALIGN);
    }
    if (!range_inside(header->program_header_offset,
                      header->program_header_count * sizeof(struct elf_program_header), bytes)) {
        return refuse_file(problem, "program headers reach past the file's end (e_phoff)",
                           header->program_header_offset, KAAL_ERR_TRUNCATED);
    }
    return KAAL_OK;
}

/* What holds for a loadable segment by itself. */
static int check_load(const struct elf_program_header *header, uint32_t index, uint64_t bytes,
                      struct kaal_elf_problem *problem)
{
#ifdef KAAL_PLANTED_BUG_ELF
    /* The fuzzer's self-test builds this: the length is forgotten. */
    bool inside = header->offset <= bytes;
#else
    bool inside = range_inside(header->offset, header->file_bytes, bytes);
#endif
    if (!inside) {
        return refuse(problem, "the segment's contents reach past the file's end (p_offset)", index,
                      header->offset, KAAL_ERR_TRUNCATED);
    }
    if (header->file_bytes > header->memory_bytes) {
        return refuse(problem, "the segment is longer in the file than in memory (p_filesz)", index,
                      header->file_bytes, KAAL_ERR_FORMAT);
    }
    if (header->vaddr < KAAL_ELF_ADDRESS_FIRST ||
        !range_inside(header->vaddr, header->memory_bytes, KAAL_ELF_ADDRESS_END)) {
        return refuse(problem, "the segment lies outside user memory (p_vaddr)", index,
                      header->vaddr, KAAL_ERR_RANGE);
    }
    if (header->alignment > 1 && !is_power_of_two(header->alignment)) {
        return refuse(problem, "the alignment is not a power of two (p_align)", index,
                      header->alignment, KAAL_ERR_ALIGN);
    }
    if (header->alignment > 1 &&
        ((header->vaddr ^ header->offset) & (header->alignment - 1)) != 0) {
        return refuse(problem, "address and file offset differ modulo the alignment (p_vaddr)",
                      index, header->vaddr, KAAL_ERR_ALIGN);
    }
    if ((header->flags & KAAL_ELF_WRITE) != 0 && (header->flags & KAAL_ELF_EXECUTE) != 0) {
        return refuse(problem, "the segment is both writable and executable (p_flags)", index,
                      header->flags, KAAL_ERR_DENIED);
    }
    if ((header->flags & KAAL_ELF_READ) == 0) {
        return refuse(problem, "the segment is not readable (p_flags)", index, header->flags,
                      KAAL_ERR_UNSUPPORTED);
    }
    return KAAL_OK;
}

static int add_load(struct kaal_elf *elf, const uint8_t *file, uint64_t bytes,
                    const struct elf_program_header *header, uint32_t index,
                    struct kaal_elf_problem *problem)
{
    if (header->memory_bytes == 0) {
        return KAAL_OK; /* linkers leave empty segments behind */
    }
    int error = check_load(header, index, bytes, problem);
    if (error != KAAL_OK) {
        return error;
    }
    if (elf->segment_count == KAAL_ELF_SEGMENTS_MAX) {
        return refuse(problem, "more than 16 loadable segments", index, 0, KAAL_ERR_RANGE);
    }
    if (elf->segment_count > 0) {
        const struct kaal_elf_segment *before = &elf->segments[elf->segment_count - 1];
        if (align_down(header->vaddr, PAGE_BYTES) <
            align_up(before->vaddr + before->memory_bytes, PAGE_BYTES)) {
            return refuse(problem, "the segment shares a page with the one before it (p_vaddr)",
                          index, header->vaddr, KAAL_ERR_RANGE);
        }
    }
    elf->segments[elf->segment_count++] = (struct kaal_elf_segment){
        .vaddr = header->vaddr,
        .memory_bytes = header->memory_bytes,
        .file_bytes = header->file_bytes,
        .data = file + header->offset,
        .file_offset = header->offset,
        .rights = header->flags & (KAAL_ELF_READ | KAAL_ELF_WRITE | KAAL_ELF_EXECUTE),
        .header = index,
    };
    return KAAL_OK;
}

static int set_tls(struct kaal_elf *elf, const struct elf_program_header *header, uint32_t index,
                   struct kaal_elf_problem *problem)
{
    uint64_t alignment = header->alignment == 0 ? 1 : header->alignment;
    if (elf->tls.memory_bytes != 0) {
        return refuse(problem, "a second thread-local segment", index, 0, KAAL_ERR_FORMAT);
    }
    if (!is_power_of_two(alignment) || alignment > PAGE_BYTES) {
        return refuse(problem, "the thread-local segment's alignment is not 1..4096 (p_align)",
                      index, header->alignment, KAAL_ERR_ALIGN);
    }
    if (header->file_bytes > header->memory_bytes ||
        header->memory_bytes > KAAL_ELF_TLS_MAX_BYTES) {
        return refuse(problem, "the thread-local segment's size is wrong (p_memsz)", index,
                      header->memory_bytes, KAAL_ERR_RANGE);
    }
    elf->tls = (struct kaal_elf_tls){
        .vaddr = header->vaddr,
        .memory_bytes = header->memory_bytes,
        .file_bytes = header->file_bytes,
        .alignment = alignment,
    };
    return KAAL_OK;
}

static int add_segment(struct kaal_elf *elf, const uint8_t *file, uint64_t bytes,
                       const struct elf_program_header *header, uint32_t index,
                       struct kaal_elf_problem *problem)
{
    switch (header->type) {
    case ELF_SEGMENT_LOAD:
        return add_load(elf, file, bytes, header, index, problem);
    case ELF_SEGMENT_TLS:
        return set_tls(elf, header, index, problem);
    case ELF_SEGMENT_DYNAMIC:
    case ELF_SEGMENT_INTERPRETER:
        return refuse(problem, "dynamically linked (p_type)", index, header->type,
                      KAAL_ERR_UNSUPPORTED);
    case ELF_SEGMENT_GNU_STACK:
        if ((header->flags & KAAL_ELF_EXECUTE) != 0) {
            return refuse(problem, "asks for an executable stack (p_flags)", index, header->flags,
                          KAAL_ERR_DENIED);
        }
        return KAAL_OK;
    default:
        return KAAL_OK; /* notes and the like ask for nothing */
    }
}

/* What can be checked only when all segments are known. */
static int check_whole(const struct kaal_elf *elf, struct kaal_elf_problem *problem)
{
    bool entry_good = false;
    bool tls_good = elf->tls.file_bytes == 0;
    for (uint32_t index = 0; index < elf->segment_count; index++) {
        const struct kaal_elf_segment *segment = &elf->segments[index];
        if ((segment->rights & KAAL_ELF_EXECUTE) != 0 && elf->entry >= segment->vaddr &&
            elf->entry - segment->vaddr < segment->file_bytes) {
            entry_good = true;
        }
        if (elf->tls.vaddr >= segment->vaddr &&
            range_inside(elf->tls.vaddr - segment->vaddr, elf->tls.file_bytes,
                         segment->file_bytes)) {
            tls_good = true;
        }
    }
    if (elf->segment_count == 0) {
        return refuse_file(problem, "nothing to load: no segment has a length", 0, KAAL_ERR_FORMAT);
    }
    if (!entry_good) {
        return refuse_file(problem, "the entry point is in no executable segment (e_entry)",
                           elf->entry, KAAL_ERR_RANGE);
    }
    if (!tls_good) {
        return refuse_file(problem, "the thread-local image is in no loaded segment (p_vaddr)",
                           elf->tls.vaddr, KAAL_ERR_RANGE);
    }
    return KAAL_OK;
}

int kaal_elf_open(const void *data, uint64_t bytes, uint32_t machine, struct kaal_elf *elf,
                  struct kaal_elf_problem *problem)
{
    const struct elf_header *header = data;
    if ((uintptr_t)data % _Alignof(struct elf_header) != 0) {
        return refuse_file(problem, "the file's memory is not 8-byte aligned", 0, KAAL_ERR_ALIGN);
    }
    if (bytes < sizeof *header) {
        return refuse_file(problem, "shorter than an ELF header", bytes, KAAL_ERR_TRUNCATED);
    }
    int error = check_identity(header, machine, problem);
    if (error == KAAL_OK) {
        error = check_header(header, bytes, problem);
    }
    if (error != KAAL_OK) {
        return error;
    }
    *elf = (struct kaal_elf){.entry = header->entry, .machine = header->machine};
    const struct elf_program_header *headers =
        (const struct elf_program_header *)((const uint8_t *)data + header->program_header_offset);
    for (uint32_t index = 0; index < header->program_header_count; index++) {
        error = add_segment(elf, data, bytes, &headers[index], index, problem);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return check_whole(elf, problem);
}
