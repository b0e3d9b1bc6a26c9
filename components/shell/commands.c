/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The commands. Every figure is read from the broker when it is printed. Columns have fixed widths,
 * so that answers can be compared line by line.
 */
#include <inttypes.h>
#include <string.h>

#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/inspect.h>

#include "shell.h"

#define KIB             UINT64_C(1024)
#define NS_PER_SECOND   UINT64_C(1000000000)
#define MS_PER_SECOND   UINT64_C(1000)
#define US_PER_SECOND   UINT64_C(1000000)
#define LOG_PIECE_BYTES 256u

void shell_print_refused(const struct command_line *line, int error)
{
    kaal_terminal_printf(line->terminal, "%s: %s (%s)\n", line->words[0], kaal_error_text(error),
                         kaal_error_name(error));
}

static void print_usage(const struct command_line *line, const char *arguments)
{
    kaal_terminal_printf(line->terminal, "usage: %s %s\n", line->words[0], arguments);
}

static void command_help(const struct command_line *line)
{
    for (const struct command *command = shell_commands; command->name; command++) {
        kaal_terminal_printf(line->terminal, "%-9s %-12s %s\n", command->name, command->arguments,
                             command->purpose);
    }
}

const char *shell_state_name(uint32_t state)
{
    static const char *const names[] = {
        [KAAL_COMPONENT_STOPPED] = "stopped",
        [KAAL_COMPONENT_RUNNING] = "running",
        [KAAL_COMPONENT_BACKOFF] = "backoff",
        [KAAL_COMPONENT_FAILED] = "failed",
    };

    return state < ARRAY_COUNT(names) ? names[state] : "?";
}

static void command_ps(const struct command_line *line)
{
    struct kaal_component_record record;
    uint32_t index = 0;
    int result;

    kaal_terminal_printf(line->terminal, "%-23s %-8s %4s %12s %7s %6s %9s\n", "COMPONENT", "STATE",
                         "PRIO", "CPU-MS", "FRAMES", "SLOTS", "RESTARTS");
    while ((result = kaal_inspect_component(index++, &record)) == KAAL_OK) {
        kaal_terminal_printf(line->terminal,
                             "%-23.23s %-8s %4" PRIu32 " %8" PRIu64 ".%03" PRIu64 " %7" PRIu32
                             " %6" PRIu32 " %9" PRIu32 "%s\n",
                             record.name, shell_state_name(record.state), record.priority,
                             record.cpu_time_us / MS_PER_SECOND, record.cpu_time_us % MS_PER_SECOND,
                             record.frames, record.slots, record.restarts,
                             (record.trusted & KAAL_TRUSTED_DMA) != 0 ? "  trusted: DMA" : "");
    }
    if (result != KAAL_ERR_NOT_FOUND) {
        shell_print_refused(line, result);
    }
}

static void print_range(const struct command_line *line, const char *label,
                        const struct kaal_device_range *range)
{
    bool ports = (range->bytes & KAAL_DEVICE_RANGE_PORTS) != 0;
    uint64_t bytes = range->bytes & ~KAAL_DEVICE_RANGE_PORTS;

    if (bytes != 0) {
        kaal_terminal_printf(line->terminal, "    %-6s %s 0x%" PRIx64 " size 0x%" PRIx64 "\n",
                             label, ports ? "ports " : "memory", range->base, bytes);
    }
}

static void print_pci_line(const struct command_line *line, const struct kaal_device_record *record)
{
    kaal_terminal_printf(line->terminal, "pci %02x:%02x.%x  %04x:%04x class %06x",
                         (unsigned)(record->pci_address >> 8 & 0xff),
                         (unsigned)(record->pci_address >> 3 & 0x1f),
                         (unsigned)(record->pci_address & 7), (unsigned)(record->pci_id >> 16),
                         (unsigned)(record->pci_id & 0xffff), (unsigned)record->pci_class);
}

/* Who holds a device, or why nobody does. */
static void print_holder(const struct command_line *line, const struct kaal_device_record *record)
{
    switch ((enum kaal_device_why)record->why) {
    case KAAL_DEVICE_HELD:
        kaal_terminal_printf(line->terminal, " held by %.23s", record->owner);
        break;
    case KAAL_DEVICE_NO_DRIVER:
        kaal_terminal_printf(line->terminal, " no driver");
        break;
    case KAAL_DEVICE_ALLOWED:
        kaal_terminal_printf(line->terminal, " free, %.23s may have it", record->other);
        break;
    case KAAL_DEVICE_REFUSED:
        kaal_terminal_printf(line->terminal, " refused to %.23s: %s", record->other,
                             kaal_error_text(record->refusal));
        break;
    case KAAL_DEVICE_PAGE:
        kaal_terminal_printf(line->terminal, " in a page with a device of %.23s", record->other);
        break;
    case KAAL_DEVICE_EMPTY:
        kaal_terminal_printf(line->terminal, " nothing plugged in");
        break;
    case KAAL_DEVICE_MACHINE:
        kaal_terminal_printf(line->terminal, " the machine's own");
        break;
    }
}

