/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The place of runtime/start in a component that is a shared object: every instance is loaded
 * anew, so that its variables are its own, as a component's are.
 */
#include <arch/host_kernel.h>

#include <kaal/assert.h>
#include <kaal/broker.h>
#include <kaal/startup.h>

#include "host.h"
#include <start_internal.h>

#define WORK_TICKS 125u /* two microseconds */

__attribute__((visibility("default"))) host_component_start host_component_start_here;

/* Addresses of the component's address space, which this process does not have. */
static uint64_t host_address(uint64_t vaddr)
{
    return (uint64_t)kernel_host_translate(vaddr, false);
}

/* init made the page for this instance alone; the process can write it. */
static void translate(struct kaal_startup *startup)
{
    for (uint32_t i = 0; i < startup->resource_count; i++) {
        struct kaal_resource *resource = &startup->resources[i];
        if (resource->kind == KAAL_RESOURCE_CHANNEL) {
            /* A region's frames come out of one untyped, so they are neighbours here as well. */
            resource->channel.own_vaddr = host_address(resource->channel.own_vaddr);
            resource->channel.peer_vaddr = host_address(resource->channel.peer_vaddr);
        }
    }
}

/* Of tests/system/chaos/load.h. */
void load_work(void);

void load_work(void)
{
    kernel_host_advance(WORK_TICKS);
}

void host_component_start_here(uint64_t startup_vaddr)
{
    struct kaal_startup *startup = kernel_host_translate(startup_vaddr, false);
    translate(startup);
    kaal_startup_set(startup);
    kaal_exit(component_main());
}

_Noreturn void kaal_panic(const char *reason)
{
    kaal_log("panic: %s", reason);
    for (;;) {
        kernel_host_fault_exception(0, 0);
    }
}

_Noreturn void kaal_assert_failed(const char *expression, const char *file, int line)
{
    kaal_log("%s:%d: assertion failed: %s", file, line, expression);
    kaal_panic("assertion");
}
