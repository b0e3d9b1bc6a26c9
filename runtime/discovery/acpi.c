/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The static ACPI tables. Each table is mapped, its length and checksum are checked, and then it is
 * read by offset with a bound on every access. Sources: ACPI Specification 6.4, chapter 5.2 (RSDP
 * 5.2.5, RSDT 5.2.7, XSDT 5.2.8, FADT 5.2.9, MADT 5.2.12), 7.4.2 (_Sx), 20.2 (AML encoding); PCI
 * Firmware Specification 3.3, 4.1.2 (MCFG); IA-PC HPET Specification 1.0a, 3.2.4.
 */
#include <kaal/acpi.h>

#include "discovery_internal.h"

#include <kaal/bits.h>

#define HEADER_BYTES     36u
#define RSDP_BYTES       20u
#define RSDP2_BYTES      36u
#define TABLE_BYTES_MAX  (16u << 20)
#define ROOT_ENTRIES_MAX 512u

#define MADT_ENTRIES_AT    44u
#define MADT_IOAPIC        1u
#define MADT_OVERRIDE      2u
#define MADT_POLARITY_MASK 0x3u
#define MADT_TRIGGER_SHIFT 2u
#define MADT_CONFORMS      0u
#define MADT_HIGH_OR_EDGE  1u
#define MADT_LOW_OR_LEVEL  3u

#define MCFG_ENTRIES_AT  44u
#define MCFG_ENTRY_BYTES 16u

#define FADT_BYTES_MIN   116u
#define FADT_DSDT        40u
#define FADT_SMI_CMD     48u
#define FADT_ACPI_ENABLE 52u
#define FADT_PM1A_CNT    64u
#define FADT_PM1B_CNT    68u
#define FADT_X_DSDT      140u
#define FADT_X_PM1A_CNT  172u
#define FADT_X_PM1B_CNT  184u
#define GAS_BYTES        12u
#define GAS_SPACE_MEMORY 0u
#define GAS_SPACE_IO     1u

#define HPET_ADDRESS 40u

#define AML_ZERO    0x00u
#define AML_ONE     0x01u
#define AML_NAME    0x08u
#define AML_BYTE    0x0Au
#define AML_WORD    0x0Bu
#define AML_DWORD   0x0Cu
#define AML_PACKAGE 0x12u
#define AML_ROOT    0x5Cu
#define AML_ONES    0xFFu
#define SLP_TYP_MAX 7u /* three bits of PM1_CNT */

/* A table whose header, length and checksum are good. */
struct table {
    char name[5];        /* its signature, for messages */
    uint64_t paddr;      /* where it is, for messages */
    const uint8_t *data; /* all of it */
    uint32_t bytes;
};

/* Where we are: what every function here needs. */
struct reader {
    const struct kaal_discovery_access *access;
    struct kaal_platform *platform;
    struct kaal_acpi_blocks *blocks;
    struct kaal_problem problem;
};

/* Reports the problem just formatted into reader->problem. */
static int tell(struct reader *reader, int error)
{
    return report(reader->access, error, &reader->problem);
}

static uint8_t sum_of(const uint8_t *bytes, uint32_t count)
{
    uint8_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    return sum;
}

static bool signature_is(const uint8_t *data, const char *signature)
{
    for (uint32_t i = 0; i < 4; i++) {
        if (data[i] != (uint8_t)signature[i]) {
            return false;
        }
    }
    return true;
}

/* Makes a table's header readable, with its name. */
static int table_peek(struct reader *reader, const char *from, uint64_t paddr, struct table *table)
{
    *table = (struct table){.paddr = paddr};
    table->data = paddr == 0 || paddr > UINT64_MAX - TABLE_BYTES_MAX
                      ? NULL
                      : reader->access->map(reader->access->context, paddr, HEADER_BYTES);
    if (table->data == NULL) {
        return tell(reader,
                    kaal_problem_set(&reader->problem, KAAL_ERR_NOT_FOUND,
                                     "ACPI %s points to a table at 0x%llx, which is no readable "
                                     "memory; check the firmware, that table is ignored",
                                     from, (unsigned long long)paddr));
    }
    for (uint32_t i = 0; i < 4; i++) {
        table->name[i] = (char)table->data[i];
    }
    table->bytes = load32(table->data + 4);
    return KAAL_OK;
}

