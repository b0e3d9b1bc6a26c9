/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The kernel's first instructions. The loader enters at EL1 with its own tables on and
 *   x0, x1  physical start and end of the root task's image
 *   x2      physical minus virtual address of it
 *   x3      its entry point
 *   x4, x5  physical address and size of the device tree, 0 if there is none
 */

    .section .boot.head, "ax"
    .globl _start
_start:
    mrs     x9, cntvct_el0                  /* when the kernel was entered, for measurements */
    adrp    x10, kernel_entry_ticks
    str     x9, [x10, :lo12:kernel_entry_ticks]
    msr     daifset, #0xf
    msr     spsel, #1
    adrp    x28, kernel_node                /* page aligned, and above the stack: see entry.S */
    mov     sp, x28
    adrp    x9, kernel_vectors
    add     x9, x9, :lo12:kernel_vectors
    msr     vbar_el1, x9
    isb
    stp     x4, x5, [sp, #-16]!
    stp     x2, x3, [sp, #-16]!
    stp     x0, x1, [sp, #-16]!
    mov     x0, sp                          /* const struct handoff * */
    bl      boot_main
    b       kernel_start_user               /* outside of the memory given away */

    .text
kernel_start_user:
    bl      kernel_map_drop_boot
    b       restore_user

    .data
    .balign 8
    .globl kernel_entry_ticks
kernel_entry_ticks:
    .quad   0
