#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Builds the kernel with each of its options in a folder of its own, boots the kernel tests and the
assembly-only root task on it, with GICv3 also systems with PCI devices, and reports one TAP line for each.

usage: test_options.py x86_64|aarch64 [variant]...
"""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import BUILD, ROOT, Tap  # noqa: E402

COMMON = {
    "release": ["KAAL_KERNEL_DEBUG=OFF", "KAAL_KERNEL_PRINTING=OFF"],
    "domains": ["KAAL_KERNEL_NUM_DOMAINS=16"],
    "root-cnode": ["KAAL_KERNEL_ROOT_CNODE_SIZE_BITS=16"],
    "hardware-debug": ["KAAL_KERNEL_HARDWARE_DEBUG_API=ON"],
}
VARIANTS = {
    "x86_64": COMMON | {
        "no-iommu": ["KAAL_KERNEL_IOMMU=OFF"],
        "no-huge-page": ["KAAL_KERNEL_HUGE_PAGE=OFF"],
    },
    "aarch64": COMMON | {
        "gicv3": ["KAAL_KERNEL_ARM_GIC_V3=ON"],
        "physical-counter": ["KAAL_KERNEL_EXPORT_PCNT_USER=ON"],
    },
}
TARGETS = {
    "x86_64": ["kernel", "kernel-test", "asm-root"],
    "aarch64": ["kernel-test-image", "asm-root-image"],
}
TESTS = ["system-asm-root", "system-kernel"]
# A GICv3 machine has no message frame, so PCI devices interrupt by their lines.
SYSTEMS = {"gicv3": {"targets": ["system-edu", "system-shared", "system-handover"],
                     "tests": ["system-pci"]}}
# Variants in which the shared kernel tests do something else than in the default build.
SUITE = {
    "variants": ["domains", "root-cnode", "gicv3"],
    "x86_64": ["kernel-suite"],
    "aarch64": ["kernel-suite-image"],
    "tests": ["system-kernel-suite"],
}


def run(words: list[str]) -> tuple[bool, str]:
    """Whether a command succeeded, and all that it printed."""
    result = subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, check=False)
    return result.returncode == 0, result.stdout.decode("latin-1")


def test_variant(tap: Tap, arch: str, name: str, options: list[str]) -> None:
    folder = BUILD / "options" / f"{arch}-{name}"
    suite = SUITE if name in SUITE["variants"] else {arch: [], "tests": []}
    systems = SYSTEMS.get(name, {"targets": [], "tests": []})
    good, output = run(["cmake", "-S", str(ROOT), "-B", str(folder), "-G", "Ninja",
                        "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                        f"-DCMAKE_TOOLCHAIN_FILE={ROOT}/cmake/toolchains/{arch}.cmake",
                        *(f"-D{option}" for option in options)])
    if good:
        good, output = run(["ninja", "-C", str(folder), *TARGETS[arch], *suite[arch],
                            *systems["targets"]])
    if not tap.check(f"{name}: {' '.join(options)} builds", good, output):
        return
    for test in TESTS + suite["tests"] + systems["tests"]:
        good, output = run(["ctest", "--test-dir", str(folder), "--output-on-failure",
                            "--no-tests=error", "-R", f"^{test}$"])
        tap.check(f"{name}: {test} passes", good, output)


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in VARIANTS:
        print(__doc__, file=sys.stderr)
        return 2
    arch = arguments[0]
    tap = Tap()
    for name in arguments[1:] or VARIANTS[arch]:
        test_variant(tap, arch, name, VARIANTS[arch][name])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
