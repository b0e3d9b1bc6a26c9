/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memset() and memcpy(): the compiler calls them too. Normal memory only, where addresses need not be
 * aligned. Objects are cleared by arch_memory_clear(), which is faster.
 */

    .section .text.memset, "ax"
    .globl memset
memset:
    mov     x3, x0
    and     x1, x1, #0xff
    orr     x1, x1, x1, lsl #8
    orr     x1, x1, x1, lsl #16
    orr     x1, x1, x1, lsl #32
1:  subs    x2, x2, #16
    b.lo    2f
    stp     x1, x1, [x3], #16
    b       1b
2:  adds    x2, x2, #16
    b.eq    4f
3:  strb    w1, [x3], #1
    subs    x2, x2, #1
    b.ne    3b
4:  ret

    .section .text.memcpy, "ax"
    .globl memcpy
memcpy:
    mov     x3, x0
1:  subs    x2, x2, #32
    b.lo    2f
    ldp     x4, x5, [x1], #16
    ldp     x6, x7, [x1], #16
    stp     x4, x5, [x3], #16
    stp     x6, x7, [x3], #16
    b       1b
2:  adds    x2, x2, #32
    b.eq    4f
3:  ldrb    w4, [x1], #1
    strb    w4, [x3], #1
    subs    x2, x2, #1
    b.ne    3b
4:  ret
