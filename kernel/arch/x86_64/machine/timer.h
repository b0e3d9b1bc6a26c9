/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The kernel's clock (TSC) and one-shot deadline; calibration at boot. */
#pragma once

#include <kernel/types.h>

struct acpi_info;

/*
 * Learn the TSC's frequency and set the local APIC's timer up. Boot only, after apic_init().
 * Takes at most 100 us of measuring, none if CPUID tells the frequency and the CPU has TSC
 * deadlines. Returns false after a message when no clock is there to measure against.
 */
bool timer_init(const struct acpi_info *info) MUST_CHECK;
