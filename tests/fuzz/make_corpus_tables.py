#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the first inputs of the fuzzers of hardware's tables into corpus/: ACPI, PCI, device tree.

As make_corpus.py: the files are committed. Formats: the heads of fuzz_acpi.c, fuzz_pci.c and
fuzz_device_tree.c; ACPI Specification 6.4, chapter 20; Devicetree Specification 0.4, chapter 5.
"""
import struct

from make_corpus import save

# ---- ACPI ----


def package(opcode: bytes, body: bytes) -> bytes:
    length = len(body) + 2
    return opcode + bytes([0x40 | length & 15, length >> 4]) + body


def integer(value: int) -> bytes:
    return b"\x0e" + struct.pack("<Q", value)


def buffer(data: bytes) -> bytes:
    return package(b"\x11", integer(len(data)) + data)


def named(label: bytes, value: bytes) -> bytes:
    return b"\x08" + label + value


def method(label: bytes, arguments: int, body: bytes) -> bytes:
    return package(b"\x14", label + bytes([arguments]) + body)


def device(label: bytes, body: bytes) -> bytes:
    return package(b"\x5b\x82", label + body)


def elements(*values: bytes) -> bytes:
    return package(b"\x12", bytes([len(values)]) + b"".join(values))


def field(region: bytes, space: int, offset: int, names: bytes) -> bytes:
    return b"\x5b\x80" + region + bytes([space]) + integer(offset) + integer(16) \
        + package(b"\x5b\x81", region + b"\x01" + names)


def definition_block() -> bytes:
    """A host bridge with routing, a link behind a router's register, a serial port, code of all kinds."""
    serial = bytes([0x47, 1, 0xF8, 3, 0xF8, 3, 8, 8, 0x22, 0x10, 0, 0x79, 0])
    window = b"\x87" + struct.pack("<HBBBIIIII", 23, 0, 0xC, 1, 0, 0xE0000000, 0xEFFFFFFF, 0, 0x10000000) + b"\x79\0"
    route = elements(elements(integer(0x2FFFF), integer(0), b"\0", integer(19)),
                     elements(integer(0x1FFFF), integer(1), b"LNKA", integer(0)))
    link = named(b"_HID", integer(0x0F0CD041)) + named(b"_PRS", buffer(b"\x22\x20\x0c\x79\0")) \
        + method(b"_CRS", 0, b"\x70" + buffer(b"\x22\0\0\x79\0") + b"\x60\x8b\x60\x01IRQM"
                 + package(b"\xa0", b"\\ROUT" + b"\x70\x79\x01\\ROUT\0IRQM") + b"\xa4\x60") \
        + method(b"_SRS", 1, b"\x8b\x68\x01WANT" + b"\x74\x82WANT\0\x01\\ROUT")
    sums = method(b"SUMS", 2, b"\x70\0\x60" + package(b"\xa2", b"\x95\x60" + integer(5) + b"\x75\x60")
                  + b"\xa4\x72\x68\x83\x88\x69\x01\0\0")
    bridge = device(b"PCI0", named(b"_HID", integer(0x080AD041)) + named(b"_CRS", buffer(window)) + named(b"_PRT", route)
                    + device(b"LPC_", named(b"_ADR", integer(0x1F0000)) + field(b"LPCR", 2, 0x60, b"PIRA\x08\0\x08PIRB\x08"))
                    + device(b"COM1", named(b"_HID", integer(0x0105D041)) + named(b"_CRS", buffer(serial))
                             + method(b"_STA", 0, b"\xa4\x0a\x0f")))
    return field(b"ROUR", 1, 0x600, b"ROUT\x08") + package(b"\x10", b"\\_SB_" + bridge + device(b"LNKA", link)) + sums \
        + method(b"_PIC", 1, b"\x70\x68PICM") + named(b"PICM", b"\0") + named(b"_S5_", elements(integer(5), integer(6)))


def table(signature: bytes, body: bytes) -> bytes:
    data = signature.ljust(36, b"\0") + body
    return b"\0" + struct.pack("<H", len(data)) + data


def acpi() -> None:
    dsdt = table(b"DSDT", definition_block())
    fadt = table(b"FACP", struct.pack("<II", 0, 0x100000) + bytes(20) + struct.pack("<I", 0x604) + bytes(60))
    madt = table(b"APIC", bytes(8) + struct.pack("<BBBBII", 1, 12, 0, 0, 0xFEC00000, 0)
                 + struct.pack("<BBBBIH", 2, 10, 0, 9, 9, 13))
    mcfg = table(b"MCFG", bytes(8) + struct.pack("<QHBBI", 0xB0000000, 0, 0, 255, 0))
    hpet = table(b"HPET", bytes(4) + struct.pack("<BBBBQ", 0, 64, 0, 0, 0xFED00000) + bytes(4))
    ssdt = table(b"SSDT", package(b"\x10", b"\\_SB_" + method(b"MORE", 0, b"\xa4\x5b\x30")))
    save("acpi", "machine", dsdt + fadt + madt + mcfg + hpet)
    save("acpi", "secondary", dsdt + fadt + madt + ssdt)


# ---- PCI ----


