/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Static thread-local storage of the one thread.
 *
 * The program headers (mapped with the first segment) say where the initial values are and how they
 * are aligned. The storage is a static buffer with the thread area that musl expects beside the
 * thread pointer: zero, which is all that its pure parts (errno, formatting, strings) look at.
 */
#include <elf.h>
#include <stdalign.h>
#include <string.h>

#include <arch_start.h>

#include "start_internal.h"

/* component.ld and root.ld check at link time that the variables fit. */
#define TLS_BYTES_MAX     1024
#define TLS_ALIGNMENT_MAX 64
/* musl's struct pthread has about 200 bytes. */
#define THREAD_AREA_BYTES 512

extern const Elf64_Ehdr __ehdr_start;

static alignas(TLS_ALIGNMENT_MAX) unsigned char tls_area[TLS_BYTES_MAX + THREAD_AREA_BYTES];

static const Elf64_Phdr *find_tls(void)
{
    const char *base = (const char *)&__ehdr_start;
    const Elf64_Phdr *headers = (const Elf64_Phdr *)(base + __ehdr_start.e_phoff);
    for (unsigned i = 0; i < __ehdr_start.e_phnum; i++) {
        if (headers[i].p_type == PT_TLS) {
            return &headers[i];
        }
    }
    return NULL;
}

void kaal_tls_install(void)
{
    const Elf64_Phdr *tls = find_tls();
    uint64_t offset = 0; /* distance between thread pointer and variables, as the linker sees it */
    unsigned char *pointer =
        tls_area + (ARCH_TLS_BELOW_POINTER ? TLS_BYTES_MAX : THREAD_AREA_BYTES);

    if (tls != NULL && tls->p_memsz != 0) {
        uint64_t mask = tls->p_align == 0 ? 0 : tls->p_align - 1;
        if (ARCH_TLS_BELOW_POINTER) {
            offset = tls->p_memsz + ((0 - tls->p_vaddr - tls->p_memsz) & mask);
        } else {
            offset = 16 + ((tls->p_vaddr - 16) & mask);
        }
        uint64_t end = ARCH_TLS_BELOW_POINTER ? offset : offset + tls->p_memsz;
        if (tls->p_align > TLS_ALIGNMENT_MAX || end > TLS_BYTES_MAX) {
            __builtin_trap();
        }
        unsigned char *variables = ARCH_TLS_BELOW_POINTER ? pointer - offset : pointer + offset;
        memcpy(variables, (const void *)tls->p_vaddr, tls->p_filesz);
    }
    arch_set_thread_pointer(pointer);
}
