/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See fake_broker.h. */
#include "fake_broker.h"

#include <stdlib.h>
#include <string.h>

#include <kaal/broker.h>

#define PIECES_MAX 4096

uint64_t fake_broker_quota = UINT64_MAX;
uint64_t fake_broker_bytes;
uint32_t fake_broker_calls;
jmp_buf fake_panic;
const char *fake_panic_reason;

static struct kaal_memory pieces[PIECES_MAX];

_Noreturn void kaal_panic(const char *reason)
{
    fake_panic_reason = reason;
    longjmp(fake_panic, 1);
}

int kaal_allocate_memory(uint64_t bytes, struct kaal_memory *memory)
{
    fake_broker_calls++;
    bytes = (bytes + 4095) / 4096 * 4096;
    if (bytes > fake_broker_quota - fake_broker_bytes) {
        return KAAL_ERR_QUOTA_MEMORY;
    }
    for (uint64_t i = 0; i < PIECES_MAX; i++) {
        if (pieces[i].address == NULL) {
            pieces[i] = (struct kaal_memory){
                .handle = i + 1, .address = aligned_alloc(4096, bytes), .bytes = bytes};
            memset(pieces[i].address, 0, bytes);
            fake_broker_bytes += bytes;
            *memory = pieces[i];
            return KAAL_OK;
        }
    }
    return KAAL_ERR_NO_SPACE;
}

int kaal_release(kaal_handle handle)
{
    struct kaal_memory *piece = &pieces[handle - 1];
    if (handle == 0 || handle > PIECES_MAX || piece->address == NULL) {
        return KAAL_ERR_FOREIGN;
    }
    fake_broker_bytes -= piece->bytes;
    free(piece->address);
    *piece = (struct kaal_memory){0};
    return KAAL_OK;
}
