/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The secure monitor capability. */
#include "invocation.h"
#include "trap.h"

enum kernel_result smc_decode(struct invocation *inv)
{
    word_t badge = inv->cap.badge;
    if (badge != 0 && badge != inv_word(inv, 0)) {
        return fail(seL4_IllegalOperation);
    }
    word_t registers[8];
    for (word_t i = 0; i < ARRAY_LENGTH(registers); i++) {
        registers[i] = inv_word(inv, i);
    }
    smc_call(registers);
    for (word_t i = 0; i < ARRAY_LENGTH(registers); i++) {
        inv_set_result(inv, i, registers[i]);
    }
    return KRES_OK;
}
