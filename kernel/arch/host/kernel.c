/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Booting, and the loop that plays the CPU: take interrupts, run the current thread's fiber until
 * it traps, hand the trap to the generic kernel. Addresses below HOST_IP_TOP are no code; they say
 * where in its trap a thread is, so that "restart the system call" means the same as on a CPU.
 */
#include "../aarch64/gic.h"
#include "fiber.h"
#include "machine.h"

#include <arch/host_entry.h>
#include <arch/host_kernel.h>
#include <dlfcn.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>
#include <kernel/entry.h>
#include <kernel/fpu.h>
#include <kernel/irq.h>
#include <kernel/syscall.h>
#include <kernel/vspace.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HOST_IP_SYSCALL     0x1000 /* at the system call instruction */
#define HOST_IP_BEHIND      0x1004 /* behind it */
#define HOST_IP_COMPUTING   0x2000 /* in kernel_host_advance() */
#define HOST_IP_FAULT       0x3000 /* in kernel_host_fault_*() */
#define HOST_IP_END         0x4000 /* the thread's function has returned */
#define HOST_IP_TOP         0x10000
#define HOST_MEMORY_DEFAULT (16u << 20)
#define HOST_IMAGE_VADDR    0x400000

enum trap {
    TRAP_SYSCALL,
    TRAP_FAULT,
    TRAP_COMPUTE,
    TRAP_END,
};

static struct {
    struct kernel_host_options options;
    kernel_host_root root;
    void *argument;
    char *area; /* of the process; the RAM is in it */
    char *memory;
    size_t memory_bytes;
    struct tcb *root_tcb;
    enum trap trap;
    struct fault fault;
    ticks_t compute_ticks; /* wanted by TRAP_COMPUTE; then what of it has passed */
    jmp_buf halted;
} host;

kptr_t host_direct_map_base;

/* ---- user side: runs on a fiber ---- */

static void trap(enum trap kind, word_t fault_ip, word_t next_ip)
{
    word_t *regs = node()->current->context.regs;
    regs[REG_FAULT_IP] = fault_ip;
    regs[REG_NEXT_IP] = next_ip;
    host.trap = kind;
    fiber_trap();
}

void kernel_host_syscall(struct kernel_host_regs *regs)
{
    word_t *saved = node()->current->context.regs;
    memcpy(&saved[REG_X0], regs->x, sizeof(regs->x));
    do {
        trap(TRAP_SYSCALL, HOST_IP_SYSCALL, HOST_IP_BEHIND);
    } while (saved[REG_NEXT_IP] == HOST_IP_SYSCALL);
    memcpy(regs->x, &saved[REG_X0], sizeof(regs->x));
}

void kernel_host_advance(uint64_t ticks)
{
    while (ticks > 0) {
        host.compute_ticks = ticks;
        trap(TRAP_COMPUTE, HOST_IP_COMPUTING, HOST_IP_COMPUTING);
        ticks -= node()->current->context.regs[REG_X0 + 30];
    }
}

void kernel_host_fault_vm(uint64_t address, bool instruction, uint64_t status)
{
    host.fault = fault_vm(address, instruction, status);
    trap(TRAP_FAULT, HOST_IP_FAULT, HOST_IP_FAULT);
}

void kernel_host_fault_exception(uint64_t number, uint64_t code)
{
    host.fault = fault_user_exception(number, code);
    trap(TRAP_FAULT, HOST_IP_FAULT, HOST_IP_FAULT);
}

static void fiber_entry(void)
{
    fiber_started();
    struct tcb *tcb = node()->current;
    const word_t *regs = tcb->context.regs;
    if (tcb == host.root_tcb && regs[REG_NEXT_IP] == (word_t)host.root) {
        host.root((void *)regs[REG_X0], host.argument);
    } else {
        void (*function)(word_t, word_t, word_t, word_t) =
            (void (*)(word_t, word_t, word_t, word_t))regs[REG_NEXT_IP];
        function(regs[REG_X0], regs[REG_X0 + 1], regs[REG_X0 + 2], regs[REG_X0 + 3]);
    }
    for (;;) {
        trap(TRAP_END, HOST_IP_END, HOST_IP_END);
    }
}

