/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: ACPI sleep state S5. The FADT's control ports take the sleep type that \_S5_ names
 * together with SLP_EN; ACPI mode is switched on before, if the firmware left it off.
 */
#include "../../power.h"

#include <kaal/bits.h>
#include <kaal/sel4_error.h>

#include "../../memory.h"

/* ACPI specification 6.4, 4.8.3.2.1: PM1 control registers. */
#define PM1_SCI_EN         BIT32(0)
#define PM1_SLP_TYPE_SHIFT 10
#define PM1_SLP_EN         BIT32(13)
#define SCI_POLLS_MAX      100000u

static int ports_take(uint16_t first, uint16_t last, seL4_CPtr *slot)
{
    struct kaal_cspace *cspace = memory_cspace();
    int error = kaal_cspace_allocate(cspace, slot);
    if (error != KAAL_OK) {
        return error;
    }
    return kaal_error_from_sel4(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, first, last,
                                                             cspace->root, *slot, cspace->depth));
}

static int acpi_mode_on(const struct kaal_power *power, seL4_CPtr port_a)
{
    seL4_CPtr smi;
    seL4_X86_IOPort_In16_t control = seL4_X86_IOPort_In16(port_a, power->port_a);
    if ((control.result & PM1_SCI_EN) != 0 || power->smi_port == 0 || power->smi_enable == 0) {
        return KAAL_OK;
    }
    int error = ports_take(power->smi_port, power->smi_port, &smi);
    if (error != KAAL_OK) {
        return error;
    }
    (void)!seL4_X86_IOPort_Out8(smi, power->smi_port, power->smi_enable);
    for (unsigned polls = 0; polls < SCI_POLLS_MAX; polls++) {
        control = seL4_X86_IOPort_In16(port_a, power->port_a);
        if ((control.result & PM1_SCI_EN) != 0) {
            return KAAL_OK;
        }
    }
    return KAAL_ERR_TIMEOUT;
}

int arch_power_off(const struct kaal_power *power)
{
    seL4_CPtr port_a;
    seL4_CPtr port_b = 0;
    if (power->method != KAAL_POWER_ACPI) {
        return KAAL_ERR_UNSUPPORTED;
    }
    int error = ports_take(power->port_a, (uint16_t)(power->port_a + 1), &port_a);
    if (error == KAAL_OK && power->port_b != 0) {
        error = ports_take(power->port_b, (uint16_t)(power->port_b + 1), &port_b);
    }
    if (error == KAAL_OK) {
        error = acpi_mode_on(power, port_a);
    }
    if (error != KAAL_OK) {
        return error;
    }
    (void)!seL4_X86_IOPort_Out16(port_a, power->port_a,
                                 (seL4_Word)power->value_a << PM1_SLP_TYPE_SHIFT | PM1_SLP_EN);
    if (power->port_b != 0) {
        (void)!seL4_X86_IOPort_Out16(port_b, power->port_b,
                                     (seL4_Word)power->value_b << PM1_SLP_TYPE_SHIFT | PM1_SLP_EN);
    }
    return KAAL_OK;
}
