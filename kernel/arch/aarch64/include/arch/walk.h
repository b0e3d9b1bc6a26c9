/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Walking, entering and removing translations of user address spaces. */
#pragma once

#include <arch/paging.h>

/* Where a walk ended: the entry and the level (log2 of its coverage) that it belongs to. */
struct walk {
    pte_t *entry;
    word_t level;
};

/* Follow tables from the root as far as they go. */
struct walk walk_tables(pte_t *root, vaddr_t vaddr);

/* The entry for a page or block of a frame capability, with the rights and attributes given. */
pte_t pte_for_frame(paddr_t paddr, word_t level, word_t rights, word_t attributes);

/* Put a page or block into a walk's entry; flushes what was there. */
void walk_set_page(struct walk walk, pte_t pte, word_t asid, vaddr_t vaddr);

/* Remove the mapping that a frame capability records, if it still exists. */
void frame_unmap(struct cap frame);

/* Take a table out of the address space that its capability records, if it is still in it. */
void page_table_unmap(struct cap table);
