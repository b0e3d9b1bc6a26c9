/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The child's ELF file, as data. */
    .section .rodata
    .balign 16
    .globl child_file
child_file:
    .incbin "child_stripped.elf"
    .globl child_file_end
child_file_end:
    .section .note.GNU-stack, "", %progbits
