/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A root task in assembly, written from the numbers of the seL4 16 MCS ABI alone: it includes no
 * header of the project, so that kernel and libsel4 cannot agree on a mistake. It checks the state
 * it starts with and its boot information, makes objects, maps the UART's page from its device
 * untyped, prints TAP, and switches the machine off by PSCI through the SMC capability.
 * Lines up to "uart" leave by DebugPutChar when the kernel has it (DEBUG_PUTCHAR=1) and are kept in
 * memory otherwise; the rest leaves by the UART.
 */

/* System call numbers (x7). */
#define SYS_CALL     -1
#define SYS_SEND     -5
#define SYS_NBSEND   -6
#define SYS_RECV     -7
#define SYS_NBWAIT   -10
#define SYS_YIELD    -11
#define SYS_PUTCHAR  -12

/* Invocation labels; the hardware-debug API inserts four from 16 on. */
#define MOVED (4 * HARDWARE_DEBUG)
#define LABEL_RETYPE          1
#define LABEL_TCB_READ        2
#define LABEL_TCB_WRITE       3
#define LABEL_TCB_CONFIGURE   5
#define LABEL_TCB_SCHEDULE    8
#define LABEL_TCB_SUSPEND     12
#define LABEL_CNODE_DELETE    (19 + MOVED)
#define LABEL_CNODE_COPY      (21 + MOVED)
#define LABEL_CNODE_MINT      (22 + MOVED)
#define LABEL_SC_CONFIGURE    (33 + MOVED)
#define LABEL_SMC_CALL        (43 + MOVED)
#define LABEL_PAGETABLE_MAP   (44 + MOVED)
#define LABEL_PAGE_MAP        (46 + MOVED)
#define LABEL_PAGE_UNMAP      (47 + MOVED)
#define LABEL_PAGE_ADDRESS    (52 + MOVED)

/* Initial slots. */
#define SLOT_TCB    1
#define SLOT_CNODE  2
#define SLOT_VSPACE 3
#define SLOT_SMC    15
#define SLOT_FIRST  16

/* Object types. */
#define TYPE_TCB          1
#define TYPE_ENDPOINT     2
#define TYPE_NOTIFICATION 3
#define TYPE_SC           5
#define TYPE_REPLY        6
#define TYPE_SMALL_PAGE   9
#define TYPE_PAGE_TABLE   11

/* Errors. */
#define ERROR_ILLEGAL_OPERATION 3
#define ERROR_FAILED_LOOKUP     6
#define ERROR_DELETE_FIRST      8

/* BootInfo offsets. */
#define BI_EXTRA_BYTES  0
#define BI_NODE         8
#define BI_NODES        16
#define BI_IOPT_LEVELS  24
#define BI_IPC_BUFFER   32
#define BI_EMPTY        40
#define BI_SHARED       56
#define BI_FRAMES       72
#define BI_PAGING       88
#define BI_IOSPACE      104
#define BI_EXTRA_PAGES  120
#define BI_CNODE_BITS   136
#define BI_DOMAIN       144
#define BI_SCHEDCONTROL 152
#define BI_UNTYPED      168
#define BI_LIST         184

#define UART_PHYSICAL   0x9000000
#define UART_VIRTUAL    0x10000000
#define UART_FR         0x18

/*
 * Registers that live through: x19 BootInfo, x20 IPC buffer, x21 next test number, x22 failures,
 * x23 next free slot, x24 end of the image, x25 mapped UART or 0, x26 and x27 scratch of a test.
 */

/* Report test `text`: good when the flags say `condition`. */
.macro check condition, text
    cset    x0, \condition
    adr     x1, 9f
    b       8f
9:  .asciz  "\text"
    .balign 4
8:  bl      report
.endm

/* x0 = value to compare with a 64-bit number. */
.macro equals register, number
    ldr     x9, =\number
    cmp     \register, x9
.endm

/* Call capability `x0` with label, length and extra caps given; words in x2..x5 and the buffer. */
.macro call label, length, caps
    ldr     x1, =((\label << 12) | (\caps << 7) | \length)
    mov     x7, #SYS_CALL
    svc     #0
.endm

    .section .text
    .globl _start
