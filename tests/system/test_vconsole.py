#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A virtio console carries every byte both ways, also after its driver was killed."""
import pathlib
import re
import socket
import tempfile
import time

from harness import PROMPT, Machine, run_tests, system_folder

TEXT = b"the quick brown fox jumps over the lazy dog 0123456789 " * 20
KILLS = 20
PIECE = 50  # bytes


def echo(line: socket.socket, text: bytes) -> bytes:
    """Sends text and returns what came back, until as much is there or nothing comes for 5 s.

    In pieces: QEMU drops what a console sends while the socket has no room, and single bytes fill it soon.
    """
    answer = b""
    try:
        for at in range(0, len(text), PIECE):
            line.sendall(text[at:at + PIECE])
            while len(answer) < min(len(text), at + PIECE):
                answer += line.recv(4096)
    except TimeoutError:
        pass
    return answer


def wait_running(machine) -> None:
    for _ in range(200):
        if re.search(r"line0 +running", machine.command("ps")):
            return
        time.sleep(0.05)


def run_device(tap, arch, device: str, what: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "line"
        options = ["-chardev", f"socket,id=line,path={path},server=on,wait=off", "-device", device,
                   "-device", "virtconsole,chardev=line"]
        with Machine(system_folder(arch, "vconsole"), options) as machine:
            machine.expect(PROMPT)
            wait_running(machine)
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(str(path))
                line.settimeout(5)
                answer = echo(line, TEXT)
                tap.check(f"{what}: every byte comes back", answer == TEXT.upper(), answer.decode("latin-1"))
                memory = []
                answers = []
                for _ in range(KILLS):
                    time.sleep(0.1)  # until it sleeps: the one byte in its hands would be in doubt
                    machine.command("kill line0")
                    wait_running(machine)
                    answers.append(echo(line, b"after a death\n"))
                    memory.append(machine.command("mem"))
                tap.check(f"{what}: also after each of {KILLS} deaths", set(answers) == {b"AFTER A DEATH\n"}, answers)
                tap.check(f"{what}: each life leaves what it found", len(set(memory[1:])) == 1, "".join(memory))
            machine.type("poweroff\r")
            tap.check(f"{what}: poweroff", machine.wait_end() == 0)


def test_pci(tap, arch):
    run_device(tap, arch, "virtio-serial-pci,disable-legacy=on,iommu_platform=on", "on PCI")


def test_registers(tap, arch):
    if arch == "aarch64":
        run_device(tap, arch, "virtio-serial-device,iommu_platform=on", "in registers")


run_tests(test_pci, test_registers)
