/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the loader's own files share: start.S (entry and exit), main.c (the sequence), mmu.c
 * (address space and caches), console.c (error messages).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct elf_image;

/* The kernel is mapped in blocks of this size, so its addresses are multiples of it. */
#define LOADER_BLOCK_BYTES 0x200000ull
/* Lowest address in the half that TTBR1 translates. */
#define LOADER_KERNEL_VIRT_MIN 0xffff000000000000ull

/*
 * The whole boot, called once by start.S with the MMU off.
 *   tree  physical address of the device tree, or NULL
 *   base  physical address of the image's first byte
 * Does not return: enters the kernel or reports an error.
 */
void loader_main(const uint8_t *tree, uint64_t base);

/*
 * Build the address space that the kernel is entered with and turn MMU and caches on: an identity
 * map of the loader, the tree and RAM, the first 1 GiB as device memory, and the kernel's window.
 */
void loader_map_memory(uint64_t base, uint64_t tree, const struct elf_image *kernel);

/* Make what was written in [start, end) visible to instruction fetch. */
void loader_clean_to_unification(uint64_t start, uint64_t end);

/* Print "KaaL loader: error: <name>: <what> <number in hex>" and switch the machine off. */
__attribute__((noreturn)) void loader_fail(const char *name, const char *what, uint64_t number);

/* The same for an error in a program header. */
__attribute__((noreturn)) void loader_fail_header(const char *name, const char *what,
                                                  uint64_t header);

/* start.S: set the registers, turn the MMU on, return under the identity map. */
void loader_enable_mmu(uint64_t ttbr0, uint64_t ttbr1, uint64_t mair, uint64_t tcr);

/* start.S: load x0..x5 from handoff and jump to the kernel's virtual entry. */
__attribute__((noreturn)) void loader_enter_kernel(const uint64_t handoff[6], uint64_t entry);

/* start.S: switch the machine off if its firmware can, else wait for ever. */
__attribute__((noreturn)) void loader_power_off(void);

/* start.S: false if reading the word at address faults. Called with the MMU off. */
bool loader_probe(uint64_t address);
