#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""KAAL_SEL4_PREFIX: the demo system on an installed kernel, without kernel/, libsel4/ and abi/.

The prefix is our own kernel, installed in the layout that seL4's own install leaves. The second build
uses a copy of the source tree that does not hold the three folders, so whatever still reached into
them would not compile. On x86_64 the prefix's kernel loses its multiboot address fields first, because
upstream's has none and QEMU then takes only a 32-bit ELF file. Prefixes whose gen_config.json lacks
what KaaL needs must be refused by name.
"""
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile

from harness import PROMPT, ROOT, Machine, build_folder, qemu_command, run_tests

ABSENT = {"kernel", "libsel4", "abi"}
MULTIBOOT1_MAGIC = 0x1BADB002
MULTIBOOT1_ADDRESSES = 0x10000

# What KaaL needs, and what breaks it.
NEEDS = {"x86_64": {"KERNEL_MCS": False, "MAX_NUM_NODES": "4", "ARCH_X86_64": False, "IOMMU": False},
         "aarch64": {"KERNEL_MCS": False, "MAX_NUM_NODES": "4", "ARCH_AARCH64": False, "ALLOW_SMC_CALLS": False,
                     "EXPORT_VCNT_USER": False, "ARM_HYPERVISOR_SUPPORT": True}}


def source_without_kernel(folder: pathlib.Path) -> pathlib.Path:
    """A copy of the source tree without the folders that the prefix replaces."""
    target = folder / "source"
    shutil.copytree(ROOT, target, ignore=lambda path, names: [
        name for name in names if name in {".git", "build"} or (pathlib.Path(path) == ROOT and name in ABSENT)])
    return target


def private_includes() -> list[str]:
    """Includes by which target code of userland reaches past <sel4/sel4.h> into seL4 or the kernel."""
    found = []
    for top in ["runtime", "components", "systems", "examples"]:
        for path in sorted((ROOT / top).rglob("*.[chS]")):
            folders = path.relative_to(ROOT).parts
            if {"tests", "testing", "host"} & set(folders) or path.name == "host.c":
                continue  # on the host the kernel is a library
            for name in re.findall(r'^\s*#\s*include\s*[<"]([^">]+)', path.read_text(), re.M):
                private = re.match(r"(abi|kernel|arch|interfaces|sel4)/|autoconf\.h$", name)
                if private and name != "sel4/sel4.h":
                    found.append(f"{path.relative_to(ROOT)}: {name}")
    return found


def remove_multiboot_addresses(kernel: pathlib.Path) -> bool:
    """Gives a kernel the multiboot 1 header of upstream's: flags 3, no address fields."""
    data = bytearray(kernel.read_bytes())
    for offset in range(0, 8192, 4):
        magic, flags, check = struct.unpack_from("<III", data, offset)
        if magic == MULTIBOOT1_MAGIC and (magic + flags + check) % 2 ** 32 == 0 and flags & MULTIBOOT1_ADDRESSES:
            struct.pack_into("<II", data, offset + 4, 3, -(MULTIBOOT1_MAGIC + 3) % 2 ** 32)
            kernel.write_bytes(data)
            return True
    return False


def configure(arch, source, build, prefix):
    result = subprocess.run(["cmake", "-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                             f"-DCMAKE_TOOLCHAIN_FILE={source}/cmake/toolchains/{arch}.cmake",
                             f"-DKAAL_DEPS_DIR={ROOT}/build/deps", f"-DKAAL_SEL4_PREFIX={prefix}"],
                            capture_output=True, text=True)
    return result.returncode, " ".join((result.stdout + result.stderr).split())  # CMake wraps its messages


def refused(tap, arch, source, folder, prefix):
    """Each needed option, changed alone, ends the configure step with its name."""
    broken = folder / "broken"
    shutil.copytree(prefix / "libsel4", broken / "libsel4")
    (broken / "bin").mkdir()
    (broken / "bin/kernel.elf").symlink_to(prefix / "bin/kernel.elf")
    config = broken / "libsel4/include/kernel/gen_config.json"
    good = json.loads(config.read_text())
    build = folder / "build-broken"
    for option, value in NEEDS[arch].items():
        shutil.rmtree(build, ignore_errors=True)
        config.write_text(json.dumps({**good, option: value}))
        status, text = configure(arch, source, build, broken)
        named = re.findall(r"CONFIG_(\w+) is", text)
        tap.check(f"a kernel with {option} {value} is refused by that name", status != 0 and named == [option], text)
    absent = {name: value for name, value in good.items() if name != "KERNEL_MCS"}
    for name, contents, message in [("without KERNEL_MCS", json.dumps(absent), "CONFIG_KERNEL_MCS is OFF"),
                                    ("that is no JSON", "#define CONFIG_KERNEL_MCS 1\n", "is no JSON object")]:
        shutil.rmtree(build, ignore_errors=True)
        config.write_text(contents)
        status, text = configure(arch, source, build, broken)
        tap.check(f"a configuration {name} is refused", status != 0 and message in text, text)
    (broken / "bin/kernel.elf").unlink()
    status, text = configure(arch, source, build, broken)
    tap.check("a prefix without kernel is refused", status != 0 and "bin/kernel.elf is missing" in text, text)


def boot(tap, arch, build):
    with Machine(build, command=qemu_command(build / "systems/demo", [])) as machine:
        machine.expect(PROMPT)
        tap.check("the demo boots to the prompt on the installed kernel", True)
        tap.check("echo answers", machine.command("echo other kernel").strip() == "other kernel")
        machine.type("poweroff\r")
        tap.check("poweroff ends QEMU with status 0", machine.wait_end() == 0, machine.text[-500:])


def test_swap(tap, arch):
    private = private_includes()
    tap.check("userland includes nothing of seL4 but <sel4/sel4.h>", not private, "\n".join(private))
    with tempfile.TemporaryDirectory(prefix="kaal-swap-") as name:
        folder = pathlib.Path(name)
        prefix = folder / "prefix"
        subprocess.run(["cmake", "--install", build_folder(arch), "--prefix", prefix], check=True, capture_output=True)
        for extra in ["include", "lib", "bin/sel4-compose"]:  # upstream's install has none of these
            path = prefix / extra
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if arch == "x86_64":
            tap.check("the kernel's multiboot header loses its addresses",
                      remove_multiboot_addresses(prefix / "bin/kernel.elf"))
        source = source_without_kernel(folder)
        refused(tap, arch, source, folder, prefix)
        build = folder / "build"
        status, text = configure(arch, source, build, prefix)
        if not tap.check("a tree without kernel/, libsel4/ and abi/ configures", status == 0, text):
            return
        result = subprocess.run(["cmake", "--build", build, "--target", "system-demo", "-j", str(min(2, os.cpu_count()))],
                                capture_output=True, text=True)
        if tap.check("its demo system builds", result.returncode == 0, result.stdout + result.stderr):
            boot(tap, arch, build)


run_tests(test_swap)
