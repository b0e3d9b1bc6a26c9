/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The crash report: what happened, registers, and a symbolised backtrace, as log lines.
 */
#pragma once

#include <sel4/sel4.h>

#include "component.h"

/**
 * Logs a report of a component's fault.
 *   label, words  of the received fault message
 * Leaves the thread suspended. Reads the component's stack only through frames that init made.
 */
void report_fault(struct component *component, seL4_Word label, const seL4_Word *words);
