/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64 has one extra boot information block, the device tree (SEL4_BOOTINFO_HEADER_FDT), whose
 * content behind the header is the blob itself.
 */
#pragma once

#include <abi/bootinfo.h>
