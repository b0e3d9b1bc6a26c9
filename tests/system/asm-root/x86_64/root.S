/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A root task in assembly, written from the numbers of the seL4 16 MCS ABI alone: it includes no
 * header of the project, so that kernel and libsel4 cannot agree on a mistake. It checks the state
 * it starts with and its boot information, makes and maps objects, provokes errors, gets the serial
 * port from the I/O port control capability, prints TAP, and resets the machine by the keyboard controller.
 * Lines up to "port" leave by DebugPutChar; on a kernel without it (DEBUG_PUTCHAR=0) the port is fetched first.
 */

/* System call numbers (RDX). */
#define SYS_CALL     -1
#define SYS_SEND     -5
#define SYS_NBSEND   -6
#define SYS_NBWAIT   -10
#define SYS_YIELD    -11
#define SYS_PUTCHAR  -12

/* Invocation labels: the hardware-debug API inserts four from 16 on, the IOMMU three behind the tables. */
#define MOVED (4 * HARDWARE_DEBUG)
#define LABEL_RETYPE           1
#define LABEL_CNODE_DELETE     (19 + MOVED)
#define LABEL_CNODE_COPY       (21 + MOVED)
#define LABEL_CNODE_MINT       (22 + MOVED)
#define LABEL_PDPT_MAP         (39 + MOVED)
#define LABEL_DIRECTORY_MAP    (41 + MOVED)
#define LABEL_TABLE_MAP        (43 + MOVED)
#define LABEL_PAGE_MAP         (45 + MOVED + 2 * IOMMU)
#define LABEL_PAGE_UNMAP       (46 + MOVED + 2 * IOMMU)
#define LABEL_PAGE_ADDRESS     (47 + MOVED + 3 * IOMMU)
#define LABEL_PORT_ISSUE       (50 + MOVED + 3 * IOMMU)
#define LABEL_PORT_IN8         (51 + MOVED + 3 * IOMMU)
#define LABEL_PORT_OUT8        (54 + MOVED + 3 * IOMMU)
#define LABEL_IOAPIC           (57 + MOVED + 3 * IOMMU)

/* Initial slots. */
#define SLOT_TCB          1
#define SLOT_CNODE        2
#define SLOT_VSPACE       3
#define SLOT_IRQ_CONTROL  4
#define SLOT_PORT_CONTROL 7
#define SLOT_FIRST        16

/* Object types. */
#define TYPE_NOTIFICATION 3
#define TYPE_PDPT         7
#define TYPE_PAGE         10
#define TYPE_TABLE        12
#define TYPE_DIRECTORY    13

/* Errors. */
#define ERROR_ILLEGAL_OPERATION 3
#define ERROR_RANGE             4
#define ERROR_ALIGNMENT         5
#define ERROR_FAILED_LOOKUP     6
#define ERROR_DELETE_FIRST      8
#define ERROR_REVOKE_FIRST      9

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

/* IPC buffer offsets. */
#define BUFFER_WORD(n) (8 + 8 * (n))
#define BUFFER_CAP(n)  (976 + 8 * (n))

#define COM1_FIRST      0x3f8
#define COM1_LAST       0x3ff
#define COM1_STATUS     0x3fd
#define KEYBOARD_PORT   0x64
#define KEYBOARD_RESET  0xfe
#define TEST_ADDRESS    0x7f0012345000
#define CHUNK           0x200000

/*
 * Registers that live through: RBX BootInfo, RBP IPC buffer, R14 scratch of a test. RSP must survive every
 * system call: the stack is in use all the time, so everything here tests it.
 */

/* Report test `text`: good when the flags say `condition`. */
.macro check condition, text
    set\condition %al
    movzbl  %al, %edi
    lea     9f(%rip), %rsi
    call    report
    .section .rodata
9:  .asciz  "\text"
    .text
.endm

/* Call capability RDI with label, length and extra caps given; words in R10 R8 R9 R15 and the buffer.
   RAX = error label. */
.macro invoke label, length, caps
    mov     $((\label << 12) | (\caps << 7) | \length), %rsi
    mov     $SYS_CALL, %rdx
    syscall
    mov     %rsi, %rax
    shr     $12, %rax
.endm

    .text
    .globl _start