/* Makes the rest of a peeked table readable and checks it. */
static int table_open(struct reader *reader, struct table *table)
{
    if (table->bytes < HEADER_BYTES || table->bytes > TABLE_BYTES_MAX) {
        return tell(reader, kaal_problem_set(
                                &reader->problem, KAAL_ERR_FORMAT,
                                "ACPI %s at 0x%llx, offset 4: length %u, but a table has %u to %u "
                                "bytes; update the firmware, the table is ignored",
                                table->name, (unsigned long long)table->paddr, table->bytes,
                                HEADER_BYTES, TABLE_BYTES_MAX));
    }
    table->data = reader->access->map(reader->access->context, table->paddr, table->bytes);
    if (table->data == NULL) {
        return tell(reader,
                    kaal_problem_set(&reader->problem, KAAL_ERR_TRUNCATED,
                                     "ACPI %s at 0x%llx, offset 4: %u bytes are not all readable "
                                     "memory; update the firmware, the table is ignored",
                                     table->name, (unsigned long long)table->paddr, table->bytes));
    }
    uint8_t sum = sum_of(table->data, table->bytes);
    if (sum != 0) {
        return tell(reader, kaal_problem_set(&reader->problem, KAAL_ERR_CHECKSUM,
                                             "ACPI %s at 0x%llx, offset 9: all %u bytes add up to "
                                             "0x%x instead of 0; update the firmware, the table is "
                                             "ignored",
                                             table->name, (unsigned long long)table->paddr,
                                             table->bytes, sum));
    }
    return KAAL_OK;
}

/* A problem at an offset of a table: "ACPI MADT at 0x1000, offset 44: ...". */
static int table_bad(struct reader *reader, const struct table *table, uint32_t offset,
                     const char *what)
{
    return tell(reader, kaal_problem_set(&reader->problem, KAAL_ERR_FORMAT,
                                         "ACPI %s at 0x%llx, offset %u: %s", table->name,
                                         (unsigned long long)table->paddr, offset, what));
}

static void read_ioapic(struct reader *reader, const struct table *table, uint32_t at)
{
    struct kaal_platform *platform = reader->platform;
    if (platform->ioapic_count >= KAAL_IOAPICS_MAX) {
        (void)table_bad(reader, table, at, "more I/O APICs than can be kept; it is left out");
        return;
    }
    const uint8_t *entry = table->data + at;
    platform->ioapics[platform->ioapic_count++] = (struct kaal_ioapic){
        .id = entry[2], .paddr = load32(entry + 4), .gsi_base = load32(entry + 8)};
}

static void read_override(struct reader *reader, const struct table *table, uint32_t at)
{
    struct kaal_platform *platform = reader->platform;
    const uint8_t *entry = table->data + at;
    uint16_t flags = load16(entry + 8);
    uint32_t polarity = flags & MADT_POLARITY_MASK;
    uint32_t trigger = flags >> MADT_TRIGGER_SHIFT & MADT_POLARITY_MASK;
    if (entry[2] != 0 || entry[3] > 15) {
        (void)table_bad(reader, table, at,
                        "an override of something that is no ISA interrupt; "
                        "it is left out");
        return;
    }
    if (polarity == 2 || trigger == 2) {
        (void)table_bad(reader, table, at + 8,
                        "reserved polarity or trigger; the override is "
                        "left out");
        return;
    }
    for (uint32_t i = 0; i < platform->override_count; i++) {
        if (platform->overrides[i].source == entry[3]) {
            (void)table_bad(reader, table, at,
                            "a second override of the same interrupt; it is "
                            "left out");
            return;
        }
    }
    /* ISA interrupts that "conform to the bus" are edge triggered and active high. */
    platform->overrides[platform->override_count++] = (struct kaal_irq_override){
        .source = entry[3],
        .gsi = load32(entry + 4),
        .level = trigger == MADT_LOW_OR_LEVEL,
        .active_low = polarity == MADT_LOW_OR_LEVEL,
    };
}

