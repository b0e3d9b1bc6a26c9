#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Runs the tests and ends with one line `N passed, N failed`; a step's output goes to
# build/test-logs/<step>.log and is shown when the step fails.
#
# usage: scripts/test.sh all|quick
#   quick  format, headers, host unit tests, and one boot per architecture
#   all    also fuzzers, models, coverage, GCC builds, every system test, documentation, benchmarks' limits
set -uo pipefail
cd "$(dirname "$0")/.."

scope=${1:-all}
logs=$PWD/build/test-logs
mkdir -p "$logs"
passed=0
failed=0

# step NAME COMMAND...: runs one step, counts it, shows its log when it fails.
step() {
    local name=$1 start=$SECONDS
    shift
    if "$@" >"$logs/$name.log" 2>&1 </dev/null; then
        passed=$((passed + 1))
        printf 'ok   %-28s %4d s\n' "$name" $((SECONDS - start))
    else
        failed=$((failed + 1))
        printf 'FAIL %-28s %4d s\n' "$name" $((SECONDS - start))
        tail -n 120 "$logs/$name.log" | sed 's/^/     /'
    fi
}

# tests PRESET CTEST-ARGUMENT...: runs the tests of one build; system tests of one machine one by one.
tests() {
    local preset=$1
    shift
    ctest --test-dir "build/$preset" --output-on-failure --no-tests=error "$@"
}

step format scripts/format.sh check
step fetch-host scripts/fetch-deps.sh host
step build-host scripts/build.sh host
step headers scripts/check-headers.sh
step code-sizes scripts/loc.py --check
step test-host-unit tests host -L unit -j 2
for architecture in x86_64 aarch64; do
    step "fetch-$architecture" scripts/fetch-deps.sh "$architecture"
    step "build-$architecture" scripts/build.sh "$architecture"
done

if [ "$scope" = quick ]; then
    for architecture in x86_64 aarch64; do
        step "boot-$architecture" tests "$architecture" -L boot
    done
else
    step test-host-model tests host -L model -j 2
    step test-host-fuzz tests host -L fuzz -j 2
    step coverage scripts/coverage.sh
    for architecture in x86_64 aarch64; do
        step "gcc-$architecture" scripts/build.sh "$architecture-gcc"
        step "system-$architecture" tests "$architecture" -L 'unit|boot|system' -j 2
        step "release-$architecture" scripts/build.sh "$architecture-release"
        step "bench-$architecture" scripts/bench.sh "$architecture" --check
    done
    step docs scripts/docs.sh
    step docs-commands scripts/test-docs.py
    step setup-messages scripts/test-setup.sh
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
