/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* void fiber_switch(void **save_sp, void *load_sp): callee-saved registers go through the stack. */
#ifdef __APPLE__
#define SYMBOL(name) _##name
#else
#define SYMBOL(name) name
#endif
#if !defined(__x86_64__)
    .macro callee_saved instruction
    \instruction x19, x20, [sp, #0]
    \instruction x21, x22, [sp, #16]
    \instruction x23, x24, [sp, #32]
    \instruction x25, x26, [sp, #48]
    \instruction x27, x28, [sp, #64]
    \instruction x29, x30, [sp, #80]
    \instruction d8, d9, [sp, #96]
    \instruction d10, d11, [sp, #112]
    \instruction d12, d13, [sp, #128]
    \instruction d14, d15, [sp, #144]
    .endm
#endif
    .text
    .globl SYMBOL(fiber_switch)
    .p2align 4
SYMBOL(fiber_switch):
#if defined(__x86_64__)
    .irp register, rbp, rbx, r12, r13, r14, r15
    push %\register
    .endr
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    .irp register, r15, r14, r13, r12, rbx, rbp
    pop %\register
    .endr
    ret
#else
    sub sp, sp, #160
    callee_saved stp
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    callee_saved ldp
    add sp, sp, #160
    ret
#endif
#ifdef __ELF__
    .section .note.GNU-stack, "", %progbits
#endif
