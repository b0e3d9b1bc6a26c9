#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""`caps serial0` is exactly what the manifest gives: nothing less, nothing more, and nothing twice.

The manifest is read from the packed image: the channels from the system description, the driver's resources
from its declaration. Addresses and interrupt come from the line of `devices` that serial0 holds.
"""
import re
import struct

from harness import PROMPT, Machine, run_tests, system_folder

KIND_SYSTEM, KIND_DECLARATION = 1, 4
REGISTERS, PORTS, IRQ = 1, 2, 3  # enum kaal_resource_kind
CHANNEL_HEADER_BYTES = 256
PAGE = 4096
SYSTEM_BYTES, CHANNEL_BYTES = 48, 40  # struct kaal_system, kaal_system_channel; components lie between
# What every component has, whatever the manifest says: broker (send, get a reply), notification, Reply object.
ALWAYS = {("broker", "endpoint", "-w-p", ""), ("notification", "notification", "r---", ""), ("reply", "reply", "----", "")}


def text(field: bytes) -> str:
    return field.split(b"\0")[0].decode()


class Manifest:
    """The parts of a packed image that say what a component may hold."""

    def __init__(self, image: bytes) -> None:
        self.image = image
        self.archive = next(at for at in range(0, len(image), PAGE) if image.startswith(b"KaaLarch", at))
        system = self.entry(KIND_SYSTEM, "system")
        total, = struct.unpack_from("<I", system, 12)
        components, channels = struct.unpack_from("<II", system, 40)
        component_bytes = (total - SYSTEM_BYTES - CHANNEL_BYTES * channels) // components
        at = SYSTEM_BYTES
        self.components = []
        for _ in range(components):
            self.components.append(tuple(text(f) for f in struct.unpack_from("<24s24s", system, at)))
            at += component_bytes
        self.channels = [struct.unpack_from("<24sIIII", system, at + CHANNEL_BYTES * i) for i in range(channels)]

    def entry(self, kind: int, name: str) -> bytes:
        count = struct.unpack_from("<I", self.image, self.archive + 12)[0]
        for i in range(count):
            found, found_kind, _, offset, size = struct.unpack_from("<24sIIQQ", self.image, self.archive + 32 + 48 * i)
            if found_kind == kind and text(found) == name:
                return self.image[self.archive + offset:self.archive + offset + size]
        raise KeyError(name)

    def channels_of(self, component: str):
        """(name, bytes of one end's region) of each channel of a component."""
        index = [name for name, _ in self.components].index(component)
        for name, end0, end1, message_bytes, capacity in self.channels:
            if index in (end0, end1):
                yield text(name), -(-(CHANNEL_HEADER_BYTES + message_bytes * capacity) // PAGE) * PAGE

    def resources_of(self, component: str):
        """(name, kind, index) of each resource that its driver declares."""
        declaration = self.entry(KIND_DECLARATION, dict(self.components)[component])
        count = struct.unpack_from("<I", declaration, 44)[0]
        for i in range(count):
            name, kind, index, _ = struct.unpack_from("<24sIIQ", declaration, 48 + 8 * 48 + 40 * i)
            yield text(name), kind, index


def held_device(devices: str, owner: str):
    """(irq, [(kind, base, size)]) of the device that a component holds, from what `devices` prints."""
    lines = devices.splitlines()
    start = next(i for i, line in enumerate(lines) if f"held by {owner}" in line)
    irq = re.search(r"irq (\d+)", lines[start]).group(1)
    ranges = []
    for line in lines[start + 1:]:
        match = re.match(r"\s+(?:range|bar)\d+ (ports|memory)\s+(0x[0-9a-f]+) size (0x[0-9a-f]+)", line)
        if not match:
            break
        ranges.append(match.groups())
    return irq, ranges


def reported(caps: str):
    """The lines of `caps` as (name, kind, rights, where), and the slots they name."""
    lines, slots = [], []
    for line in caps.strip().splitlines()[1:]:
        name, kind, rights, what = line.split(None, 3)
        slots.append(int(re.match(r"cap (0x[0-9a-f]+)", what).group(1), 16))
        lines.append((name, kind, rights, re.sub(r"^cap 0x[0-9a-f]+\s*", "", what).strip()))
    return lines, slots


def test_caps(tap, arch):
    folder = system_folder(arch, "demo")
    manifest = Manifest((folder / "root.elf").read_bytes())
    with Machine(folder) as machine:
        machine.expect(PROMPT)
        irq, ranges = held_device(machine.command("devices"), "serial0")
        expected = set(ALWAYS)
        for name, region in manifest.channels_of("serial0"):
            expected.add((name, "channel", "-w--", f"size {region:#x}"))
        for name, kind, index in manifest.resources_of("serial0"):
            if kind == IRQ:
                expected.add((name, "irq", "----", f"number {irq}"))
            else:
                _, base, size = ranges[index]
                expected.add((name, "ports" if kind == PORTS else "registers", "----", f"base {base} size {size}"))
        for when in ("at first", "after a restart"):
            lines, slots = reported(machine.command("caps serial0"))
            detail = f"expected {sorted(expected)}\nreported {sorted(lines)}"
            tap.check(f"{when}: nothing is missing", expected <= set(lines), detail)
            tap.check(f"{when}: nothing is there that the manifest does not give", set(lines) <= expected, detail)
            tap.check(f"{when}: nothing twice", len(lines) == len(set(lines)), detail)
            used = [slot for slot in slots if slot != 0]
            tap.check(f"{when}: each capability has a slot of its own", len(used) == len(set(used)), str(slots))
            machine.command("kill serial0")
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


run_tests(test_caps)
