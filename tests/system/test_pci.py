#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A PCI device is given to a component, works by interrupt and DMA, and comes back when its holder dies."""
import re

from harness import PROMPT, Machine, Missing, check_graph, graph_of, run_tests, system_folder

# Its default takes 28 bits of an address, and a PC's 512 MiB need 29.
EDU = "edu,dma_mask=0xffffffff"
PROMISES = 15  # of one life with the device
LIVES = 4      # restart_limit: 3


def verdicts(machine, name: str) -> list[tuple[str, str]]:
    return re.findall(rf"{name}: (good|BAD): ([^\r\n]*)", machine.command("log"))


def wait_for_life(machine, life: int) -> None:
    """The component logs what it found; `log` shows it."""
    if not machine.log_has(r"^edu: done", times=life):
        raise Missing(f"life {life} did not end")


def run_device(tap, arch, options: list[str], what: str) -> None:
    with Machine(system_folder(arch, "edu"), options) as machine:
        machine.expect(PROMPT)
        wait_for_life(machine, 1)
        results = verdicts(machine, "edu")
        for verdict, name in results:
            tap.check(f"{what}: {name}", verdict == "good")
        tap.check(f"{what}: every promise was tested", len(results) == PROMISES, machine.text)
        machine.type("poweroff\r")
        tap.check(f"{what}: poweroff", machine.wait_end() == 0)


def test_device(tap, arch):
    run_device(tap, arch, ["-device", EDU], "on the root bus")


def test_device_behind_bridges(tap, arch):
    """Two bridges deep: buses are numbered and windows opened where no firmware has."""
    bridges = ["-device", "pcie-root-port,id=rp,chassis=1,slot=1", "-device", "pcie-pci-bridge,id=bridge,bus=rp"]
    run_device(tap, arch, [*bridges, "-device", f"{EDU},bus=bridge,addr=3"], "behind two bridges")


def test_lives(tap, arch):
    """Each life leaves DMA running; then the restart limit frees the device for the one that waits."""
    with Machine(system_folder(arch, "edu"), ["-device", EDU]) as machine:
        machine.expect(PROMPT)
        memory = []
        for life in range(1, LIVES + 1):
            wait_for_life(machine, life)
            memory.append(machine.command("mem"))
            machine.command("kill edu")
        tap.check("each life leaves what it found", len(set(memory)) == 1, "".join(memory))
        machine.command("devices")
        tap.check("the one that waited gets the device", machine.log_has("^late: released"), machine.text)
        results = verdicts(machine, "late")
        tap.check("and it keeps its promises", all(verdict == "good" for verdict, _ in results), str(results))
        devices = machine.command("devices")
        tap.check("the device has a new holder", re.search(r"1234:11e8.*held by late", devices) is not None, devices)
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


def run_handover(tap, arch, options: list[str], what: str) -> None:
    with Machine(system_folder(arch, "handover"), [*options, "-device", EDU]) as machine:
        machine.expect(PROMPT)
        tap.check(f"{what}: the taker has played all", machine.log_has("^taker: done"), machine.text)
        for name, promises in (("giver", 11), ("taker", PROMISES + 1)):
            results = verdicts(machine, name)
            for verdict, promise in results:
                tap.check(f"{what}: {name}: {promise}", verdict == "good")
            tap.check(f"{what}: {name}: every promise was tested", len(results) == promises, str(results))
        tap.check(f"{what}: the giver's registers are not mapped any more",
                  re.search(r"init: .*giver.*fault|fault.*giver", machine.command("log")) is not None, machine.text)
        devices = machine.command("devices")
        tap.check(f"{what}: the taker holds the device", re.search(r"1234:11e8.*held by taker", devices) is not None, devices)
        answer = machine.command("log broker")
        tap.check(f"{what}: the audit log says so", re.search(r"giver +delegate +taker +\d+ granted", answer) is not None, answer)
        status, messages = check_graph(arch, "handover", graph_of(machine))
        tap.check(f"{what}: what runs is within the ceiling", status == 0, messages)
        machine.command("kill taker")
        devices = machine.command("devices")
        tap.check(f"{what}: its death frees the device", re.search(r"1234:11e8.*held by", devices) is None, devices)
        machine.type("poweroff\r")
        tap.check(f"{what}: poweroff", machine.wait_end() == 0)


def test_handover(tap, arch):
    """The holder hands its device over, DMA under way; then it dies of a register that it has no more."""
    run_handover(tap, arch, [], "handed over")


def test_handover_with_iommu(tap, arch):
    """The device sees the taker's memory instead of the giver's."""
    if arch == "x86_64":
        run_handover(tap, arch, ["-device", "intel-iommu"], "behind an IOMMU")


def test_shared_line(tap, arch):
    """Two devices on one line: one driver stops acknowledging, which blocks the line until it is killed."""
    slots = (2, 6) if arch == "x86_64" else (1, 5)
    devices = [word for slot in slots for word in ("-device", f"edu,addr={slot}")]
    with Machine(system_folder(arch, "shared"), devices) as machine:
        machine.expect(PROMPT)
        tap.check("the second one stops acknowledging", machine.log_has("^second: silent after 3"))
        lines = set(re.findall(r"(?:first|second): line (\d+)", machine.text))
        tap.check("both are on one line", len(lines) == 1, machine.text)
        tap.check("the first one is blocked by it", "first: got" not in machine.command("log"), machine.text)
        machine.command("kill second")
        tap.check("its death counts as an acknowledgement", machine.log_has("^first: got 20"), machine.text)
        tap.check("nothing was refused", "BAD" not in machine.text, machine.text)
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


run_tests(test_device, test_device_behind_bridges, test_lives, test_handover, test_handover_with_iommu, test_shared_line)
