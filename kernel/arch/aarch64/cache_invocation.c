/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Cache maintenance that users ask for, on part of one page. */
#include "invocation.h"

#include <arch/cache.h>
#include <kernel/vspace.h>
#include <platform.h>

/* Device memory is not cached, and the kernel does not see it. */
static bool page_is_ram(paddr_t paddr)
{
    return paddr >= PLATFORM_RAM_BASE && paddr - PLATFORM_RAM_BASE < PLATFORM_RAM_BYTES;
}

/* What is done between two looks for interrupts, and how much work that is. */
#define STEP_BITS  14
#define STEP_UNITS 20

/* The last check, and the operation: on bytes [start, end) of the page that a walk found. */
static enum kernel_result operate(struct tcb *caller, enum cache_operation operation,
                                  struct walk walk, word_t start, word_t end)
{
    if (operation == CACHE_INVALIDATE && !pte_is_user_writable(*walk.entry)) {
        return fail(seL4_IllegalOperation);
    }
    paddr_t page = pte_paddr(*walk.entry, walk.level);
    word_t at = start + caller->progress;
    caller->progress = 0;
    while (page_is_ram(page) && at < end) {
        word_t stop = ALIGN_DOWN(at, STEP_BITS) + BIT(STEP_BITS);
        stop = stop < end ? stop : end;
        cache_operate(operation, paddr_to_kptr(page) + at, paddr_to_kptr(page) + stop);
        at = stop;
        if (at < end && preemption_point_after(STEP_UNITS)) {
            caller->progress = at - start;
            return KRES_PREEMPTED;
        }
    }
    return KRES_OK;
}

enum kernel_result cache_decode_page(struct invocation *inv)
{
    if (!cap_is_mapped(inv->cap)) {
        return fail(seL4_IllegalOperation);
    }
    struct vspace space = vspace_of(inv->cap);
    if (space.root == NULL) {
        return fail_lookup_invalid_root(false);
    }
    word_t start = inv_word(inv, 0);
    word_t end = inv_word(inv, 1);
    word_t bytes = BIT(inv->cap.memory.bits);
    struct walk walk = vspace_walk(space, inv->cap.memory.vaddr);
    bool is_there = walk.level == inv->cap.memory.bits && pte_is_valid(*walk.entry) &&
                    pte_paddr(*walk.entry, walk.level) == kptr_to_paddr(cap_kptr(inv->cap));
    enum cache_operation operation = (enum cache_operation)(inv->label - ARMPageClean_Data);
    return end <= start                    ? fail_invalid_argument(1)
           : start >= bytes || end > bytes ? fail_invalid_argument(0)
           : !is_there                     ? fail_invalid_capability(0)
                                           : operate(inv->caller, operation, walk, start, end);
}

enum kernel_result cache_decode_vspace(struct invocation *inv)
{
    vaddr_t start = inv_word(inv, 0);
    vaddr_t end = inv_word(inv, 1);
    struct vspace space;
    enum kernel_result result = end <= start               ? fail_invalid_argument(1)
                                : end > ABI_USER_VADDR_MAX ? fail(seL4_IllegalOperation)
                                : !cap_is_vspace(inv->cap) ? fail_invalid_capability(0)
                                                           : vspace_check(inv->cap, 0, &space);
    if (result != KRES_OK) {
        return result;
    }
    struct walk walk = vspace_walk(space, start);
    if (!pte_is_valid(*walk.entry)) {
        return KRES_OK;
    }
    vaddr_t page = ALIGN_DOWN(start, walk.level);
    if (ALIGN_DOWN(end - 1, walk.level) != page) {
        return fail_range(start, page + MASK(walk.level));
    }
    return operate(inv->caller, (enum cache_operation)(inv->label - ARMVSpaceClean_Data), walk,
                   start - page, end - page);
}
