/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Exception vectors, the way into the kernel and out of it.
 *
 * While user code runs SP_EL1 points at the current TCB, whose register context comes first, so an
 * entry saves at once and then takes the kernel stack, which ends where the core's state (struct
 * node) begins: X28 points there as long as the kernel runs. The kernel itself never takes an interrupt:
 * it runs with all of them masked, and the idle thread is a loop here that waits with them masked.
 * Offsets are those of <arch/context.h>: x0..x30 at 8 * n, then SP_EL0, ELR, SPSR, fault IP.
 */

#define CONTEXT_X30      (30 * 8)   /* and SP_EL0 */
#define CONTEXT_NEXT_IP  (32 * 8)   /* and SPSR */
#define CONTEXT_FAULT_IP (34 * 8)

#define ESR_CLASS_SHIFT 26
#define ESR_CLASS_SVC64 0x15

.macro vector handler
    .balign 128
    b       \handler
.endm

/* stp or ldp for each pair in a list of register numbers; register n is at base + n * bytes. */
.macro pairs instruction, kind, bytes, base, n, next, rest:vararg
    \instruction \kind\n, \kind\next, [\base, #(\n * \bytes)]
    .ifnb   \rest
    pairs   \instruction, \kind, \bytes, \base, \rest
    .endif
.endm

/* Save the interrupted user's registers; leaves ELR in x22, the context in x20. */
.macro save_user
    pairs   stp, x, 8, sp, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
    mrs     x21, sp_el0
    mrs     x22, elr_el1
    mrs     x23, spsr_el1
    stp     x30, x21, [sp, #CONTEXT_X30]
    stp     x22, x23, [sp, #CONTEXT_NEXT_IP]
    mov     x20, sp
    adrp    x28, kernel_node                /* page aligned: no low part */
    mov     sp, x28
.endm

    .section .vectors, "ax"
    .balign 2048
    .globl kernel_vectors
kernel_vectors:
    /* From EL1 with SP_EL0: never in use. From EL1: only those that kernel_fault_fixup() expects. */
    .rept   8
    vector  kernel_trap
    .endr
    /* From EL0, aarch64. */
    vector  user_sync
    vector  user_irq
    vector  user_irq
    vector  user_serror
    /* From EL0, aarch32: never in use. */
    .rept   4
    vector  kernel_trap
    .endr

    .section .text.hot, "ax"
user_sync:
    save_user
    mrs     x25, esr_el1
    lsr     x26, x25, #ESR_CLASS_SHIFT
    cmp     x26, #ESR_CLASS_SVC64
    b.ne    user_fault
    sub     x22, x22, #4
    str     x22, [x20, #CONTEXT_FAULT_IP]
    cmn     x7, #2                          /* Call is -1, ReplyRecv -2 */
    b.lo    1f
    b.eq    2f
    bl      fastpath_call
    b       restore_with_message
1:  mov     x0, x7
    bl      kernel_handle_syscall
    b       restore_user
2:  bl      fastpath_reply_recv
restore_with_message:
    ldp     x20, x24, [x28]                 /* current, message_from */
    b       restore

/* Leave the kernel: restore node()->current, which is the first word of the node. */
    .globl restore_user
restore_user:
    ldr     x20, [x28]
    mov     x24, x20
restore:                                    /* x20: context, x24: the one with the message registers */
    mov     sp, x20
    ldp     x22, x23, [sp, #CONTEXT_NEXT_IP]
    ldp     x30, x21, [sp, #CONTEXT_X30]
    msr     elr_el1, x22
    msr     spsr_el1, x23
    msr     sp_el0, x21
    pairs   ldp, x, 8, x24, 2, 3, 4, 5
    pairs   ldp, x, 8, sp, 0, 1, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
    eret

user_fault:
    str     x22, [x20, #CONTEXT_FAULT_IP]
    mov     x0, x25
    mrs     x1, far_el1
    bl      user_fault_handle
    b       restore_user

user_serror:
    save_user
    str     x22, [x20, #CONTEXT_FAULT_IP]
    mrs     x0, esr_el1
    bl      user_serror_handle
    b       restore_user

user_irq:
    save_user
    str     x22, [x20, #CONTEXT_FAULT_IP]
    bl      kernel_handle_interrupt
    b       restore_user

/* The idle thread: its context sends the exit path here, at EL1 with everything masked. */
    .globl idle_loop
idle_loop:
    adrp    x28, kernel_node
    mov     sp, x28
    wfi                                     /* a pending masked interrupt ends it */
    bl      kernel_handle_interrupt
    b       restore_user

/*
 * An exception in the kernel. Registers are kept on the stack in use; the C part returns the
 * address to go on at when the instruction was one that may fail, and does not return otherwise.
 */
    .text
kernel_trap:
    sub     sp, sp, #160
    pairs   stp, x, 8, sp, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
    stp     x18, x30, [sp, #144]
    mrs     x0, esr_el1
    mrs     x1, elr_el1
    mrs     x2, far_el1
    bl      kernel_fault_fixup
    msr     elr_el1, x0
    pairs   ldp, x, 8, sp, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
    ldp     x18, x30, [sp, #144]
    add     sp, sp, #160
    eret

/*
 * bool kernel_probe(const volatile void *address): false if reading a word there faults.
 */
    .globl kernel_probe
    .globl kernel_probe_access
    .globl kernel_probe_failed
kernel_probe:
    mov     x1, x0
    mov     w0, #1
kernel_probe_access:
    ldr     x1, [x1]
    dsb     sy
    ret
kernel_probe_failed:
    mov     w0, #0
    ret

/*
 * void smc_call(uint64_t registers[8]): x0..x7 in and out. A machine without secure monitor makes
 * the instruction undefined; the answer is then "not supported" in x0.
 */
    .globl smc_call
    .globl smc_instruction
    .globl smc_undefined
smc_call:
    stp     x29, x30, [sp, #-32]!
    str     x19, [sp, #16]
    mov     x19, x0
    pairs   ldp, x, 8, x19, 0, 1, 2, 3, 4, 5, 6, 7
smc_instruction:
    smc     #0
1:  pairs   stp, x, 8, x19, 0, 1, 2, 3, 4, 5, 6, 7
    ldr     x19, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret
smc_undefined:
    mov     x0, #-1
    b       1b

/* void arch_fpu_save(struct arch_fpu *), void arch_fpu_load(struct arch_fpu *) */
    .arch_extension fp
    .arch_extension simd
    .globl arch_fpu_save
arch_fpu_save:
    pairs   stp, q, 16, x0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    mrs     x1, fpsr
    mrs     x2, fpcr
    str     x1, [x0, #512]
    str     x2, [x0, #520]
    ret

    .globl arch_fpu_load
arch_fpu_load:
    ldr     x1, [x0, #512]
    ldr     x2, [x0, #520]
    msr     fpsr, x1
    msr     fpcr, x2
    pairs   ldp, q, 16, x0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ret
