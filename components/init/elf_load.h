/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Loads a component's ELF file from the archive into its address space. Pages that nobody can write
 * are the archive's own frames, mapped read-only: no copy, and a restart loads no text at all.
 * Writable pages get fresh frames of the component's arena.
 */
#pragma once

#include <stdint.h>

#include <kaal/broker_server.h>
#include <kaal/elf.h>

/** Most runs of writable frames that are remembered. */
#define ELF_RUNS_MAX 8u

/** Neighbouring frames that a component can write. */
struct elf_run {
    seL4_CPtr first; /* slots of init's CSpace */
    uint64_t vaddr;  /* of the first one, in the component */
    uint32_t pages;  /* how many */
};

/** The writable frames of a component's segments. */
struct elf_writable {
    uint32_t count;
    struct elf_run runs[ELF_RUNS_MAX]; /* [count] */
};

/**
 * Maps all segments of a checked ELF file.
 *   elf  from kaal_elf_open(); its data lies in the archive
 *   account   of the component, started
 *   writable  out: where its writable frames are, as far as there is room
 * Returns KAAL_OK or an allocator error; what was mapped goes with the account's arena.
 */
MUST_CHECK int elf_load(const struct kaal_elf *elf, struct kaal_account *account,
                        struct elf_writable *writable);

/** The first address behind all segments, page-aligned. */
uint64_t elf_end(const struct kaal_elf *elf);

/** Bytes of fresh frames that elf_load() will take. */
uint64_t elf_private_bytes(const struct kaal_elf *elf);
