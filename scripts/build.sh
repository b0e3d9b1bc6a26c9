#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Configures a preset once and builds targets of it; quiet unless something is wrong.
#
# usage: scripts/build.sh PRESET [TARGET]...
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:?usage: scripts/build.sh PRESET [TARGET]...}
shift
folder=build/$preset
mkdir -p "$folder"
if [ ! -e "$folder/build.ninja" ]; then
    echo "build: configuring $preset"
    cmake --preset "$preset" >"$folder/configure.log" 2>&1 </dev/null || {
        cat "$folder/configure.log" >&2
        exit 1
    }
fi
ln -sf "$folder/compile_commands.json" compile_commands.json
# Progress on a terminal, silence in a log; errors always.
ninja_options=()
[ -t 1 ] || ninja_options=(--quiet)
# That there is nothing to do is no news.
cmake --build "$folder" --target "${@:-all}" -- "${ninja_options[@]}" </dev/null | { grep -v '^ninja: no work to do' || true; }
