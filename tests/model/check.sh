#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Checks a model with Spin: the protocol has no error, with and without deaths, and each planted mistake is found. Works in a
# temporary folder. Prints TAP; exits 77 if Spin is not installed.
#
# usage: tests/model/check.sh channel|calls
set -euo pipefail
name=${1:?usage: tests/model/check.sh channel|calls}
model=$(cd "$(dirname "$0")" && pwd)/$name.pml
command -v spin >/dev/null || { echo "1..0 # SKIP spin is not installed; try apt-get install spin"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
number=0
status=0

# check NAME EXPECTED-ERRORS OPTIONS...: 0 errors, or 1 for "found".
check() {
    local name=$1 expected=$2
    shift 2
    number=$((number + 1))
    spin -a "$@" "$model" >spin.log
    ${CC:-cc} -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=2048 -o pan pan.c
    ./pan -m1000000 >pan.log 2>&1 || true
    local errors
    errors=$(sed -n 's/.*errors: \([0-9]*\)$/\1/p' pan.log)
    local states
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.log)
    if [ "$errors" = "$expected" ] && ! grep -q 'search not completed\|max search depth too small\|out of memory' pan.log; then
        echo "ok $number - $name ($states states)"
    elif [ "$errors" = "$expected" ] && [ "$expected" = 1 ]; then
        echo "ok $number - $name ($states states)"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' pan.log | head -n 40
        status=1
    fi
}

case $name in
channel)
    check "no lost wake-up, one ring per wish" 0 -DWITHOUT_DEATHS
    check "either end may die at any step" 0
    check "a missing fence is found" 1 -DWITHOUT_DEATHS -DWITHOUT_FENCE
    check "a missing second look is found" 1 -DWITHOUT_DEATHS -DWITHOUT_SECOND_LOOK
    check "a missing ring at open is found" 1 -DWITHOUT_RING_AT_OPEN
    ;;
calls)
    check "the server may die at any step" 0 -DSERVER_DEATHS=1 -DCLIENT_DEATHS=0
    check "the server may die twice" 0 -DCALLS=1 -DCLIENT_DEATHS=0
    check "the client may die at any step" 0 -DSERVER_DEATHS=0
    check "both may die" 0 -DCALLS=1 -DSERVER_DEATHS=1
    check "a signal before the words that it is about is found" 1 -DCALLS=1 -DSERVER_DEATHS=1 -DSIGNAL_FIRST
    check "messages that name no instance are found" 1 -DCALLS=1 -DSERVER_DEATHS=1 -DWITHOUT_GENERATIONS
    check "a death noted after the look at the ring is found" 1 -DCALLS=1 -DSERVER_DEATHS=1 -DNOTED_LATE
    check "a new client's request that is dropped is found" 1 -DCALLS=1 -DSERVER_DEATHS=0 -DWITHOUT_SECOND_LOOK
    check "a second refusal taken for a lie is found" 1 -DCALLS=1 -DCLIENT_DEATHS=0 -DWITHOUT_THIRD_LOOK
    check "a server that does not ask for room is found" 1 -DCLIENT_DEATHS=0 -DWITHOUT_ROOM_WISH
    ;;
*)
    echo "no model $name" >&2
    exit 2
    ;;
esac
echo "1..$number"
exit $status