_start:
    /* Everything but RDI and the flags starts at zero; RCX and R11 belong to the CPU's way in. */
    or      %rsp, %rax
    or      %rbx, %rax
    or      %rdx, %rax
    or      %rsi, %rax
    or      %rbp, %rax
    or      %r8, %rax
    or      %r9, %rax
    or      %r10, %rax
    or      %r12, %rax
    or      %r13, %rax
    or      %r14, %rax
    or      %r15, %rax
    rdfsbase %r8
    rdgsbase %r9
    or      %r8, %rax
    or      %r9, %rax
    lea     stack_top(%rip), %rsp
    mov     %rdi, %rbx
    mov     %rax, %r14
    mov     BI_IPC_BUFFER(%rbx), %rbp
    mov     BI_EMPTY(%rbx), %rax
    mov     %rax, next_slot(%rip)
#if !DEBUG_PUTCHAR
    mov     $COM1_FIRST, %r10d
    mov     $COM1_LAST, %r8d
    call    issue_ports
    mov     next_slot(%rip), %rax
    mov     %rax, serial_slot(%rip)
    incq    next_slot(%rip)
#endif
    lea     text_banner(%rip), %rdi
    call    print
    test    %r14, %r14
    check   z, "all registers but RDI start at zero"

    /* Where things are. */
    lea     image_end(%rip), %rax
    cmp     %rax, %rbp
    check   e, "the IPC buffer lies behind the image"
    lea     image_end + 0x1000(%rip), %rax
    cmp     %rax, %rbx
    check   e, "BootInfo lies one page behind it"

    /* Numbers. */
    cmpq    $0, BI_NODE(%rbx)
    check   e, "node 0"
    cmpq    $1, BI_NODES(%rbx)
    check   e, "one node"
    cmpq    $(IOMMU - 1), BI_IOPT_LEVELS(%rbx) /* all ones without the option */
    check   e, "no I/O page table levels"
    cmpq    $0, BI_DOMAIN(%rbx)
    check   e, "domain 0"
    mov     BI_CNODE_BITS(%rbx), %rcx
    mov     $1, %eax
    shl     %cl, %rax
    cmp     %rax, BI_EMPTY + 8(%rbx)
    check   e, "free slots end with the root CNode"
    mov     BI_SHARED(%rbx), %rax
    or      BI_SHARED + 8(%rbx), %rax
    or      BI_IOSPACE(%rbx), %rax
    or      BI_IOSPACE + 8(%rbx), %rax
    check   z, "no shared frames, no I/O space capabilities"

    /* Order of the dynamic slots: scheduling control, paging, extra pages, frames, untyped, free. */
    cmpq    $SLOT_FIRST, BI_SCHEDCONTROL(%rbx)
    check   e, "scheduling control comes first, in slot 16"
    cmpq    $(SLOT_FIRST + 1), BI_SCHEDCONTROL + 8(%rbx)
    check   e, "it is one capability"
    cmpq    $(SLOT_FIRST + 1), BI_PAGING(%rbx)
    check   e, "paging capabilities follow"
    cmpq    $(SLOT_FIRST + 4), BI_PAGING + 8(%rbx)
    check   e, "one PDPT, one directory, one table for a small image"
    mov     BI_PAGING + 8(%rbx), %rax
    cmp     %rax, BI_EXTRA_PAGES(%rbx)
    check   e, "extra BootInfo pages follow"
    mov     BI_EXTRA_PAGES + 8(%rbx), %rax
    cmp     %rax, BI_FRAMES(%rbx)
    check   e, "image frames follow"
    lea     image_end(%rip), %rcx
    lea     image_start(%rip), %rax
    sub     %rax, %rcx
    shr     $12, %rcx
    mov     BI_FRAMES + 8(%rbx), %rax
    sub     BI_FRAMES(%rbx), %rax
    cmp     %rax, %rcx
    check   e, "one frame for each page of the image"
    mov     BI_FRAMES + 8(%rbx), %rax
    cmp     %rax, BI_UNTYPED(%rbx)
    check   e, "untypeds follow"
    mov     BI_UNTYPED + 8(%rbx), %rax
    cmp     %rax, BI_EMPTY(%rbx)
    check   e, "free slots follow"

    /* Extra blocks: walk the chain; RSDP, memory map and TSC frequency must be there, in this order. */
    lea     image_end + 0x2000(%rip), %rsi
    mov     BI_EXTRA_BYTES(%rbx), %rcx
    xor     %r14, %r14
1:  test    %rcx, %rcx
    jle     2f
    shl     $4, %r14
    or      (%rsi), %r14
    mov     8(%rsi), %rax
    cmp     $16, %rax
    jb      2f
    cmpq    $3, (%rsi)
    cmove   %rsi, %r12
    cmpq    $5, (%rsi)
    cmove   %rsi, %r13
    add     %rax, %rsi
    sub     %rax, %rcx
    jmp     1b
2:  mov     %rcx, extra_left(%rip)
    mov     %r12, rsdp_block(%rip)
    mov     %r13, tsc_block(%rip)
    cmpq    $0, extra_left(%rip)
    check   e, "the extra blocks are as long as BootInfo says"
    cmp     $0x325, %r14
    check   e, "they are RSDP, memory map and TSC frequency"
    mov     rsdp_block(%rip), %rsi
    movabs  $0x2052545020445352, %rax
    cmp     %rax, 16(%rsi)
    check   e, "the RSDP has its signature"
    mov     rsdp_block(%rip), %rsi
    cmpq    $52, 8(%rsi)
    check   e, "and 52 bytes"
    mov     rsdp_block(%rip), %rsi
    cmpq    $1220, 52 + 8(%rsi)
    check   e, "the memory map block has 1220"
    mov     tsc_block(%rip), %rsi
    cmpl    $100, 16(%rsi)
    check   ae, "the TSC counts at least 100 MHz"

    /* Untyped list: device regions first, sizes 4..47, naturally aligned. */
    mov     BI_UNTYPED + 8(%rbx), %rcx
    sub     BI_UNTYPED(%rbx), %rcx
    lea     BI_LIST(%rbx), %rsi
    xor     %r8, %r8                        /* 1 = something is wrong */
    xor     %r9, %r9                        /* 1 = RAM seen */
    xor     %r10, %r10                      /* slot of a RAM untyped of CHUNK or more */
    xor     %r12, %r12                      /* 1 = the local APIC's page is in some device untyped */
    mov     BI_UNTYPED(%rbx), %r11
3:  push    %rcx
    movzbl  8(%rsi), %ecx
    mov     $1, %eax
    shl     %cl, %rax
    lea     -1(%rax), %rdx
    cmp     $4, %ecx
    jb      5f
    cmp     $47, %ecx
    ja      5f
    mov     (%rsi), %rdi                    /* aligned as the kernel's direct map sees it: below and */
    movabs  $0xffffff8000000000, %r13       /* above 2^39 alike */
    add     %rdi, %r13
    test    %rdx, %r13
    jnz     5f
    add     %rdi, %rdx
    mov     $0xfee00000, %eax
    cmp     %rax, %rdi
    ja      4f
    cmp     %rax, %rdx
    jb      4f
    mov     $1, %r12d
4:  cmpb    $0, 9(%rsi)
    je      7f
    test    %r9, %r9
    jz      6f                              /* device memory before all RAM */
5:  mov     $1, %r8d
    jmp     6f
7:  mov     $1, %r9d
    cmp     $21, %ecx
    cmovae  %r11, %r10
