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
/* Where a component goes that is to hang: <kaal/chaos.h>. */
    .globl kaal_spin
    .type kaal_spin, @function
kaal_spin:
    jmp kaal_spin
    .size kaal_spin, . - kaal_spin
    .section .note.GNU-stack, "", @progbits
