/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The hardware-debug API: one thread runs into a breakpoint, a watchpoint, single steps and a
 * software break.
 */
#include "kernel_test.h"

extern const char code_debug[], code_debug_load[], code_debug_store[], code_debug_end[];
#if defined(CONFIG_ARCH_X86_64)
#define STEP_BYTES     1 /* nop */
#define STORE_IS_DONE  1 /* the watchpoint's trap comes after the access */
#define BREAK_IP_BYTES 1 /* the break's IP is behind it */
__asm__(".text\n.globl code_debug, code_debug_load, code_debug_store, code_debug_end\n"
        "code_debug: nop\n"
        "code_debug_load: mov (%rdi), %rax\n"
        "code_debug_store: mov %rax, 8(%rdi)\n"
        "code_debug_stored: nop; nop; nop; nop\n"
        "code_debug_end: int3\n"
        "ud2\n");
extern const char code_debug_stored[];
__asm__(".globl code_debug_stored\n");
#define FIRST_STEP ((seL4_Word)code_debug_stored)
#else
#define STEP_BYTES     4
#define STORE_IS_DONE  0
#define BREAK_IP_BYTES 0
__asm__(".text\n.balign 4\n.globl code_debug, code_debug_load, code_debug_store, code_debug_end\n"
        "code_debug: nop\n"
        "code_debug_load: ldr x1, [x0]\n"
        "code_debug_store: str x1, [x0, #8]\n"
        "nop; nop; nop; nop\n"
        "code_debug_end: brk #1\n"
        "udf #0\n");
#define FIRST_STEP     ((seL4_Word)code_debug_store)
#endif

#define WATCH (seL4_FirstWatchpoint < 0 ? 1 : (seL4_Uint16)seL4_FirstWatchpoint)

static seL4_Word watched[2];

static void test_errors(seL4_CPtr tcb)
{
    seL4_Word code = (seL4_Word)code_debug;
    check_equal(seL4_TCB_SetBreakpoint(tcb, seL4_NumHWBreakpoints, code, seL4_InstructionBreakpoint,
                                       0, seL4_BreakOnRead),
                seL4_FirstWatchpoint < 0 ? seL4_RangeError : seL4_InvalidArgument,
                "a breakpoint beyond the last");
    check_equal(seL4_TCB_UnsetBreakpoint(tcb, seL4_NumHWBreakpoints), seL4_RangeError,
                "cannot be unset either");
    check(seL4_GetMR(0) == 0 && seL4_GetMR(1) == seL4_NumHWBreakpoints - 1, "the range is told");
    check(seL4_TCB_GetBreakpoint(tcb, seL4_NumHWBreakpoints).error == seL4_RangeError, "nor read");
    check(seL4_TCB_SetBreakpoint(tcb, 0, ~(seL4_Word)0, seL4_InstructionBreakpoint, 0,
                                 seL4_BreakOnRead) == seL4_InvalidArgument &&
              seL4_GetMR(0) == 1,
          "a kernel address is argument 1");
    check(seL4_TCB_SetBreakpoint(tcb, 0, code, seL4_SingleStep, 0, seL4_BreakOnRead) ==
                  seL4_InvalidArgument &&
              seL4_GetMR(0) == 2,
          "a type that cannot be set is argument 2");
    check(seL4_TCB_SetBreakpoint(tcb, 0, code, seL4_InstructionBreakpoint, 4, seL4_BreakOnRead) ==
                  seL4_InvalidArgument &&
              seL4_GetMR(0) == 3,
          "a size of an instruction is argument 3");
    check(seL4_TCB_SetBreakpoint(tcb, 0, code, seL4_InstructionBreakpoint, 0, seL4_BreakOnWrite) ==
                  seL4_InvalidArgument &&
              seL4_GetMR(0) == 4,
          "writing an instruction is argument 4");
    check(seL4_TCB_SetBreakpoint(tcb, WATCH, (seL4_Word)watched, seL4_DataBreakpoint, 3,
                                 seL4_BreakOnWrite) == seL4_InvalidArgument &&
              seL4_GetMR(0) == 3,
          "a watchpoint of three bytes is argument 3");
    check_equal(seL4_TCB_SetBreakpoint(tcb, WATCH, (seL4_Word)watched + 1, seL4_DataBreakpoint, 4,
                                       seL4_BreakOnWrite),
                seL4_AlignmentError, "it must be aligned");
}

