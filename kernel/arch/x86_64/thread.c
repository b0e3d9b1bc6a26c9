/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The orders of registers, the idle thread, and the C side of entries from user level. */
#include <arch/cpu.h>
#include <kernel/arch_hooks.h>
#include <kernel/entry.h>
#include <kernel/fpu.h>
#include <kernel/memory.h>
#include <kernel/print.h>

static_assert(offsetof(struct node, current) == 0, "trap.S loads node()->current");
static_assert(offsetof(struct node, message_from) == 8, "trap.S: NODE_MESSAGE_FROM");
static_assert(offsetof(struct tcb, context) == 0, "trap.S");

#define INT_BYTES 2 /* of the instruction `int n` */

extern const char idle_loop[], kernel_stack_end[];

const uint8_t context_order[ABI_CONTEXT_WORDS] = {
    REG_FAULT_IP, REG_SP,  REG_FLAGS, REG_RAX, REG_RBX,     REG_RCX,     REG_RDX,
    REG_RSI,      REG_RDI, REG_RBP,   REG_R8,  REG_R9,      REG_R10,     REG_R11,
    REG_R12,      REG_R13, REG_R14,   REG_R15, REG_FS_BASE, REG_GS_BASE,
};

const uint8_t unknown_syscall_order[ABI_UNKNOWN_SYSCALL_REPLY_WORDS] = {
    REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP,      REG_R8, REG_R9,
    REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_FAULT_IP, REG_SP, REG_FLAGS,
};

/* The idle thread is kernel code: returning to it by IRETQ ends in idle_loop (trap.S). */
void arch_idle_init(struct tcb *idle)
{
    word_t *regs = idle->context.regs;
    regs[REG_RIP] = (word_t)idle_loop;
    regs[REG_CS] = SELECTOR_KERNEL_CODE;
    regs[REG_RFLAGS] = RFLAGS_RESERVED;
    regs[REG_RSP] = (word_t)kernel_stack_end;
    regs[REG_SS] = 0;
}

/* ---- entries, called by trap.S ---- */

void trap_interrupt(uint32_t vector);
void trap_exception(uint32_t vector);
NORETURN void trap_kernel_bug(const word_t *frame);

void trap_interrupt(uint32_t vector)
{
    if (vector < VECTOR_SOFTWARE_MIN || vector > VECTOR_SOFTWARE_MAX) {
        irq_noted_vector = vector;
        kernel_handle_interrupt();
        return;
    }
    /* Only `int n` can have raised these: an unknown system call whose number holds n and EAX. */
    word_t *regs = node()->current->context.regs;
    regs[REG_FAULT_IP] = regs[REG_RIP] - INT_BYTES;
    uint32_t number = vector << 24 | ((uint32_t)regs[REG_RAX] & 0xffffff);
    kernel_handle_fault(fault_unknown_syscall((word_t)(int64_t)(int32_t)number));
}

void trap_exception(uint32_t vector)
{
    word_t error = node()->current->context.regs[REG_ERROR];
    if (vector == EXCEPTION_PAGE_FAULT) {
        kernel_handle_fault(
            fault_vm(cpu_read_cr2(), error & PAGE_FAULT_FETCH, error & PAGE_FAULT_MASK));
        return;
    }
    if (vector == EXCEPTION_NO_FPU && fpu_first_use()) {
        return;
    }
    if (CONFIG_HARDWARE_DEBUG_API && arch_debug_exception(vector, 0)) {
        return;
    }
    kernel_handle_fault(fault_user_exception(vector, error));
}

/* frame: R15..R8, RDI, RSI, RBP, RBX, RDX, RCX, RAX, vector, error code, RIP, CS, RFLAGS, RSP, SS.
 */
void trap_kernel_bug(const word_t *frame)
{
    kernel_print("kernel: exception %lu in the kernel, error code 0x%lx, CR2 0x%lx\n", frame[15],
                 frame[16], cpu_read_cr2());
    kernel_print("kernel: RIP 0x%lx CS 0x%lx RFLAGS 0x%lx RSP 0x%lx\n", frame[17], frame[18],
                 frame[19], frame[20]);
    kernel_print("kernel: RAX 0x%lx RCX 0x%lx RDX 0x%lx RBX 0x%lx\n", frame[14], frame[13],
                 frame[12], frame[11]);
    kernel_print("kernel: RSI 0x%lx RDI 0x%lx RBP 0x%lx R8 0x%lx\n", frame[9], frame[8], frame[10],
                 frame[7]);
    arch_halt();
}

/* ---- machine ---- */

void arch_memory_written(kptr_t base, word_t bytes)
{
    /* caches and table walks are coherent */
}

void arch_memory_clear(kptr_t base, word_t bytes)
{
    memset((void *)base, 0, bytes);
}

void arch_halt(void)
{
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}
