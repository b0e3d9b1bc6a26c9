#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Random bytes for two clients of one virtio device, on each transport, while the driver is killed."""
import re
import time

from harness import PROMPT, Machine, run_tests, system_folder

KILLS = 5
PROMISES = 6  # three of each client


def run_device(tap, arch, device: str, what: str) -> None:
    with Machine(system_folder(arch, "rng"), ["-device", device]) as machine:
        machine.expect(PROMPT)
        for _ in range(KILLS):
            machine.command("kill rng0")
        log = ""
        for _ in range(200):
            log = machine.command("log")
            if len(re.findall(r"^(?:one|two): done", log, re.M)) == 2:
                break
            time.sleep(0.1)
        memory = []
        for _ in range(3):
            machine.command("kill rng0")
            time.sleep(0.3)  # until the channels are full again and the driver sleeps
            memory.append(machine.command("mem"))
        results = re.findall(r"(one|two): (good|BAD): ([^\r\n]*)", log)
        for name, verdict, promise in results:
            tap.check(f"{what}: {name}: {promise}", verdict == "good", log)
        tap.check(f"{what}: every promise was tested", len(results) == PROMISES, log)
        words = re.findall(r"(?:one|two): block \d+ ([0-9a-f]{16})", log)
        tap.check(f"{what}: no client gets another's bytes", len(words) == len(set(words)) and len(words) >= 8, log)
        tap.check(f"{what}: each life leaves what it found", len(set(memory)) == 1, "".join(memory))
        machine.type("poweroff\r")
        tap.check(f"{what}: poweroff", machine.wait_end() == 0)


def test_messages(tap, arch):
    run_device(tap, arch, "virtio-rng-pci,disable-legacy=on,iommu_platform=on", "PCI with messages")


def test_line(tap, arch):
    run_device(tap, arch, "virtio-rng-pci,disable-legacy=on,iommu_platform=on,vectors=0", "PCI with its line")


def test_registers(tap, arch):
    if arch == "aarch64":
        run_device(tap, arch, "virtio-rng-device,iommu_platform=on", "in registers")


run_tests(test_messages, test_line, test_registers)
