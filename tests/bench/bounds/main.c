/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The longest stretch with interrupts off, operation by operation: each is done several times while
 * the watcher's wake falls into it at swept phases; its greatest lateness is printed.
 */
#include "bounds.h"
#include "watch.h"

#define ROUNDS   32
#define WAKE_MAX 1000 /* ticks from a timer's strike to the watcher, and then some */

/* The first round tells how long the operation takes, the others sweep over that. */
static uint64_t measure(const struct operation *operation)
{
    uint64_t worst = 0;
    uint64_t length = 0;
    for (unsigned round = 0; round <= ROUNDS; round++) {
        operation->prepare();
        uint64_t span = length + WAKE_MAX < watch_period() ? length + WAKE_MAX : watch_period();
        watch_begin(span * round / ROUNDS);
        uint64_t start = arch_counter();
        operation->run();
        uint64_t end = arch_counter();
        uint64_t late = watch_end();
        worst = late > worst ? late : worst;
        length = round == 0 ? end - start : length;
    }
    return arch_counter_ns(worst);
}

static void measure_all(struct operations operations)
{
    for (unsigned i = 0; i < operations.count; i++) {
        uint64_t worst_ns = measure(&operations.list[i]);
        arch_console_write("bench: interrupts_off_");
        arch_console_write(operations.list[i].name);
        arch_console_write(" ");
        world_print_number(worst_ns);
        arch_console_write("\n");
    }
}

int main(void)
{
    world_init();
    arch_console_init();
    watch_start();
    measure_all(operations_caps());
    measure_all(operations_queues());
    measure_all(operations_memory());
    measure_all(operations_arch());
    arch_console_write("bench: done\n");
    arch_power_off();
}