static void print_device(const struct command_line *line, const struct kaal_device_record *record)
{
    if (record->bus == KAAL_BUS_PCI) {
        print_pci_line(line, record);
    } else {
        kaal_terminal_printf(line->terminal, "platform %-30.40s", record->id);
    }
    if (record->irq != UINT32_MAX) {
        kaal_terminal_printf(line->terminal, " irq %" PRIu32, record->irq);
    }
    if (record->virtio_id != 0) {
        kaal_terminal_printf(line->terminal, " virtio %" PRIu32, record->virtio_id);
    }
    print_holder(line, record);
    kaal_terminal_printf(line->terminal, "\n");
    for (uint32_t i = 0; i < record->range_count && i < KAAL_DEVICE_RANGES_MAX; i++) {
        char label[8] = "range0";

        if (record->bus == KAAL_BUS_PCI) {
            memcpy(label, "bar0", sizeof("bar0"));
        }
        label[strlen(label) - 1] = (char)('0' + i);
        print_range(line, label, &record->ranges[i]);
    }
}

static void command_devices(const struct command_line *line)
{
    struct kaal_device_record record;
    uint32_t index = 0;
    int result;

    while ((result = kaal_inspect_device(index++, &record)) == KAAL_OK) {
        print_device(line, &record);
        if (kaal_terminal_interrupted(line->terminal)) {
            return;
        }
    }
    if (result != KAAL_ERR_NOT_FOUND) {
        shell_print_refused(line, result);
    }
}

static void print_kib(const struct command_line *line, const char *label, uint64_t bytes)
{
    kaal_terminal_printf(line->terminal, "%-20s %12" PRIu64 " KiB\n", label, bytes / KIB);
}

static void command_mem(const struct command_line *line)
{
    struct kaal_memory_record record;
    int result = kaal_inspect_memory(&record);

    if (result != KAAL_OK) {
        shell_print_refused(line, result);
        return;
    }
    print_kib(line, "untyped total", record.untyped_total_bytes);
    print_kib(line, "untyped free", record.untyped_free_bytes);
    print_kib(line, "largest free block", record.largest_free_bytes);
    kaal_terminal_printf(line->terminal, "%-20s %12" PRIu64 "\n", "slots total",
                         record.broker_slots_total);
    kaal_terminal_printf(line->terminal, "%-20s %12" PRIu64 "\n", "slots free",
                         record.broker_slots_free);
}

const char *shell_holding_name(uint32_t kind)
{
    static const char *const names[] = {
        [KAAL_HOLDING_ENDPOINT] = "endpoint", [KAAL_HOLDING_NOTIFICATION] = "notification",
        [KAAL_HOLDING_REPLY] = "reply",       [KAAL_HOLDING_IRQ] = "irq",
        [KAAL_HOLDING_PORTS] = "ports",       [KAAL_HOLDING_REGISTERS] = "registers",
        [KAAL_HOLDING_DMA] = "dma",           [KAAL_HOLDING_CHANNEL] = "channel",
        [KAAL_HOLDING_MEMORY] = "memory",     [KAAL_HOLDING_SHARED] = "shared",
        [KAAL_HOLDING_CHILD] = "child",       [KAAL_HOLDING_LINK] = "link",
        [KAAL_HOLDING_SERVICE] = "service",
    };

    return kind < ARRAY_COUNT(names) && names[kind] ? names[kind] : "?";
}

void shell_rights(uint32_t rights, char text[SHELL_RIGHTS_BYTES])
{
    text[0] = rights & 2 ? 'r' : '-';
    text[1] = rights & 1 ? 'w' : '-';
    text[2] = rights & 4 ? 'g' : '-';
    text[3] = rights & 8 ? 'p' : '-';
    text[4] = '\0';
}

static void print_holding(const struct command_line *line, const struct kaal_holding_record *record)
{
    char rights[SHELL_RIGHTS_BYTES];

    shell_rights(record->rights, rights);
    kaal_terminal_printf(line->terminal, "%-16.23s %-12s %-6s cap 0x%-4" PRIx64, record->name,
                         shell_holding_name(record->kind), rights, record->cap);
    if (record->kind == KAAL_HOLDING_IRQ) {
        kaal_terminal_printf(line->terminal, " number %" PRIu64, record->base);
    } else if (record->kind == KAAL_HOLDING_CHANNEL) {
        kaal_terminal_printf(line->terminal, " size 0x%" PRIx64, record->bytes);
    } else if (record->bytes != 0) {
        kaal_terminal_printf(line->terminal, " base 0x%" PRIx64 " size 0x%" PRIx64, record->base,
                             record->bytes);
    }
    kaal_terminal_printf(line->terminal, "\n");
}

static void command_caps(const struct command_line *line)
{
    struct kaal_holding_record record;
    uint32_t index = 0;
    int result;

    if (line->word_count != 2) {
        print_usage(line, "<component>");
        return;
    }
    while ((result = kaal_inspect_holding(line->words[1], index, &record)) == KAAL_OK) {
        if (index++ == 0) {
            kaal_terminal_printf(line->terminal, "%-16s %-12s %-6s %s\n", "NAME", "KIND", "RIGHTS",
                                 "WHAT");
        }
        print_holding(line, &record);
    }
    if (result != KAAL_ERR_NOT_FOUND) {
        shell_print_refused(line, result);
    } else if (index == 0) {
        kaal_terminal_printf(line->terminal, "caps: no component named %s holds anything\n",
                             line->words[1]);
    }
}

