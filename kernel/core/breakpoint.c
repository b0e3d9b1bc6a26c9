/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Breakpoints as invocations and as thread state: see breakpoint.h. */
#include <kernel/breakpoint.h>

#include <kernel/invocation.h>
#include <kernel/node.h>

static enum kernel_result check_number(word_t number)
{
    return number < BREAKPOINT_COUNT ? KRES_OK : fail_range(0, BREAKPOINT_COUNT - 1);
}

static void changed(const struct tcb *tcb)
{
    if (tcb == node()->current) {
        arch_debug_load(tcb);
    }
}

/* True if the CPU has breakpoints and watchpoints apart, and this number is of the other kind. */
static bool is_other_kind(word_t number, word_t type)
{
    return seL4_FirstWatchpoint >= 0 &&
           (type == seL4_DataBreakpoint) != (number >= (word_t)seL4_FirstWatchpoint);
}

static bool is_watch_size(word_t size)
{
    return size == 1 || size == 2 || size == 4 || size == 8;
}

static bool is_watch_access(word_t access)
{
    return access < seL4_MaxBreakpointAccess &&
           (access != seL4_BreakOnRead || ABI_READ_WATCHPOINTS);
}

/* Words: number, vaddr, type, size, access. */
enum kernel_result breakpoint_decode_set(struct invocation *inv)
{
    word_t number = inv_word(inv, 0);
    vaddr_t vaddr = inv_word(inv, 1);
    word_t type = inv_word(inv, 2);
    word_t size = inv_word(inv, 3);
    word_t access = inv_word(inv, 4);
    bool watch = type == seL4_DataBreakpoint;
    enum kernel_result result =
        vaddr > ABI_USER_VADDR_MAX                                        ? fail_invalid_argument(1)
        : type > seL4_DataBreakpoint || is_other_kind(number, type)       ? fail_invalid_argument(2)
        : !(watch ? is_watch_size(size) : size == 0)                      ? fail_invalid_argument(3)
        : !(watch ? is_watch_access(access) : access == seL4_BreakOnRead) ? fail_invalid_argument(4)
        : watch && (vaddr & (size - 1)) != 0 ? fail(seL4_AlignmentError)
                                             : check_number(number);
    if (result == KRES_OK) {
        inv->tcb->debug.breakpoints[number] =
            (struct breakpoint){vaddr, (uint8_t)type, (uint8_t)size, (uint8_t)access, true};
        changed(inv->tcb);
    }
    return result;
}

/* Word 0: number. */
enum kernel_result breakpoint_decode_get(struct invocation *inv)
{
    if (check_number(inv_word(inv, 0)) != KRES_OK) {
        return KRES_ERROR;
    }
    const struct breakpoint *breakpoint = &inv->tcb->debug.breakpoints[inv_word(inv, 0)];
    inv_set_result(inv, 0, breakpoint->vaddr);
    inv_set_result(inv, 1, breakpoint->type);
    inv_set_result(inv, 2, breakpoint->size);
    inv_set_result(inv, 3, breakpoint->access);
    inv_set_result(inv, 4, breakpoint->enabled);
    return KRES_OK;
}

/* Word 0: number. */
enum kernel_result breakpoint_decode_unset(struct invocation *inv)
{
    if (check_number(inv_word(inv, 0)) != KRES_OK) {
        return KRES_ERROR;
    }
    inv->tcb->debug.breakpoints[inv_word(inv, 0)] = (struct breakpoint){0};
    changed(inv->tcb);
    return KRES_OK;
}

/* Words: number (no breakpoint is used up for it here), instructions. */
enum kernel_result breakpoint_decode_step(struct invocation *inv)
{
    breakpoint_step(cap_ptr(inv->cap), inv_word(inv, 1));
    inv_set_result(inv, 0, false);
    return KRES_OK;
}

void breakpoint_step(struct tcb *tcb, word_t count)
{
    tcb->debug.steps = count;
    tcb->debug.steps_left = count;
    arch_debug_set_stepping(tcb, count > 0);
    changed(tcb);
}

bool breakpoint_step_is_due(struct tcb *tcb)
{
    if (tcb->debug.steps == 0) {
        return false; /* no longer wanted */
    }
    bool due = --tcb->debug.steps_left == 0;
    if (due) {
        tcb->debug.steps_left = tcb->debug.steps;
    }
    arch_debug_set_stepping(tcb, true);
    return due;
}
