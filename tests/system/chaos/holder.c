/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Has what the broker gives at run time, and does nothing with it: all of it must come back.
 */
#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/event.h>

#include "load.h"

#define BLOCKS      4u
#define BLOCK_BYTES UINT64_C(40960)

/* Of serial(0): a PC's and QEMU's virt machine's. The host kernel's machine has neither. */
static const uint64_t interrupts[] = {4, 33};

_Noreturn void play_holder(void)
{
    static struct kaal_memory blocks[BLOCKS];
    struct kaal_resource interrupt;
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (kaal_allocate_memory(BLOCK_BYTES << i, &blocks[i]) != KAAL_OK) {
            kaal_panic("holder: no memory");
        }
    }
    if (kaal_release(blocks[1].handle) != KAAL_OK) {
        kaal_panic("holder: memory cannot be given back");
    }
    for (unsigned i = 0; i < ARRAY_COUNT(interrupts); i++) {
        if (kaal_request_irq(interrupts[i], &interrupt) == KAAL_OK) {
            break;
        }
    }
    for (;;) {
        (void)!kaal_event_sleep(KAAL_NO_DEADLINE);
    }
}
