/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A thread is suspended before its registers are changed, which makes it repeat the system call
 * that it waited in, as it would after any interruption.
 */
#include "chaos.h"

#include <kaal/symbols.h>

#include "arch.h"
#include "channels.h"
#include "image.h"
#include "log.h"
#include "memory.h"

#define PAGE_BYTES    4096u
#define PAGE_WORDS    (PAGE_BYTES / sizeof(uint64_t))
#define CONTEXT_WORDS (sizeof(seL4_UserContext) / sizeof(seL4_Word))
#define SPIN_FUNCTION "kaal_spin"

static int read_registers(const struct component *component, seL4_UserContext *context)
{
    return seL4_TCB_ReadRegisters(component->tcb, true, 0, CONTEXT_WORDS, context) == seL4_NoError
               ? KAAL_OK
               : KAAL_ERR_KERNEL;
}

static int write_registers(const struct component *component, seL4_UserContext *context)
{
    return seL4_TCB_WriteRegisters(component->tcb, true, 0, CONTEXT_WORDS, context) == seL4_NoError
               ? KAAL_OK
               : KAAL_ERR_KERNEL;
}

static int spin(struct component *component)
{
    seL4_UserContext context;
    const void *symbols;
    uint64_t bytes;
    uint64_t address;
    if (image_find(KAAL_ARCHIVE_SYMBOLS, component->description->image, &symbols, &bytes) !=
            KAAL_OK ||
        kaal_symbols_address(symbols, bytes, SPIN_FUNCTION, &address) != KAAL_OK) {
        return KAAL_ERR_UNSUPPORTED;
    }
    int error = read_registers(component, &context);
    if (error == KAAL_OK) {
        arch_context_jump(&context, address);
        error = write_registers(component, &context);
    }
    return error;
}

static int change_register(struct component *component, uint64_t argument, uint64_t value,
                           uint64_t *where)
{
    seL4_UserContext context;
    int error = read_registers(component, &context);
    if (error == KAAL_OK) {
        *where = argument % CONTEXT_WORDS;
        ((seL4_Word *)&context)[*where] = value;
        error = write_registers(component, &context);
    }
    return error;
}

/* Writes a word of a frame that is mapped nowhere in init. */
static int change_word(seL4_CPtr frame, uint64_t word, uint64_t value)
{
    volatile uint64_t *page = memory_scratch_begin(frame);
    if (page == NULL) {
        return KAAL_ERR_KERNEL;
    }
    page[word] = value;
    memory_scratch_end(frame);
    return KAAL_OK;
}

/* The same of a frame that is the component's, through a copy of its capability. */
static int change_copy(seL4_CPtr frame, uint64_t word, uint64_t value)
{
    seL4_CPtr copy;
    volatile uint64_t *page = memory_peek_begin(frame, &copy);
    if (page == NULL) {
        return KAAL_ERR_NO_MEMORY;
    }
    page[word] = value;
    memory_peek_end(copy);
    return KAAL_OK;
}

static int change_memory(struct component *component, uint64_t argument, uint64_t value,
                         uint64_t *where)
{
    uint64_t pages = COMPONENT_STACK_FRAMES;
    for (uint32_t i = 0; i < component->writable.count; i++) {
        pages += component->writable.runs[i].pages;
    }
    uint64_t word = argument % PAGE_WORDS;
    uint64_t page = argument / PAGE_WORDS % pages;
    if (page < COMPONENT_STACK_FRAMES) {
        *where = component->startup->stack_bottom_vaddr + page * PAGE_BYTES + word * sizeof(word);
        return change_copy(component->stack_frames + page, word, value);
    }
    page -= COMPONENT_STACK_FRAMES;
    const struct elf_run *run = component->writable.runs;
    for (; page >= run->pages; run++) {
        page -= run->pages;
    }
    *where = run->vaddr + page * PAGE_BYTES + word * sizeof(word);
    return change_copy(run->first + page, word, value);
}

static int change_region(struct component *component, uint64_t argument, uint64_t value,
                         uint64_t *where)
{
    struct channel_line line;
    uint32_t count = 0;
    for (uint32_t i = 0; channels_at(i, &line); i++) {
        count += line.ends[0] == component || line.ends[1] == component;
    }
    if (count == 0) {
        return KAAL_ERR_UNSUPPORTED;
    }
    uint64_t word = argument % PAGE_WORDS;
    uint64_t chosen = argument / PAGE_WORDS % count;
    for (uint32_t i = 0; channels_at(i, &line); i++) {
        bool mine = line.ends[0] == component || line.ends[1] == component;
        if (mine && chosen-- == 0) {
            break;
        }
    }
    *where = word * sizeof(word);
    return change_word(line.headers[line.ends[0] == component ? 0 : 1], word, value);
}

/* Something that nobody will ever give back. */
static int leak(void)
{
    seL4_CPtr slot;
    return kaal_arena_allocate(memory_arena(), kaal_frame_type(12), 0, 1, &slot);
}

int chaos_act(struct component *component, enum kaal_chaos_action action, uint64_t argument,
              uint64_t value, uint64_t *where)
{
    *where = 0;
    switch (action) {
    case KAAL_CHAOS_SUSPEND:
        return seL4_TCB_Suspend(component->tcb) == seL4_NoError ? KAAL_OK : KAAL_ERR_KERNEL;
    case KAAL_CHAOS_SPIN:
        return spin(component);
    case KAAL_CHAOS_REGISTER:
        return change_register(component, argument, value, where);
    case KAAL_CHAOS_MEMORY:
        return change_memory(component, argument, value, where);
    case KAAL_CHAOS_REGION:
        return change_region(component, argument, value, where);
    case KAAL_CHAOS_LEAK:
        return leak();
    }
    return KAAL_ERR_INVALID;
}