static void command_echo(const struct command_line *line)
{
    kaal_terminal_write(line->terminal, line->rest, strlen(line->rest));
    kaal_terminal_write(line->terminal, "\n", 1);
}

static void command_kill(const struct command_line *line)
{
    int result;

    if (line->word_count != 2) {
        print_usage(line, "<component>");
        return;
    }
    kaal_terminal_flush(line->terminal);
    result = kaal_component_kill(line->words[1]);
    if (result == KAAL_ERR_NOT_FOUND) {
        kaal_terminal_printf(line->terminal, "kill: no component is named %s\n", line->words[1]);
    } else if (result != KAAL_OK) {
        shell_print_refused(line, result);
    }
}

static const char *audit_name(uint32_t operation)
{
    static const char *const names[] = {
        [KAAL_AUDIT_DEVICE] = "device",     [KAAL_AUDIT_INTERRUPT] = "interrupt",
        [KAAL_AUDIT_MEMORY] = "memory",     [KAAL_AUDIT_DMA] = "dma",
        [KAAL_AUDIT_DELEGATE] = "delegate", [KAAL_AUDIT_SPAWN] = "spawn",
        [KAAL_AUDIT_RELEASE] = "release",   [KAAL_AUDIT_KILL] = "kill",
        [KAAL_AUDIT_POWER] = "power",       [KAAL_AUDIT_CALL] = "call",
        [KAAL_AUDIT_CHAOS] = "chaos",
    };

    return operation < ARRAY_COUNT(names) && names[operation] ? names[operation] : "?";
}

/* The broker's decisions, oldest first. */
static void print_audit_log(const struct command_line *line)
{
    struct kaal_audit_record record = {0};
    uint64_t next = 0;
    int result;

    while ((result = kaal_inspect_audit(next, &record)) == KAAL_OK) {
        kaal_terminal_printf(
            line->terminal, "%6" PRIu64 ".%06" PRIu64 " %-23.23s %-9s %-23.23s %" PRIu64 " %s\n",
            record.time_ns / NS_PER_SECOND, record.time_ns % NS_PER_SECOND / 1000, record.component,
            audit_name(record.operation), record.object[0] != '\0' ? record.object : "-",
            record.argument, record.result == KAAL_OK ? "granted" : kaal_error_name(record.result));
        next = record.sequence + 1;
        if (kaal_terminal_interrupted(line->terminal)) {
            return;
        }
    }
    if (result != KAAL_ERR_NOT_FOUND) {
        shell_print_refused(line, result);
    }
}

static void command_log(const struct command_line *line)
{
    if (line->word_count == 2 && strcmp(line->words[1], "broker") == 0) {
        print_audit_log(line);
        return;
    }
    char text[LOG_PIECE_BYTES];
    uint64_t position = 0;
    size_t bytes = 0;
    int result;

    while ((result = kaal_log_read(&position, text, sizeof(text), &bytes)) == KAAL_OK &&
           bytes > 0) {
        kaal_terminal_write(line->terminal, text, bytes);
        if (kaal_terminal_interrupted(line->terminal)) {
            return;
        }
    }
    if (result != KAAL_OK) {
        shell_print_refused(line, result);
    }
}

static void command_uptime(const struct command_line *line)
{
    uint64_t now_ns = kaal_now_ns();

    kaal_terminal_printf(line->terminal,
                         "up %" PRIu64 ".%09" PRIu64 " s, prompt after %" PRIu64 ".%09" PRIu64
                         " s, counter %" PRIu64 " at start, %" PRIu64 " Hz\n",
                         now_ns / NS_PER_SECOND, now_ns % NS_PER_SECOND,
                         shell_first_prompt_ns / NS_PER_SECOND,
                         shell_first_prompt_ns % NS_PER_SECOND, kaal_startup()->clock_start_ticks,
                         kaal_startup()->clock_hz);
}

static void command_poweroff(const struct command_line *line)
{
    kaal_terminal_flush(line->terminal);
    shell_print_refused(line, kaal_power_off());
}

const struct command shell_commands[] = {
    {"help", "", "this list", command_help},
    {"ps", "", "components: state, CPU time, frames and slots held, restarts", command_ps},
    {"devices", "", "what was discovered, and who holds it", command_devices},
    {"mem", "", "untyped memory and capability slots of the system", command_mem},
    {"caps", "<component>", "what a component holds", command_caps},
    {"echo", "<text>", "prints the text", command_echo},
    {"kill", "<component>", "ends a component; its restart policy applies", command_kill},
    {"log", "[broker]", "the system's log, or the broker's decisions", command_log},
    {"graph", "", "who holds what, as JSON", command_graph},
    {"uptime", "", "time since the system started", command_uptime},
    {"poweroff", "", "switches the machine off", command_poweroff},
    {0},
};
