/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the test needs of the machine beside the generic API.
 */
#pragma once

#include <sel4/sel4.h>

/* Ends the machine with status 0. */
_Noreturn void arch_power_off(void);

/* Fills in a thread that begins at `entry` with `stack_top`. */
void arch_thread_begin(seL4_UserContext *regs, void (*entry)(void), seL4_Word stack_top);

/* Maps a 4 KiB frame read-write where the image's tables reach. */
seL4_Error arch_map_page(seL4_CPtr frame, seL4_Word vaddr);

/* Unmaps it. */
seL4_Error arch_unmap_page(seL4_CPtr frame);

/* Its physical address; 0 on an error. */
seL4_Word arch_page_address(seL4_CPtr frame);

/* Object type of a 4 KiB frame. */
seL4_Word arch_page_type(void);

/* Makes an unknown system call with number 12345; returns what a handler puts in the result
 * register. */
seL4_Word arch_unknown_syscall(void);

/* The handler's answer to it: result 777, continue behind the instruction. */
seL4_MessageInfo_t arch_answer_unknown_syscall(seL4_Fault_t fault);

/* The stack pointer that the fault message tells. */
seL4_Word arch_unknown_syscall_sp(seL4_Fault_t fault);

/* The stack pointer of the caller. */
seL4_Word arch_stack_pointer(void);
