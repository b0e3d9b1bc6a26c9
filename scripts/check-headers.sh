#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Every public header of the runtime compiles alone, with clang and with GCC.
set -euo pipefail
cd "$(dirname "$0")/.."

includes=()
for folder in abi/include abi/arch/host/include libsel4/include libsel4/arch/host/include \
    libsel4/arch_include/host libsel4/sel4_arch_include/host kernel/arch/host/include build/host/generated \
    runtime/*/include runtime/*/testing/include runtime/*/arch/host/include; do
    [ -d "$folder" ] && includes+=("-I$folder")
done
mapfile -t headers < <(git ls-files -co --exclude-standard -- 'runtime/*/include/kaal/*.h' ':!runtime/*/arch/x86_64/*' ':!runtime/*/arch/aarch64/*' 'loader/include/*.h')
bad=0
for header in "${headers[@]}"; do
    for compiler in clang gcc; do
        printf '#include "%s"\n' "$header" |
            "$compiler" -std=gnu17 -Wall -Wextra -Wshadow -Wconversion -Werror -fsyntax-only -x c -I. "${includes[@]}" - || {
            echo "$header: error: does not compile alone with $compiler; try: include what it uses" >&2
            bad=1
        }
    done
done
exit $bad
