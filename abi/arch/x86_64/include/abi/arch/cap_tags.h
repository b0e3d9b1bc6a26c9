/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Architecture capability tags of x86_64. See abi/cap_tags.h.
 */
#pragma once

enum abi_arch_cap_tag {
    ABI_CAP_FRAME = 1,
    ABI_CAP_PAGE_TABLE = 3,
    ABI_CAP_PAGE_DIRECTORY = 5,
    ABI_CAP_PDPT = 7,
    ABI_CAP_PML4 = 9,
    ABI_CAP_ASID_CONTROL = 11,
    ABI_CAP_ASID_POOL = 13,
    ABI_CAP_IO_SPACE = 15,
    ABI_CAP_IO_PAGE_TABLE = 17,
    ABI_CAP_IO_PORT = 19,
    ABI_CAP_IO_PORT_CONTROL = 31,
};

/* The generic name of the root. */
#define ABI_CAP_VSPACE ABI_CAP_PML4
