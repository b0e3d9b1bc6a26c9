#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Compares channels with Concurrency Kit's ck_ring and DPDK's rte_ring on this machine: two threads
# pinned to two cores, 11 interleaved rounds, a table of medians and ratios. Outside of the tests,
# because times depend on what else the machine does; exits 1 if a ratio is above 1.
#
# usage: scripts/bench-peers.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/fetch-deps.sh host peers
cmake --preset host -B build/peers -DKAAL_BENCH_PEERS=ON >/dev/null
cmake --build build/peers --target bench_peers -- --quiet
exec build/peers/tests/bench/peers/bench_peers "$@"