6:  pop     %rcx
    add     $16, %rsi
    inc     %r11
    dec     %rcx
    jnz     3b
    mov     %r10, ram_slot(%rip)
    mov     %r12, lapic_seen(%rip)
    test    %r8, %r8
    check   z, "untypeds are aligned powers of two, devices first"
    cmpq    $0, lapic_seen(%rip)
    check   e, "the local APIC is in none of them"
    cmpq    $0, ram_slot(%rip)
    check   ne, "there is an untyped of 2 MiB or more"

    /* What a system call keeps: RSP, RBX, RBP, RAX, R12, R13, R14, RDX; NBSend to an empty slot delivers nothing. */
    mov     %rsp, saved_rsp(%rip)
    mov     next_slot(%rip), %rdi
    mov     $0x1111, %r10d
    mov     $0x2222, %r8d
    mov     $0x3333, %r9d
    mov     $0x4444, %r15d
    mov     $0x5555, %eax
    mov     $0x6666, %r12d
    mov     $0x7777, %r13d
    xor     %esi, %esi
    mov     $SYS_NBSEND, %rdx
    syscall
    xor     saved_rsp(%rip), %rsp           /* zero if it came back */
    xor     $0x1111, %r10
    xor     $0x2222, %r8
    xor     $0x3333, %r9
    xor     $0x4444, %r15
    xor     $0x5555, %rax
    xor     $0x6666, %r12
    xor     $0x7777, %r13
    or      %rsp, %r10
    or      %r8, %r10
    or      %r9, %r10
    or      %r15, %r10
    or      %rax, %r10
    or      %r12, %r10
    or      %r13, %r10
    mov     saved_rsp(%rip), %rsp
    test    %r10, %r10
    check   z, "NBSend to an empty slot keeps RSP and every register"
    mov     $SYS_YIELD, %rdx
    syscall
    cmp     $SYS_YIELD, %rdx
    check   e, "Yield returns"

    /* A label that is none of an untyped's. */
    mov     ram_slot(%rip), %rdi
    invoke  LABEL_PAGE_MAP, 0, 0
    cmp     $ERROR_ILLEGAL_OPERATION, %rax
    check   e, "an untyped refuses a foreign label"

    /* Notification: make it, poll it, signal it, poll it again. */
    mov     $TYPE_NOTIFICATION, %r10d
    call    retype
    test    %rax, %rax
    check   z, "retype a notification"
    mov     next_slot(%rip), %rdi
    mov     $SYS_NBWAIT, %rdx
    syscall
    test    %rdi, %rdi
    check   z, "an idle notification polls as zero"
    movq    $3, BUFFER_WORD(4)(%rbp)        /* rights: read and write */
    movq    $0x55, BUFFER_WORD(5)(%rbp)     /* badge */
    movq    $SLOT_CNODE, BUFFER_CAP(0)(%rbp)
    mov     $SLOT_CNODE, %edi
    mov     next_slot(%rip), %r9
    lea     1(%r9), %r10
    mov     $64, %r8d
    mov     $64, %r15d
    invoke  LABEL_CNODE_MINT, 6, 1
    test    %rax, %rax
    check   z, "mint a badged copy of it"
    mov     next_slot(%rip), %rdi
    inc     %rdi
    xor     %esi, %esi
    mov     $SYS_SEND, %rdx
    syscall
    mov     next_slot(%rip), %rdi
    mov     $SYS_NBWAIT, %rdx
    syscall
    cmp     $0x55, %rdi
    check   e, "a signal arrives with its badge"
    addq    $2, next_slot(%rip)
    movq    $SLOT_CNODE, BUFFER_CAP(0)(%rbp)
    movq    $15, BUFFER_WORD(4)(%rbp)
    mov     $SLOT_CNODE, %edi
    mov     $SLOT_TCB, %r10d
    mov     $64, %r8d
    mov     $SLOT_TCB, %r9d
    mov     $64, %r15d
    invoke  LABEL_CNODE_COPY, 5, 1
    cmp     $ERROR_DELETE_FIRST, %rax
    check   e, "copying onto a full slot is refused"

    /* A page where no table is: each missing level is named, from the top; then it is mapped and used. */
    mov     $TYPE_PAGE, %r10d
    call    retype
    test    %rax, %rax
    check   z, "retype a page"
    mov     next_slot(%rip), %rax
    mov     %rax, page_slot(%rip)
    incq    next_slot(%rip)
    call    map_page
    sub     $ERROR_FAILED_LOOKUP, %rax
    sub     $2, %r8                         /* MR1: missing capability */
    sub     $39, %r9                        /* MR2: level */
    or      %r8, %rax
    or      %r9, %rax
    check   z, "mapping it names the missing PDPT"
    mov     $TYPE_PDPT, %r10d
    mov     $((LABEL_PDPT_MAP << 12) | 1 << 7 | 2), %r14
    call    add_table
    check   z, "map a PDPT"
    call    map_page
    cmp     $30, %r9
    check   e, "then the missing directory"
    mov     $TYPE_DIRECTORY, %r10d
    mov     $((LABEL_DIRECTORY_MAP << 12) | 1 << 7 | 2), %r14
    call    add_table
    check   z, "map a page directory"
    call    map_page
    cmp     $21, %r9
    check   e, "then the missing table"
    mov     $TYPE_TABLE, %r10d
    mov     $((LABEL_TABLE_MAP << 12) | 1 << 7 | 2), %r14
    call    add_table
    check   z, "map a page table"
    call    map_page
    test    %rax, %rax
    check   z, "map the page"
    movabs  $TEST_ADDRESS, %rdi
    cmpq    $0, 0xff8(%rdi)
    check   e, "it is zero"
    movabs  $TEST_ADDRESS, %rdi
    movq    $0x1234, 0xff8(%rdi)
    cmpq    $0x1234, 0xff8(%rdi)
    check   e, "and can be written"
    mov     page_slot(%rip), %rdi
    invoke  LABEL_PAGE_UNMAP, 0, 0
    test    %rax, %rax
    check   z, "unmap it"
    movabs  $TEST_ADDRESS, %r10
    inc     %r10
    call    map_page_at
    cmp     $ERROR_ALIGNMENT, %rax
    check   e, "an unaligned address is refused"
    mov     page_slot(%rip), %rdi
    invoke  LABEL_PAGE_ADDRESS, 0, 0
    test    $0xfff, %r10
    check   z, "its physical address is a page's"

    /* FPU and TLS registers. */
    mov     $3, %eax
    cvtsi2sd %eax, %xmm7
    wrfsbase %rbx
    mov     $SYS_YIELD, %rdx
    syscall
    cvtsd2si %xmm7, %eax
    rdfsbase %rcx
    cmp     $3, %eax
    check   e, "SSE registers survive a system call"
    rdfsbase %rcx
    cmp     %rbx, %rcx
    check   e, "so does FS base"

    /* Interrupts: the last vector and the one behind it. */
    mov     $108, %r10d
    call    get_ioapic
    sub     $ERROR_RANGE, %rax
    or      %r10, %rax
    sub     $107, %r8
    or      %r8, %rax
    check   z, "vector 108 is out of range 0..107"
    mov     $107, %r10d
    call    get_ioapic
    test    %rax, %rax
    check   z, "vector 107 is issued"
    incq    next_slot(%rip)
    mov     $107, %r10d
    call    get_ioapic
    cmp     $ERROR_REVOKE_FIRST, %rax
    check   e, "but not twice"

    /* Serial port. */
