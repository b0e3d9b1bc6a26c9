/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The start of a component in C: thread-local storage, IPC buffer, clock, then main. What main
 * returns is the component's exit status.
 */
#include <sel4/sel4.h>

#include <kaal/broker.h>

#include "start_internal.h"

int main(void);
_Noreturn void kaal_start_component(const struct kaal_startup *page);

_Noreturn void kaal_start_component(const struct kaal_startup *page)
{
    kaal_tls_install();
    /* init and this library come from one build; anything else has to end at once. */
    if (page->magic != KAAL_STARTUP_MAGIC || page->version != KAAL_STARTUP_VERSION ||
        page->resource_count > KAAL_STARTUP_RESOURCES_MAX) {
        __builtin_trap();
    }
    kaal_startup_set(page);
    seL4_SetIPCBuffer((seL4_IPCBuffer *)page->ipc_buffer_vaddr);
    kaal_clock_set(page->clock_hz, page->clock_start_ticks);
    kaal_exit(main());
}
