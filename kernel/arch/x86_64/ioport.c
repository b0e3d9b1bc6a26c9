/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* I/O ports, issued in ranges from the I/O port control capability. */
#include "invocation.h"

#include <abi/arch/invocation.h>
#include <arch/cap.h>
#include <arch/cpu.h>

#define PORT_COUNT 65536

/* One bit per issued port. */
static uint64_t ports_taken[PORT_COUNT / WORD_BITS];

enum range_action {
    RANGE_LOOK,
    RANGE_TAKE,
    RANGE_RELEASE,
};

/* True if some port of the range was taken. */
static bool range(word_t first, word_t last, enum range_action action)
{
    uint64_t found = 0;
    for (word_t index = first / WORD_BITS; index <= last / WORD_BITS; index++) {
        uint64_t from = index == first / WORD_BITS ? UINT64_MAX << first % WORD_BITS : UINT64_MAX;
        uint64_t to =
            index == last / WORD_BITS ? UINT64_MAX >> (63 - last % WORD_BITS) : UINT64_MAX;
        found |= ports_taken[index] & from & to;
        if (action != RANGE_LOOK) {
            ports_taken[index] =
                (ports_taken[index] & ~(from & to)) | (action == RANGE_TAKE ? from & to : 0);
        }
    }
    return found != 0;
}

void ioport_release(struct cap cap)
{
    range(cap_io_port_first(cap), cap_io_port_last(cap), RANGE_RELEASE);
}

enum kernel_result ioport_decode_issue(struct invocation *inv)
{
    word_t first = inv_word(inv, 0) & MASK(16);
    word_t last = inv_word(inv, 1) & MASK(16);
    struct slot *dest;
    enum kernel_result result = last < first ? fail_invalid_argument(1)
                                : range(first, last, RANGE_LOOK)
                                    ? fail(seL4_RevokeFirst)
                                    : cspace_lookup_empty_slot(inv->extra[0]->cap, inv_word(inv, 2),
                                                               inv_word(inv, 3), &dest);
    if (result == KRES_OK) {
        range(first, last, RANGE_TAKE);
        slot_insert(dest, cap_io_port(first, last), inv->slot);
    }
    return result;
}

enum kernel_result ioport_decode(struct invocation *inv)
{
    bool out = inv->label >= X86IOPortOut8;
    word_t bytes_bits = inv->label - (out ? X86IOPortOut8 : X86IOPortIn8);
    uint16_t port = (uint16_t)inv_word(inv, 0);
    if (port < cap_io_port_first(inv->cap) ||
        port + MASK(bytes_bits) > cap_io_port_last(inv->cap)) {
        return fail(seL4_IllegalOperation);
    }

    switch (inv->label) {
    case X86IOPortIn8:
        inv_set_result(inv, 0, port_in8(port));
        break;
    case X86IOPortIn16:
        inv_set_result(inv, 0, port_in16(port));
        break;
    case X86IOPortIn32:
        inv_set_result(inv, 0, port_in32(port));
        break;
    case X86IOPortOut8:
        port_out8(port, (uint8_t)inv_word(inv, 1));
        break;
    case X86IOPortOut16:
        port_out16(port, (uint16_t)inv_word(inv, 1));
        break;
    default:
        port_out32(port, (uint32_t)inv_word(inv, 1));
        break;
    }
    return KRES_OK;
}
