/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The debug system calls. They neither charge time nor reschedule. */
#include <kernel/arch_hooks.h>
#include <kernel/ipc.h>
#include <kernel/memory.h>
#include <kernel/node.h>
#include <kernel/print.h>
#include <kernel/syscall.h>

#define NAME_BYTES_MAX 960 /* what is left of the message area behind the tag */

static void dump_threads(void)
{
    if (!CONFIG_DEBUG_BUILD) {
        return;
    }
    kernel_print("\nthread state priority ip name\n");
    for (const struct tcb *tcb = kernel_state.debug_tcbs.head; tcb != NULL;
         tcb = tcb->links[LINK_DEBUG].next) {
        kernel_print("0x%lx %s %u 0x%lx %s\n", (word_t)tcb, name_of(NAMES_STATE, tcb->state),
                     tcb->priority, tcb->context.regs[REG_NEXT_IP], tcb->name);
    }
}

static word_t identify(struct tcb *tcb, cptr_t cptr)
{
    struct slot *slot;
    return cspace_lookup(tcb, cptr, &slot) == KRES_OK ? cap_identify(slot->cap) : CAP_NULL;
}

/* A debug aid, so a misuse stops the machine, as the ABI has it. */
static void name_thread(struct tcb *caller, cptr_t cptr)
{
    struct slot *slot;
    const word_t *buffer = tcb_ipc_buffer(caller, false);
    const char *name = buffer != NULL ? (const char *)(buffer + IPC_BUFFER_MESSAGE) : "";
    word_t length = 0;
    while (length < NAME_BYTES_MAX && name[length] != '\0') {
        length++;
    }
    if (buffer == NULL || length == NAME_BYTES_MAX ||
        cspace_lookup(caller, cptr, &slot) != KRES_OK || slot->cap.tag != CAP_TCB) {
        kernel_print("DebugNameThread: not a TCB, no IPC buffer, or a name without end\n");
        arch_halt();
    }
    struct tcb *target = cap_ptr(slot->cap);
    memset(target->name, 0, TCB_NAME_BYTES);
    memcpy(target->name, name, length < TCB_NAME_BYTES ? length : TCB_NAME_BYTES - 1);
}

bool debug_syscall(word_t number)
{
    struct tcb *tcb = node()->current;
    word_t *cap_register = &tcb->context.regs[REG_CAP];
    int64_t call = (int64_t)number;
    bool prints = call == seL4_SysDebugPutChar || call == seL4_SysDebugDumpScheduler;
    if (prints ? !CONFIG_PRINTING : !CONFIG_DEBUG_BUILD) {
        return false;
    }
    switch (call) {
    case seL4_SysDebugPutChar:
        kernel_putchar((char)*cap_register);
        return true;
    case seL4_SysDebugHalt:
        kernel_print("halted by a user\n");
        arch_halt();
    case seL4_SysDebugCapIdentify:
        *cap_register = identify(tcb, *cap_register);
        return true;
    case seL4_SysDebugDumpScheduler:
    case seL4_SysDebugSnapshot:
        dump_threads();
        return true;
    case seL4_SysDebugNameThread:
        name_thread(tcb, *cap_register);
        return true;
    default:
        return false;
    }
}