_start:
    /* Everything but x0 starts at zero: OR it all together before touching anything. */
    mov     x9, sp
    orr     x10, x1, x2
    orr     x10, x10, x3
    orr     x10, x10, x4
    orr     x10, x10, x5
    orr     x10, x10, x6
    orr     x10, x10, x7
    orr     x10, x10, x8
    orr     x10, x10, x11
    orr     x10, x10, x12
    orr     x10, x10, x13
    orr     x10, x10, x14
    orr     x10, x10, x15
    orr     x10, x10, x16
    orr     x10, x10, x17
    orr     x10, x10, x18
    orr     x10, x10, x19
    orr     x10, x10, x20
    orr     x10, x10, x21
    orr     x10, x10, x22
    orr     x10, x10, x23
    orr     x10, x10, x24
    orr     x10, x10, x25
    orr     x10, x10, x26
    orr     x10, x10, x27
    orr     x10, x10, x28
    orr     x10, x10, x29
    orr     x10, x10, x30
    mrs     x11, tpidr_el0
    orr     x10, x10, x11
    adrp    x1, stack_top
    add     x1, x1, :lo12:stack_top
    mov     sp, x1
    mov     x19, x0
    mov     x21, #1
    mov     x22, #0
    mov     x25, #0
    adrp    x24, image_end
    add     x24, x24, :lo12:image_end
    mov     x26, x10
    mov     x27, x9

    adr     x0, text_banner
    bl      print
    cmp     x27, #0
    check   eq, "the stack pointer starts at zero"
    cmp     x26, #0
    check   eq, "all other registers start at zero"

    /* Where things are. */
    add     x9, x24, #0x1000
    cmp     x19, x9
    check   eq, "BootInfo lies one page behind the image"
    ldr     x20, [x19, #BI_IPC_BUFFER]
    cmp     x20, x24
    check   eq, "the IPC buffer lies behind the image"

    /* Numbers. */
    ldr     x9, [x19, #BI_NODE]
    cmp     x9, #0
    check   eq, "node 0"
    ldr     x9, [x19, #BI_NODES]
    cmp     x9, #1
    check   eq, "one node"
    ldr     x9, [x19, #BI_IOPT_LEVELS]
    cmp     x9, #0
    check   eq, "no I/O page table levels"
    ldr     x9, [x19, #BI_DOMAIN]
    cmp     x9, #0
    check   eq, "domain 0"
    ldr     x9, [x19, #BI_CNODE_BITS]
    mov     x10, #1
    lsl     x10, x10, x9
    ldr     x9, [x19, #BI_EMPTY + 8]
    cmp     x9, x10
    check   eq, "free slots end with the root CNode"
    ldp     x9, x10, [x19, #BI_SHARED]
    orr     x9, x9, x10
    ldp     x10, x11, [x19, #BI_IOSPACE]
    orr     x9, x9, x10
    orr     x9, x9, x11
    cmp     x9, #0
    check   eq, "no shared frames, no I/O space capabilities"

    /* Order of the dynamic slots: paging, extra pages, scheduling control, frames, untyped, free. */
    ldr     x9, [x19, #BI_PAGING]
    cmp     x9, #SLOT_FIRST
    check   eq, "paging capabilities come first, from slot 16"
    ldr     x9, [x19, #BI_PAGING + 8]
    ldr     x10, [x19, #BI_PAGING]
    sub     x9, x9, x10
    cmp     x9, #3
    check   hs, "there are at least three paging capabilities"
    ldr     x9, [x19, #BI_EXTRA_BYTES]
    cbz     x9, 1f
    ldr     x9, [x19, #BI_PAGING + 8]
    ldr     x10, [x19, #BI_EXTRA_PAGES]
    cmp     x9, x10
    check   eq, "extra BootInfo pages follow"
    ldr     x9, [x19, #BI_EXTRA_PAGES + 8]
    ldr     x10, [x19, #BI_SCHEDCONTROL]
    cmp     x9, x10
    check   eq, "scheduling control follows them"
    ldr     x9, [x19, #BI_EXTRA_BYTES]
    add     x9, x9, #0xfff
    lsr     x9, x9, #12
    ldp     x10, x11, [x19, #BI_EXTRA_PAGES]
    sub     x11, x11, x10
    cmp     x9, x11
    check   eq, "as many extra pages as extra bytes need"
    add     x26, x24, #0x2000
    ldr     x9, [x26]
    cmp     x9, #6
    check   eq, "the extra block is a device tree"
    ldr     x9, [x26, #8]
    ldr     x10, [x19, #BI_EXTRA_BYTES]
    cmp     x9, x10
    check   eq, "the only block is as long as all of it"
    ldr     w9, [x26, #16]
    ldr     w10, =0xedfe0dd0
    cmp     w9, w10
    check   eq, "the device tree begins with its magic number"
    ldr     w9, [x26, #20]
    rev     w9, w9
    ldr     x10, [x26, #8]
    sub     x10, x10, #16
    cmp     x9, x10
    check   eq, "the device tree's own size agrees"
1:  ldp     x9, x10, [x19, #BI_SCHEDCONTROL]
    sub     x10, x10, x9
    cmp     x10, #1
    check   eq, "one scheduling control capability"
    ldr     x9, [x19, #BI_SCHEDCONTROL + 8]
    ldr     x10, [x19, #BI_FRAMES]
    cmp     x9, x10
    check   eq, "image frames follow scheduling control"
    ldp     x9, x10, [x19, #BI_FRAMES]
    sub     x10, x10, x9
    adrp    x11, image_start
    add     x11, x11, :lo12:image_start
    sub     x11, x24, x11
    lsr     x11, x11, #12
    cmp     x10, x11
    check   eq, "one frame for each page of the image"
    ldr     x9, [x19, #BI_FRAMES + 8]
    ldr     x10, [x19, #BI_UNTYPED]
    cmp     x9, x10
    check   eq, "untypeds follow the frames"
    ldr     x9, [x19, #BI_UNTYPED + 8]
    ldr     x10, [x19, #BI_EMPTY]
    cmp     x9, x10
    check   eq, "free slots follow the untypeds"
    ldr     x23, [x19, #BI_EMPTY]

    /* Untyped list: device regions first and ascending, sizes 4..47, naturally aligned. */
    ldp     x9, x10, [x19, #BI_UNTYPED]
    sub     x9, x10, x9                     /* entries left */
    add     x10, x19, #BI_LIST
    mov     x11, #0                         /* 1 = something is wrong */
    mov     x12, #0                         /* 1 = RAM seen */
    mov     x26, #0                         /* slot of the UART's untyped */
    mov     x27, #0                         /* slot of a RAM untyped of 2^20 or more */
    ldr     x17, [x19, #BI_UNTYPED]
2:  ldr     x13, [x10]                      /* physical address */
    ldrb    w14, [x10, #8]                  /* size bits */
    ldrb    w15, [x10, #9]                  /* device? */
    cmp     x14, #4
    b.lo    3f
    cmp     x14, #47
    b.hi    3f
    mov     x16, #1
    lsl     x16, x16, x14
    sub     x16, x16, #1
    tst     x13, x16
    b.ne    3f
    cbz     x15, 4f
    cbnz    x12, 3f                         /* device memory behind RAM */
    ldr     x16, =UART_PHYSICAL
    cmp     x13, x16
    csel    x26, x17, x26, eq
    b       5f
4:  mov     x12, #1
    cmp     x14, #20
    csel    x27, x17, x27, hs
    b       5f
3:  mov     x11, #1
5:  add     x10, x10, #16
    add     x17, x17, #1
    sub     x9, x9, #1
    cbnz    x9, 2b
    cmp     x11, #0
    check   eq, "untypeds are aligned powers of two, devices first"
    cmp     x26, #0
    check   ne, "a device untyped starts at the UART"
    cmp     x27, #0
    check   ne, "there is an untyped of 1 MiB or more"

    /* A system call on an empty slot that must do nothing, and a yield. */
    mov     x0, x23
    mov     x1, #0
    mov     x7, #SYS_NBSEND
    svc     #0
    mov     x7, #SYS_YIELD
    svc     #0
    cmp     x7, #SYS_YIELD
    check   eq, "NBSend to an empty slot and Yield return"

    /* Untyped without a label of its own: IllegalOperation. */
    mov     x0, x27
    call    LABEL_SMC_CALL, 0, 0
    lsr     x1, x1, #12
    cmp     x1, #ERROR_ILLEGAL_OPERATION
    check   eq, "an untyped refuses a foreign label"

    /* Notification: make it, poll it, signal it, poll it again. */
    mov     x0, x27
    mov     x2, #TYPE_NOTIFICATION
    mov     x3, #0
    bl      retype
    cmp     x0, #0
    check   eq, "retype a notification"
    mov     x0, x23
    mov     x7, #SYS_NBWAIT
    svc     #0
    cmp     x0, #0
    check   eq, "an idle notification polls as zero"
    /* A badged copy, badge 0x55. */
    add     x9, x23, #1
    mov     x10, #3                         /* read and write */
    str     x10, [x20, #(8 + 4 * 8)]        /* word 4: rights */
    mov     x10, #0x55
    str     x10, [x20, #(8 + 5 * 8)]        /* word 5: badge */
    mov     x10, #SLOT_CNODE
    str     x10, [x20, #976]                /* extra capability 0: the source's root */
    mov     x0, #SLOT_CNODE
    mov     x2, x9
    mov     x3, #64
    mov     x4, x23
    mov     x5, #64
    call    LABEL_CNODE_MINT, 6, 1
    lsr     x1, x1, #12
    cmp     x1, #0
    check   eq, "mint a badged copy of it"
    add     x0, x23, #1
    mov     x1, #0
    mov     x7, #SYS_SEND
    svc     #0
    mov     x0, x23
    mov     x7, #SYS_NBWAIT
    svc     #0
    cmp     x0, #0x55
    check   eq, "a signal arrives with its badge"
    add     x23, x23, #2

    /*
     * A second thread. Slots from x23: TCB, endpoint, scheduling context, reply. It calls the
     * endpoint, gets an answer, and then faults on purpose.
     */
    mov     x28, x23                        /* first of the four */
    mov     x0, x27
    mov     x2, #TYPE_TCB
    mov     x3, #0
    bl      retype
    mov     x18, x0
    add     x23, x23, #1
    mov     x0, x27
    mov     x2, #TYPE_ENDPOINT
    mov     x3, #0
    bl      retype
    orr     x18, x18, x0
    add     x23, x23, #1
    mov     x0, x27
    mov     x2, #TYPE_SC
    mov     x3, #7
    bl      retype
    orr     x18, x18, x0
    add     x23, x23, #1
    mov     x0, x27
    mov     x2, #TYPE_REPLY
    mov     x3, #0
    bl      retype
    orr     x18, x18, x0
    add     x23, x23, #1
    cmp     x18, #0
    check   eq, "retype TCB, endpoint, scheduling context, reply"
    /* Scheduling context: 10 ms round robin. */
    add     x9, x28, #2
    str     x9, [x20, #976]
    str     xzr, [x20, #(8 + 4 * 8)]
    ldr     x0, [x19, #BI_SCHEDCONTROL]
    mov     x2, #10000
    mov     x3, #10000
    mov     x4, #0
    mov     x5, #0
    call    LABEL_SC_CONFIGURE, 5, 1
    lsr     x1, x1, #12
    cmp     x1, #0
    check   eq, "configure the scheduling context"
    mov     x9, #SLOT_CNODE
    mov     x10, #SLOT_VSPACE
    str     x9, [x20, #976]
    str     x10, [x20, #984]
    str     xzr, [x20, #992]
    mov     x0, x28
    mov     x2, #0
    mov     x3, #0
    mov     x4, #0
    call    LABEL_TCB_CONFIGURE, 3, 3
    lsr     x1, x1, #12
    cmp     x1, #0
    check   eq, "give the thread its spaces"
    mov     x9, #SLOT_TCB
    add     x10, x28, #2
    str     x9, [x20, #976]
    str     x10, [x20, #984]
    add     x10, x28, #1
    str     x10, [x20, #992]
    mov     x0, x28
    mov     x2, #255
    mov     x3, #255
    call    LABEL_TCB_SCHEDULE, 2, 3
    lsr     x1, x1, #12
    cmp     x1, #0
    check   eq, "give it priority, time and a fault handler"
    /* pc, sp, spsr, x0: and start it. */
    adr     x4, second_thread
    mov     x5, #0x4440
    str     xzr, [x20, #(8 + 4 * 8)]
    add     x9, x28, #1
    str     x9, [x20, #(8 + 5 * 8)]
    mov     x0, x28
    mov     x2, #1
    mov     x3, #4
    call    LABEL_TCB_WRITE, 6, 0
    lsr     x1, x1, #12
    cmp     x1, #0
    check   eq, "write its registers and start it"
    add     x0, x28, #1
    add     x6, x28, #3
    mov     x7, #SYS_RECV
    svc     #0
    mov     x9, x0
    ldr     x10, =((0x77 << 12) | 2)
    cmp     x1, x10
    ccmp    x9, #0, #0, eq
    mov     x10, #0x1234
    ccmp    x2, x10, #0, eq
    mov     x10, #0x4440
    ccmp    x3, x10, #0, eq
    check   eq, "its call arrives: label, length, words, no badge"
    mov     x2, #0x99
    mov     x1, #1
    add     x0, x28, #3
    mov     x7, #SYS_SEND
    svc     #0
    add     x0, x28, #1
    add     x6, x28, #3
    mov     x7, #SYS_RECV
    svc     #0
    mov     x10, #((6 << 12) | 4)
    cmp     x1, x10
    adr     x10, second_thread_faults
    ccmp    x2, x10, #0, eq
    ldr     x10, =0xdead0099
    ccmp    x3, x10, #0, eq
    ccmp    x4, #0, #0, eq
    check   eq, "its fault arrives: instruction, address built from the reply, data access"
    mov     x0, x28
    call    LABEL_TCB_SUSPEND, 0, 0
    mov     x0, x28
    mov     x2, #0
    mov     x3, #3
    call    LABEL_TCB_READ, 2, 0
    mov     x10, #3
    cmp     x1, x10
    adr     x10, second_thread_faults
    ccmp    x2, x10, #0, eq
    mov     x10, #0x4440
    ccmp    x3, x10, #0, eq
    check   eq, "its registers can be read back"
    mov     x0, #SLOT_CNODE
    mov     x2, x28
    mov     x3, #64
    call    LABEL_CNODE_DELETE, 2, 0
    lsr     x1, x1, #12
    cmp     x1, #0
    check   eq, "delete the thread"

    /* The UART's page: first without a table, then with one. */
    mov     x0, x26
    mov     x2, #TYPE_SMALL_PAGE
    mov     x3, #0
    bl      retype
    cmp     x0, #0
    check   eq, "retype the UART's page from its device untyped"
    mov     x26, x23
    add     x23, x23, #1
    mov     x0, x26
    call    LABEL_PAGE_ADDRESS, 0, 0
    equals  x2, UART_PHYSICAL
    check   eq, "the page's address is the UART's"
    bl      map_uart
    cmp     x0, #ERROR_FAILED_LOOKUP
    ccmp    x3, #2, #0, eq                  /* MR1: missing capability */
    ccmp    x4, #21, #0, eq                 /* MR2: the last level */
    check   eq, "mapping it without a page table names the missing level"
    mov     x0, x27
    mov     x2, #TYPE_PAGE_TABLE
    mov     x3, #0
    bl      retype
    cmp     x0, #0
    check   eq, "retype a page table"
    mov     x9, #SLOT_VSPACE
    str     x9, [x20, #976]
    mov     x0, x23
    add     x23, x23, #1
    ldr     x2, =UART_VIRTUAL
    mov     x3, #0
    call    LABEL_PAGETABLE_MAP, 2, 1
    lsr     x1, x1, #12
    cmp     x1, #0
    check   eq, "map the page table"
    bl      map_uart
    cmp     x0, #0
    check   eq, "uart: map its page"
    ldr     x25, =UART_VIRTUAL
#if !DEBUG_PUTCHAR
    adrp    x0, kept_text
    add     x0, x0, :lo12:kept_text
    bl      print
#endif
    adr     x0, text_uart
    bl      print

    /* From here on everything is printed by this task itself. */
    mov     x0, #SLOT_CNODE
    mov     x2, #SLOT_TCB
    mov     x3, #64
    mov     x4, #SLOT_TCB
    mov     x5, #64
    mov     x9, #15
    str     x9, [x20, #(8 + 4 * 8)]
    mov     x9, #SLOT_CNODE
    str     x9, [x20, #976]
    call    LABEL_CNODE_COPY, 5, 1
    lsr     x1, x1, #12
    cmp     x1, #ERROR_DELETE_FIRST
    check   eq, "copying onto a full slot is refused"
    /* FP/SIMD is usable from the start. */
    fmov    d0, #1.5
    fadd    d0, d0, d0
    fmov    x9, d0
    equals  x9, 0x4008000000000000
    check   eq, "floating point works"
    mov     x7, #SYS_YIELD
    svc     #0
    fmov    x9, d0
    equals  x9, 0x4008000000000000
    check   eq, "floating point registers survive a system call"

    /* The plan, then power off: PSCI SYSTEM_OFF, function 0x84000008. */
    adr     x0, text_plan
    bl      print
    sub     x0, x21, #1
    bl      print_number
    adr     x0, text_end
    bl      print
    add     x9, x20, #8
    stp     xzr, xzr, [x9, #32]             /* words 4 to 7 */
    stp     xzr, xzr, [x9, #48]
    mov     x0, #SLOT_SMC
    ldr     x2, =0x84000008
    mov     x3, #0
    mov     x4, #0
    mov     x5, #0
    call    LABEL_SMC_CALL, 8, 0
    adr     x0, text_alive
    bl      print
6:  b       6b

/* x0 = the endpoint. */
second_thread:
    ldr     x1, =((0x77 << 12) | 2)
    mov     x2, #0x1234
    mov     x3, sp
    mov     x7, #SYS_CALL
    svc     #0
    ldr     x9, =0xdead0000
    add     x9, x9, x2
second_thread_faults:
    ldr     x9, [x9]
1:  b       1b

/* Make one object of type x2, size bits x3, from untyped x0, in slot x23. Returns x0 = error. */
retype:
    str     xzr, [x20, #(8 + 3 * 8)]
    str     x23, [x20, #(8 + 4 * 8)]        /* word 4: node offset */
    mov     x9, #1
    str     x9, [x20, #(8 + 5 * 8)]         /* word 5: how many */
    mov     x9, #SLOT_CNODE
    str     x9, [x20, #976]
    mov     x4, #0                          /* node index */
    mov     x5, #0                          /* node depth */
    call    LABEL_RETYPE, 6, 1
    lsr     x0, x1, #12
    ret

/* Map page x26 at UART_VIRTUAL: read-write, device memory, never executed. Returns x0 = error. */
map_uart:
    mov     x9, #SLOT_VSPACE
    str     x9, [x20, #976]
    mov     x0, x26
    ldr     x2, =UART_VIRTUAL
    mov     x3, #3
    mov     x4, #4
    call    LABEL_PAGE_MAP, 3, 1
    lsr     x0, x1, #12
    ret

/* x0 = good?, x1 = text: one TAP line. */
report:
    stp     x29, x30, [sp, #-32]!
    str     x1, [sp, #16]
    cbnz    x0, 1f
    add     x22, x22, #1
    adr     x0, text_not_ok
    bl      print
1:  adr     x0, text_ok
    bl      print
    mov     x0, x21
    bl      print_number
    add     x21, x21, #1
    adr     x0, text_dash
    bl      print
    ldr     x0, [sp, #16]
    bl      print
    mov     w0, #'\n'
    bl      put
    ldp     x29, x30, [sp], #32
    ret

/* Print the number x0 (below 1000) in decimal. */
print_number:
    stp     x29, x30, [sp, #-32]!
    mov     x9, #10
    udiv    x10, x0, x9
    msub    x11, x10, x9, x0
    str     x11, [sp, #16]
    cbz     x10, 1f
    mov     x0, x10
    bl      print_number
1:  ldr     x0, [sp, #16]
    add     w0, w0, #'0'
    bl      put
    ldp     x29, x30, [sp], #32
    ret

/* Print the string x0. */
print:
    stp     x29, x30, [sp, #-32]!
    str     x0, [sp, #16]
1:  ldr     x9, [sp, #16]
    ldrb    w0, [x9], #1
    str     x9, [sp, #16]
    cbz     w0, 2f
    bl      put
    b       1b
2:  ldp     x29, x30, [sp], #32
    ret

/* Print the character w0; uses only x0, x7, x9. */
put:
    cbz     x25, 2f
1:  ldr     w9, [x25, #UART_FR]
    tbnz    w9, #5, 1b                      /* transmit FIFO full */
    str     w0, [x25]
    ret
2:
#if DEBUG_PUTCHAR
    mov     x7, #SYS_PUTCHAR
    svc     #0
#else                                       /* keep it until the UART is there */
    adrp    x9, kept_end
    add     x9, x9, :lo12:kept_end
    ldr     x7, [x9]
    strb    w0, [x9, x7]
    add     x7, x7, #1
    str     x7, [x9]
#endif
    ret

    .ltorg
text_banner: .asciz "asm-root: a root task without headers (aarch64)\n"
text_uart:   .asciz "# now printing through the mapped UART\n"
text_plan:   .asciz "1.."
text_ok:     .asciz "ok "
text_not_ok: .asciz "not "
text_dash:   .asciz " - "
text_end:    .asciz "\n# switching off\n"
text_alive:  .asciz "Bail out! SYSTEM_OFF returned\n"

#if !DEBUG_PUTCHAR
    .data
    .balign 8
kept_end:
    .quad   8                               /* offset of the next character */
kept_text:
    .skip   8192
#endif

    .bss
    .balign 16
    .skip   4096
stack_top:
