#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the fuzzers' first inputs into corpus/: small good files and a few nearly good ones.

The files are committed, so a test run does not depend on this program; run it after a change of a
format. Layouts are those of runtime/image/include/kaal/*.h and of the System V ABI.
"""
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).parent / "corpus"
X86_64, AARCH64 = 62, 183


def save(folder: str, name: str, data: bytes) -> None:
    path = HERE / folder
    path.mkdir(parents=True, exist_ok=True)
    (path / name).write_bytes(data)


def name(text: str, size: int = 24) -> bytes:
    return text.encode().ljust(size, b"\0")


def segment(kind: int, flags: int, offset: int, vaddr: int, file: int, memory: int, align: int) -> bytes:
    return struct.pack("<IIQQQQQQ", kind, flags, offset, vaddr, vaddr, file, memory, align)


def section(label: int, kind: int, vaddr: int, offset: int, size: int, link: int = 0) -> bytes:
    return struct.pack("<IIQQQQIIQQ", label, kind, 0, vaddr, offset, size, link, 0, 8, 0)


def elf(machine: int, align: int = 16, tls: bool = False, sections: bool = False, declaration: bytes = b"") -> bytes:
    """A tiny executable: code at 0x400000, data at 0x402000, all within one KiB or two."""
    text, data = 0x200, 0x280
    segments = [segment(1, 5, text, 0x400000, 0x80, 0x80, align),
                segment(1, 6, data, 0x402000, 0x40, 0x2000, align)]
    if tls:
        segments.append(segment(7, 4, data, 0x402000, 0x10, 0x20, 8))
        segments.append(segment(0x6474E551, 6, 0, 0, 0, 0, 16))
    body = b"".join(segments)
    content = b"\xc3" * 0x80 + b"data".ljust(0x40, b"\0")
    tail = b""
    count = index = table_offset = 0
    if sections:
        names = b"\0.symtab\0.strtab\0.shstrtab\0.kaal_driver\0"
        strings = b"\0_start\0work\0"
        symbols = bytes(24) + struct.pack("<IBBHQQ", 1, 2, 0, 1, 0x400000, 16) \
            + struct.pack("<IBBHQQ", 8, 2, 0, 1, 0x400010, 8)
        at = 0x2C0
        parts = [section(0, 0, 0, 0, 0)]
        tail += symbols
        parts.append(section(1, 2, 0, at, len(symbols), 2))
        parts.append(section(9, 3, 0, at + len(tail), len(strings)))
        tail += strings
        parts.append(section(17, 3, 0, at + len(tail), len(names)))
        tail += names
        tail += bytes(-(at + len(tail)) % 8)
        if declaration:
            parts.append(section(27, 1, 0, at + len(tail), len(declaration)))
            tail += declaration
        table_offset, count, index = at + len(tail), len(parts), 3
        tail += b"".join(parts)
    header = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 2, machine, 1, 0x400000, 64,
                         table_offset, 0, 64, 56, len(segments), 64, count, index)
    return (header + body).ljust(text, b"\0") + content + tail


def selector(kind: int, value: int = 0, text: str = "") -> bytes:
    return struct.pack("<II", kind, value) + name(text, 40)


def declaration() -> bytes:
    matches = selector(6, 0, "PNP0501") + selector(3, 0x8086100E)
    resources = b"".join(name(n) + struct.pack("<IIQ", k, 0, b)
                         for n, k, b in (("regs", 2, 8), ("irq", 3, 0), ("ring", 4, 4096)))
    return (b"KaaLdrvr" + struct.pack("<II", 1, 1) + name("uart") + struct.pack("<II", 2, 3)
            + matches.ljust(8 * 48, b"\0") + resources.ljust(8 * 40, b"\0"))


def component(label: str, selectors: list[bytes]) -> bytes:
    return (name(label) + name("image") + struct.pack("<IIQQQIIIIII", 100, 1, 5000, 5000, 1 << 20, 64, 0, 0, 1,
                                                      len(selectors), 0)
            + b"".join(selectors).ljust(8 * 48, b"\0") + name("a b", 256) + bytes(112)
            + struct.pack("<IIQIIII", 1, 64, 1 << 20, 50, 90, 1, 1) + name("image").ljust(96, b"\0"))


def channel(label: str, one: int, two: int) -> bytes:
    return name(label) + struct.pack("<IIII", one, two, 64, 256)


def system(components: list[bytes], channels: list[bytes]) -> bytes:
    body = b"".join(components) + b"".join(channels)
    return (b"KaaLsyst" + struct.pack("<II", 4, 48 + len(body)) + name("demo")
            + struct.pack("<II", len(components), len(channels)) + body)


def symbols() -> bytes:
    strings = b"_start\0work\0"
    return (b"KaaLsyms" + struct.pack("<II", 2, len(strings)) + struct.pack("<QII", 0x400000, 16, 0)
            + struct.pack("<QII", 0x400010, 8, 7) + strings)


def archive(entries: list[tuple[str, int, bytes]]) -> bytes:
    table, contents = b"", b""
    for label, kind, data in entries:
        table += name(label) + struct.pack("<IIQQ", kind, 0, 4096 + len(contents), len(data))
        contents += data.ljust((len(data) + 4095) // 4096 * 4096, b"\0")
    rest = table.ljust(4096 - 32, b"\0") + contents
    return b"KaaLarch" + struct.pack("<IIQII", 1, len(entries), 32 + len(rest), zlib.crc32(rest), 0) + rest


MANIFESTS = {
    "small": "system: demo\ncomponents:\n  - name: one\n    image: first\n",
    "longest": "system: abcdefghijklmnopqrstuvw\ncomponents:\n  - name: abcdefghijklmnopqrstuvw\n    image: first\n",
    "full": "system: demo\ncomponents:\n  - name: one\n    image: {x86_64: first, aarch64: other}\n"
            "    priority: 200\n    budget_us: 2000\n    period_us: 10000\n    memory: 1 MiB\n    slots: 64\n"
            "    restart: always\n    restart_limit: 3\n    backoff_ms: 10\n"
            "    devices: [auto, serial(0), 'pci:8086:100e', 'pci-class:020000', 'pnp:PNP0501']\n"
            "    allow: [inspect, kill]\n    interrupts: 2\n    delegate: [two]\n"
            "    calls: [two]\n    after: [two]\n    watchdog_ms: 50\n"
            "    spawn: {children: 2, memory: 1 MiB, slots: 64, cpu_percent: 9, priority: 7, images: [a], bytes: yes}\n"
            "    arguments: \"a b\"\n  - {name: two, image: second}\n"
            "channels:\n  - {name: data, ends: [one, two], message_bytes: 64, messages: 256}\n",
    "errors": "system: Demo\ncomponents:\n  - nam: one\n    image: [x]\n    priority: 999\n"
              "channels:\n  - {name: data, ends: [one, twoo], messages: 100}\n",
    "odd": "--- # comment\n\"system\": 'demo'\ncomponents: [{name: a, image: b, memory: 4 KiB}, &x {}, *x, !t 1]\n",
}


def serial(label: str, width: int, start: list[int], receive: list[int], room: int) -> None:
    """Inputs of a serial driver: register reads of its start, then actions (enum action of the kit's fuzz.c)."""
    def registers(values: list[int]) -> bytes:
        return b"".join(value.to_bytes(width, "little") for value in values)

    begin = registers(start)
    save(label, "receive", begin + bytes([0]) + registers(receive * 20) + bytes([3, 16, 1]))
    save(label, "transmit", begin + bytes([2, 16, 0]) + registers([room] * 20) + bytes([4]) + begin)
    save(label, "lies", begin + bytes([5, 1]) + struct.pack("<II", 77, 3) + bytes([1, 0, 6, 1, 1]))


def rtc(label: str, read: bytes) -> None:
    """Inputs of a clock driver: a client's message (action 2) with its call header, wake-ups (1), answers (3)."""
    def call(operation: int, seconds: int) -> bytes:
        return bytes([2]) + struct.pack("<IIIiIIQ", operation + 1, 1, 0, 1, operation, 0, seconds)

    save(label, "read", call(0, 0) + bytes([1]) + read * 3 + bytes([3]))
    save(label, "set", call(1, 1709251199) + bytes([1]) + read + bytes([3, 4]) + call(1, 2**40) + bytes([1]))
    save(label, "unknown", call(5, 0) + bytes([1, 3, 5, 1]) + struct.pack("<II", 77, 3) + bytes([1, 6, 1]))


def e1000() -> None:
    """Inputs of a network driver (enum action of the kit's fuzz_net.c): descriptors that say what they like."""
    started = bytes([1]) + bytes(4 * 3 + 2 + 4 * 3)  # on PCI; CTRL, ICR, id, then STATUS and the address
    def received(index: int, length: int, status: int) -> bytes:
        return bytes([2]) + struct.pack("<HB", 16 * index + 8, 6) + struct.pack("<HHBB", length, 0, status, 0)

    sent = bytes([2]) + struct.pack("<HB", 4096 + 12, 1) + bytes([1])
    save("e1000", "receive", started + bytes([1]) + received(0, 60, 3) + bytes([0]) + bytes(4) + bytes([4]))
    save("e1000", "long", started + bytes([1]) + received(0, 0xffff, 3) + bytes([0]) + bytes(4) + bytes([4]))
    save("e1000", "send", started + bytes([3]) + struct.pack("<H", 60) + bytes([1]) + sent + bytes([0]) + bytes(4) + bytes([4]))
    save("e1000", "client", started + bytes([1, 5, 1]) + struct.pack("<III", 0x20003, 0, 60) + bytes([1, 5, 4]) +
         struct.pack("<III", 5, 0, 0) + bytes([1, 7, 1, 8, 1]))


def virtio_net() -> None:
    """The same in registers: what they read at the start, then entries of the used ring of the receive queue."""
    start = bytes([0]) + struct.pack("<9I", 0x74726976, 1, 2, 0, 1, 0x10020, 0x0b, 256, 256)
    link = struct.pack("<H6s", 1, b"RT\0\x124V")

    def used(index: int, head: int, length: int) -> bytes:
        return bytes([2]) + struct.pack("<HBHHII", 4616, 12, 0, index, head, length)

    woken = bytes([1]) + link
    interrupt = bytes([0]) + struct.pack("<I", 1) + link
    save("virtio_net", "receive", start + woken + used(1, 0, 72) + interrupt + bytes([4]))
    save("virtio_net", "ahead", start + woken + used(9, 0, 72) + interrupt + bytes([4]))
    save("virtio_net", "unknown", start + woken + used(1, 0x1ff, 72) + interrupt + bytes([4]))
    save("virtio_net", "send", start + bytes([3]) + struct.pack("<H", 60) + woken + used(1, 0, 0) + interrupt + bytes([8]) + start[1:])


def main() -> None:
    one = [component("one", [selector(1), selector(6, 0, "PNP0501")])]
    two = one + [component("two", [])]
    for label, machine in (("x86_64", X86_64), ("aarch64", AARCH64)):
        save("elf", label, elf(machine))
        save("elf", f"{label}-tls", elf(machine, tls=True))
        save("root", f"{label}-plain", elf(machine))
        save("root", f"{label}-page", elf(machine, align=1))
    save("component", "plain", elf(X86_64))
    save("component", "symbols", elf(X86_64, tls=True, sections=True))
    save("component", "driver", elf(X86_64, sections=True, declaration=declaration()))
    save("system", "one", system(one, []))
    save("system", "two", system(two, [channel("data", 0, 1)]))
    save("archive", "small", archive([("system", 1, system(one, []))]))
    save("archive", "full", archive([("system", 1, system(two, [channel("data", 0, 1)])),
                                     ("first", 2, elf(X86_64)), ("first", 3, symbols()),
                                     ("first", 4, declaration())]))
    serial("ns16550", 1, [0x5a, 0xc0, 0xc0], [0x61, 0x41], 0x60)
    serial("pl011", 4, [0x11, 0x10, 0x70], [0, 0x41], 0x10)
    rtc("cmos", bytes([0x02, 0x26, 0x24, 0x02, 0x29, 0x23, 0x59, 0x59]))
    rtc("pl031", struct.pack("<I", 1709251199))
    e1000()
    virtio_net()
    for label, text in MANIFESTS.items():
        save("manifest", label, text.encode())


if __name__ == "__main__":
    main()
