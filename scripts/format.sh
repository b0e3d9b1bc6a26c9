#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Applies or checks the source format (.clang-format) and checks the SPDX line of every source file.
#
# usage: scripts/format.sh apply|check
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t sources < <(git ls-files -co --exclude-standard -- '*.c' '*.h')
case ${1:-check} in
apply) clang-format -i "${sources[@]}" ;;
check) clang-format --dry-run --Werror "${sources[@]}" ;;
*)
    echo "format: unknown action '$1'; try apply or check" >&2
    exit 2
    ;;
esac

mapfile -t missing < <(git ls-files -co --exclude-standard -- '*.c' '*.h' '*.S' '*.sh' '*.py' '*.cmake' '*.ld' \
    '*.lds' '*CMakeLists.txt' Makefile '*.yaml' | grep -v corpus | xargs grep -L 'SPDX-License-Identifier: MIT OR Apache-2.0')
if [ ${#missing[@]} -gt 0 ]; then
    printf '%s: error: no SPDX line; try: add "SPDX-License-Identifier: MIT OR Apache-2.0" at the top\n' "${missing[@]}" >&2
    exit 1
fi
