#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Fetches what KaaL builds with but never commits into build/deps, by Debian package name:
#   musl-dev (libc.a and headers of each target), libgcc (aarch64 long double helpers) and libfdt.
# It uses apt with state folders of its own, so it needs no root and changes nothing of the system's
# apt configuration. What is there already is not fetched again.
#
# usage: scripts/fetch-deps.sh [x86_64] [aarch64] [host] [peers]     (default: the first three)
#   peers  ck_ring and rte_ring, which `make bench-peers` compares channels with
set -euo pipefail
cd "$(dirname "$0")/.."

# On a Mac scripts/setup-macos.sh has put the same files there.
[ "$(uname -s)" = Darwin ] && exit 0

deps=$PWD/build/deps
mkdir -p "$deps"
exec 9>"$deps/.lock"
command -v flock >/dev/null && flock 9

apt_ready=no
prepare_apt() {
    [ "$apt_ready" = yes ] && return
    if ! command -v apt-get >/dev/null; then
        echo "fetch-deps: no apt-get on this machine; try scripts/setup-macos.sh on macOS" >&2
        exit 1
    fi
    local state=$deps/apt
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/sources"
    # A copy of the system's sources that serves both architectures.
    local file
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -e "$file" ] || continue
        sed -E 's/^Types:.*/Types: deb/; /^Architectures:/d' "$file" >"$state/sources/$(basename "$file")"
    done
    : >"$state/sources.list"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -e "$file" ] || continue
        sed -E -n 's/(\[[^]]*)arch=[^] ]*/\1/; /^deb /p' "$file" >>"$state/sources.list"
    done
    apt_options=(
        -o "Dir::State=$state" -o "Dir::State::Lists=$state/lists" -o "Dir::State::Status=$state/status"
        -o "Dir::Cache=$state/cache" -o "Dir::Etc::SourceList=$state/sources.list"
        -o "Dir::Etc::SourceParts=$state/sources" -o "APT::Architectures::=amd64"
        -o "APT::Architectures::=arm64" -o "APT::Sandbox::User=$(id -un)" -o "Acquire::Languages=none"
        -o "Acquire::Retries=3" -q
    )
    : >"$state/status"
    echo "fetch-deps: reading the package lists"
    apt-get "${apt_options[@]}" update >"$state/update.log" 2>&1 </dev/null || {
        tail -n 5 "$state/update.log" >&2
        echo "fetch-deps: apt-get update failed; try again with a network connection" >&2
        exit 1
    }
    apt_ready=yes
}

# fetch_binary PACKAGE:ARCHITECTURE FOLDER: unpacks a binary package into build/deps/FOLDER.
fetch_binary() {
    local package=$1 folder=$deps/$2
    [ -e "$folder/.complete" ] && return
    prepare_apt
    echo "fetch-deps: downloading $package"
    rm -rf "$folder"
    mkdir -p "$folder/.download"
    (cd "$folder/.download" && apt-get "${apt_options[@]}" download "$package" >apt.log 2>&1 </dev/null) || {
        tail -n 5 "$folder/.download/apt.log" >&2
        echo "fetch-deps: cannot download $package" >&2
        exit 1
    }
    dpkg-deb -x "$folder"/.download/*.deb "$folder"
    rm -rf "$folder/.download"
    touch "$folder/.complete"
}

# link_names FOLDER INCLUDE LIB: gives a package the architecture-neutral names include/ and lib/.
link_names() {
    local folder=$deps/$1
    [ -e "$folder/include" ] || ln -s "usr/include/$2" "$folder/include"
    [ -e "$folder/lib" ] || ln -s "usr/lib/$3" "$folder/lib"
}

for target in "${@:-x86_64 aarch64 host}"; do
    for isa in $target; do
        case $isa in
        x86_64)
            fetch_binary musl-dev:amd64 x86_64/musl
            link_names x86_64/musl x86_64-linux-musl x86_64-linux-musl
            ;;
        aarch64)
            fetch_binary musl-dev:arm64 aarch64/musl
            link_names aarch64/musl aarch64-linux-musl aarch64-linux-musl
            fetch_binary libgcc-12-dev:arm64 aarch64/libgcc
            [ -e "$deps/aarch64/libgcc/libgcc.a" ] ||
                ln -s usr/lib/gcc/aarch64-linux-gnu/12/libgcc.a "$deps/aarch64/libgcc/libgcc.a"
            fetch_binary libfdt-dev:arm64 aarch64/libfdt
            link_names aarch64/libfdt . aarch64-linux-gnu
            ;;
        host)
            fetch_binary "libfdt-dev:$(dpkg --print-architecture)" host/libfdt
            link_names host/libfdt . "$(uname -m)-linux-gnu"
            ;;
        peers)
            fetch_binary "libck-dev:$(dpkg --print-architecture)" peers/ck
            # dpdk-dev is tools and examples; the library's headers are in the package it needs.
            fetch_binary "libdpdk-dev:$(dpkg --print-architecture)" peers/dpdk
            ;;
        *)
            echo "fetch-deps: unknown target '$isa'; try x86_64, aarch64, host or peers" >&2
            exit 2
            ;;
        esac
    done
done
