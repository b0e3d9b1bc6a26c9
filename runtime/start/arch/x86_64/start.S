/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first instructions of a component: RDI = start-up page, RSP = its stack.
 */
    .section .text._start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    xorl %ebp, %ebp             /* the end of every backtrace */
    andq $-16, %rsp
    call kaal_start_component
    ud2
    .size _start, . - _start
    .section .note.GNU-stack, "", @progbits
