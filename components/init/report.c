/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A backtrace follows frame pointers: each frame is {caller's frame, return address}. Everything in
 * the dead component is hostile: a frame pointer is followed only inside its stack, upwards and
 * aligned, and the stack is read through init's own copies of its frame capabilities. Of its
 * channels channel_state.c says what can be said.
 */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include <kaal/symbols.h>

#include "arch.h"
#include "channel_state.h"
#include "image.h"
#include "log.h"
#include "memory.h"

#define PAGE_BYTES         4096u
#define BACKTRACE_MAX      24u
#define REGISTERS_PER_LINE 4u
#define LOG_LINES_MAX      8u
#define CHANNELS_MAX       16u
#define CONTEXT_WORDS      (sizeof(seL4_UserContext) / sizeof(seL4_Word))

/* Reads the component's stack, one page mapped at a time. */
struct stack_view {
    const struct component *component;
    seL4_CPtr copy;            /* slot for the copy of the mapped frame's capability; 0: none */
    uint64_t page_vaddr;       /* of the mapped page */
    const unsigned char *page; /* NULL: none is mapped */
};

static void view_close(struct stack_view *view)
{
    if (view->page != NULL) {
        memory_peek_end(view->copy);
        view->page = NULL;
    }
}

static bool view_word(struct stack_view *view, uint64_t vaddr, uint64_t *word)
{
    const struct kaal_startup *startup = view->component->startup;
    if (vaddr % sizeof(uint64_t) != 0 || vaddr < startup->stack_bottom_vaddr ||
        vaddr >= startup->stack_top_vaddr) {
        return false;
    }
    uint64_t page_vaddr = vaddr & ~(uint64_t)(PAGE_BYTES - 1);
    if (view->page == NULL || view->page_vaddr != page_vaddr) {
        view_close(view);
        seL4_CPtr frame =
            view->component->stack_frames + (page_vaddr - startup->stack_bottom_vaddr) / PAGE_BYTES;
        view->page = memory_peek_begin(frame, &view->copy);
        if (view->page == NULL) {
            return false;
        }
        view->page_vaddr = page_vaddr;
    }
    memcpy(word, view->page + (vaddr - page_vaddr), sizeof(*word));
    return true;
}

static void log_address(const struct component *component, const char *what, uint64_t address)
{
    const void *symbols;
    const char *name = "?";
    uint64_t bytes;
    uint64_t offset = 0;
    if (image_find(KAAL_ARCHIVE_SYMBOLS, component->description->image, &symbols, &bytes) !=
            KAAL_OK ||
        kaal_symbols_find(symbols, bytes, address, &name, &offset) != KAAL_OK) {
        log_line("    %s 0x%016llx", what, (unsigned long long)address);
        return;
    }
    log_line("    %s 0x%016llx %s+0x%llx", what, (unsigned long long)address, name,
             (unsigned long long)offset);
}

static void log_backtrace(const struct component *component, const seL4_UserContext *context)
{
    struct stack_view view = {.component = component};
    uint64_t ip;
    uint64_t frame;
    uint64_t link;
    arch_frame(context, &ip, &frame, &link);
    log_line("  backtrace:");
    log_address(component, "at  ", ip);
    uint64_t saved_frame;
    uint64_t return_address;
    /* A leaf function's caller is in the link register only; skip it when the first frame already
     * holds it. */
    bool first = true;
    for (unsigned depth = 0; depth < BACKTRACE_MAX; depth++) {
        if (!view_word(&view, frame, &saved_frame) ||
            !view_word(&view, frame + sizeof(uint64_t), &return_address) || return_address == 0) {
            break;
        }
        if (first && link != 0 && link != return_address) {
            log_address(component, "link", link);
        }
        first = false;
        log_address(component, "from", return_address);
        if (saved_frame <= frame) {
            break; /* frames only ever lie higher up */
        }
        frame = saved_frame;
    }
    view_close(&view);
}

static void log_registers(const seL4_UserContext *context)
{
    struct arch_register registers[ARCH_REGISTERS_MAX];
    size_t count = arch_registers(context, registers);
    for (size_t i = 0; i < count; i += REGISTERS_PER_LINE) {
        char line[128];
        size_t used = 0;
        for (size_t j = i; j < count && j < i + REGISTERS_PER_LINE; j++) {
            int length = snprintf(line + used, sizeof(line) - used, " %6s %016llx",
                                  registers[j].name, (unsigned long long)registers[j].value);
            used += (size_t)length;
        }
        log_line(" %s", line);
    }
}

/* The last lines of this life, oldest first. */
static void log_last(const struct component *component)
{
    uint64_t positions[LOG_LINES_MAX];
    char text[LOG_LINE_BYTES];
    const char *name = component->description->name;
    size_t skip = strlen(name) + 2; /* "name: " */
    size_t count = log_last_lines(name, component->log_start, positions, LOG_LINES_MAX);
    log_line(count == 0 ? "  it has logged nothing" : "  it logged last:");
    while (count > 0) {
        log_copy_line(positions[--count], text);
        log_line("    %s", strlen(text) > skip ? text + skip : "");
    }
}

/* What one end has sent, and what that end waits for. */
static void log_direction(const struct kaal_channel_record *record, unsigned from)
{
    static const char *const waits[] = {[KAAL_CHANNEL_AWAKE] = "",
                                        [KAAL_CHANNEL_WAITS_DATA] = " waits for data",
                                        [KAAL_CHANNEL_WAITS_ROOM] = " waits for room"};
    bool sleeps = record->waits[from] != KAAL_CHANNEL_AWAKE;
    char fill[40] = "impossible";
    if (record->fill[from] >= 0) {
        (void)snprintf(fill, sizeof(fill), "%d of %u unread", record->fill[from], record->capacity);
    }
    log_line("      %s sent %u, %s took %u: %s%s%s%s", record->ends[from], record->produced[from],
             record->ends[1 - from], record->consumed[1 - from], fill, sleeps ? "; " : "",
             sleeps ? record->ends[from] : "", waits[record->waits[from]]);
}

/* Both directions, its own first. */
static void log_channels(const struct component *component)
{
    struct kaal_channel_record record;
    for (uint32_t i = 0; i < CHANNELS_MAX; i++) {
        int error = channel_state_read(component, i, &record);
        if (error == KAAL_ERR_NOT_FOUND) {
            return;
        }
        unsigned own = strcmp(record.ends[0], component->description->name) == 0 ? 0 : 1;
        log_line("    channel '%s', end %u, generation %u; %s has generation %u%s", record.name,
                 own, record.generation[own], record.ends[1 - own], record.generation[1 - own],
                 record.running[1 - own] != 0 ? "" : " and does not run");
        if (error == KAAL_OK) {
            log_direction(&record, own);
            log_direction(&record, 1 - own);
        } else {
            log_line("      it cannot be read: %s", kaal_error_text(error));
        }
    }
    log_line("    and further channels");
}

static void log_cause(const char *name, seL4_Word label, const seL4_Word *words)
{
    switch (label) {
    case seL4_Fault_VMFault: {
        uint64_t address = words[seL4_VMFault_Addr];
        bool instruction = words[seL4_VMFault_PrefetchFault] != 0;
        uint64_t status = words[seL4_VMFault_FSR];
        log_line("init: fault: %s: %s address 0x%llx, which %s (ip 0x%llx)", name,
                 arch_fault_access(status, instruction), (unsigned long long)address,
                 arch_fault_is_protection(status) ? "its mapping does not allow" : "is not mapped",
                 (unsigned long long)words[seL4_VMFault_IP]);
        break;
    }
    case seL4_Fault_CapFault:
        log_line("init: fault: %s: used capability slot 0x%llx, which it was not given (%s, ip "
                 "0x%llx)",
                 name, (unsigned long long)words[seL4_CapFault_Addr],
                 words[seL4_CapFault_InRecvPhase] != 0 ? "receiving" : "sending",
                 (unsigned long long)words[seL4_CapFault_IP]);
        break;
    case seL4_Fault_UnknownSyscall:
        log_line("init: fault: %s: system call %lld, which the kernel does not have", name,
                 (long long)words[seL4_UnknownSyscall_Syscall]);
        break;
    case seL4_Fault_UserException:
        log_line("init: fault: %s: %s (0x%llx, code 0x%llx, ip 0x%llx)", name,
                 arch_exception_text(words[seL4_UserException_Number]),
                 (unsigned long long)words[seL4_UserException_Number],
                 (unsigned long long)words[seL4_UserException_Code],
                 (unsigned long long)words[seL4_UserException_FaultIP]);
        break;
    default:
        log_line("init: fault: %s: fault %llu", name, (unsigned long long)label);
        break;
    }
}

/* Everything but the cause. */
static void log_rest(const struct component *component)
{
    seL4_UserContext context;
    memset(&context, 0, sizeof(context));
    if (seL4_TCB_ReadRegisters(component->tcb, true, 0, CONTEXT_WORDS, &context) != seL4_NoError) {
        log_line("init: warning: its registers could not be read");
        return;
    }
    log_registers(&context);
    log_backtrace(component, &context);
    log_last(component);
    log_channels(component);
}

void report_fault(struct component *component, seL4_Word label, const seL4_Word *words)
{
    log_cause(component->description->name, label, words);
    log_rest(component);
}

void report_hang(struct component *component)
{
    log_line("init: fault: %s: hangs: it has not answered its watchdog for %u ms",
             component->description->name, component->description->watchdog_ms);
    log_rest(component);
}