static void expect_debug(seL4_Word label, seL4_Word ip, seL4_Word reason, const char *name)
{
    check(label == seL4_Fault_DebugException && seL4_GetMR(seL4_DebugException_FaultIP) == ip &&
              seL4_GetMR(seL4_DebugException_ExceptionReason) == reason,
          name);
    if (label != seL4_Fault_DebugException) {
        check_equal(label, seL4_Fault_DebugException, "label");
    }
    check_equal(seL4_GetMR(seL4_DebugException_FaultIP), ip, "its address");
}

void test_breakpoints(void)
{
    static struct victim victim;
    victim_start(&victim, (void (*)(uint64_t))(uintptr_t)code_debug, (uint64_t)watched);
    seL4_CPtr tcb = victim.thread.tcb;
    test_errors(tcb);

    seL4_Word load = (seL4_Word)code_debug_load;
    check_equal(
        seL4_TCB_SetBreakpoint(tcb, 0, load, seL4_InstructionBreakpoint, 0, seL4_BreakOnRead),
        seL4_NoError, "set a breakpoint");
    seL4_TCB_GetBreakpoint_t set = seL4_TCB_GetBreakpoint(tcb, 0);
    check(set.error == seL4_NoError && set.vaddr == load && set.size == 0 &&
              set.type == seL4_InstructionBreakpoint && set.rw == seL4_BreakOnRead &&
              set.is_enabled,
          "it reads as it was set");
    expect_debug(victim_fault(&victim), load, seL4_InstructionBreakpoint, "it is hit");
    check(seL4_GetMR(seL4_DebugException_TriggerAddress) == load &&
              seL4_GetMR(seL4_DebugException_BreakpointNumber) == 0,
          "with address and number");
    check_equal(seL4_TCB_UnsetBreakpoint(tcb, 0), seL4_NoError, "unset it");
    check(!seL4_TCB_GetBreakpoint(tcb, 0).is_enabled, "then it is off");

    check_equal(seL4_TCB_SetBreakpoint(tcb, WATCH, (seL4_Word)&watched[1], seL4_DataBreakpoint, 8,
                                       seL4_BreakOnWrite),
                seL4_NoError, "watch a word for writes");
    watched[0] = 77;
    watched[1] = 0; /* the test itself is not watched */
    expect_debug(victim_reply(&victim, 0), FIRST_STEP, seL4_DataBreakpoint, "the write is seen");
    check(seL4_GetMR(seL4_DebugException_TriggerAddress) == (seL4_Word)&watched[1] &&
              seL4_GetMR(seL4_DebugException_BreakpointNumber) == WATCH,
          "with address and number");
    check_equal(watched[1], STORE_IS_DONE ? 77 : 0, "before or after the access");
    check_equal(seL4_TCB_UnsetBreakpoint(tcb, WATCH), seL4_NoError, "unset it");

    seL4_TCB_ConfigureSingleStepping_t stepping = seL4_TCB_ConfigureSingleStepping(tcb, 0, 1);
    check(stepping.error == seL4_NoError && !stepping.bp_was_consumed, "step by one instruction");
    expect_debug(victim_reply(&victim, 0), FIRST_STEP + STEP_BYTES, seL4_SingleStep, "one step");
    seL4_SetMR(0, 2);
    expect_debug(victim_reply(&victim, 1), FIRST_STEP + 3 * STEP_BYTES, seL4_SingleStep,
                 "then two at once, as the reply says");
    seL4_SetMR(0, 0);
    expect_debug(victim_reply(&victim, 1), (seL4_Word)code_debug_end + BREAK_IP_BYTES,
                 seL4_SoftwareBreakRequest, "then without steps to the software break");
    check_equal(watched[1], 77, "the thread has done its work");
    world_thread_stop(&victim.thread);
}
