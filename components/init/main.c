/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * init, the root task: takes over the machine from the kernel, builds every component of the system
 * description in its own image, and then serves and supervises them. The order of boot is the order
 * of this file's main().
 */
#include <stdarg.h>
#include <stdio.h>

#include <sel4/sel4.h>

#include <kaal/assert.h>
#include <kaal/bootinfo.h>
#include <kaal/startup.h>

#include "channels.h"
#include "children.h"
#include "component.h"
#include "devices.h"
#include "early_console.h"
#include "image.h"
#include "log.h"
#include "memory.h"
#include "order.h"
#include "serve.h"
#include "services.h"
#include "supervise.h"

/* Components run at 1..250, deadline threads at 255. */
#define INIT_PRIORITY 254u

/* Stops for good after a message: there is nobody left to supervise anything. */
static _Noreturn void halt(void)
{
    (void)early_console_open();
    early_console_use_kernel();
    for (;;) {
        seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    }
}

_Noreturn void kaal_assert_failed(const char *expression, const char *file, int line)
{
    log_line("init: bug: %s:%d: assertion failed: %s", file, line, expression);
    halt();
}

_Noreturn void kaal_panic(const char *reason)
{
    log_line("init: bug: %s", reason);
    halt();
}

void kaal_log(const char *format, ...)
{
    char line[LOG_LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    log_line("init: %s", line);
}

static void check(int error, const char *step)
{
    if (error != KAAL_OK) {
        log_line("init: error: %s: %s; init cannot go on", step, kaal_error_text(error));
        halt();
    }
}

static void greet(const struct kaal_bootinfo *info)
{
    struct kaal_untyped_totals totals;
    kaal_untyped_totals(memory_untyped(), &totals);
    log_line("KaaL: system '%s': %u components, %u channels, %u devices, %llu MiB of RAM in %u "
             "blocks",
             image_system()->name, image_system()->component_count, image_system()->channel_count,
             devices_registry()->count, (unsigned long long)(totals.total_bytes >> 20),
             info->ram_count);
}

int main(void)
{
    struct kaal_bootinfo info;
    struct kaal_problem problem = {.text = ""};
    int error = kaal_bootinfo_open(seL4_GetBootInfo(), 0, &info, &problem);
    if (error == KAAL_OK) {
        error = memory_start(&info, &problem);
    }
    check(error, problem.text);
    (void)early_console_open(); /* x86_64; elsewhere its device is not known yet */
    check(serve_start(info.raw->schedcontrol.start), "making init's endpoint");
    devices_start(&info);
    if (early_console_open() == KAAL_ERR_NOT_FOUND) {
        early_console_use_kernel();
        log_line("init: warning: the machine's tables name no UART that init can print to");
    }
    if (image_open() != KAAL_OK) {
        halt();
    }
    greet(&info);
    children_start();
    check(components_create(image_system(), broker_endpoint()), "recording the components");
    order_create(image_system());
    check(channels_create(image_system()), "making the channels");
    check(services_create(image_system()), "making the services");
    supervise_start_all();
    seL4_Error kernel =
        seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, INIT_PRIORITY);
    ASSERT(kernel == seL4_NoError);
    serve();
}
