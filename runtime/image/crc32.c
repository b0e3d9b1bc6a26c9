/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * CRC-32, eight bytes at a time: the archive is summed at every boot, and a byte-wise loop would
 * double its share of the boot time. The tables are made by the first call; 8 KiB of zeroed memory
 * cost nothing in an image file.
 */
#include <kaal/crc32.h>

#define CRC32_POLYNOMIAL UINT32_C(0xedb88320)

/* table[n][b]: the effect of byte b followed by n zero bytes. */
static uint32_t table[8][256];

static void make_tables(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? CRC32_POLYNOMIAL : 0);
        }
        table[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++) {
        for (unsigned zeros = 1; zeros < 8; zeros++) {
            uint32_t before = table[zeros - 1][byte];
            table[zeros][byte] = (before >> 8) ^ table[0][before & 0xff];
        }
    }
}

uint32_t kaal_crc32(const void *data, uint64_t bytes)
{
    const uint8_t *next = data;
    uint32_t crc = UINT32_MAX;
    if (table[0][1] == 0) {
        make_tables();
    }
    for (; bytes >= 8; bytes -= 8, next += 8) {
        uint64_t word;
        __builtin_memcpy(&word, next, 8); /* little-endian, as every KaaL target */
        word ^= crc;
        crc = table[7][word & 0xff] ^ table[6][(word >> 8) & 0xff] ^ table[5][(word >> 16) & 0xff] ^
              table[4][(word >> 24) & 0xff] ^ table[3][(word >> 32) & 0xff] ^
              table[2][(word >> 40) & 0xff] ^ table[1][(word >> 48) & 0xff] ^ table[0][word >> 56];
    }
    for (; bytes > 0; bytes--, next++) {
        crc = (crc >> 8) ^ table[0][(crc ^ *next) & 0xff];
    }
    return ~crc;
}
