#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A boot loader that tells the kernel nonsense: each boot ends with a line that says what is wrong.

The machine is stopped at the kernel's first instruction by QEMU's gdb stub. x86_64: the multiboot 1 information in
memory is changed; aarch64: the registers of the hand-off.
"""
import pathlib
import struct
import tempfile

from gdb_stub import Gdb, multiboot_entry, stopped_machine
from harness import Machine, Missing, run_tests, system_folder

RBX = 1  # gdb's number of the register
# Offsets in the multiboot 1 information.
FLAGS, MODULE_COUNT, MODULES, MAP_BYTES, MAP = 0, 20, 24, 44, 48
KERNEL_ENTRY = 0xFFFFFFFFC0000000
RAM, RAM_END = 0x40000000, 0x80000000


class Multiboot:
    """The loader's information of the stopped machine, as 32-bit words."""

    def __init__(self, gdb: Gdb) -> None:
        self.gdb = gdb
        self.info = gdb.register(RBX)

    def get(self, offset: int) -> int:
        return struct.unpack("<I", self.gdb.read(self.info + offset, 4))[0]

    def put(self, offset: int, value: int) -> None:
        self.gdb.write(self.info + offset, struct.pack("<I", value))

    def module(self, start: int, end: int) -> None:
        self.gdb.write(self.get(MODULES), struct.pack("<II", start, end))

    def map_entries(self, *entries: tuple[int, int, int]) -> None:
        """A memory map of (base, length, type)."""
        data = b"".join(struct.pack("<IQQI", 20, *entry) for entry in entries)
        self.gdb.write(self.get(MAP), data)
        self.put(MAP_BYTES, len(data))


MULTIBOOT_DAMAGES = [
    ("no memory information", lambda m: m.put(FLAGS, m.get(FLAGS) & ~1), "tells no memory size"),
    ("no module", lambda m: m.put(MODULE_COUNT, 0), "passed no module"),
    ("a module list beyond 4 GiB", lambda m: m.put(MODULES, 0xFFFFFFF8), "module list at 0xfffffff8 .* not below 4 GiB"),
    ("a module that ends before it starts", lambda m: m.module(0x400000, 0x300000), "passed no module"),
    ("a module over the kernel", lambda m: m.module(0x101000, 0x400000), "overlaps the kernel image"),
    ("a module below 1 MiB", lambda m: m.module(0x1000, 0x2000), "is not in RAM"),
    ("a module behind the RAM", lambda m: m.module(0xFD000000, 0xFD001000), "is not in RAM"),
    ("a module up to the end of 4 GiB", lambda m: m.module(0x400000, 0xFFFFFFFF), "is not in RAM"),
    ("a memory map beyond 4 GiB", lambda m: m.put(MAP_BYTES, 0xFFFFFFFF), "memory map at 0x.* not below 4 GiB"),
    ("an empty memory map", lambda m: m.put(MAP_BYTES, 0), "no RAM above 1 MiB"),
    ("a map entry of size 0", lambda m: m.gdb.write(m.get(MAP), bytes(4)), "entry at offset 0 has a size of 0"),
    ("a map entry longer than the map", lambda m: m.gdb.write(m.get(MAP), b"\xff" * 4), "entry at offset 0 has a size"),
    ("RAM that wraps around", lambda m: m.map_entries((1 << 20, 2**64 - 4096, 1)), "no RAM above 1 MiB"),
    ("RAM of one page", lambda m: m.map_entries((1 << 20, 4096, 1)), "is not in RAM"),
]

# name, what to do with x0..x5 (image start, end, offset, entry, tree, its bytes), the kernel's answer
HANDOFF_DAMAGES = [
    ("an image over the kernel", lambda x: [RAM, RAM + 0x1000, *x[2:]], "root task is not in free RAM"),
    ("an image behind the RAM", lambda x: [RAM_END, RAM_END + 0x1000, *x[2:]], "root task is not in free RAM"),
    ("an image that ends before it starts", lambda x: [x[1], x[0], *x[2:]], "root task is not in free RAM"),
    ("an image off a page", lambda x: [x[0] + 8, *x[1:]], "not page aligned"),
    ("an image off a page in its own addresses", lambda x: [*x[:2], x[2] + 8, *x[3:]], "not page aligned"),
    ("an image in the kernel's addresses", lambda x: [*x[:2], (x[0] - KERNEL_ENTRY) % 2**64, *x[3:]],
     "above the user address space"),
    ("a tree below the RAM", lambda x: [*x[:4], 0x1000, 0x1000], "device tree is not in free RAM"),
    ("a tree over the kernel", lambda x: [*x[:4], RAM, 0x1000], "device tree is not in free RAM"),
    ("a tree of 2^64 bytes", lambda x: [*x[:5], 2**64 - 1], "device tree is not in free RAM"),
    ("a tree over the image", lambda x: [*x[:4], x[0], 0x1000], "root task is not in free RAM"),
]


def damage(gdb: Gdb, arch: str, change) -> None:
    if arch == "x86_64":
        change(Multiboot(gdb))
        return
    registers = [gdb.register(i) for i in range(6)]
    for i, value in enumerate(change(registers)):
        gdb.set_register(i, value)


def test_nonsense_is_named(tap, arch):
    folder = system_folder(arch, "demo")
    for name, change, pattern in MULTIBOOT_DAMAGES if arch == "x86_64" else HANDOFF_DAMAGES:
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "gdb"
            with Machine(folder, stopped_machine(path), limit_s=60) as machine:
                gdb = Gdb(path)
                gdb.run_to(multiboot_entry(folder / "kernel.elf") if arch == "x86_64" else KERNEL_ENTRY)
                damage(gdb, arch, change)
                gdb.leave()
                try:
                    machine.expect(pattern, 15, regex=True)
                    tap.check(f"{name}: the console names it", True)
                except Missing as problem:
                    tap.check(f"{name}: the console names it", False, str(problem))


run_tests(test_nonsense_is_named)
