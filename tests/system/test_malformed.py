#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Damaged images: each boot ends with a clear error on the console, never a hang or a silent stop."""
import pathlib
import re
import struct
import subprocess
import tempfile
import zlib

from harness import PROMPT, Machine, Missing, build_folder, qemu_command, run_tests, system_folder

ARCHIVE_MAGIC = b"KaaLarch"
SYSTEM_MAGIC = b"KaaLsyst"
ENTRY_BYTES = 48
HEADER_BYTES = 32
KIND_IMAGE = 2
# What the kernel (x86_64) or the loader (aarch64) says of a root task that is no good ELF file.
KERNEL_REFUSES = "boot: root task: |error: "


class Image:
    """A root image that can be damaged in one place; the archive's checksum can be made right again."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        # The magic is also in init's code, as the number it compares with; the archive is page-aligned.
        self.archive = next(at for at in range(0, len(data), 4096) if data.startswith(ARCHIVE_MAGIC, at))
        self.system = next(at for at in range(self.archive, len(data), 4096) if data.startswith(SYSTEM_MAGIC, at))
        self.archive_bytes = struct.unpack_from("<Q", self.data, self.archive + 16)[0]

    def entries(self):
        """(offset of the table entry, name, kind, offset of the contents, bytes)."""
        count = struct.unpack_from("<I", self.data, self.archive + 12)[0]
        for i in range(count):
            at = self.archive + HEADER_BYTES + i * ENTRY_BYTES
            name, kind, _, offset, size = struct.unpack_from("<24sIIQQ", self.data, at)
            yield at, name.rstrip(b"\0").decode(), kind, self.archive + offset, size

    def component(self) -> int:
        """Where the first component's ELF file starts."""
        return next(offset for _, _, kind, offset, _ in self.entries() if kind == KIND_IMAGE)

    def put(self, at: int, form: str, *values) -> "Image":
        struct.pack_into("<" + form, self.data, at, *values)
        return self

    def seal(self) -> "Image":
        """Makes the archive's checksum right, so that the damage behind it is what is found."""
        body = bytes(self.data[self.archive + HEADER_BYTES:self.archive + self.archive_bytes])
        return self.put(self.archive + 24, "I", zlib.crc32(body))


def damages(image_of):
    """(name, damaged bytes, what the console must say) for each case."""
    def case(name, pattern, change):
        image = image_of()
        change(image)
        return name, bytes(image.data), pattern

    yield case("not an ELF file", KERNEL_REFUSES, lambda i: i.put(0, "I", 0x12345678))
    yield case("ELF of another machine", KERNEL_REFUSES, lambda i: i.put(18, "H", 8))
    yield case("entry point outside the image", KERNEL_REFUSES, lambda i: i.put(24, "Q", 0x7fff00000000))
    yield case("program headers beyond the file", KERNEL_REFUSES, lambda i: i.put(32, "Q", len(i.data) + 64))
    yield case("archive magic", "error.*archive", lambda i: i.put(i.archive, "Q", 0))
    yield case("archive version", "error.*archive", lambda i: i.put(i.archive + 8, "I", 99))
    yield case("archive checksum", "error.*archive", lambda i: i.put(i.archive + 24, "I", 1))
    yield case("archive longer than the image", "error.*archive", lambda i: i.put(i.archive + 16, "Q", 1 << 40))
    yield case("archive entry beyond the end", "error.*archive",
               lambda i: i.put(next(i.entries())[0] + 32, "Q", 1 << 32).seal())
    yield case("system description magic", "error",
               lambda i: i.put(i.system, "Q", 0).seal())
    yield case("system description with 4 billion components", "error",
               lambda i: i.put(i.system + 40, "I", 0xffffffff).seal())
    yield case("component that is no ELF file", "error", lambda i: i.put(i.component(), "I", 0).seal())
    yield case("component whose entry is outside", "error", lambda i: i.put(i.component() + 24, "Q", 1).seal())


def boot_command(arch: str, root: pathlib.Path, scratch: pathlib.Path) -> list[str]:
    """The reference machine with another root image."""
    folder = system_folder(arch, "demo")
    words = qemu_command(folder, [])
    if arch == "x86_64":
        return [w.replace(str(folder / "root.elf"), str(root)) for w in words]
    image = scratch / "image"
    compose = build_folder(arch) / "host-tools" / "sel4-compose"
    subprocess.run([str(compose), "image", "--kernel", str(build_folder(arch) / "kernel/kernel.elf"), "--loader",
                    str(build_folder(arch) / "loader/loader.elf.bin"), "--root", str(root), "--output", str(image), "--unchecked"],
                   check=True, capture_output=True)
    return [w.replace(str(folder / "image"), str(image)) for w in words]


def test_damaged_images(tap, arch):
    good = (system_folder(arch, "demo") / "root.elf").read_bytes()
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        for what, data, pattern in damages(lambda: Image(good)):
            root = scratch / "root.elf"
            root.write_bytes(data)
            try:
                with Machine(pathlib.Path(), command=boot_command(arch, root, scratch), limit_s=30) as machine:
                    machine.expect(pattern, 20, regex=True)
                    machine.expect("\n", 5)
                    line = machine.text[:machine.position].strip().splitlines()[-1]
                tap.check(f"{what}: the console names it", re.search(pattern, line) is not None, line)
            except Missing as problem:
                tap.check(f"{what}: the console names it", False, str(problem))


def test_good_image_still_boots(tap, arch):
    """The way the damaged images are booted boots a good one: the errors above are not the harness's."""
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name) / "root.elf"
        root.write_bytes((system_folder(arch, "demo") / "root.elf").read_bytes())
        with Machine(pathlib.Path(), command=boot_command(arch, root, pathlib.Path(name)), limit_s=60) as machine:
            machine.expect(PROMPT)
            tap.check("an undamaged image boots", True)


run_tests(test_good_image_still_boots, test_damaged_images)
