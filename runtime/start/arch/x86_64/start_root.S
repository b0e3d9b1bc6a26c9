/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first instructions of the root task: RDI = boot information, RSP = 0.
 */
    .section .text._start_root, "ax", @progbits
    .globl _start_root
    .type _start_root, @function
_start_root:
    xorl %ebp, %ebp             /* the end of every backtrace */
    leaq kaal_root_stack_top(%rip), %rsp
    call kaal_start_root
    ud2
    .size _start_root, . - _start_root

    .section .bss.kaal_root_stack, "aw", @nobits
    .balign 16
    .skip 131072                /* ACPI's code nests deeply */
    .globl kaal_root_stack_top
kaal_root_stack_top:

    .section .kaal_archive, "a", @progbits   /* sel4-compose puts the archive here */
    .balign 4096
    .globl kaal_archive_start
kaal_archive_start:
    .skip 4096
    .section .note.GNU-stack, "", @progbits
