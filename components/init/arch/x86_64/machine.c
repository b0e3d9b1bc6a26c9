/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: a thread's first registers, and what fault words mean.
 */
#include "../../arch.h"

#include <string.h>

#include <kaal/bits.h>

/* Page-fault error code: Intel SDM volume 3, 4.7. */
#define PF_PRESENT BIT64(0)
#define PF_WRITE   BIT64(1)

void arch_sync_instructions(const void *start, size_t bytes)
{
    (void)start; /* instruction fetch is coherent */
    (void)bytes;
}

void arch_context_init(seL4_UserContext *context, uint64_t entry, uint64_t stack, uint64_t argument)
{
    memset(context, 0, sizeof(*context));
    context->rip = entry;
    context->rsp = stack;
    context->rflags = 0x202;
    context->rdi = argument;
}

void arch_context_jump(seL4_UserContext *context, uint64_t ip)
{
    context->rip = ip;
}

unsigned arch_context_words(void)
{
    return offsetof(seL4_UserContext, rdi) / sizeof(seL4_Word) + 1;
}

size_t arch_registers(const seL4_UserContext *context,
                      struct arch_register registers[ARCH_REGISTERS_MAX])
{
    const struct arch_register list[] = {
        {"rip", context->rip},    {"rsp", context->rsp}, {"rbp", context->rbp},
        {"rax", context->rax},    {"rbx", context->rbx}, {"rcx", context->rcx},
        {"rdx", context->rdx},    {"rsi", context->rsi}, {"rdi", context->rdi},
        {"r8", context->r8},      {"r9", context->r9},   {"r10", context->r10},
        {"r11", context->r11},    {"r12", context->r12}, {"r13", context->r13},
        {"r14", context->r14},    {"r15", context->r15}, {"rflags", context->rflags},
        {"fs", context->fs_base},
    };
    memcpy(registers, list, sizeof(list));
    return ARRAY_COUNT(list);
}

void arch_frame(const seL4_UserContext *context, uint64_t *ip, uint64_t *frame,
                uint64_t *return_address)
{
    *ip = context->rip;
    *frame = context->rbp;
    *return_address = 0;
}

const char *arch_fault_access(uint64_t status, bool instruction)
{
    if (instruction) {
        return "execution at";
    }
    return (status & PF_WRITE) != 0 ? "write to" : "read from";
}

bool arch_fault_is_protection(uint64_t status)
{
    return (status & PF_PRESENT) != 0;
}

const char *arch_exception_text(uint64_t number)
{
    switch (number) {
    case 0:
        return "divide error";
    case 1:
        return "single step";
    case 3:
        return "breakpoint instruction";
    case 6:
        return "undefined instruction";
    case 7:
        return "floating point while it is disabled";
    case 13:
        return "general protection (privileged instruction or bad address)";
    case 16:
    case 19:
        return "floating point error";
    case 17:
        return "alignment check";
    default:
        return "CPU exception";
    }
}
