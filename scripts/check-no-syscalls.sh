#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Rejects a link that took an object with a Linux system call out of a C library: on seL4 such a call
# is a fault at best, and at worst a valid system call with other meaning.
#
# It reads the linker's map, so unused members and dropped sections do not count, and disassembles the
# members of each archive once (the list of bad ones is kept beside the map folder's cache).
#
# usage: scripts/check-no-syscalls.sh MAP CACHE-FOLDER ARCHIVE...      (LLVM_OBJDUMP names the tool)
set -euo pipefail
map=$1
cache=$2
shift 2
objdump=${LLVM_OBJDUMP:-llvm-objdump}
mkdir -p "$cache"
status=0
for archive in "$@"; do
    bad=$cache/$(basename "$archive").syscalls
    if [ ! -e "$bad" ] || [ "$archive" -nt "$bad" ]; then
        "$objdump" -d --no-show-raw-insn "$archive" | awk '
            /file format/ { member = $1; sub(/.*\(/, "", member); sub(/\).*/, "", member) }
            /^[ ]*[0-9a-f]+:[ \t]+(syscall|sysenter|svc|int[ \t]+\$128)/ { if (!(member in seen)) print member; seen[member] = 1 }
        ' >"$bad.new.$$"
        mv "$bad.new.$$" "$bad"
    fi
    if [ ! -s "$bad" ]; then
        continue
    fi
    name=$(basename "$archive")
    used=$(grep -oF -f <(sed "s/^/$name(/; s/\$/)/" "$bad") "$map" | sort -u || true)
    if [ -n "$used" ]; then
        echo "$map: error: the link contains Linux system calls from: $(echo "$used" | tr '\n' ' '); try: DEPENDS heap for malloc, or a function without them (no files, sscanf, time)" >&2
        status=1
    fi
done
exit $status
