/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Ways into the kernel and out of it: `syscall`, interrupts and exceptions, and the return to user level.
 *
 * Every entry stores all user registers into the context of the running thread's TCB and continues in C
 * on the core's kernel stack; no kernel stack frame survives an exit. The first word of kernel_node is the
 * running thread's TCB, whose first member is its context. For interrupts and exceptions the TSS makes the CPU
 * push its frame right into the context (RSP0 = frame end). CS and SS there never change: `syscall` skips them.
 *
 * The kernel uses neither FS nor GS, so there is no SWAPGS: user values stay loaded until a thread switch.
 */
#include <arch/layout.h>

#define NODE_MESSAGE_FROM 8
#define SYSCALL_REPLY_RECV -2 /* and above it, as unsigned numbers go, only Call */

/* Store registers to a context, or load them, one behind the other from a place on. */
    .macro save context, place, registers:vararg
    .set at, CONTEXT(\place)
    .irp register, \registers
    mov %\register, at(%\context)
    .set at, at + 8
    .endr
    .endm

    .macro load context, place, registers:vararg
    .set at, CONTEXT(\place)
    .irp register, \registers
    mov at(%\context), %\register
    .set at, at + 8
    .endr
    .endm

    .section .text.entry, "ax", @progbits

/*
 * RCX = return address, R11 = RFLAGS, RSP still the user's: it is kept, unlike in other kernels.
 * RDX is the system call number.
 */
    .align 64
    .globl syscall_entry
syscall_entry:
    mov %rsp, syscall_user_rsp(%rip)
    mov kernel_node(%rip), %rsp
    save rsp, REG_RAX, rax, rbx, rdx, rsi, rdi, rbp, r12, r13, r14, r10, r8, r9, r15
    mov %rcx, CONTEXT(REG_RIP)(%rsp)
    mov %r11, CONTEXT(REG_RFLAGS)(%rsp)
    movq $ERROR_SYSCALL, CONTEXT(REG_ERROR)(%rsp)
    sub $2, %rcx /* the syscall instruction itself */
    mov %rcx, CONTEXT(REG_FAULT_IP)(%rsp)
    mov syscall_user_rsp(%rip), %rax
    mov %rax, CONTEXT(REG_RSP)(%rsp)
    mov $kernel_stack_end, %rsp
    cmp $SYSCALL_REPLY_RECV, %rdx
    jb 1f
    je 2f
    call fastpath_call
restore_with_message:
    mov kernel_node + NODE_MESSAGE_FROM(%rip), %rax

/*
 * Return to the current thread. SYSRET, which overwrites RCX and R11 with RIP and RFLAGS, is good for a
 * context that a system call has saved, as long as nobody changes it.
 * RIP is always canonical here: writers of contexts see to it, and the last user page can't be mapped.
 */
restore: /* RAX: the context that has the message registers */
    mov kernel_node(%rip), %rsp
    load rax, REG_R10, r10, r8, r9, r15
    mov CONTEXT(REG_RIP)(%rsp), %rcx
    mov CONTEXT(REG_RFLAGS)(%rsp), %r11
    cmpq $ERROR_SYSCALL, CONTEXT(REG_ERROR)(%rsp)
    jne restore_by_iret
    load rsp, REG_RAX, rax, rbx, rdx, rsi, rdi, rbp, r12, r13, r14
    mov CONTEXT(REG_RSP)(%rsp), %rsp
    sysretq

1:  mov %rdx, %rdi
    call kernel_handle_syscall
    .globl restore_user_context
restore_user_context:
    mov kernel_node(%rip), %rax
    jmp restore
2:  call fastpath_reply_recv
    jmp restore_with_message

restore_by_iret:
    load rsp, REG_RAX, rax, rbx, rdx, rsi, rdi, rbp, r12, r13, r14
    load rsp, REG_RCX, rcx, r11
    add $CONTEXT(REG_RIP), %rsp
    iretq

/*
 * One 16-byte stub per vector: brings the stack to {vector, error code, CPU frame}, which are the context's
 * fields fault_ip, error and rip..ss. Vectors 8, 10-14, 17, 21, 29 and 30 come with an error code.
 */
    .align 16
    .globl vector_stubs
vector_stubs:
    .set vector, 0
    .rept 256
    .align 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
    pushq $0
    .endif
    pushq $vector
    .if vector == 2 || vector == 8 || vector == 18
    jmp kernel_bug /* NMI, double fault, machine check: on a stack of their own, nobody survives them */
    .else
    jmp trap_common
    .endif
    .set vector, vector + 1
    .endr

    .align 64
trap_common:
    testb $3, CONTEXT(REG_CS - REG_FAULT_IP)(%rsp)
    jz trap_from_kernel
    sub $CONTEXT(REG_FAULT_IP), %rsp
    save rsp, REG_RAX, rax, rbx, rdx, rsi, rdi, rbp, r12, r13, r14, r10, r8, r9, r15, rcx, r11
    mov CONTEXT(REG_FAULT_IP)(%rsp), %rdi /* the vector */
    mov CONTEXT(REG_RIP)(%rsp), %rax
    mov %rax, CONTEXT(REG_FAULT_IP)(%rsp)
    mov $kernel_stack_end, %rsp
    cld
    cmp $32, %edi
    jb 1f
    call trap_interrupt
    jmp restore_user_context
1:  call trap_exception
    jmp restore_user_context

/*
 * Traps out of kernel code. Only idle_loop opens the interrupt window; the vector is noted for it and the
 * window closed again. Everything else is a bug of the kernel.
 */
trap_from_kernel:
    cmpq $32, (%rsp)
    jb kernel_bug
    push %rax
    mov 8(%rsp), %rax
    mov %eax, irq_noted_vector(%rip)
    pop %rax
    add $16, %rsp
    andq $~RFLAGS_INTERRUPT, 16(%rsp)
    iretq

kernel_bug:
    .irp register, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
    push %\register
    .endr
    cld
    mov %rsp, %rdi
    call trap_kernel_bug
    ud2

    .section .bss, "aw", @nobits
    .align 8
syscall_user_rsp: /* RSP between the first instructions of syscall_entry */
    .skip 8
    .align 4
    .globl irq_noted_vector
irq_noted_vector: /* see <arch/irq.h> */
    .skip 4

    .section .text, "ax", @progbits
/* The idle thread's code: wait with the interrupt window open, then handle what trap_from_kernel noted. */
    .align 16
    .globl idle_loop
idle_loop:
    cmpl $0, irq_noted_vector(%rip)
    jne 1f
    sti
    hlt
    jmp idle_loop
1:  call kernel_handle_interrupt
    jmp restore_user_context
