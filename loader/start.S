/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * First and last instructions of the loader. QEMU, U-Boot or any other loader of Linux arm64 Images
 * enters at the first byte with the MMU off, x0 = physical address of the device tree, at EL2 or
 * EL1. The code drops to EL1, sets a stack and calls loader_main(); loader_enter_kernel() turns the
 * MMU on and jumps. Everything is position independent.
 */

    .section .head, "ax"
    .globl image_start
image_start:
    b       start                           /* 0x00 code0 */
    .long   0                               /* 0x04 code1 */
    .quad   loader_text_offset              /* 0x08 offset from a 2 MiB aligned base */
    .quad   loader_image_bytes              /* 0x10 size of the whole image; the packer raises it */
    .quad   0xa                             /* 0x18 flags: little-endian, 4 KiB pages, anywhere */
    .quad   0, 0, 0                         /* 0x20 reserved */
    .ascii  "ARM\x64"                       /* 0x38 magic */
    .long   0                               /* 0x3c no PE header */
    /* struct kaal_loader_header, see include/kaal/loader_image.h */
    .ascii  "KAALLDR1"
    .quad   loader_flat_bytes
    .quad   loader_kernel_offset
    .quad   loader_kernel_bytes
    .quad   loader_root_offset
    .quad   loader_root_bytes

    .text
start:
    msr     daifset, #0xf
    mov     x19, x0                         /* device tree */
    mrs     x1, CurrentEL
    cmp     x1, #(2 << 2)
    b.eq    from_el2
    cmp     x1, #(1 << 2)
    b.eq    at_el1
unsupported_level:                          /* EL3: firmware must have left it */
    wfi
    b       unsupported_level

from_el2:
    mov     x1, #(1 << 31)                  /* HCR_EL2.RW: EL1 is aarch64, nothing else trapped */
    msr     hcr_el2, x1
    mov     x1, #0x33ff                     /* CPTR_EL2: no trap of FP/SIMD */
    msr     cptr_el2, x1
    mov     x1, #3                          /* EL1 may use the physical counter and timer */
    msr     cnthctl_el2, x1
    msr     cntvoff_el2, xzr
    msr     vttbr_el2, xzr
    msr     mdcr_el2, xzr
    msr     hstr_el2, xzr
    mrs     x1, midr_el1
    msr     vpidr_el2, x1
    mrs     x1, mpidr_el1
    msr     vmpidr_el2, x1
    mrs     x1, id_aa64pfr0_el1             /* GICv3 system registers, bits 24-27 */
    ubfx    x1, x1, #24, #4
    cbz     x1, 1f
    mrs     x1, S3_4_C12_C9_5               /* ICC_SRE_EL2: SRE and Enable for EL1 */
    mov     x2, #9
    orr     x1, x1, x2
    msr     S3_4_C12_C9_5, x1
    isb
1:  mov     x1, #0x3c5                      /* EL1h, D A I F masked */
    msr     spsr_el2, x1
    adr     x1, at_el1
    msr     elr_el2, x1
    ldr     x1, sctlr_off
    msr     sctlr_el1, x1
    eret

at_el1:
    msr     spsel, #1
    ldr     x1, sctlr_off                   /* MMU and caches off, little-endian */
    msr     sctlr_el1, x1
    isb
    adrp    x1, loader_stack_top
    add     x1, x1, :lo12:loader_stack_top
    mov     sp, x1
    adr     x1, image_start
    mov     x0, x19
    bl      loader_main
    b       unsupported_level               /* loader_main() does not return */

    .balign 8
sctlr_off:
    .quad   0x30d00800                      /* the bits that read as one */

/*
 * void loader_enable_mmu(ttbr0, ttbr1, mair, tcr): the code runs on under the identity map.
 */
    .globl  loader_enable_mmu
loader_enable_mmu:
    msr     ttbr0_el1, x0
    msr     ttbr1_el1, x1
    msr     mair_el1, x2
    msr     tcr_el1, x3
    isb
    tlbi    vmalle1
    ic      iallu
    dsb     nsh
    isb
    mrs     x4, sctlr_el1
    mov     x5, #0x1005                     /* M, C, I */
    orr     x4, x4, x5
    msr     sctlr_el1, x4
    isb
    ret

/*
 * void loader_enter_kernel(const uint64_t handoff[6], uint64_t kernel_entry): x0..x5 and the jump.
 */
    .globl  loader_enter_kernel
loader_enter_kernel:
    mov     x8, x1
    mov     x9, x0
    ldp     x0, x1, [x9]
    ldp     x2, x3, [x9, #16]
    ldp     x4, x5, [x9, #32]
    ic      iallu
    dsb     nsh
    isb
    br      x8

/*
 * void loader_power_off(void): PSCI SYSTEM_OFF, so that a machine with a broken image ends instead
 * of hanging. Firmware listens to smc where EL2 or EL3 exist, to hvc otherwise; where nobody does,
 * the exception ends in the loop below.
 */
    .globl  loader_power_off
loader_power_off:
    adrp    x1, stop_vectors
    add     x1, x1, :lo12:stop_vectors
    msr     vbar_el1, x1
    isb
    movz    w0, #0x8400, lsl #16
    movk    w0, #0x0008
    mrs     x1, id_aa64pfr0_el1             /* bits 8-11: EL2, 12-15: EL3 */
    tst     x1, #0xff00
    b.eq    1f
    smc     #0
1:  hvc     #0
2:  wfi
    b       2b

    .balign 2048
stop_vectors:
    .skip   0x200
    b       2b

/* bool loader_probe(uint64_t address): false if reading there faults. */
    .globl  loader_probe
loader_probe:
    adrp    x1, probe_vectors
    add     x1, x1, :lo12:probe_vectors
    msr     vbar_el1, x1
    isb
    mov     x1, x0
    mov     w0, #1
    ldr     x1, [x1]
    dsb     sy
    isb
1:  ret

    .balign 2048
probe_vectors:
    .skip   0x200                           /* a synchronous exception of EL1 */
    mov     w0, #0
    adr     x1, 1b
    msr     elr_el1, x1
    eret

    .bss
    .balign 16
    .skip   16384
loader_stack_top:
