/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Single values of a compose.yaml: numbers, sizes, names, words of a fixed list, device selectors.
 * Each function reports its own error at the value's place and returns whether the value is good.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/system.h>

#include "yaml_tree.h"

/* True if the node has the kind; else reports "<what> is a list; try: <mend>". */
bool value_has_kind(struct diagnostics *diagnostics, const struct yaml_node *node,
                    enum yaml_kind kind, const char *what, const char *mend);

/*
 * A whole number in decimal digits.
 *   what  key, for messages;  least, most  inclusive range;  number  out, set only if good
 */
bool value_number(struct diagnostics *diagnostics, const struct yaml_node *node, const char *what,
                  uint64_t least, uint64_t most, uint64_t *number);

/* A number with a unit B, KiB, MiB, GiB or TiB, in bytes; otherwise as value_number. */
bool value_size(struct diagnostics *diagnostics, const struct yaml_node *node, const char *what,
                uint64_t least, uint64_t most, uint64_t *bytes);

/* A name: 1..23 characters a-z 0-9 _ -; name is filled with zeros behind it. */
bool value_name(struct diagnostics *diagnostics, const struct yaml_node *node, const char *what,
                char name[KAAL_NAME_BYTES]);

/* One of the words [count]; index is set only if good. */
bool value_word(struct diagnostics *diagnostics, const struct yaml_node *node, const char *what,
                const char *const *words, size_t count, size_t *index);

/* A device selector: auto, serial(0), pci:8086:100e, pci-class:020000, compatible:..., pnp:...,
 * virtio:1 */
bool value_selector(struct diagnostics *diagnostics, const struct yaml_node *node,
                    struct kaal_device_selector *selector);