static int read_madt(struct reader *reader, const struct table *table)
{
    if (table->bytes < MADT_ENTRIES_AT) {
        return table_bad(reader, table, 4, "too short for a MADT; interrupts are unknown");
    }
    for (uint32_t at = MADT_ENTRIES_AT; at < table->bytes;) {
        if (table->bytes - at < 2) {
            return table_bad(reader, table, at, "half an entry; the rest is ignored");
        }
        uint32_t type = table->data[at];
        uint32_t bytes = table->data[at + 1];
        if (bytes < 2 || bytes > table->bytes - at) {
            return table_bad(reader, table, at + 1,
                             "an entry's length is below 2 or leaves the table; the rest is "
                             "ignored");
        }
        if (type == MADT_IOAPIC && bytes >= 12) {
            read_ioapic(reader, table, at);
        } else if (type == MADT_OVERRIDE && bytes >= 10) {
            read_override(reader, table, at);
        } else if (type == MADT_IOAPIC || type == MADT_OVERRIDE) {
            (void)table_bad(reader, table, at + 1,
                            "the entry is too short for its type; it is "
                            "left out");
        }
        at += bytes;
    }
    if (reader->platform->ioapic_count == 0) {
        return table_bad(reader, table, MADT_ENTRIES_AT,
                         "no I/O APIC; device interrupts cannot be used");
    }
    return KAAL_OK;
}

static int read_mcfg(struct reader *reader, const struct table *table)
{
    struct kaal_platform *platform = reader->platform;
    if (table->bytes < MCFG_ENTRIES_AT ||
        (table->bytes - MCFG_ENTRIES_AT) % MCFG_ENTRY_BYTES != 0) {
        return table_bad(reader, table, 4,
                         "the length is no header and whole entries; PCI is "
                         "not searched");
    }
    for (uint32_t at = MCFG_ENTRIES_AT; at < table->bytes; at += MCFG_ENTRY_BYTES) {
        const uint8_t *entry = table->data + at;
        uint64_t base = load64(entry);
        uint8_t first = entry[10];
        uint8_t last = entry[11];
        if (base == 0 || base % (1u << 20) != 0 || base > UINT64_MAX - (256u << 20)) {
            (void)table_bad(reader, table, at,
                            "the configuration window's address is 0 or not a "
                            "multiple of 1 MiB; it is left out");
            continue;
        }
        if (first > last) {
            (void)table_bad(reader, table, at + 10,
                            "the first bus is above the last; the window "
                            "is left out");
            continue;
        }
        if (platform->ecam_count >= KAAL_ECAMS_MAX) {
            return table_bad(reader, table, at,
                             "more windows than can be kept; the rest is "
                             "ignored");
        }
        platform->ecams[platform->ecam_count++] = (struct kaal_pci_ecam){
            .paddr = base + ((uint64_t)first << 20), /* the table gives the address of bus 0 */
            .segment = load16(entry + 8),
            .first_bus = first,
            .last_bus = last,
        };
    }
    return KAAL_OK;
}

/* An integer of a package, at data[*at], not reaching end. */
static bool aml_integer(const uint8_t *data, uint32_t *at, uint32_t end, uint32_t *value)
{
    if (*at >= end) {
        return false;
    }
    uint32_t bytes;
    switch (data[*at]) {
    case AML_ZERO:
    case AML_ONE:
        *value = data[(*at)++];
        return true;
    case AML_ONES:
        *value = UINT32_MAX;
        (*at)++;
        return true;
    case AML_BYTE:
        bytes = 1;
        break;
    case AML_WORD:
        bytes = 2;
        break;
    case AML_DWORD:
        bytes = 4;
        break;
    default:
        return false;
    }
    if (bytes >= end - *at) {
        return false;
    }
    *value = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        *value |= (uint32_t)data[*at + 1 + i] << (8 * i);
    }
    *at += 1 + bytes;
    return true;
}

