/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memset() and memcpy() for the kernel: it clears and copies whole pages when objects
 * are made and at boot, so those cases move 64 bytes per round. Normal memory only.
 */

    .section .text.memset, "ax"
    .globl memset
memset:
    mov     x3, x0
    ands    w1, w1, #0xff
    b.ne    3f
    cmp     x2, #64
    b.lo    3f
    tst     x0, #63
    b.ne    3f
    mrs     x4, dczid_el0                   /* 64-byte block clearing allowed? */
    cmp     x4, #4
    b.ne    3f
    subs    x2, x2, #256
    b.lo    9f
8:  dc      zva, x3                         /* 256 bytes a round */
    add     x4, x3, #64
    add     x5, x3, #128
    dc      zva, x4
    add     x4, x3, #192
    dc      zva, x5
    add     x3, x3, #256
    dc      zva, x4
    subs    x2, x2, #256
    b.hs    8b
9:  add     x2, x2, #256
1:  cmp     x2, #64
    b.lo    2f
    dc      zva, x3
    add     x3, x3, #64
    sub     x2, x2, #64
    b       1b
3:  orr     w1, w1, w1, lsl #8
    orr     w1, w1, w1, lsl #16
    orr     x1, x1, x1, lsl #32
4:  tst     x3, #7                          /* bytes up to a word border */
    b.eq    2f
    cbz     x2, 7f
    strb    w1, [x3], #1
    sub     x2, x2, #1
    b       4b
2:  cmp     x2, #16
    b.lo    5f
    stp     x1, x1, [x3], #16
    sub     x2, x2, #16
    b       2b
5:  cbz     x2, 7f
6:  strb    w1, [x3], #1
    subs    x2, x2, #1
    b.ne    6b
7:  ret

    .section .text.memcpy, "ax"
    .globl memcpy
memcpy:
    mov     x3, x0
    orr     x4, x0, x1
    tst     x4, #7
    b.ne    3f
1:  cmp     x2, #64
    b.lo    2f
    ldp     x4, x5, [x1]
    ldp     x6, x7, [x1, #16]
    ldp     x8, x9, [x1, #32]
    ldp     x10, x11, [x1, #48]
    add     x1, x1, #64
    sub     x2, x2, #64
    stp     x4, x5, [x3]
    stp     x6, x7, [x3, #16]
    stp     x8, x9, [x3, #32]
    stp     x10, x11, [x3, #48]
    add     x3, x3, #64
    b       1b
2:  cmp     x2, #8
    b.lo    3f
    ldr     x4, [x1], #8
    str     x4, [x3], #8
    sub     x2, x2, #8
    b       2b
3:  cbz     x2, 5f
4:  ldrb    w4, [x1], #1
    strb    w4, [x3], #1
    subs    x2, x2, #1
    b.ne    4b
5:  ret
