#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# The link check must refuse a component that uses malloc (whose libc version makes Linux system calls)
# and accept one that formats, sorts and compares. Prints TAP.
#
# usage: test_no_syscalls.sh LINKER COMPILER COMPILER-FLAGS LINKER-SCRIPT LIBRARY...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
linker=$1
compiler=$2
flags=$3
script=$4
shift 4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

libraries=("$@")
for library in "${libraries[@]}"; do
    case $library in */libc.a) libc=$library ;; esac
done
common='#include <stdio.h>
#include <stdlib.h>
#include <string.h>
_Noreturn void kaal_exit(int status) { (void)status; for (;;) { } }
int kaal_log_write(const char *text, size_t bytes) { (void)text; return (int)bytes; }
static int compare(const void *a, const void *b) { return memcmp(a, b, 4); }'

# link MAIN: links a component with this main and runs the check; its output is in $work/out.
link() {
    printf '%s\n%s\n' "$common" "$1" >"$work/main.c"
    # shellcheck disable=SC2086 # the flags are words
    "$compiler" $flags -c -o "$work/main.o" "$work/main.c"
    "$linker" -static -nostdlib --gc-sections -T "$script" -Map "$work/map" -o "$work/elf" \
        "$work/main.o" "${libraries[@]}"
    "$here/../../../scripts/check-no-syscalls.sh" "$work/map" "$work/cache" "$libc" >"$work/out" 2>&1
}

status=0
if link 'int main(void) { char text[40]; snprintf(text, sizeof(text), "%f", 2.5); qsort(text, 10, 4, compare); return (int)strtol(text, NULL, 10); }'; then
    echo "ok 1 - formatting, sorting and parsing are accepted"
else
    echo "not ok 1 - formatting, sorting and parsing are accepted"
    sed 's/^/# /' "$work/out"
    status=1
fi
if link 'int main(void) { return compare(malloc(10), "1234"); }'; then
    echo "not ok 2 - malloc is refused"
    status=1
elif grep -q 'error: the link contains Linux system calls from: .*malloc' "$work/out"; then
    echo "ok 2 - malloc is refused"
else
    echo "not ok 2 - malloc is refused"
    sed 's/^/# /' "$work/out"
    status=1
fi
echo "1..2"
exit $status
