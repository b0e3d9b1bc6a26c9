/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Single values of a compose.yaml.
 */
#include "manifest_values.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <kaal/bits.h>

bool value_has_kind(struct diagnostics *diagnostics, const struct yaml_node *node,
                    enum yaml_kind kind, const char *what, const char *mend)
{
    if (node->kind == kind) {
        return true;
    }
    diagnostics_error(diagnostics, node->at, "%s is %s, but must be %s; try: %s", what,
                      yaml_kind_name(node->kind), yaml_kind_name(kind), mend);
    return false;
}

/* Reads digits up to the first other character. Returns false without a digit or past 2^64. */
static bool read_digits(const char *text, uint64_t *number, const char **end)
{
    uint64_t sum = 0;
    const char *next = text;
    for (; *next >= '0' && *next <= '9'; next++) {
        uint64_t digit = (uint64_t)(*next - '0');
        if (sum > (UINT64_MAX - digit) / 10) {
            return false;
        }
        sum = sum * 10 + digit;
    }
    *number = sum;
    *end = next;
    return next != text;
}

bool value_number(struct diagnostics *diagnostics, const struct yaml_node *node, const char *what,
                  uint64_t least, uint64_t most, uint64_t *number)
{
    if (!value_has_kind(diagnostics, node, YAML_SCALAR, what, "one whole number")) {
        return false;
    }
    uint64_t value;
    const char *end;
    if (!read_digits(node->text, &value, &end) || *end != '\0') {
        diagnostics_error(diagnostics, node->at,
                          "%s is '%s', which is no whole number; try: digits only, such as %s: "
                          "%" PRIu64,
                          what, node->text, what, most < 1000 ? most : 1000);
        return false;
    }
    if (value < least || value > most) {
        diagnostics_error(diagnostics, node->at,
                          "%s is %" PRIu64 ", out of range; try: %" PRIu64 " to %" PRIu64, what,
                          value, least, most);
        return false;
    }
    *number = value;
    return true;
}