def function(address: int, words: dict[int, int], masks: list[int]) -> bytes:
    config = b"".join(struct.pack("<I", words.get(at, 0)) for at in range(0, 128, 4))
    return struct.pack("<H", address) + config + b"".join(struct.pack("<I", mask) for mask in (masks + [0] * 6)[:6])


def pci() -> None:
    msix = {0x04: 0x00100000, 0x34: 0x40, 0x40: 0x00034811, 0x44: 0x2001, 0x48: 0x00005005, 0x50: 0x00000010}
    net = function(2 << 3, {0: 0x10411AF4, 8: 0x02000000, 0x3C: 0x0100, **msix}, [0xFFFFFFE0, 0xFFFFC000])
    disk = function(1 << 8, {0: 0x00101B36, 8: 0x01080200, 0x10: 4}, [0xFFFFC000, 0xFFFFFFFF])
    bridge = function(1 << 3, {0: 0x000C1B36, 8: 0x06040000, 0x0C: 0x00010000}, [0xFFFFF000])
    numbered = function(1 << 3, {0: 0x000C1B36, 8: 0x06040000, 0x0C: 0x00010000, 0x18: 0x00010100}, [0xFFFFF000])
    save("pci", "given", b"\0" + numbered + net + disk)
    save("pci", "assigned", b"\1" + bridge + net + disk)
    save("pci", "narrow", b"\3" + bridge + net + disk + disk)


# ---- device tree ----


class Tree:
    """A flattened device tree under construction."""

    def __init__(self) -> None:
        self.structure, self.strings = b"", b""

    def begin(self, name: str) -> None:
        label = name.encode() + b"\0"
        self.structure += struct.pack(">I", 1) + label + bytes(-len(label) % 4)

    def end(self) -> None:
        self.structure += struct.pack(">I", 2)

    def cells(self, name: str, *values: int) -> None:
        self.property(name, struct.pack(f">{len(values)}I", *values))

    def property(self, name: str, value: bytes) -> None:
        label = name.encode() + b"\0"
        at = self.strings.find(label)
        if at < 0:
            at = len(self.strings)
            self.strings += label
        self.structure += struct.pack(">III", 3, len(value), at) + value + bytes(-len(value) % 4)

    def blob(self) -> bytes:
        structure = self.structure + struct.pack(">I", 9)
        total = 56 + len(structure) + len(self.strings)
        return struct.pack(">10I", 0xD00DFEED, total, 56, 56 + len(structure), 40, 17, 16, 0, len(self.strings),
                           len(structure)) + bytes(16) + structure + self.strings


def device_tree() -> None:
    tree = Tree()
    tree.begin("")
    tree.cells("#address-cells", 2)
    tree.cells("#size-cells", 2)
    tree.cells("interrupt-parent", 1)
    tree.begin("aliases")
    tree.property("serial0", b"/uart@9000000\0")
    tree.end()
    tree.begin("psci")
    tree.property("compatible", b"arm,psci-1.0\0")
    tree.property("method", b"smc\0")
    tree.end()
    tree.begin("intc@8000000")
    tree.property("compatible", b"arm,cortex-a15-gic\0")
    tree.property("interrupt-controller", b"")
    tree.cells("#interrupt-cells", 3)
    tree.cells("#address-cells", 2)
    tree.cells("#size-cells", 2)
    tree.property("ranges", b"")
    tree.cells("phandle", 1)
    tree.cells("reg", 0, 0x8000000, 0, 0x10000)
    tree.begin("v2m@8020000")
    tree.property("compatible", b"arm,gic-v2m-frame\0")
    tree.cells("reg", 0, 0x8020000, 0, 0x1000)
    tree.cells("arm,msi-base-spi", 80)
    tree.cells("arm,msi-num-spis", 64)
    tree.end()
    tree.end()
    tree.begin("uart@9000000")
    tree.property("compatible", b"arm,pl011\0arm,primecell\0")
    tree.cells("reg", 0, 0x9000000, 0, 0x1000)
    tree.cells("interrupts", 0, 1, 4)
    tree.end()
    tree.begin("virtio@a000000")
    tree.property("compatible", b"virtio,mmio\0")
    tree.cells("reg", 0, 0xA000000, 0, 0x200)
    tree.cells("interrupts-extended", 1, 0, 16, 1)
    tree.end()
    tree.begin("pcie@10000000")
    tree.property("compatible", b"pci-host-ecam-generic\0")
    tree.cells("reg", 0x40, 0x10000000, 0, 0x10000000)
    tree.cells("bus-range", 0, 255)
    tree.cells("#address-cells", 3)
    tree.cells("#size-cells", 2)
    tree.cells("#interrupt-cells", 1)
    tree.cells("ranges", 0x1000000, 0, 0, 0, 0x3EFF0000, 0, 0x10000, 0x2000000, 0, 0x10000000, 0, 0x10000000, 0, 0x2EFF0000)
    tree.cells("interrupt-map-mask", 0x1800, 0, 0, 7)
    tree.cells("interrupt-map", 0, 0, 0, 1, 1, 0, 0, 0, 3, 4, 0x800, 0, 0, 1, 1, 0, 0, 0, 4, 4)
    tree.end()
    tree.end()
    save("device_tree", "virt", tree.blob())


if __name__ == "__main__":
    acpi()
    pci()
    device_tree()
