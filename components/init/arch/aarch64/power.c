/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: PSCI SYSTEM_OFF through the SMC capability, when the device tree names that method.
 */
#include "../../power.h"

#include <sel4/sel4.h>

int arch_power_off(const struct kaal_power *power)
{
    if (power->method != KAAL_POWER_PSCI_SMC) {
        return KAAL_ERR_UNSUPPORTED; /* no capability stands for an HVC */
    }
    seL4_ARM_SMCContext arguments = {.x0 = power->psci_function};
    seL4_ARM_SMCContext response;
    (void)!seL4_ARM_SMC_Call(seL4_CapSMC, &arguments, &response);
    return KAAL_ERR_IO;
}
