/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: a power-off call to the firmware without the SMC capability (PSCI SYSTEM_OFF, ARM DEN
 * 0022), and the addresses of kernel window and UART of the reference machine.
 */
#include "../../hostile.h"

const uint64_t hostile_kernel_address = UINT64_C(0xffffff8040100000);
const uint64_t hostile_register_address = UINT64_C(0x09000000);
const char *const hostile_privileged_name = "power off by smc instruction";

void hostile_privileged(void)
{
    register uint64_t function __asm__("x0") = 0x84000008;

    __asm__ volatile(".inst 0xd4000003" : "+r"(function) : : "memory"); /* smc #0 */
}
