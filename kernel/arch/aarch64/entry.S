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

.macro vector
    .balign 128
.endm

/* Save the interrupted user's registers; leaves ELR in x22, the context in x20. */
.macro save_user
    stp     x0, x1, [sp, #(0 * 8)]
    stp     x2, x3, [sp, #(2 * 8)]
    stp     x4, x5, [sp, #(4 * 8)]
    stp     x6, x7, [sp, #(6 * 8)]
    stp     x8, x9, [sp, #(8 * 8)]
    stp     x10, x11, [sp, #(10 * 8)]
    stp     x12, x13, [sp, #(12 * 8)]
    stp     x14, x15, [sp, #(14 * 8)]
    stp     x16, x17, [sp, #(16 * 8)]
    stp     x18, x19, [sp, #(18 * 8)]
    stp     x20, x21, [sp, #(20 * 8)]
    stp     x22, x23, [sp, #(22 * 8)]
    stp     x24, x25, [sp, #(24 * 8)]
    stp     x26, x27, [sp, #(26 * 8)]
    stp     x28, x29, [sp, #(28 * 8)]
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
    /* From EL1 with SP_EL0: never in use. */
    vector
    b       kernel_trap
    vector
    b       kernel_trap
    vector
    b       kernel_trap
    vector
    b       kernel_trap
    /* From EL1: only synchronous ones, and only those that kernel_fault_fixup() expects. */
    vector
    b       kernel_trap
    vector
    b       kernel_trap
    vector
    b       kernel_trap
    vector
    b       kernel_trap
    /* From EL0, aarch64. */
    vector
    b       user_sync
    vector
    b       user_irq
    vector
    b       user_irq
    vector
    b       user_serror
    /* From EL0, aarch32: never in use. */
    vector
    b       kernel_trap
    vector
    b       kernel_trap
    vector
    b       kernel_trap
    vector
    b       kernel_trap

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
    ldp     x2, x3, [x24, #(2 * 8)]
    ldp     x4, x5, [x24, #(4 * 8)]
    ldp     x0, x1, [sp, #(0 * 8)]
    ldp     x6, x7, [sp, #(6 * 8)]
    ldp     x8, x9, [sp, #(8 * 8)]
    ldp     x10, x11, [sp, #(10 * 8)]
    ldp     x12, x13, [sp, #(12 * 8)]
    ldp     x14, x15, [sp, #(14 * 8)]
    ldp     x16, x17, [sp, #(16 * 8)]
    ldp     x18, x19, [sp, #(18 * 8)]
    ldp     x20, x21, [sp, #(20 * 8)]
    ldp     x22, x23, [sp, #(22 * 8)]
    ldp     x24, x25, [sp, #(24 * 8)]
    ldp     x26, x27, [sp, #(26 * 8)]
    ldp     x28, x29, [sp, #(28 * 8)]
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
    stp     x0, x1, [sp, #0]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x30, [sp, #144]
    mrs     x0, esr_el1
    mrs     x1, elr_el1
    mrs     x2, far_el1
    bl      kernel_fault_fixup
    msr     elr_el1, x0
    ldp     x0, x1, [sp, #0]
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
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
    ldp     x0, x1, [x19]
    ldp     x2, x3, [x19, #16]
    ldp     x4, x5, [x19, #32]
    ldp     x6, x7, [x19, #48]
smc_instruction:
    smc     #0
1:  stp     x0, x1, [x19]
    stp     x2, x3, [x19, #16]
    stp     x4, x5, [x19, #32]
    stp     x6, x7, [x19, #48]
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
    stp     q0, q1, [x0, #0]
    stp     q2, q3, [x0, #32]
    stp     q4, q5, [x0, #64]
    stp     q6, q7, [x0, #96]
    stp     q8, q9, [x0, #128]
    stp     q10, q11, [x0, #160]
    stp     q12, q13, [x0, #192]
    stp     q14, q15, [x0, #224]
    stp     q16, q17, [x0, #256]
    stp     q18, q19, [x0, #288]
    stp     q20, q21, [x0, #320]
    stp     q22, q23, [x0, #352]
    stp     q24, q25, [x0, #384]
    stp     q26, q27, [x0, #416]
    stp     q28, q29, [x0, #448]
    stp     q30, q31, [x0, #480]
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
    ldp     q0, q1, [x0, #0]
    ldp     q2, q3, [x0, #32]
    ldp     q4, q5, [x0, #64]
    ldp     q6, q7, [x0, #96]
    ldp     q8, q9, [x0, #128]
    ldp     q10, q11, [x0, #160]
    ldp     q12, q13, [x0, #192]
    ldp     q14, q15, [x0, #224]
    ldp     q16, q17, [x0, #256]
    ldp     q18, q19, [x0, #288]
    ldp     q20, q21, [x0, #320]
    ldp     q22, q23, [x0, #352]
    ldp     q24, q25, [x0, #384]
    ldp     q26, q27, [x0, #416]
    ldp     q28, q29, [x0, #448]
    ldp     q30, q31, [x0, #480]
    ret
