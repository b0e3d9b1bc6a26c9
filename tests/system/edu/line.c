/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * QEMU's educational PCI device on its interrupt line, which two of them share. Roles by argument:
 * "raise" raises an interrupt every 20 ms and counts those that it got; "silent" never acknowledges
 * once the line woke it for the third time. Source: QEMU, docs/specs/edu.txt.
 */
#include <stdbool.h>
#include <string.h>

#include <sel4/sel4.h>

#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/driver_declaration.h>
#include <kaal/mmio.h>

#define EDU_INTERRUPTS  0x24u
#define EDU_RAISE       0x60u
#define EDU_ACKNOWLEDGE 0x64u
#define EDU_ANY         0x00000001u
#define PERIOD_NS       UINT64_C(20000000)
#define REPORT_EVERY    10u
#define SILENT_AFTER    3u

static const struct kaal_driver_declaration declaration
    __attribute__((section(".kaal_driver"), used)) = {
        .magic = KAAL_DRIVER_MAGIC,
        .version = KAAL_DRIVER_VERSION,
        .name = "line",
        .match_count = 1,
        .resource_count = 2,
        .matches = {{.kind = KAAL_SELECT_PCI, .value = 0x123411E8}},
        .resources = {{.name = "regs", .kind = KAAL_RESOURCE_REGISTERS, .bytes = 0x100},
                      {.name = "irq", .kind = KAAL_RESOURCE_IRQ, .index = KAAL_DRIVER_LINE}},
};

int main(void)
{
    const struct kaal_startup *startup = kaal_startup();
    const struct kaal_resource *regs = kaal_resource_find("regs", KAAL_RESOURCE_REGISTERS);
    const struct kaal_resource *irq = kaal_resource_find("irq", KAAL_RESOURCE_IRQ);
    bool silent = strcmp(startup->arguments, "silent") == 0;
    uint32_t own = 0;
    uint32_t woken = 0;
    if (regs == NULL || irq == NULL) {
        return 1;
    }
    unsigned char *device = (unsigned char *)regs->registers.vaddr;
    kaal_log("line %llu", (unsigned long long)irq->irq.number);
    int error = silent ? KAAL_OK : kaal_timer_arm(kaal_now_ns() + PERIOD_NS);
    while (error == KAAL_OK) {
        seL4_Word badge = 0;
        seL4_Wait(startup->notification, &badge);
        if ((badge & BIT64(irq->irq.badge_bit)) != 0) {
            uint32_t raised = mmio_read32(device + EDU_INTERRUPTS);
            mmio_write32(device + EDU_ACKNOWLEDGE, raised);
            woken++;
            own += raised != 0;
            if (silent && woken >= SILENT_AFTER) {
                kaal_log("silent after %u", woken);
                continue;
            }
            seL4_Error refused = seL4_IRQHandler_Ack(irq->irq.cap);
            if (refused != seL4_NoError) {
                kaal_log("BAD: acknowledging gave %u", (unsigned)refused);
            }
            if (!silent && own > 0 && own % REPORT_EVERY == 0) {
                kaal_log("got %u", own);
            }
        }
        if ((badge & BIT64(startup->timer_badge_bit)) != 0) {
            mmio_write32(device + EDU_RAISE, EDU_ANY);
            error = kaal_timer_arm(kaal_now_ns() + PERIOD_NS);
        }
    }
    return 1;
}