static const struct {
    const char *name;
    unsigned shift;
} units[] = {{"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};

bool value_size(struct diagnostics *diagnostics, const struct yaml_node *node, const char *what,
                uint64_t least, uint64_t most, uint64_t *bytes)
{
    if (!value_has_kind(diagnostics, node, YAML_SCALAR, what, "a size such as 4 MiB")) {
        return false;
    }
    uint64_t value;
    const char *end;
    if (!read_digits(node->text, &value, &end)) {
        diagnostics_error(diagnostics, node->at,
                          "%s is '%s', which is no size; try: a number and a unit, such as 4 MiB",
                          what, node->text);
        return false;
    }
    end += strspn(end, " ");
    unsigned shift = UINT32_MAX;
    for (size_t index = 0; index < ARRAY_COUNT(units); index++) {
        if (strcmp(end, units[index].name) == 0) {
            shift = units[index].shift;
        }
    }
    if (shift == UINT32_MAX) {
        diagnostics_error(diagnostics, node->at,
                          "%s is '%s', whose unit is %s; try: B, KiB, MiB, GiB or TiB, such as "
                          "4 MiB",
                          what, node->text, *end == '\0' ? "missing" : "unknown");
        return false;
    }
    if (value > UINT64_MAX >> shift || value << shift < least || value << shift > most) {
        diagnostics_error(diagnostics, node->at,
                          "%s is '%s', out of range; try: %" PRIu64 " KiB to %" PRIu64 " KiB", what,
                          node->text, least >> 10, most >> 10);
        return false;
    }
    *bytes = value << shift;
    return true;
}

bool value_name(struct diagnostics *diagnostics, const struct yaml_node *node, const char *what,
                char name[KAAL_NAME_BYTES])
{
    if (!value_has_kind(diagnostics, node, YAML_SCALAR, what, "one word")) {
        return false;
    }
    size_t length = strlen(node->text);
#ifdef KAAL_PLANTED_BUG_MANIFEST
    /* The fuzzer's self-test builds this: the limit is forgotten. */
    bool fits = length > 0;
#else
    bool fits = length > 0 && length < KAAL_NAME_BYTES;
#endif
    if (!fits) {
        diagnostics_error(diagnostics, node->at,
                          "%s '%.40s' has %zu characters; try: a name of 1 to %u characters", what,
                          node->text, length, KAAL_NAME_BYTES - 1);
        return false;
    }
    size_t good = strspn(node->text, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    if (good != length) {
        diagnostics_error(diagnostics, node->at,
                          "%s '%s' has a character that names cannot have; try: a-z, 0-9, _ and - "
                          "only",
                          what, node->text);
        return false;
    }
    memset(name, 0, KAAL_NAME_BYTES);
    memcpy(name, node->text, length);
    return true;
}

bool value_word(struct diagnostics *diagnostics, const struct yaml_node *node, const char *what,
                const char *const *words, size_t count, size_t *index)
{
    char list[256] = "";
    for (size_t word = 0; word < count; word++) {
        size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%s", word == 0 ? "" : ", ", words[word]);
    }
    if (!value_has_kind(diagnostics, node, YAML_SCALAR, what, list)) {
        return false;
    }
    for (size_t word = 0; word < count; word++) {
        if (strcmp(words[word], node->text) == 0) {
            *index = word;
            return true;
        }
    }
    diagnostics_error(diagnostics, node->at, "%s '%s' is not known; try: one of %s", what,
                      node->text, list);
    return false;
}

/* Exactly digit_count hexadecimal digits; *text moves behind them. */
static bool read_hex(const char **text, unsigned digit_count, uint32_t *number)
{
    uint32_t sum = 0;
    for (unsigned digit = 0; digit < digit_count; digit++) {
        char c = **text;
        uint32_t value;
        if (c >= '0' && c <= '9') {
            value = (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            value = (uint32_t)(c - 'a') + 10;
        } else if (c >= 'A' && c <= 'F') {
            value = (uint32_t)(c - 'A') + 10;
        } else {
            return false;
        }
        sum = sum << 4 | value;
        (*text)++;
    }
    *number = sum;
    return true;
}

/* If text starts with prefix, moves it behind the prefix. */
static bool skip_prefix(const char **text, const char *prefix)
{
    size_t length = strlen(prefix);
    if (strncmp(*text, prefix, length) != 0) {
        return false;
    }
    *text += length;
    return true;
}

static bool parse_selector(const char *text, struct kaal_device_selector *selector)
{
    *selector = (struct kaal_device_selector){0};
    if (strcmp(text, "auto") == 0) {
        selector->kind = KAAL_SELECT_AUTO;
        return true;
    }
    if (skip_prefix(&text, "serial(")) {
        uint64_t index;
        selector->kind = KAAL_SELECT_SERIAL;
        if (!read_digits(text, &index, &text) || index > 255 || strcmp(text, ")") != 0) {
            return false;
        }
        selector->value = (uint32_t)index;
        return true;
    }
    if (skip_prefix(&text, "pci:")) {
        uint32_t vendor;
        uint32_t device;
        selector->kind = KAAL_SELECT_PCI;
        if (!read_hex(&text, 4, &vendor) || !skip_prefix(&text, ":") ||
            !read_hex(&text, 4, &device) || *text != '\0') {
            return false;
        }
        selector->value = vendor << 16 | device;
        return true;
    }
    if (skip_prefix(&text, "pci-class:")) {
        selector->kind = KAAL_SELECT_PCI_CLASS;
        return read_hex(&text, 6, &selector->value) && *text == '\0';
    }
    if (skip_prefix(&text, "virtio:")) {
        uint64_t type;
        selector->kind = KAAL_SELECT_VIRTIO;
        if (!read_digits(text, &type, &text) || type == 0 || type > 255 || *text != '\0') {
            return false;
        }
        selector->value = (uint32_t)type;
        return true;
    }
    if (skip_prefix(&text, "compatible:")) {
        selector->kind = KAAL_SELECT_COMPATIBLE;
    } else if (skip_prefix(&text, "pnp:")) {
        selector->kind = KAAL_SELECT_PNP;
    } else {
        return false;
    }
    size_t length = strlen(text);
    if (length == 0 || length >= KAAL_DEVICE_ID_BYTES) {
        return false;
    }
    memcpy(selector->id, text, length);
    return true;
}

bool value_selector(struct diagnostics *diagnostics, const struct yaml_node *node,
                    struct kaal_device_selector *selector)
{
    if (!value_has_kind(diagnostics, node, YAML_SCALAR, "a device", "one device, such as auto")) {
        return false;
    }
    if (parse_selector(node->text, selector)) {
        return true;
    }
    diagnostics_error(diagnostics, node->at,
                      "device '%s' is not understood; try: auto, serial(0), pci:8086:100e, "
                      "pci-class:020000, compatible:arm,pl011, pnp:PNP0501 or virtio:1",
                      node->text);
    return false;
}
