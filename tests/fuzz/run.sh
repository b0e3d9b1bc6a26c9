#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Runs one fuzzer from a copy of its corpus.
#   run.sh fuzz      BINARY CORPUS WORK MAX_LENGTH SECONDS   must find nothing in SECONDS, or KAAL_FUZZ_SECONDS
#   run.sh self-test BINARY CORPUS WORK MAX_LENGTH   must find the planted bug within 120 s
set -eu
mode=$1 binary=$2 corpus=$3 work=$4 max_length=$5

rm -rf "$work"
mkdir -p "$work/corpus"
cp "$corpus"/* "$work/corpus/"
dictionary=
if [ -f "$(dirname "$0")/$(basename "$corpus").dict" ]; then
    dictionary=-dict=$(dirname "$0")/$(basename "$corpus").dict
fi
options="-max_len=$max_length -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=1 $dictionary"
cd "$work"

# $options holds several words.
# shellcheck disable=SC2086
case $mode in
fuzz)
    seconds=${KAAL_FUZZ_SECONDS:-$6}
    "$binary" $options -max_total_time="$seconds" corpus >log 2>&1 && status=0 || status=$?
    grep -E '^#[0-9]+.*DONE|^stat::number_of_executed' log || true
    if [ "$status" -ne 0 ]; then
        tail -n 60 log
        echo "$(basename "$binary") found a bug (status $status); the input is in $work"
        exit 1
    fi
    # A run that executes nothing proves nothing.
    executed=$(sed -n 's/^stat::number_of_executed_units: *//p' log)
    if [ "${executed:-0}" -lt 1000 ]; then
        echo "only ${executed:-0} inputs were run"
        exit 1
    fi
    ;;
self-test)
    "$binary" $options -max_total_time=120 -seed=1 corpus >log 2>&1 && status=0 || status=$?
    if [ "$status" -eq 0 ]; then
        tail -n 5 log
        echo "$(basename "$binary") did not find the planted bug in 120 s"
        exit 1
    fi
    # Only a sanitizer's report counts: a fuzzer that fails in another way has found nothing.
    grep -m 1 -E 'ERROR: (AddressSanitizer|UndefinedBehaviorSanitizer)|runtime error|deadly signal' log || {
        tail -n 40 log
        echo "$(basename "$binary") ended with status $status without a report"
        exit 1
    }
    ;;
*)
    echo "usage: $0 fuzz|self-test BINARY CORPUS WORK MAX_LENGTH" >&2
    exit 2
    ;;
esac
