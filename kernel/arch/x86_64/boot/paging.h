/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The kernel's own half of every address space. Boot only. */
#pragma once

#include <kernel/types.h>

/*
 * Replace the boot page tables: W^X 4 KiB pages for the kernel image, the direct map of all memory
 * with the kernel's text and constants read-only in it as well, no identity map any more. ram_end
 * physical end of RAM; memory above what the direct map can hold is the caller's to leave out
 */
void paging_boot_init(paddr_t ram_end);

/* Map one page of device registers uncached at a fixed address of the window at DEVICE_BASE. */
void paging_map_device(uintptr_t address, paddr_t paddr);

/* Forget the mapping of the kernel's boot code; the caller no longer runs in it. */
void paging_drop_boot_code(void);
