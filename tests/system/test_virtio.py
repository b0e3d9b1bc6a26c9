#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""virtio devices are given by type on both transports: MSI-X tables, function level reset, pages with one owner."""
import re

from harness import PROMPT, Machine, run_tests, system_folder

PCI = ["-device", "pcie-root-port,id=rp1,chassis=1,slot=1", "-device", "virtio-rng-pci,bus=rp1,disable-legacy=on",
       "-device", "pcie-root-port,id=rp2,chassis=2,slot=2", "-device", "virtio-rng-pci,bus=rp2,disable-legacy=on"]
REGISTERS = ["-device", "virtio-rng-device", "-device", "virtio-rng-device"]


def check_lives(tap, machine, where: str, what: str) -> None:
    """A killed holder leaves the device's status set; the next one finds it reset."""
    tap.check(f"{what}: the first life finds it", machine.log_has(f"^one: {where}"), machine.text)
    for life in range(2, 4):
        tap.check(f"{what}: life {life - 1} ends its look", machine.log_has(f"^one: done, life {life - 1}"), machine.text)
        machine.command("kill one")
    tap.check(f"{what}: a third life ends its look", machine.log_has("^one: done, life 3"), machine.text)
    tap.check(f"{what}: every promise is kept", "BAD" not in machine.text, machine.text)


def test_pci(tap, arch):
    with Machine(system_folder(arch, "virtio-probe"), PCI) as machine:
        machine.expect(PROMPT)
        check_lives(tap, machine, "on PCI", "on PCI")
        tap.check("a write to the MSI-X table faults",
                  machine.log_has("fault: two: write to address 0x[0-9a-f]+, which its mapping does not allow"),
                  machine.text)
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


def test_registers(tap, arch):
    if arch != "aarch64":
        return
    with Machine(system_folder(arch, "virtio-probe"), REGISTERS) as machine:
        machine.expect(PROMPT)
        check_lives(tap, machine, "in registers", "in registers")
        devices = machine.command("devices")
        tap.check("its neighbour in the page is nobody else's",
                  re.search(r"virtio 4 in a page with a device of one", devices) is not None, devices)
        tap.check("empty transports say so", "nothing plugged in" in devices or "in a page" in devices, devices)
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


run_tests(test_pci, test_registers)
