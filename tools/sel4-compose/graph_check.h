/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Comparing the running system with its ceiling: everything that `graph` in the shell lists must be
 * allowed by the manifest.
 */
#pragma once

#include "ceiling.h"
#include "diagnostics.h"

/*
 * Checks what `graph` printed.
 *   text, bytes  the JSON;  diagnostics  where each thing that the manifest does not allow is
 *   reported, with its line and column
 * Returns true if there is none.
 */
bool graph_check(const struct ceiling *ceiling, const char *text, size_t bytes,
                 struct diagnostics *diagnostics);
