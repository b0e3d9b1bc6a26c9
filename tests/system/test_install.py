#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""KaaL installs into a prefix, and projects outside the tree build against it and boot.

Everything happens in a temporary folder: the installation, a copy of examples/serial-driver, and a
project that `sel4-compose new` makes. The prefix is moved once, because a package that names the
place it was built in works only on the machine of its author.
"""
import pathlib
import re
import shutil
import subprocess
import tempfile

from harness import BUILD, PROMPT, ROOT, Machine, build_folder, run_tests


def run(tap, name, *words, cwd=None):
    """Runs a program as one check; its output is shown when it fails."""
    result = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True)
    return tap.check(name, result.returncode == 0, result.stdout + result.stderr)


def build(tap, name, prefix, source, *options):
    toolchain = prefix / "lib/cmake/kaal/toolchain.cmake"
    return (run(tap, f"{name} configures", "cmake", "-S", source, "-B", source / "build", "-G", "Ninja",
                f"-DCMAKE_TOOLCHAIN_FILE={toolchain}", *options)
            and run(tap, f"{name} builds", "cmake", "--build", source / "build"))


def command(prefix, folder):
    """The QEMU command of a system, from the installed tool."""
    return subprocess.run([prefix / "bin/sel4-compose", "run", "--dry-run", folder], check=True,
                          capture_output=True, text=True).stdout.splitlines()


def example(tap, arch, prefix, folder, *options):
    """Builds and boots the example; with -DWITHOUT_KIT=ON the hand-written driver has to do the same."""
    name = " ".join(["examples/serial-driver", *options])
    source = folder / ("serial-driver" + "-".join(options).replace("=", ""))
    shutil.copytree(ROOT / "examples/serial-driver", source)
    if not build(tap, name, prefix, source, *options):
        return
    with Machine(arch, source, command=command(prefix, source / "build/systems/serial-driver")) as machine:
        machine.expect(PROMPT)
        tap.check("its driver carries the prompt", True)
        answer = machine.command("ps")
        tap.check("ps shows the example's own component", re.search(r"my_serial\s+running", answer) is not None, answer)
        tap.check("characters come back", machine.command("echo across my own driver").strip()
                  == "across my own driver")
        machine.command("kill my_serial")
        tap.check("and again after a restart of the driver", machine.command("echo once more").strip() == "once more")
        machine.type("poweroff\r")
        tap.check("poweroff ends QEMU with status 0", machine.wait_end() == 0, machine.text[-500:])


def new_project(tap, arch, prefix, folder):
    source = folder / "hello"
    if not run(tap, "sel4-compose new makes a project", prefix / "bin/sel4-compose", "new", source):
        return
    if build(tap, "the new project", prefix, source):
        with Machine(arch, source, command=command(prefix, source / "build/systems/hello")) as machine:
            machine.expect("hello from hello")
            tap.check("the new project boots and says hello", True)


def without_toolchain(tap, prefix, folder):
    source = folder / "wrong"
    source.mkdir()
    (source / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(wrong C)\n"
                                           "find_package(kaal REQUIRED)\n")
    result = subprocess.run(["cmake", "-S", source, "-B", source / "build", "-G", "Ninja",
                             f"-DCMAKE_PREFIX_PATH={prefix}"], capture_output=True, text=True)
    text = " ".join((result.stdout + result.stderr).split())
    tap.check("without the toolchain find_package says how to name it",
              result.returncode != 0 and "-DCMAKE_TOOLCHAIN_FILE=" in text, text)


def layout(tap, arch, prefix):
    """The layout of an installed seL4, which other tools expect."""
    for path in ["bin/kernel.elf", "libsel4/include/sel4/sel4.h", "libsel4/include/kernel/gen_config.h",
                 "libsel4/include/kernel/gen_config.json", "libsel4/include/autoconf.h",
                 "libsel4/include/interfaces/sel4_client.h", "libsel4/src/sel4_bootinfo.c"]:
        tap.check(f"the prefix has {path}", (prefix / path).is_file())
    package = "".join(path.read_text() for path in (prefix / "lib/cmake/kaal").iterdir())
    tap.check("the package names no path of the build", str(BUILD) not in package and str(ROOT) not in package)


def test_install(tap, arch):
    with tempfile.TemporaryDirectory(prefix="kaal-install-") as name:
        folder = pathlib.Path(name)
        if not run(tap, "cmake --install works", "cmake", "--install", build_folder(arch), "--prefix", folder / "first"):
            return
        prefix = folder / "prefix"
        (folder / "first").rename(prefix)
        layout(tap, arch, prefix)
        without_toolchain(tap, prefix, folder)
        new_project(tap, arch, prefix, folder)
        example(tap, arch, prefix, folder)
        example(tap, arch, prefix, folder, "-DWITHOUT_KIT=ON")


run_tests(test_install)
