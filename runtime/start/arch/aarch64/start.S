/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first instructions of a component: X0 = start-up page, SP = its stack.
 */
    .section .text._start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    mov x29, xzr                /* the end of every backtrace */
    mov x30, xzr
    bl kaal_start_component
    brk #0
    .size _start, . - _start
/* Where a component goes that is to hang: <kaal/chaos.h>. */
    .globl kaal_spin
    .type kaal_spin, @function
kaal_spin:
    b kaal_spin
    .size kaal_spin, . - kaal_spin
    .section .note.GNU-stack, "", @progbits
