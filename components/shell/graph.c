/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `graph`: who holds what, as JSON. `sel4-compose graph --check` compares it with the manifest.
 * What the broker recorded is listed by name; a slot that is occupied without a record is
 * "unlisted", so a capability that came about in any other way shows, too.
 */
#include <inttypes.h>
#include <string.h>

#include <kaal/bits.h>
#include <kaal/inspect.h>

#include "shell.h"

/* A string that came from a table of the machine: only printable characters, without quotes. */
static void print_id(const struct command_line *line, const char *id)
{
    char text[KAAL_DEVICE_ID_BYTES];

    for (size_t i = 0; i < sizeof(text); i++) {
        bool plain = id[i] >= ' ' && id[i] <= '~' && id[i] != '"' && id[i] != '\\';

        text[i] = id[i] == '\0' || plain ? id[i] : '?';
    }
    text[sizeof(text) - 1] = '\0';
    kaal_terminal_printf(line->terminal, "%s", text);
}

static void print_holding(const struct command_line *line, const struct kaal_holding_record *record)
{
    char rights[SHELL_RIGHTS_BYTES];

    shell_rights(record->rights, rights);
    kaal_terminal_printf(line->terminal,
                         "    {\"name\": \"%.23s\", \"kind\": \"%s\", \"rights\": \"%s\", \"cap\": "
                         "%" PRIu64 ", \"base\": %" PRIu64 ", \"bytes\": %" PRIu64 "}",
                         record->name, shell_holding_name(record->kind), rights, record->cap,
                         record->base, record->bytes);
}

/* The holdings of a component; their slots leave the bitmap. */
static void print_holdings(const struct command_line *line, const char *name,
                           uint64_t occupied[KAAL_INSPECT_SLOT_WORDS])
{
    struct kaal_holding_record record;

    for (uint32_t index = 0; kaal_inspect_holding(name, index, &record) == KAAL_OK; index++) {
        kaal_terminal_printf(line->terminal, "%s\n", index == 0 ? "" : ",");
        print_holding(line, &record);
        if (record.cap < KAAL_INSPECT_SLOT_WORDS * 64) {
            occupied[record.cap / 64] &= ~BIT64(record.cap % 64);
        }
    }
}

static void print_unlisted(const struct command_line *line,
                           const uint64_t occupied[KAAL_INSPECT_SLOT_WORDS])
{
    const char *separator = "";

    for (uint32_t slot = 0; slot < KAAL_INSPECT_SLOT_WORDS * 64; slot++) {
        if ((occupied[slot / 64] >> (slot % 64) & 1) != 0) {
            kaal_terminal_printf(line->terminal, "%s%" PRIu32, separator, slot);
            separator = ", ";
        }
    }
}

static int print_components(const struct command_line *line)
{
    struct kaal_component_record record;
    uint32_t index = 0;
    int result;

    while ((result = kaal_inspect_component(index, &record)) == KAAL_OK) {
        uint64_t occupied[KAAL_INSPECT_SLOT_WORDS] = {0};

        kaal_terminal_printf(line->terminal,
                             "%s\n  {\"name\": \"%.23s\", \"state\": \"%s\", \"parent\": "
                             "\"%.23s\", \"trusted\": [%s], \"holdings\": [",
                             index == 0 ? "" : ",", record.name, shell_state_name(record.state),
                             record.parent,
                             (record.trusted & KAAL_TRUSTED_DMA) != 0 ? "\"DMA\"" : "");
        (void)!kaal_inspect_slots(record.name, occupied);
        print_holdings(line, record.name, occupied);
        kaal_terminal_printf(line->terminal, "\n  ], \"unlisted\": [");
        print_unlisted(line, occupied);
        kaal_terminal_printf(line->terminal, "]}");
        index++;
    }
    return result;
}

static int print_devices(const struct command_line *line)
{
    struct kaal_device_record record;
    const char *separator = "";
    uint32_t index = 0;
    int result;

    while ((result = kaal_inspect_device(index++, &record)) == KAAL_OK) {
        if (record.owner[0] == '\0') {
            continue;
        }
        kaal_terminal_printf(line->terminal, "%s\n  {\"owner\": \"%.23s\", \"id\": \"", separator,
                             record.owner);
        print_id(line, record.id);
        kaal_terminal_printf(line->terminal,
                             "\", \"pci\": \"%04" PRIx32 ":%04" PRIx32 "\", \"class\": \"%06" PRIx32
                             "\"}",
                             record.pci_id >> 16, record.pci_id & 0xffff, record.pci_class);
        separator = ",";
    }
    return result;
}

void command_graph(const struct command_line *line)
{
    kaal_terminal_printf(line->terminal, "{\"components\": [");
    int result = print_components(line);

    kaal_terminal_printf(line->terminal, "\n], \"devices\": [");
    if (result == KAAL_ERR_NOT_FOUND) {
        result = print_devices(line);
    }
    kaal_terminal_printf(line->terminal, "\n]}\n");
    if (result != KAAL_ERR_NOT_FOUND) {
        shell_print_refused(line, result);
    }
}