/* Bytes of a package from its PkgLength on; *at moves behind the PkgLength. */
static bool aml_package_length(const uint8_t *data, uint32_t *at, uint32_t end, uint32_t *bytes)
{
    if (*at >= end) {
        return false;
    }
    uint32_t lead = data[*at];
    uint32_t follow = lead >> 6;
    if (follow >= end - *at) {
        return false;
    }
    *bytes = follow == 0 ? lead & 0x3Fu : lead & 0x0Fu;
    for (uint32_t i = 0; i < follow; i++) {
        *bytes |= (uint32_t)data[*at + 1 + i] << (4 + 8 * i);
    }
    *at += 1 + follow;
    return true;
}

/* Name(\_S5_, Package() {a, b, ...}) at `at`, the first letter of _S5_. */
static bool read_s5(const struct table *dsdt, uint32_t at, uint32_t values[2])
{
    const uint8_t *data = dsdt->data;
    bool named = data[at - 1] == AML_NAME || (data[at - 1] == AML_ROOT && data[at - 2] == AML_NAME);
    uint32_t next = at + 4;
    if (!named || next >= dsdt->bytes || data[next] != AML_PACKAGE) {
        return false;
    }
    next++;
    uint32_t length_at = next;
    uint32_t package_bytes;
    if (!aml_package_length(data, &next, dsdt->bytes, &package_bytes) ||
        package_bytes > dsdt->bytes - length_at) {
        return false;
    }
    uint32_t end = length_at + package_bytes;
    if (next >= end || data[next] < 1) { /* number of elements */
        return false;
    }
    uint32_t elements = data[next++];
    values[1] = 0;
    return aml_integer(data, &next, end, &values[0]) &&
           (elements < 2 || aml_integer(data, &next, end, &values[1])) &&
           values[0] <= SLP_TYP_MAX && values[1] <= SLP_TYP_MAX;
}

static void set_why_not(struct kaal_power *power, const char *reason)
{
    uint32_t i = 0;
    for (; reason[i] != '\0' && i < sizeof(power->why_not) - 1; i++) {
        power->why_not[i] = reason[i];
    }
    power->why_not[i] = '\0';
}

/* Keeps a definition block for whoever runs them. */
static int keep_block(struct reader *reader, const struct table *table)
{
    struct kaal_acpi_blocks *blocks = reader->blocks;
    if (blocks == NULL) {
        return KAAL_OK;
    }
    if (blocks->count >= KAAL_ACPI_BLOCKS_MAX) {
        return table_bad(reader, table, 0,
                         "more definition blocks than can be kept; it is ignored");
    }
    struct kaal_acpi_block *block = &blocks->blocks[blocks->count++];
    block->paddr = table->paddr;
    block->data = table->data;
    block->bytes = table->bytes;
    __builtin_memcpy(block->name, table->name, sizeof(block->name));
    return KAAL_OK;
}

static int read_dsdt(struct reader *reader, uint64_t paddr, uint32_t values[2])
{
    struct table dsdt;
    int error = table_peek(reader, "FADT", paddr, &dsdt);
    if (error == KAAL_OK && !signature_is(dsdt.data, "DSDT")) {
        error = table_bad(reader, &dsdt, 0, "the FADT's DSDT has another signature; it is ignored");
    }
    if (error == KAAL_OK) {
        error = table_open(reader, &dsdt);
    }
    if (error == KAAL_OK) {
        error = keep_block(reader, &dsdt);
    }
    if (error != KAAL_OK) {
        return error;
    }
    bool seen = false;
    for (uint32_t at = HEADER_BYTES + 2; at + 4 <= dsdt.bytes; at++) {
        if (signature_is(dsdt.data + at, "_S5_")) {
            seen = true;
            if (read_s5(&dsdt, at, values)) {
                return KAAL_OK;
            }
        }
    }
    return table_bad(reader, &dsdt, HEADER_BYTES,
                     seen ? "\\_S5_ is no package of sleep types; power-off is not possible"
                          : "there is no \\_S5_; power-off is not possible");
}

/* A register block's port: the 64-bit form if it is there and in I/O space, else the 32-bit one. */
static uint64_t fadt_port(const struct table *table, uint32_t old_at, uint32_t new_at)
{
    if (range_inside(new_at, GAS_BYTES, table->bytes) && table->data[new_at] == GAS_SPACE_IO &&
        load64(table->data + new_at + 4) != 0) {
        return load64(table->data + new_at + 4);
    }
    return load32(table->data + old_at);
}

