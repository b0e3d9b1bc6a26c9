#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Sets a Mac up for `make run` (Apple Silicon and Intel): tools by Homebrew, musl and libfdt from their
# upstream release archives with pinned checksums, in the layout that fetch-deps.sh makes on Debian.
# NOT TESTED: written on Linux without a Mac at hand; docs/macos.md says the same.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(uname -s)" != Darwin ]; then
    echo "setup-macos: this is no Mac; try scripts/setup.sh run" >&2
    exit 1
fi
if ! command -v brew >/dev/null; then
    echo "setup-macos: Homebrew is missing; install it from brew.sh, then run this again" >&2
    exit 1
fi

formulas=(llvm lld cmake ninja qemu libyaml aarch64-elf-gcc)
missing=()
for formula in "${formulas[@]}"; do
    brew list --formula "$formula" >/dev/null 2>&1 || missing+=("$formula")
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "setup-macos: installing ${missing[*]}"
    brew install "${missing[@]}" </dev/null
fi
llvm_bin=$(brew --prefix llvm)/bin
deps=$PWD/build/deps
mkdir -p "$deps/download"

# archive NAME URL SHA256: downloads a release archive once and checks it.
archive() {
    local file=$deps/download/$1
    [ -e "$file" ] || curl -fL -o "$file.part" "$2"
    [ -e "$file" ] || mv "$file.part" "$file"
    echo "$3  $file" | shasum -a 256 -c - >/dev/null || {
        echo "setup-macos: error: checksum of $file does not match; try: delete it and run this again" >&2
        exit 1
    }
}
archive musl-1.2.3.tar.gz https://musl.libc.org/releases/musl-1.2.3.tar.gz \
    7d5b0b6062521e4627e099e4c9dc8248d32a30285e959b7eecaa780cf8cfd4a4
archive dtc-1.6.1.tar.xz https://www.kernel.org/pub/software/utils/dtc/dtc-1.6.1.tar.xz \
    65cec529893659a49a89740bb362f507a3b94fc8cd791e76a8d6a2b6f3203473

for isa in x86_64 aarch64; do
    musl=$deps/$isa/musl
    [ -e "$musl/.complete" ] && continue
    echo "setup-macos: building musl for $isa"
    work=$deps/$isa/musl-build
    rm -rf "$work" "$musl"
    mkdir -p "$work" "$musl"
    tar -C "$work" --strip-components=1 -xf "$deps/download/musl-1.2.3.tar.gz"
    (
        cd "$work"
        ./configure --target="$isa" --prefix="$musl" --disable-shared CC="$llvm_bin/clang --target=$isa-linux-musl" \
            AR="$llvm_bin/llvm-ar" RANLIB="$llvm_bin/llvm-ranlib"
        make -j2 lib/libc.a install-headers
    ) >"$deps/$isa/musl-build.log" 2>&1
    mkdir -p "$musl/lib"
    cp "$work/lib/libc.a" "$musl/lib/"
    touch "$musl/.complete"
done

mkdir -p "$deps/aarch64/libgcc"
ln -sf "$(aarch64-elf-gcc -print-libgcc-file-name)" "$deps/aarch64/libgcc/libgcc.a"

fdt=$deps/aarch64/libfdt
if [ ! -e "$fdt/.complete" ]; then
    echo "setup-macos: building libfdt for aarch64"
    work=$deps/aarch64/libfdt-build
    rm -rf "$work" "$fdt"
    mkdir -p "$work" "$fdt/include" "$fdt/lib"
    tar -C "$work" --strip-components=1 -xf "$deps/download/dtc-1.6.1.tar.xz"
    (
        cd "$work/libfdt"
        for source in fdt.c fdt_ro.c fdt_addresses.c fdt_strerror.c; do
            "$llvm_bin/clang" --target=aarch64-unknown-none-elf -O2 -ffreestanding -fno-pic -mno-outline-atomics \
                -isystem "$deps/aarch64/musl/include" -c "$source"
        done
        "$llvm_bin/llvm-ar" rcs "$fdt/lib/libfdt.a" ./*.o
        cp fdt.h libfdt.h libfdt_env.h "$fdt/include/"
    )
    touch "$fdt/.complete"
fi

cat <<MESSAGE
setup-macos: ready. Put this line into your shell profile, then: make run ARCH=aarch64
    export KAAL_LLVM_BIN=$llvm_bin
MESSAGE
