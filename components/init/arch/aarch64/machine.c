/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: a thread's first registers, and what fault words mean.
 */
#include "../../arch.h"

#include <string.h>

#include <kaal/bits.h>

/* ESR_EL1 of aborts: Arm ARM D17.2.37. */
#define ESR_WNR               BIT64(6)
#define ESR_STATUS            0x3fu
#define ESR_STATUS_PERMISSION 0x0cu /* 0x0d..0x0f: permission fault, level 1..3 */
#define ESR_CLASS_SHIFT       26

void arch_context_init(seL4_UserContext *context, uint64_t entry, uint64_t stack, uint64_t argument)
{
    memset(context, 0, sizeof(*context));
    context->pc = entry;
    context->sp = stack;
    context->x0 = argument;
}

void arch_context_jump(seL4_UserContext *context, uint64_t ip)
{
    context->pc = ip;
}

unsigned arch_context_words(void)
{
    return offsetof(seL4_UserContext, x0) / sizeof(seL4_Word) + 1;
}

size_t arch_registers(const seL4_UserContext *context,
                      struct arch_register registers[ARCH_REGISTERS_MAX])
{
    const struct arch_register list[] = {
        {"pc", context->pc},    {"sp", context->sp},        {"lr", context->x30},
        {"x0", context->x0},    {"x1", context->x1},        {"x2", context->x2},
        {"x3", context->x3},    {"x4", context->x4},        {"x5", context->x5},
        {"x6", context->x6},    {"x7", context->x7},        {"x8", context->x8},
        {"x9", context->x9},    {"x10", context->x10},      {"x11", context->x11},
        {"x12", context->x12},  {"x13", context->x13},      {"x14", context->x14},
        {"x15", context->x15},  {"x16", context->x16},      {"x17", context->x17},
        {"x18", context->x18},  {"x19", context->x19},      {"x20", context->x20},
        {"x21", context->x21},  {"x22", context->x22},      {"x23", context->x23},
        {"x24", context->x24},  {"x25", context->x25},      {"x26", context->x26},
        {"x27", context->x27},  {"x28", context->x28},      {"fp", context->x29},
        {"psr", context->spsr}, {"tp", context->tpidr_el0},
    };
    memcpy(registers, list, sizeof(list));
    return ARRAY_COUNT(list);
}

void arch_frame(const seL4_UserContext *context, uint64_t *ip, uint64_t *frame,
                uint64_t *return_address)
{
    *ip = context->pc;
    *frame = context->x29;
    *return_address = context->x30;
}

const char *arch_fault_access(uint64_t status, bool instruction)
{
    if (instruction) {
        return "execution at";
    }
    return (status & ESR_WNR) != 0 ? "write to" : "read from";
}

bool arch_fault_is_protection(uint64_t status)
{
    return (status & ESR_STATUS & ~3u) == ESR_STATUS_PERMISSION;
}

const char *arch_exception_text(uint64_t number)
{
    switch (number >> ESR_CLASS_SHIFT) {
    case 0x00:
        return "undefined or privileged instruction";
    case 0x07:
        return "floating point while it is disabled";
    case 0x18:
        return "privileged system register";
    case 0x22:
        return "instruction address not aligned";
    case 0x26:
        return "stack pointer not aligned";
    case 0x3c:
        return "breakpoint instruction";
    default:
        return "CPU exception";
    }
}