static int read_fadt(struct reader *reader, const struct table *table)
{
    struct kaal_power *power = &reader->platform->power;
    if (table->bytes < FADT_BYTES_MIN) {
        set_why_not(power, "the FADT is too short");
        return table_bad(reader, table, 4, "too short for a FADT; power-off is not possible");
    }
    uint64_t port_a = fadt_port(table, FADT_PM1A_CNT, FADT_X_PM1A_CNT);
    uint64_t port_b = fadt_port(table, FADT_PM1B_CNT, FADT_X_PM1B_CNT);
    uint32_t smi_port = load32(table->data + FADT_SMI_CMD);
    if (port_a == 0 || port_a > UINT16_MAX - 1 || port_b > UINT16_MAX - 1 ||
        smi_port > UINT16_MAX) {
        set_why_not(power, "the FADT names no usable PM1 control port");
        return table_bad(reader, table, FADT_PM1A_CNT,
                         "no usable PM1 control port; power-off is not possible");
    }
    *power = (struct kaal_power){
        .port_a = (uint16_t)port_a,
        .port_b = (uint16_t)port_b,
        .smi_port = (uint16_t)smi_port,
        .smi_enable = table->data[FADT_ACPI_ENABLE],
    };
    uint64_t dsdt =
        range_inside(FADT_X_DSDT, 8, table->bytes) ? load64(table->data + FADT_X_DSDT) : 0;
    if (dsdt == 0) {
        dsdt = load32(table->data + FADT_DSDT);
    }
    uint32_t values[2];
    int error = read_dsdt(reader, dsdt, values);
    if (error != KAAL_OK) {
        set_why_not(power, "the DSDT has no usable \\_S5_ package");
        return error;
    }
    power->method = KAAL_POWER_ACPI;
    power->value_a = (uint16_t)values[0];
    power->value_b = (uint16_t)values[1];
    return KAAL_OK;
}

static int read_hpet(struct reader *reader, const struct table *table)
{
    if (!range_inside(HPET_ADDRESS, GAS_BYTES, table->bytes)) {
        return table_bad(reader, table, 4, "too short for an HPET table; it is ignored");
    }
    uint64_t address = load64(table->data + HPET_ADDRESS + 4);
    if (table->data[HPET_ADDRESS] != GAS_SPACE_MEMORY || address == 0 || address % 1024 != 0) {
        return table_bad(reader, table, HPET_ADDRESS,
                         "the HPET's address is no aligned memory "
                         "address; it is ignored");
    }
    reader->platform->hpet_paddr = address;
    return KAAL_OK;
}

/* Which table is read by whom. */
struct table_kind {
    const char *signature;
    int (*read)(struct reader *reader, const struct table *table);
};

static const struct table_kind table_kinds[] = {
    {"APIC", read_madt}, {"MCFG", read_mcfg},  {"FACP", read_fadt},
    {"HPET", read_hpet}, {"SSDT", keep_block},
};

/* Reads a table if it is one of ours and the first of its kind; `seen` has a bit per kind. */
static void read_entry(struct reader *reader, const char *root, uint64_t paddr, uint32_t *seen)
{
    struct table table;
    if (table_peek(reader, root, paddr, &table) != KAAL_OK) {
        return;
    }
    for (uint32_t i = 0; i < ARRAY_COUNT(table_kinds); i++) {
        if (!signature_is(table.data, table_kinds[i].signature)) {
            continue;
        }
        if ((*seen & BIT32(i)) != 0 && table_kinds[i].read != keep_block) {
            (void)table_bad(reader, &table, 0, "a second table of this kind; it is ignored");
            return;
        }
        *seen |= BIT32(i);
        if (table_open(reader, &table) == KAAL_OK) {
            /* Problems were reported; what was read before them stays. */
            int ignored = table_kinds[i].read(reader, &table);
            (void)ignored;
        }
        return;
    }
}

