#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Installs the Debian packages that a task needs, saying which, and only those that are missing.
# As root or with sudo it installs them; otherwise it prints the exact line to run and exits 1.
#
# usage: scripts/setup.sh run|iso|test [x86_64|aarch64]...
set -euo pipefail

task=${1:?usage: scripts/setup.sh run|iso|test [architecture]...}
shift
[ $# -gt 0 ] || set -- x86_64 aarch64

packages=(clang lld llvm cmake ninja-build libyaml-dev libc6-dev)
for architecture in "$@"; do
    case $architecture in
    x86_64) packages+=(qemu-system-x86) ;;
    aarch64) packages+=(qemu-system-arm) ;;
    *)
        echo "setup: unknown architecture '$architecture'; try x86_64 or aarch64" >&2
        exit 2
        ;;
    esac
done
iso=(grub-common grub-pc-bin grub-efi-amd64-bin xorriso mtools)
case $task in
run) ;;
iso) packages+=("${iso[@]}") ;;
test)
    packages+=(gcc libcmocka-dev libclang-rt-14-dev clang-format doxygen graphviz spin python3 git make)
    case $(uname -m) in
    aarch64) packages+=(gcc-x86-64-linux-gnu) ;;
    *) packages+=(gcc-aarch64-linux-gnu "${iso[@]}" ovmf) ;; # GRUB for PCs is packaged on PCs only
    esac
    ;;
*)
    echo "setup: unknown task '$task'; try run, iso or test" >&2
    exit 2
    ;;
esac

if [ "$(uname -s)" = Darwin ]; then
    [ -n "${KAAL_LLVM_BIN:-}" ] && exit 0
    exec "$(dirname "$0")/setup-macos.sh"
fi
if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is no Debian system; install what provides these packages: ${packages[*]}" >&2
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

line="apt-get install -y --no-install-recommends ${missing[*]}"
if [ "$(id -u)" = 0 ]; then
    as_root=()
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    as_root=(sudo)
else
    echo "setup: these packages are missing and neither root nor sudo is at hand; run this line as root:" >&2
    echo "    $line" >&2
    exit 1
fi
echo "setup: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -qq update </dev/null
# shellcheck disable=SC2086 # the line is the list of words to run
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $line </dev/null
