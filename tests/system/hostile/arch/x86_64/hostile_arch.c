/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: a port read without a capability for it, and the addresses of kernel window and local
 * APIC (Intel SDM volume 3, 10.4.1).
 */
#include "../../hostile.h"

const uint64_t hostile_kernel_address = UINT64_C(0xffffffff80100000);
const uint64_t hostile_register_address = UINT64_C(0xfee00000);
const char *const hostile_privileged_name = "read port 0x3f8 by instruction";

void hostile_privileged(void)
{
    uint8_t value;

    __asm__ volatile("inb %w1, %b0" : "=a"(value) : "Nd"((uint16_t)0x3f8));
}
