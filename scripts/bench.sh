#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Builds one architecture with the release kernel and prints the benchmark's figures; --check judges them against the
# targets and the committed baseline, --baseline writes that baseline.
#
# usage: scripts/bench.sh x86_64|aarch64 [--check | --baseline]
set -euo pipefail
cd "$(dirname "$0")/.."

architecture=${1:?usage: scripts/bench.sh x86_64|aarch64 [--check | --baseline]}
scripts/build.sh "$architecture-release"
exec tests/bench/run.py "$@"
