#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Builds the API reference into build/docs/html; an undocumented public name is an error. Then it
# proves that the check works: a planted undocumented function must be refused.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p build/docs
# reference SETTING...: runs Doxygen with docs/Doxyfile and these settings after it.
reference() {
    (cat docs/Doxyfile && printf '%s\n' "$@") | doxygen -
}

if ! reference "INPUT = docs/reference.md $(echo runtime/*/include loader/include)"; then
    cat build/docs/warnings.log >&2
    echo "docs: error: see above; try: a /** comment with the function's contract" >&2
    exit 1
fi

planted=build/docs/planted
rm -rf "$planted"
mkdir -p "$planted"
printf '/** @file\n * A header with one undocumented function. */\nint kaal_planted(int value);\n' >"$planted/planted.h"
if reference "INPUT = $planted" "OUTPUT_DIRECTORY = $planted" "USE_MDFILE_AS_MAINPAGE =" \
    "WARN_LOGFILE = $planted/warnings.log" 2>/dev/null; then
    echo "docs: error: a planted undocumented function was not found" >&2
    exit 1
fi
echo "docs: build/docs/html/index.html"
