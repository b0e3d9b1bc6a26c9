/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Marks for debug builds. The last 16 bytes of a cell hold a word that says whether it is a live
 * object or a freed one, and the object's size; the bytes between the object and them hold a
 * pattern. The mark contains the address, so a copied one is recognised. Freed cells are filled
 * with another pattern, which must still be there when the cell becomes an object again (but not in
 * its first word, where free cells are linked).
 */
#include "heap_internal.h"

#include <string.h>

#include <kaal/startup.h>

#define MARK_LIVE   UINT64_C(0x4b61614c6c697665)
#define MARK_FREED  UINT64_C(0x4b61614c66726565)
#define BEHIND_BYTE 0xfd
#define FREED_BYTE  0xdd
#define LINK_BYTES  sizeof(void *)

struct footer {
    uint64_t mark; /* one of the marks, xor the cell's address */
    uint64_t bytes;
};
_Static_assert(sizeof(struct footer) == 16, "HEAP_CHECK_BYTES");

static struct footer *footer_of(const void *cell, size_t cell_bytes)
{
    return (struct footer *)((uintptr_t)cell + cell_bytes - sizeof(struct footer));
}

static bool filled_with(const unsigned char *from, const unsigned char *end, unsigned char byte)
{
    while (from < end && *from == byte) {
        from++;
    }
    return from >= end;
}

void heap_check_allocated(void *cell, size_t cell_bytes, size_t bytes, bool fresh)
{
    struct footer *footer = footer_of(cell, cell_bytes);
    unsigned char *start = cell;
    if (!fresh && footer->mark == (MARK_FREED ^ (uint64_t)(uintptr_t)cell) &&
        !filled_with(start + LINK_BYTES, (unsigned char *)footer, FREED_BYTE)) {
        kaal_panic("heap: a freed object was written to");
    }
    footer->mark = MARK_LIVE ^ (uint64_t)(uintptr_t)cell;
    footer->bytes = bytes;
    memset(start + bytes, BEHIND_BYTE, (size_t)((unsigned char *)footer - start) - bytes);
}

size_t heap_check_live(const void *cell, size_t cell_bytes)
{
    const struct footer *footer = footer_of(cell, cell_bytes);
    const unsigned char *start = cell;
    uint64_t mark = footer->mark ^ (uint64_t)(uintptr_t)cell;
    if (mark == MARK_FREED) {
        kaal_panic("heap: an object was freed twice, or used after it was freed");
    }
    if (mark != MARK_LIVE || footer->bytes > cell_bytes - sizeof(*footer)) {
        kaal_panic("heap: an object was written over its end, or is no object of the heap");
    }
    if (!filled_with(start + footer->bytes, (const unsigned char *)footer, BEHIND_BYTE)) {
        kaal_panic("heap: an object was written over its end");
    }
    return footer->bytes;
}

void heap_check_freed(void *cell, size_t cell_bytes)
{
    (void)heap_check_live(cell, cell_bytes);
    struct footer *footer = footer_of(cell, cell_bytes);
    memset(cell, FREED_BYTE, cell_bytes - sizeof(*footer));
    footer->mark = MARK_FREED ^ (uint64_t)(uintptr_t)cell;
}
