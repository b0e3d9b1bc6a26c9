/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What init needs from each architecture, and nothing else: instruction cache upkeep, a thread's
 * first registers, and the meaning of fault words. Each
 * arch/<isa>/ folder supplies all of it, and the early console's UART and the power-off.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sel4/sel4.h>

#include <kaal/error.h>

/** Registers of a register dump, at most. */
#define ARCH_REGISTERS_MAX 36

/** Makes bytes that were written as data visible to instruction fetch. */
void arch_sync_instructions(const void *start, size_t bytes);

/** Sets a fresh thread's registers: entry, stack, first argument. */
void arch_context_init(seL4_UserContext *context, uint64_t entry, uint64_t stack,
                       uint64_t argument);
/** Makes a thread go on at another place, everything else as it was. */
void arch_context_jump(seL4_UserContext *context, uint64_t ip);
/** Words of a seL4_UserContext up to and including the first argument's register. */
unsigned arch_context_words(void);

/** One register of a dump. */
struct arch_register {
    const char *name;
    uint64_t value;
};
/** Fills registers[] in the order a person reads them; returns how many. */
size_t arch_registers(const seL4_UserContext *context,
                      struct arch_register registers[ARCH_REGISTERS_MAX]);
/** What a backtrace starts with. frame: the frame pointer; return_address: link register or 0. */
void arch_frame(const seL4_UserContext *context, uint64_t *ip, uint64_t *frame,
                uint64_t *return_address);
/** "write to", "read from" or "execution at", from a VMFault's status word. */
const char *arch_fault_access(uint64_t status, bool instruction);
/** Whether a VMFault's status word says that the page exists but forbids the access. */
bool arch_fault_is_protection(uint64_t status);
/** A phrase for a UserException, e.g. "undefined instruction". */
const char *arch_exception_text(uint64_t number);
