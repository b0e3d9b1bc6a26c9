#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Damaged ACPI tables and device trees, booted: the console names what is wrong and the boot goes on as far as it can.

Hundreds of such tables are tested in the host process (runtime/discovery/tests); here a few of each kind go the whole
way. x86_64: the firmware's real tables are changed in memory, through QEMU's gdb stub, when the kernel is entered.
aarch64: QEMU's own device tree is changed and passed back with -dtb.
"""
import pathlib
import struct
import subprocess
import tempfile

from gdb_stub import Gdb, multiboot_entry, stopped_machine
from harness import PROMPT, Machine, Missing, qemu_command, run_tests, system_folder

BIOS_FIRST, BIOS_END = 0xE0000, 0x100000
FDT_BEGIN, FDT_END, FDT_PROPERTY, FDT_NOP, FDT_STOP = 1, 2, 3, 4, 9


# ---- x86_64: tables in memory ----

class Tables:
    """The firmware's ACPI tables in the stopped machine's memory."""

    def __init__(self, gdb: Gdb) -> None:
        self.gdb = gdb
        bios = gdb.read(BIOS_FIRST, BIOS_END - BIOS_FIRST)
        self.rsdp = BIOS_FIRST + next(at for at in range(0, len(bios), 16) if bios.startswith(b"RSD PTR ", at))
        self.rsdt, = struct.unpack("<I", gdb.read(self.rsdp + 16, 4))
        self.at = {}
        root = self.table(self.rsdt)
        for entry in range(36, len(root), 4):
            address, = struct.unpack_from("<I", root, entry)
            self.at[gdb.read(address, 4).decode()] = address
        self.at["RSDT"] = self.rsdt
        self.at["DSDT"], = struct.unpack_from("<I", self.table(self.at["FACP"]), 40)

    def table(self, address: int) -> bytes:
        length, = struct.unpack("<I", self.gdb.read(address + 4, 4))
        return self.gdb.read(address, length)

    def put(self, name: str, offset: int, form: str, value: int, seal: bool = True) -> None:
        """Changes a field; seal: makes the checksum right again, so that the field itself is what is found."""
        address = self.at[name]
        self.gdb.write(address + offset, struct.pack("<" + form, value))
        if seal:
            data = self.table(address)
            self.gdb.write(address + 9, bytes([(data[9] - sum(data)) & 0xFF]))


def replace_in(name: str, old: bytes, new: bytes):
    def change(tables: Tables) -> None:
        offset = tables.table(tables.at[name]).index(old)
        for i, byte in enumerate(new):
            tables.put(name, offset + i, "B", byte)
    return change


# name, change, what the console must say, whether the prompt must come all the same. Our kernel reads FADT and MADT
# itself and stops with a message of its own if it cannot; another kernel may go on, and then init says it.
ACPI_DAMAGES = [
    ("MCFG checksum", lambda t: t.put("MCFG", 9, "B", 0x77, seal=False), "ACPI MCFG at 0x.*, offset 9", True),
    ("MCFG length in half an entry", lambda t: t.put("MCFG", 4, "I", 50), "ACPI MCFG at 0x.*, offset 4", True),
    ("MCFG window not aligned", lambda t: t.put("MCFG", 44, "Q", 0xB0000800), "ACPI MCFG at 0x.*, offset 44", True),
    ("FADT too short", lambda t: t.put("FACP", 4, "I", 40), "ACPI (FACP at 0x.*, offset 4|table FACP has 40)", False),
    ("FADT without PM1 control port", lambda t: t.put("FACP", 176, "Q", 1 << 32), "ACPI FACP at 0x.*, offset 64", True),
    ("FADT's DSDT nowhere", lambda t: t.put("FACP", 140, "Q", 0xFFFFF000), "FADT points to a table at 0xfffff000", True),
    ("DSDT length of 4 GiB", lambda t: t.put("DSDT", 4, "I", 0xFFFFFFFF, seal=False), "ACPI DSDT at 0x.*, offset 4", True),
    ("DSDT without _S5_", replace_in("DSDT", b"_S5_", b"_X5_"), "there is no ._S5_", True),
    ("RSDT entry to nowhere", lambda t: t.put("RSDT", 36, "I", 0xFFFFFFF0), "table at 0xfffffff0", False),
    ("HPET table too short", lambda t: t.put("HPET", 4, "I", 40), "ACPI HPET at 0x.*, offset 4", True),
    ("MADT entry of length 0", lambda t: t.put("APIC", 45, "B", 0), "ACPI APIC (at 0x.*, offset 45|entry at offset 44)", False),
]


def boot_with_tables(tap, name, change, pattern, prompt):
    folder = system_folder("x86_64", "demo")
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch) / "gdb"
        with Machine(folder, stopped_machine(path), limit_s=90) as machine:
            gdb = Gdb(path)
            gdb.run_to(multiboot_entry(folder / "kernel.elf"))
            change(Tables(gdb))
            gdb.leave()
            check_console(tap, machine, name, pattern, prompt)


# ---- aarch64: the device tree ----

class Tree:
    """A device tree: nodes are [name, {property: bytes}, children]."""

    def __init__(self, data: bytes) -> None:
        fields = struct.unpack_from(">10I", data, 0)
        self.structure, self.strings, self.reservations, self.boot_cpu = fields[2], fields[3], fields[4], fields[7]
        self.data = data
        self.position = self.structure
        assert self._cell() == FDT_BEGIN
        self.root = self._node()

    def _cell(self) -> int:
        self.position += 4
        return struct.unpack_from(">I", self.data, self.position - 4)[0]

    def _node(self):
        end = self.data.index(b"\0", self.position)
        node = [self.data[self.position:end].decode(), {}, []]
        self.position = (end + 4) & ~3
        while (token := self._cell()) != FDT_END:
            if token == FDT_BEGIN:
                node[2].append(self._node())
            elif token == FDT_PROPERTY:
                length, name_at = self._cell(), self.strings + self._cell()
                name = self.data[name_at:self.data.index(b"\0", name_at)].decode()
                node[1][name] = self.data[self.position:self.position + length]
                self.position = (self.position + length + 3) & ~3
            else:
                assert token == FDT_NOP
        return node

    def node(self, prefix: str):
        """The first node below the root whose name starts so."""
        return next(child for child in self.root[2] if child[0].startswith(prefix))

    def pack(self) -> bytes:
        strings, offsets = b"", {}
        body = b""

        def emit(node):
            nonlocal strings, body
            name = node[0].encode() + b"\0"
            body += struct.pack(">I", FDT_BEGIN) + name + b"\0" * (-len(name) % 4)
            for key, value in node[1].items():
                if key not in offsets:
                    offsets[key] = len(strings)
                    strings += key.encode() + b"\0"
                body += struct.pack(">3I", FDT_PROPERTY, len(value), offsets[key]) + value + b"\0" * (-len(value) % 4)
            for child in node[2]:
                emit(child)
            body += struct.pack(">I", FDT_END)

        emit(self.root)
        body += struct.pack(">I", FDT_STOP)
        start = 56  # header, one empty reservation
        total = start + len(body) + len(strings)
        header = struct.pack(">10I", 0xD00DFEED, total, start, start + len(body), 40, 17, 16, self.boot_cpu,
                             len(strings), len(body))
        return header + b"\0" * 16 + body + strings


def cells(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def put(node: str, name: str, value: bytes | None):
    def change(tree: Tree) -> None:
        if value is None:
            del tree.node(node)[1][name]
        else:
            tree.node(node)[1][name] = value
    return change


TREE_DAMAGES = [
    ("RTC with half an address", put("pl031", "reg", cells(0, 0x9010000, 0)), "pl031@.*, reg: not a whole number", True),
    ("RTC with an empty range", put("pl031", "reg", cells(0, 0x9010000, 0, 0)), "pl031@.*, reg: an empty", True),
    ("RTC with half an interrupt", put("pl031", "interrupts", cells(0, 2)), "pl031@.*, interrupts: not a whole", True),
    ("RTC with an interrupt that cannot be", put("pl031", "interrupts", cells(9, 2, 4)), "neither a shared", True),
    ("RTC with a name that does not end", put("pl031", "compatible", b"arm"), "pl031@.*, compatible: not a list", True),
    ("RTC with an unknown controller", put("pl031", "interrupt-parent", cells(77)), "the interrupt parent is no", True),
    ("PCI host without registers", put("pcie", "reg", None), "pcie@.*, reg: .*PCI is not searched", True),
    ("PCI host with buses backwards", put("pcie", "bus-range", cells(9, 3)), "pcie@.*, bus-range: not two", True),
    ("PCI host without windows", put("pcie", "ranges", b"abc"), "pcie@.*, ranges: no windows", True),
    ("serial port without interrupt", put("pl011", "interrupts", cells(0)), "pl011@.*, interrupts: not a whole", False),
    ("serial port in no memory", put("pl011", "reg", b"abc"), "pl011@.*, reg: not a whole", False),
    ("tree without compatible strings", put("pl011", "compatible", b"x"), "pl011@.*, compatible: not a list", False),
]


def boot_with_tree(tap, tree_bytes, name, change, pattern, prompt):
    tree = Tree(tree_bytes)
    change(tree)
    with tempfile.NamedTemporaryFile() as file:
        file.write(tree.pack())
        file.flush()
        with Machine(system_folder("aarch64", "demo"), ["-dtb", file.name], limit_s=60) as machine:
            check_console(tap, machine, name, pattern, prompt)


def reference_tree() -> bytes:
    """QEMU's device tree of the reference machine."""
    words = qemu_command(system_folder("aarch64", "demo"), [])
    with tempfile.NamedTemporaryFile() as file:
        machine = words.index("-M") + 1
        words[machine] += f",dumpdtb={file.name}"
        subprocess.run(["timeout", "-s", "KILL", "30", *words], check=True, capture_output=True, stdin=subprocess.DEVNULL)
        return pathlib.Path(file.name).read_bytes()


# ---- both ----

def check_console(tap, machine, name, pattern, prompt):
    try:
        machine.expect(pattern, 60, regex=True)
        if prompt:
            machine.position = 0
            machine.expect(PROMPT, 60)
        tap.check(f"{name}: the console names it{' and the prompt comes' if prompt else ''}", True)
    except Missing as problem:
        tap.check(f"{name}: the console names it", False, str(problem))


def test_damaged_tables(tap, arch):
    if arch == "x86_64":
        for damage in ACPI_DAMAGES:
            boot_with_tables(tap, *damage)
        return
    tree = reference_tree()
    boot_with_tree(tap, tree, "an undamaged tree", lambda _tree: None, "KaaL: system", True)
    for damage in TREE_DAMAGES:
        boot_with_tree(tap, tree, *damage)


run_tests(test_damaged_tables)
