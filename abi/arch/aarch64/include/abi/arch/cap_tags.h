/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Architecture capability tags of aarch64. See abi/cap_tags.h.
 */
#pragma once

enum abi_arch_cap_tag {
    ABI_CAP_FRAME = 1,
    ABI_CAP_PAGE_TABLE = 3,
    ABI_CAP_VSPACE = 9,
    ABI_CAP_ASID_CONTROL = 11,
    ABI_CAP_ASID_POOL = 13,
    ABI_CAP_SMC = 25,
    ABI_CAP_SGI_SIGNAL = 27,
};
