/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the address-space helper needs of an architecture. Both have 4 KiB granules and four levels,
 * so a table is named by the log2 of the bytes it covers: 39, 30 or 21.
 */
#pragma once

#include <stdint.h>

#include <sel4/sel4.h>

/** log2 bytes covered by a table below the root. */
#define VSPACE_COVERS_TOP 39u
/** log2 bytes covered by the lowest table. */
#define VSPACE_COVERS_LOWEST 21u
/** Difference of two neighbouring levels. */
#define VSPACE_LEVEL_BITS 9u

/** Object type of the root. */
seL4_Word vspace_arch_root_type(void);

/** Object type of a table. covers: 39, 30 or 21. */
seL4_Word vspace_arch_table_type(uint32_t covers);

/** Installs a table; the one above it exists. */
seL4_Error vspace_arch_table_map(uint32_t covers, seL4_CPtr table, seL4_CPtr root, uint64_t vaddr);

/** Assigns an ASID of a pool to a root. */
seL4_Error vspace_arch_assign_asid(seL4_CPtr pool, seL4_CPtr root);

/** Maps a frame. how: bits of enum kaal_map. */
seL4_Error vspace_arch_frame_map(seL4_CPtr frame, seL4_CPtr root, uint64_t vaddr,
                                 seL4_CapRights_t rights, uint32_t how);

/** Unmaps a frame. */
seL4_Error vspace_arch_frame_unmap(seL4_CPtr frame);

/** log2 bytes of an architecture's object type, 0 if there is no such type. */
uint32_t vspace_arch_object_bits(seL4_Word type);
