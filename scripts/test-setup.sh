#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Without root and sudo, setup.sh prints the exact apt line and exits 1; with everything installed it is silent.
# The tools it asks for are played by stand-ins on a private PATH.
set -euo pipefail
cd "$(dirname "$0")/.."

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
for tool in bash dirname uname; do
    ln -s "$(command -v $tool)" "$stage/$tool"
done
printf '#!/bin/bash\necho 1000\n' >"$stage/id"
printf '#!/bin/bash\necho not-installed\n' >"$stage/dpkg-query"
chmod +x "$stage/id" "$stage/dpkg-query"

status=0
output=$(PATH=$stage scripts/setup.sh run aarch64 2>&1 </dev/null) || status=$?
[ "$status" = 1 ] || { echo "expected exit status 1 without root, got $status: $output"; exit 1; }
grep -q 'apt-get install -y --no-install-recommends clang .*qemu-system-arm' <<<"$output" ||
    { echo "the apt line is missing: $output"; exit 1; }
if grep -q -e qemu-system-x86 -e cmocka <<<"$output"; then
    echo "run asks for what only tests or the other architecture need: $output"
    exit 1
fi

printf '#!/bin/bash\nprintf installed\n' >"$stage/dpkg-query"
output=$(PATH=$stage scripts/setup.sh test 2>&1 </dev/null)
[ -z "$output" ] || { echo "set-up is not silent when nothing is missing: $output"; exit 1; }
echo "set-up messages are as they should be"
