/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * CRC-32 as in IEEE 802.3 (reflected, polynomial 0xedb88320): the archive's checksum.
 */
#pragma once

#include <stdint.h>

/**
 * The checksum of a block of memory.
 *   data, bytes  what to sum; bytes may be 0
 * Returns the CRC-32; 0xcbf43926 for the nine characters "123456789".
 * Context: anywhere; first call makes the tables, so one thread at a time.
 */
uint32_t kaal_crc32(const void *data, uint64_t bytes);
