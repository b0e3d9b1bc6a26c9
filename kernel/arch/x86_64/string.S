/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memset and memcpy by string instructions, eight bytes at a time: the compiler calls them too.
 * The direction flag is clear in the kernel at all times.
 */
    .section .text, "ax", @progbits

/* void *memset(void *dest, int value, size_t bytes) */
    .align 16
    .globl memset
memset:
    mov %rdi, %r8
    movzbl %sil, %eax
    movabs $0x0101010101010101, %rcx
    imul %rcx, %rax
    mov %rdx, %rcx
    shr $3, %rcx
    rep stosq
    mov %edx, %ecx
    and $7, %ecx
    rep stosb
    mov %r8, %rax
    ret

/* void *memcpy(void *dest, const void *source, size_t bytes) */
    .align 16
    .globl memcpy
memcpy:
    mov %rdi, %rax
    mov %rdx, %rcx
    shr $3, %rcx
    rep movsq
    mov %edx, %ecx
    and $7, %ecx
    rep movsb
    ret