#if DEBUG_PUTCHAR
    mov     $COM1_FIRST, %r10d
    mov     $COM1_LAST, %r8d
    call    issue_ports
    test    %rax, %rax
    check   z, "port: issue the first serial port's range"
    mov     next_slot(%rip), %rax
    mov     %rax, serial_slot(%rip)
    incq    next_slot(%rip)
#endif
    lea     text_port(%rip), %rdi
    call    print

    /* From here on everything is printed by this task itself. */
    mov     $COM1_LAST, %r10d
    mov     $COM1_LAST, %r8d
    call    issue_ports
    cmp     $ERROR_REVOKE_FIRST, %rax
    check   e, "a port is issued only once"
    mov     serial_slot(%rip), %rdi
    mov     $(COM1_LAST + 1), %r10d
    invoke  LABEL_PORT_IN8, 1, 0
    cmp     $ERROR_ILLEGAL_OPERATION, %rax
    check   e, "a port outside the range is refused"
    mov     $KEYBOARD_PORT, %r10d
    mov     $KEYBOARD_PORT, %r8d
    call    issue_ports
    test    %rax, %rax
    check   z, "issue the keyboard controller's port"

    /* The plan, then reset. */
    lea     text_plan(%rip), %rdi
    call    print
    mov     test_count(%rip), %rdi
    call    print_number
    lea     text_end(%rip), %rdi
    call    print
    mov     next_slot(%rip), %rdi
    mov     $KEYBOARD_PORT, %r10d
    mov     $KEYBOARD_RESET, %r8d
    invoke  LABEL_PORT_OUT8, 2, 0
    mov     $100000000, %ecx                /* the reset line needs a moment */
8:  pause
    dec     %ecx
    jnz     8b
    lea     text_alive(%rip), %rdi
    call    print
9:  jmp     9b

/* Make one object of type R10 from the RAM untyped in the next free slot. RAX = error. */
retype:
    movq    $SLOT_CNODE, BUFFER_CAP(0)(%rbp)
    mov     next_slot(%rip), %rax
    mov     %rax, BUFFER_WORD(4)(%rbp)      /* node offset */
    movq    $1, BUFFER_WORD(5)(%rbp)        /* how many */
    mov     ram_slot(%rip), %rdi
    xor     %r8d, %r8d                      /* size bits */
    xor     %r9d, %r9d                      /* node index */
    xor     %r15d, %r15d                    /* node depth: the CNode itself */
    invoke  LABEL_RETYPE, 6, 1
    ret

/* Map the page read-write at TEST_ADDRESS (or R10). RAX = error, R10.. = words. */
map_page:
    movabs  $TEST_ADDRESS, %r10
map_page_at:
    movq    $SLOT_VSPACE, BUFFER_CAP(0)(%rbp)
    mov     page_slot(%rip), %rdi
    mov     $3, %r8d
    xor     %r9d, %r9d
    invoke  LABEL_PAGE_MAP, 3, 1
    ret