/* ---- kernel side: runs on the process's stack ---- */

void fpu_forget(struct tcb *tcb)
{
    if (tcb->fpu.fiber != NULL) {
        fiber_destroy(tcb->fpu.fiber);
        tcb->fpu.fiber = NULL;
    }
}

/* The fiber of a thread that is about to run, at its next IP. */
static struct fiber *fiber_of(struct tcb *tcb)
{
    if (tcb->fpu.fiber == NULL) {
        tcb->fpu.fiber = fiber_create(fiber_entry);
        tcb->fpu.fiber->local = tcb_ipc_buffer(tcb, true);
    } else if (tcb->context.regs[REG_NEXT_IP] >= HOST_IP_TOP) {
        fiber_reset(tcb->fpu.fiber, fiber_entry);
    }
    return tcb->fpu.fiber;
}

static void run_fiber(struct fiber *fiber)
{
    *host.options.fiber_local = fiber->local;
    fiber_resume(fiber);
    fiber->local = *host.options.fiber_local;
}

/* True if the run goes on. */
static bool handle_trap(struct tcb *tcb)
{
    ticks_t left = machine_timer_deadline() - arch_timer_now();
    ticks_t passed = host.compute_ticks < left ? host.compute_ticks : left;
    switch (host.trap) {
    case TRAP_SYSCALL:
        machine_advance(host.options.syscall_ticks);
        kernel_handle_syscall(tcb->context.regs[REG_SYSCALL]);
        return true;
    case TRAP_FAULT:
        kernel_handle_fault(host.fault);
        return true;
    case TRAP_COMPUTE:
        /* Time passes until the thread has computed enough or the timer strikes. */
        machine_advance(passed);
        tcb->context.regs[REG_X0 + 30] = passed;
        return true;
    case TRAP_END:
        if (tcb == host.root_tcb) {
            return false;
        }
        kernel_handle_fault(fault_vm(HOST_IP_END, true, 0));
        return true;
    }
    return false;
}

/* Nobody can run: time jumps to the next deadline, or the test raises an interrupt. */
static bool idle(void)
{
    ticks_t deadline = machine_timer_deadline();
    if (host.options.on_idle != NULL && host.options.on_idle(host.argument)) {
        return true;
    }
    if (deadline != UINT64_MAX && deadline > arch_timer_now()) {
        machine_advance(deadline - arch_timer_now());
    }
    return deadline != UINT64_MAX;
}

/* A thread whose IP is no code of the process, or a place in some trap that its fiber is not in. */
static bool has_bad_ip(const struct tcb *tcb)
{
    word_t ip = tcb->context.regs[REG_NEXT_IP];
    Dl_info info;
    return ip < HOST_IP_TOP ? tcb->fpu.fiber == NULL : dladdr((void *)ip, &info) == 0;
}

static enum kernel_host_end run(void)
{
    for (;;) {
        struct tcb *tcb = node()->current;
        word_t *regs = tcb->context.regs;
        if (arch_irq_pending()) {
            regs[REG_FAULT_IP] = regs[REG_NEXT_IP];
            kernel_handle_interrupt();
        } else if (tcb->state == THREAD_IDLE) {
            if (!idle()) {
                debug_syscall((word_t)seL4_SysDebugDumpScheduler); /* says who waits for what */
                return KERNEL_HOST_STUCK;
            }
        } else if (has_bad_ip(tcb)) {
            regs[REG_FAULT_IP] = regs[REG_NEXT_IP];
            kernel_handle_fault(fault_vm(regs[REG_NEXT_IP], true, 0));
        } else {
            run_fiber(fiber_of(tcb));
            if (!handle_trap(tcb)) {
                return KERNEL_HOST_RETURNED;
            }
        }
    }
}

void arch_halt(void)
{
    if (!host.options.allow_halt) {
        fprintf(stderr, "%s\nkernel halted\n", host.options.quiet ? kernel_host_console() : "");
        abort();
    }
    longjmp(host.halted, 1);
}

