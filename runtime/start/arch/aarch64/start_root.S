/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first instructions of the root task: X0 = boot information, SP = 0.
 */
    .section .text._start_root, "ax", @progbits
    .globl _start_root
    .type _start_root, @function
_start_root:
    mov x29, xzr                /* the end of every backtrace */
    mov x30, xzr
    adrp x9, kaal_root_stack_top
    add x9, x9, :lo12:kaal_root_stack_top
    mov sp, x9
    bl kaal_start_root
    brk #0
    .size _start_root, . - _start_root

    .section .bss.kaal_root_stack, "aw", @nobits
    .balign 16
    .skip 32768
    .globl kaal_root_stack_top
kaal_root_stack_top:

    .section .kaal_archive, "a", @progbits   /* sel4-compose puts the archive here */
    .balign 4096
    .globl kaal_archive_start
kaal_archive_start:
    .skip 4096
    .section .note.GNU-stack, "", @progbits
