/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Stacks and switching. AddressSanitizer must be told of every change of stack: before it with the
 * bounds of the new one, after it with the note that was taken when that stack was left.
 */
#include "fiber.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if HOST_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define __sanitizer_start_switch_fiber(save, bottom, size)   ((void)(save), (void)(bottom))
#define __sanitizer_finish_switch_fiber(saved, bottom, size) ((void)(saved))
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes)          ((void)(address), (void)(bytes))
#endif

#define STACK_BYTES   (256u * 1024)
#define GUARD_BYTES   (64u * 1024)
#define WAITING_BYTES (8u * 1024) /* enough for the frames that wait for a fiber */

/* What fiber_switch() leaves on a stack, in words, and which of them is the return address. */
#if defined(__x86_64__)
#define FRAME_WORDS  8
#define FRAME_RETURN 6
#else
#define FRAME_WORDS  20
#define FRAME_RETURN 11 /* x30 */
#endif

/* fiber_switch.S: save the callee-saved registers and sp, load the other stack's. */
void fiber_switch(void **save_sp, void *load_sp);

static struct fiber *all_fibers;
static struct fiber *running;
static struct {
    void *sp;
    void *sanitizer;
    const void *bottom;
    size_t bytes;
} kernel_stack;

/* Lay the stack out as fiber_switch() leaves one, with entry as the return address. */
void fiber_reset(struct fiber *fiber, void (*entry)(void))
{
    char *top = fiber->stack + GUARD_BYTES + STACK_BYTES;
    uintptr_t *frame = (uintptr_t *)(void *)top - FRAME_WORDS;
    ASAN_UNPOISON_MEMORY_REGION(fiber->stack + GUARD_BYTES, STACK_BYTES);
    fiber->sanitizer = NULL;
    memset(frame, 0, FRAME_WORDS * sizeof(*frame));
    frame[FRAME_RETURN] = (uintptr_t)entry;
    fiber->sp = frame;
}

struct fiber *fiber_create(void (*entry)(void))
{
    struct fiber *fiber = calloc(1, sizeof(*fiber));
    char *stack = mmap(NULL, GUARD_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fiber == NULL || stack == MAP_FAILED || mprotect(stack, GUARD_BYTES, PROT_NONE) != 0) {
        abort();
    }
    *fiber = (struct fiber){.next = all_fibers, .stack = stack};
    all_fibers = fiber;
    fiber_reset(fiber, entry);
    return fiber;
}

void fiber_destroy(struct fiber *fiber)
{
    struct fiber **link = &all_fibers;
    while (*link != fiber) {
        link = &(*link)->next;
    }
    *link = fiber->next;
    munmap(fiber->stack, GUARD_BYTES + STACK_BYTES);
    free(fiber);
}

void fiber_destroy_all(void)
{
    while (all_fibers != NULL) {
        fiber_destroy(all_fibers);
    }
}

/*
 * A failed test assertion on a fiber jumps to the test framework on the process's stack, over the
 * frames that wait here for the fiber. Their red zones would stay and be mistaken for errors.
 */
static void forget_red_zones(void)
{
    char *here = __builtin_frame_address(0);
    if (kernel_stack.bottom != NULL) {
        size_t left = (size_t)((const char *)kernel_stack.bottom + kernel_stack.bytes - here);
        size_t bytes = left < WAITING_BYTES ? left : WAITING_BYTES;
        ASAN_UNPOISON_MEMORY_REGION(here, bytes);
    }
}

void fiber_resume(struct fiber *fiber)
{
    forget_red_zones();
    running = fiber;
    __sanitizer_start_switch_fiber(&kernel_stack.sanitizer, fiber->stack + GUARD_BYTES,
                                   STACK_BYTES);
    fiber_switch(&kernel_stack.sp, fiber->sp);
    __sanitizer_finish_switch_fiber(kernel_stack.sanitizer, NULL, NULL);
    running = NULL;
}

void fiber_trap(void)
{
    struct fiber *self = running;
    __sanitizer_start_switch_fiber(&self->sanitizer, kernel_stack.bottom, kernel_stack.bytes);
    fiber_switch(&self->sp, kernel_stack.sp);
    __sanitizer_finish_switch_fiber(self->sanitizer, &kernel_stack.bottom, &kernel_stack.bytes);
}

void fiber_started(void)
{
    __sanitizer_finish_switch_fiber(NULL, &kernel_stack.bottom, &kernel_stack.bytes);
}
