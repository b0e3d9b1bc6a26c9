/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* I/O ports, issued in ranges from the I/O port control capability. */
#include "ioport.h"

#include <abi/arch/invocation.h>
#include <arch/cap.h>
#include <arch/cpu.h>

#define PORT_COUNT 65536

/* One bit per issued port. */
static uint64_t ports_taken[PORT_COUNT / WORD_BITS];

/* The bits of word `index` that belong to the range. */
static uint64_t range_mask(word_t index, word_t first, word_t last)
{
    uint64_t mask = ~(uint64_t)0;
    if (index == first / WORD_BITS) {
        mask &= ~(uint64_t)0 << first % WORD_BITS;
    }
    if (index == last / WORD_BITS) {
        mask &= ~(uint64_t)0 >> (WORD_BITS - 1 - last % WORD_BITS);
    }
    return mask;
}

static bool any_taken(word_t first, word_t last)
{
    for (word_t index = first / WORD_BITS; index <= last / WORD_BITS; index++) {
        if (ports_taken[index] & range_mask(index, first, last)) {
            return true;
        }
    }
    return false;
}

void ioport_release(struct cap cap)
{
    word_t first = cap_io_port_first(cap);
    word_t last = cap_io_port_last(cap);
    for (word_t index = first / WORD_BITS; index <= last / WORD_BITS; index++) {
        ports_taken[index] &= ~range_mask(index, first, last);
    }
}

enum kernel_result ioport_decode_control(struct invocation *inv)
{
    if (inv->label != X86IOPortControlIssue) {
        return fail_illegal_operation();
    }
    if (inv->length < 4 || inv->extra_count < 1) {
        return fail_truncated();
    }
    word_t first = inv_word(inv, 0) & MASK(16);
    word_t last = inv_word(inv, 1) & MASK(16);
    if (last < first) {
        return fail_invalid_argument(1);
    }
    if (any_taken(first, last)) {
        return fail_revoke_first();
    }
    struct slot *dest;
    enum kernel_result result =
        cspace_lookup_empty_slot(inv->extra[0]->cap, inv_word(inv, 2), inv_word(inv, 3), &dest);
    if (result != KRES_OK) {
        return result;
    }

    for (word_t index = first / WORD_BITS; index <= last / WORD_BITS; index++) {
        ports_taken[index] |= range_mask(index, first, last);
    }
    slot_insert_original(dest, cap_io_port(first, last), inv->slot);
    return KRES_OK;
}

static word_t port_in(uint16_t port, word_t bytes)
{
    switch (bytes) {
    case 1:
        return port_in8(port);
    case 2:
        return port_in16(port);
    default:
        return port_in32(port);
    }
}

static void port_out(uint16_t port, word_t bytes, word_t value)
{
    switch (bytes) {
    case 1:
        port_out8(port, (uint8_t)value);
        break;
    case 2:
        port_out16(port, (uint16_t)value);
        break;
    default:
        port_out32(port, (uint32_t)value);
        break;
    }
}

enum kernel_result ioport_decode(struct invocation *inv)
{
    if (inv->label < X86IOPortIn8 || inv->label > X86IOPortOut32) {
        return fail_illegal_operation();
    }
    bool out = inv->label >= X86IOPortOut8;
    word_t bytes = (word_t)1 << (inv->label - (out ? X86IOPortOut8 : X86IOPortIn8));
    if (inv->length < (out ? 2u : 1u)) {
        return fail_truncated();
    }
    word_t port = inv_word(inv, 0) & MASK(16);
    if (port < cap_io_port_first(inv->cap) || port + bytes - 1 > cap_io_port_last(inv->cap)) {
        return fail_illegal_operation();
    }

    if (out) {
        port_out((uint16_t)port, bytes, inv_word(inv, 1));
    } else {
        inv_set_result(inv, 0, port_in((uint16_t)port, bytes));
    }
    return KRES_OK;
}
