/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The crash report: what happened, registers, a symbolised backtrace, the last lines that the
 * component logged and the state of its channels, as log lines. Those after the first are indented.
 */
#pragma once

#include <sel4/sel4.h>

#include "component.h"

/**
 * Logs a report of a component's fault.
 *   label, words  of the received fault message
 * Leaves the thread suspended. Reads the component's stack and channels only through frames
 * that init made.
 */
void report_fault(struct component *component, seL4_Word label, const seL4_Word *words);

/** Logs a report of a component that does not answer its watchdog. Otherwise as report_fault(). */
void report_hang(struct component *component);