/* Make a table of type R10 and map it by message info R14 for TEST_ADDRESS. ZF = success. */
add_table:
    call    retype
    test    %rax, %rax
    jnz     1f
    movq    $SLOT_VSPACE, BUFFER_CAP(0)(%rbp)
    mov     next_slot(%rip), %rdi
    incq    next_slot(%rip)
    movabs  $TEST_ADDRESS, %r10
    xor     %r8d, %r8d
    mov     %r14, %rsi
    mov     $SYS_CALL, %rdx
    syscall
    shr     $12, %rsi
1:  ret

/* Handler for pin 5 of the first IOAPIC with vector R10 in the next free slot. RAX = error. */
get_ioapic:
    movq    $SLOT_CNODE, BUFFER_CAP(0)(%rbp)
    movq    $0, BUFFER_WORD(4)(%rbp)        /* edge */
    movq    $0, BUFFER_WORD(5)(%rbp)        /* active high */
    mov     %r10, BUFFER_WORD(6)(%rbp)
    mov     $SLOT_IRQ_CONTROL, %edi
    mov     next_slot(%rip), %r10
    mov     $64, %r8d
    xor     %r9d, %r9d                      /* IOAPIC */
    mov     $5, %r15d                       /* pin */
    invoke  LABEL_IOAPIC, 7, 1
    ret

/* Ports R10 to R8 into the next free slot. RAX = error. */
issue_ports:
    movq    $SLOT_CNODE, BUFFER_CAP(0)(%rbp)
    mov     $SLOT_PORT_CONTROL, %edi
    mov     next_slot(%rip), %r9
    mov     $64, %r15d
    invoke  LABEL_PORT_ISSUE, 4, 1
    ret

/* RDI = good?, RSI = text: one TAP line. */
report:
    push    %rsi
    incq    test_count(%rip)
    test    %rdi, %rdi
    jnz     1f
    lea     text_not_ok(%rip), %rdi
    call    print
1:  lea     text_ok(%rip), %rdi
    call    print
    mov     test_count(%rip), %rdi
    call    print_number
    lea     text_dash(%rip), %rdi
    call    print
    pop     %rdi
    call    print
    mov     $'\n', %edi
    jmp     put

/* Print the number RDI in decimal. */
print_number:
    mov     %rdi, %rax
    xor     %edx, %edx
    mov     $10, %ecx
    div     %rcx
    push    %rdx
    test    %rax, %rax
    jz      1f
    mov     %rax, %rdi
    call    print_number
1:  pop     %rdi
    add     $'0', %edi
    jmp     put

/* Print the string RDI. */
print:
    push    %r13
    mov     %rdi, %r13
1:  movzbl  (%r13), %edi
    test    %edi, %edi
    jz      2f
    inc     %r13
    call    put
    jmp     1b
2:  pop     %r13
    ret

/* Print the character RDI. */
put:
    cmpq    $0, serial_slot(%rip)
    je      2f
    push    %rdi
1:  mov     serial_slot(%rip), %rdi
    mov     $COM1_STATUS, %r10d
    invoke  LABEL_PORT_IN8, 1, 0
    test    $0x20, %r10b                    /* transmitter ready */
    jz      1b
    pop     %r8
    mov     serial_slot(%rip), %rdi
    mov     $COM1_FIRST, %r10d
    invoke  LABEL_PORT_OUT8, 2, 0
    ret
2:
#if DEBUG_PUTCHAR
    mov     $SYS_PUTCHAR, %rdx
    syscall
#endif
    ret

    .section .rodata
text_banner: .asciz "asm-root: a root task without headers (x86_64)\n"
text_port:   .asciz "# now printing through the I/O port capability\n"
text_plan:   .asciz "1.."
text_ok:     .asciz "ok "
text_not_ok: .asciz "not "
text_dash:   .asciz " - "
text_end:    .asciz "\n# resetting\n"
text_alive:  .asciz "Bail out! the reset did not come\n"

    .bss
    .balign 16
next_slot:   .skip 8
ram_slot:    .skip 8
page_slot:   .skip 8
serial_slot: .skip 8
test_count:  .skip 8
saved_rsp:   .skip 8
rsdp_block:  .skip 8
tsc_block:   .skip 8
extra_left:  .skip 8
lapic_seen:  .skip 8
    .balign 16
    .skip   4096
stack_top:
