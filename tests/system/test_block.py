#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Block drivers: verified random writes and reads of two clients while the driver is killed, and refusals.
"""
import pathlib
import re
import tempfile
import time

from harness import PROMPT, Machine, run_tests, system_folder

MEGABYTES = 128  # of each client
KILLS = 100
DISK_BYTES = 64 << 20
PROMISES = 14  # of each client
MODERN = "disable-legacy=on,iommu_platform=on"


def run_device(tap, arch, driver: str, device: list[str], what: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        image = pathlib.Path(folder) / "disk"
        with open(image, "wb") as file:
            file.write(f"{MEGABYTES} {KILLS}\n".encode())
            file.truncate(DISK_BYTES)
        drive = ["-drive", f"if=none,id=disk,format=raw,cache=writeback,file={image}"]
        with Machine(system_folder(arch, f"block-{driver}"), [*drive, *device], limit_s=900) as machine:
            run_load(tap, machine, what)
    # The kernel's copy of the file is what the device acknowledged; what is in it was verified from inside.


def finished(log: str) -> bool:
    return len(re.findall(r"^(?:one|two): (?:done|exit)", log, re.M)) == 2


def run_load(tap, machine, what: str) -> None:
    start = time.monotonic()
    machine.expect(PROMPT)
    while time.monotonic() - start < 30 and len(re.findall(r": disk of", machine.command("log"))) < 2:
        time.sleep(0.1)
    killed = 0
    while killed < KILLS and time.monotonic() - start < 120:
        killed += "not possible" not in machine.command("kill disk0")  # it waits for its device's recovery
        time.sleep(0.02)  # for the load to go on
    log = ""
    while time.monotonic() - start < 600 and not finished(log):
        time.sleep(0.2)
        log = machine.command("log")
    results = re.findall(r"(one|two): (good|BAD): ([^\r\n]*)", log)
    for name, verdict, promise in results:
        tap.check(f"{what}: {name}: {promise}", verdict == "good", log)
    tap.check(f"{what}: every promise was tested", len(results) == 2 * PROMISES, log)
    moved = re.findall(r"(?:one|two): moved (\d+) MiB, (\d+) restarts, (\d+) submitted again", log)
    tap.check(f"{what}: {moved} (MiB, restarts, submitted again)", len(moved) == 2 and
              all(int(mib) >= MEGABYTES and int(lives) >= KILLS for mib, lives, _ in moved) and
              sum(int(again) for _, _, again in moved) > 0, log)
    memory = []
    for _ in range(3):
        machine.command("kill disk0")
        while not re.search(r"disk0 +running", machine.command("ps")) and time.monotonic() - start < 600:
            time.sleep(0.05)
        time.sleep(0.5)  # until it sleeps
        memory.append(machine.command("mem"))
    tap.check(f"{what}: each life leaves what it found", len(set(memory)) == 1, "".join(memory))
    machine.type("poweroff\r")
    tap.check(f"{what}: poweroff ({time.monotonic() - start:.1f} s)", machine.wait_end() == 0)


def test_virtio_pci(tap, arch):
    run_device(tap, arch, "virtio_blk", ["-device", f"virtio-blk-pci,drive=disk,{MODERN}"], "virtio_blk on PCI")


def test_confined(tap, arch):
    """Behind an IOMMU the disk reaches its clients' buffers, and nothing else is needed."""
    if arch == "x86_64":
        run_device(tap, arch, "virtio_blk", ["-device", "intel-iommu", "-device", f"virtio-blk-pci,drive=disk,{MODERN}"],
                   "virtio_blk behind an IOMMU")


def test_virtio_registers(tap, arch):
    if arch == "aarch64":
        run_device(tap, arch, "virtio_blk", ["-device", "virtio-blk-device,drive=disk,iommu_platform=on"],
                   "virtio_blk in registers")


def test_nvme(tap, arch):
    run_device(tap, arch, "nvme", ["-device", "nvme,drive=disk,serial=1"], "nvme")


def test_ahci(tap, arch):
    adapter = [] if arch == "x86_64" else ["-device", "ich9-ahci,id=ide"]  # a PC has one
    run_device(tap, arch, "ahci", [*adapter, "-device", "ide-hd,drive=disk,bus=ide.0"], "ahci")


run_tests(test_virtio_pci, test_confined, test_virtio_registers, test_nvme, test_ahci)