/* ---- boot ---- */

static void boot(void)
{
    static struct boot_args args;
    machine_reset(host.options.quiet);
    gic_init();
    memset(&kernel_node, 0, sizeof(kernel_node));
    memset(&kernel_state, 0, sizeof(kernel_state));
    memset(asid_pools, 0, sizeof(asid_pools));
    irq_reserve(IRQ_TIMER);
    args = (struct boot_args){.image = {HOST_RAM_BASE, HOST_RAM_BASE + BIT(seL4_PageBits)},
                              .image_vaddr = HOST_IMAGE_VADDR,
                              .entry = (word_t)host.root};
    boot_memory_init();
    boot_memory_add_ram((struct boot_region){HOST_RAM_BASE, HOST_RAM_BASE + host.memory_bytes});
    boot_memory_reserve(args.image);
    for (int i = 0; i < KERNEL_HOST_EXTRA_MAX && host.options.extra[i].bytes > 0; i++) {
        const struct kernel_host_extra *extra = &host.options.extra[i];
        args.extra[args.extra_count++] =
            (struct boot_extra){.id = extra->id, .data = extra->data, .bytes = extra->bytes};
    }
    kernel_boot(&args);
    host.root_tcb = node()->current;
}

/*
 * RAM at an address as aligned as HOST_RAM_BASE: the kernel cuts untypeds by the alignment of its
 * own addresses, and on a real machine that is the physical one's. What lies around it faults.
 */
static void map_ram(void)
{
    host.area = mmap(NULL, HOST_RAM_BASE + host.memory_bytes, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    host.memory = host.area + (HOST_RAM_BASE - (uintptr_t)host.area % HOST_RAM_BASE);
    if (host.area == MAP_FAILED ||
        mprotect(host.memory, host.memory_bytes, PROT_READ | PROT_WRITE) != 0) {
        perror("host kernel: memory");
        abort();
    }
}

enum kernel_host_end kernel_host_run(const struct kernel_host_options *options,
                                     kernel_host_root root, void *argument)
{
    static void *unused_local;                              /* for options without fiber_local */
    volatile enum kernel_host_end end = KERNEL_HOST_HALTED; /* setjmp */
    memset(&host, 0, sizeof(host));
    if (options != NULL) {
        host.options = *options;
    }
    host.root = root;
    host.argument = argument;
    host.memory_bytes = host.options.memory_bytes == 0
                            ? HOST_MEMORY_DEFAULT
                            : ALIGN_UP(host.options.memory_bytes, seL4_PageBits);
    host.options.fiber_local = host.options.fiber_local ?: &unused_local;
    void *saved_local = *host.options.fiber_local;
    map_ram();
    host_direct_map_base = (kptr_t)host.memory - HOST_RAM_BASE;
    if (setjmp(host.halted) == 0) {
        boot();
        end = run();
    }
    fiber_destroy_all();
    munmap(host.area, HOST_RAM_BASE + host.memory_bytes);
    *host.options.fiber_local = saved_local;
    return end;
}

/* ---- memory as tests see it ---- */

void *kernel_host_memory(uint64_t paddr)
{
    return paddr - HOST_RAM_BASE < host.memory_bytes ? host.memory + (paddr - HOST_RAM_BASE) : NULL;
}

void *kernel_host_translate(uint64_t vaddr, bool write)
{
    struct cap vspace = node()->current->slots[TCB_VSPACE].cap;
    if (!cap_is_vspace(vspace) || !asid_is_live(vspace)) {
        return NULL;
    }
    struct walk walk = vspace_walk(vspace_of(vspace), vaddr);
    pte_t pte = *walk.entry;
    if ((pte & PTE_VALID) == 0 || (pte & PTE_USER) == 0 || (write && (pte & PTE_READ_ONLY) != 0)) {
        return NULL;
    }
    return kernel_host_memory(pte_paddr(pte, walk.level) + (vaddr & MASK(walk.level)));
}