static int read_root(struct reader *reader, uint64_t paddr, uint32_t entry_bytes)
{
    const char *signature = entry_bytes == 8 ? "XSDT" : "RSDT";
    struct table root;
    int error = table_peek(reader, "RSDP", paddr, &root);
    if (error == KAAL_OK && !signature_is(root.data, signature)) {
        error = table_bad(reader, &root, 0,
                          "the RSDP's root table has another signature; no "
                          "device can be found, update the firmware");
    }
    if (error == KAAL_OK) {
        error = table_open(reader, &root);
    }
    if (error != KAAL_OK) {
        return error;
    }
    uint32_t count = (root.bytes - HEADER_BYTES) / entry_bytes;
    if ((root.bytes - HEADER_BYTES) % entry_bytes != 0 || count > ROOT_ENTRIES_MAX) {
        return table_bad(reader, &root, 4,
                         "the length is no header and a sane number of whole "
                         "entries; update the firmware");
    }
    uint32_t seen = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *entry = root.data + HEADER_BYTES + i * entry_bytes;
        read_entry(reader, signature, entry_bytes == 8 ? load64(entry) : load32(entry), &seen);
    }
    for (uint32_t i = 0; i < ARRAY_COUNT(table_kinds); i++) {
        /* Without an HPET or secondary definition blocks nothing is lost. */
        if ((seen & BIT32(i)) == 0 && table_kinds[i].read != read_hpet &&
            table_kinds[i].read != keep_block) {
            int ignored = tell(
                reader,
                kaal_problem_set(&reader->problem, KAAL_ERR_NOT_FOUND,
                                 "ACPI %s at 0x%llx lists no %s table; what it describes "
                                 "is missing",
                                 signature, (unsigned long long)paddr, table_kinds[i].signature));
            (void)ignored;
        }
    }
    return KAAL_OK;
}

static int rsdp_bad(struct reader *reader, int error, const char *what)
{
    return tell(reader, kaal_problem_set(&reader->problem, error,
                                         "ACPI RSDP, %s; no device can be found, update the "
                                         "firmware",
                                         what));
}

int kaal_acpi_read(const uint8_t *rsdp, uint64_t rsdp_bytes,
                   const struct kaal_discovery_access *access, struct kaal_platform *platform,
                   struct kaal_acpi_blocks *blocks)
{
    struct reader reader = {.access = access, .platform = platform, .blocks = blocks};
    if (blocks != NULL) {
        blocks->count = 0;
    }
    set_why_not(&platform->power, "no FADT was found");
    if (rsdp_bytes < RSDP_BYTES) {
        return rsdp_bad(&reader, KAAL_ERR_TRUNCATED, "offset 0: fewer than 20 bytes");
    }
    if (!signature_is(rsdp, "RSD ") || !signature_is(rsdp + 4, "PTR ")) {
        return rsdp_bad(&reader, KAAL_ERR_FORMAT, "offset 0: the signature is not \"RSD PTR \"");
    }
    if (sum_of(rsdp, RSDP_BYTES) != 0) {
        return rsdp_bad(&reader, KAAL_ERR_CHECKSUM, "offset 8: wrong checksum");
    }
    if (rsdp[15] < 2) { /* revision: ACPI 1.0 */
        return read_root(&reader, load32(rsdp + 16), 4);
    }
    if (rsdp_bytes < RSDP2_BYTES) {
        return rsdp_bad(&reader, KAAL_ERR_TRUNCATED,
                        "offset 15: revision 2 with fewer than 36 "
                        "bytes");
    }
    uint32_t length = load32(rsdp + 20);
    if (length < RSDP2_BYTES || length > rsdp_bytes) {
        return rsdp_bad(&reader, KAAL_ERR_FORMAT,
                        "offset 20: the length is below 36 or above "
                        "what there is");
    }
    if (sum_of(rsdp, length) != 0) {
        return rsdp_bad(&reader, KAAL_ERR_CHECKSUM, "offset 32: wrong extended checksum");
    }
    uint64_t xsdt = load64(rsdp + 24);
    return xsdt != 0 ? read_root(&reader, xsdt, 8) : read_root(&reader, load32(rsdp + 16), 4);
}
