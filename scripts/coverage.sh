#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Line coverage of kernel/core by the host's tests: builds them with clang's source-based coverage
# (preset host-coverage), runs the unit tests, the property test and the soak, and prints one line
# per file. Fails when less than the wanted share of all lines was run.
#
# usage: scripts/coverage.sh [PERCENT]     (default: 90)
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=${1:-90}
folder=$PWD/build/host-coverage
profiles=$folder/profiles

# tests ARGUMENT...: runs tests. %m: the processes of one program add up in one file, children too.
tests() {
    LLVM_PROFILE_FILE=$profiles/%m.profraw ctest --test-dir "$folder" -j 2 --output-on-failure \
        --no-tests=error "$@" >"$folder/tests.log" 2>&1 || {
        cat "$folder/tests.log" >&2
        exit 1
    }
}

scripts/fetch-deps.sh host
scripts/build.sh host-coverage
rm -rf "$profiles"
mkdir -p "$profiles"
tests -L unit
tests -R '^(kernel_property|soak_host)$'
llvm-profdata merge --sparse "$profiles"/*.profraw -o "$folder/all.profdata"

# The programs that contain the kernel.
programs=()
while IFS= read -r program; do
    programs+=(--object "$program")
done < <(find "$folder" -type f -executable ! -path '*/CMakeFiles/*' ! -name '*.so*' \
    -exec grep -lq kernel_host_run {} \; -print | sort)

# llvm-cov's columns 8 to 10: lines, those not run, share run.
llvm-cov report --instr-profile "$folder/all.profdata" "${programs[@]:1:1}" "${programs[@]:2}" 2>/dev/null |
    awk -v wanted="$wanted" '
        function line(name, all, missed) {
            printf "%-20s %5d lines %4d not run %6.1f%%\n", name, all, missed, 100 * (all - missed) / all
        }
        $1 ~ /(^|\/)kernel\/core\/[a-z_]+\.c$/ {
            sub(/.*\//, "", $1)
            line($1, $8, $9)
            all += $8
            missed += $9
        }
        END {
            if (all == 0) {
                print "coverage: error: llvm-cov found no lines; try: rm -r build/host-coverage"
                exit 1
            }
            line("kernel/core", all, missed)
            if (100 * (all - missed) / all < wanted) {
                printf "coverage: error: less than %s%%; try: a test for what is not run\n", wanted
                exit 1
            }
        }'
