#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Behind an IOMMU a device reaches its holder's DMA memory and nothing else; without one its holder is trusted, and listed so."""
import json
import re
import time

from harness import PROMPT, Machine, build_folder, check_graph, graph_of, run_tests, system_folder

IOMMU = ["-device", "intel-iommu"]
EDU = "edu,dma_mask=0xffffffff"
RNG = "virtio-rng-pci,disable-legacy=on,iommu_platform=on"
KILLS = 20
EDU_PROMISES = 15  # of one life with the device


def log_when(machine: Machine, pattern: str, times: int = 1) -> str:
    """The log, once a line is in it so often, or as it is when that has not come true."""
    machine.log_has(pattern, times=times)
    return machine.command("log")


def trusted(machine: Machine) -> tuple[set[str], set[str]]:
    """Who is trusted with DMA, by `ps` and by the authority graph."""
    listed = set(re.findall(r"^(\S+) .*  trusted: DMA$", machine.command("ps"), re.M))
    graph = json.loads(graph_of(machine))
    return listed, {component["name"] for component in graph["components"] if "DMA" in component["trusted"]}


def kernel_prints() -> bool:
    """Whether the kernel under test is the tree's own and has its console."""
    cache = (build_folder("x86_64") / "CMakeCache.txt").read_text()
    return "KAAL_KERNEL_PRINTING:BOOL=ON" in cache and re.search(r"^KAAL_SEL4_PREFIX:\w+=.+", cache, re.M) is None


def run_probes(tap, arch, what: str, options: list[str], expected: dict[str, str], memory: str) -> None:
    with Machine(system_folder(arch, "dma"), [*options, "-device", EDU, "-device", EDU]) as machine:
        machine.expect(PROMPT)
        log = log_when(machine, r"^victim: memory is|^rogue: done", 2)
        probes = dict(re.findall(r"rogue: probe (\w+): (\w+)", log))
        for name, result in expected.items():
            tap.check(f"{what}: the device at {name}: {result}", probes.get(name) == result, log)
        tap.check(f"{what}: the other's memory is {memory}", f"victim: memory is {memory}" in log, log)
        aim = re.search(r"rogue: aims at 0x([0-9a-f]+)", log)
        listed, drawn = trusted(machine)
        names = set() if options else {"victim", "rogue"}
        tap.check(f"{what}: trusted with DMA: {len(names)}", listed == drawn == names, f"{listed} {drawn}")
        status, messages = check_graph(arch, "dma", graph_of(machine))
        tap.check(f"{what}: everything is within the ceiling", status == 0, messages)
        if options and kernel_prints():
            function = re.search(r"^pci 00:0?([0-9a-f]+)\.0  1234:11e8.*held by rogue", machine.command("devices"), re.M)
            for direction in ("read", "write"):
                tap.check(f"{what}: the refused {direction} is reported with the rogue's device",
                          re.search(rf"kernel: DMA {direction} by 0:{function[1]}\.0 .* at 0x{aim[1]} refused", machine.text) is not None,
                          machine.text)
        before = machine.command("mem")
        for _ in range(3):
            machine.command("kill rogue")
        after = machine.command("mem")
        tap.check(f"{what}: each life leaves what it found", before == after, before + after)
        machine.type("poweroff\r")
        tap.check(f"{what}: poweroff", machine.wait_end() == 0)


def test_confined(tap, arch):
    if arch == "x86_64":
        run_probes(tap, arch, "with an IOMMU", IOMMU,
                   {"own": "reached", "channel": "reached", "pool": "reached", "released": "nothing", "read": "nothing",
                    "kernel": "nothing"}, "intact")


def test_trusted(tap, arch):
    """The same attempts, without an IOMMU: they all succeed, so the test above tests something."""
    expected = {"own": "reached", "channel": "reached", "pool": "reached", "read": "reached"}
    if arch == "x86_64":
        expected["kernel"] = "reached"
    run_probes(tap, arch, "without an IOMMU", [], expected, "the rogue's")


def test_device(tap, arch):
    """Interrupts by message and DMA both ways; behind these bridges its requests have a bridge's id."""
    if arch != "x86_64":
        return
    bridges = ["-device", "pcie-root-port,id=rp,chassis=1,slot=1", "-device", "pcie-pci-bridge,id=bridge,bus=rp"]
    with Machine(system_folder(arch, "edu"), [*IOMMU, *bridges, "-device", f"{EDU},bus=bridge,addr=3"]) as machine:
        machine.expect(PROMPT)
        log = log_when(machine, "^edu: done")
        results = re.findall(r"edu: (good|BAD): ([^\r\n]*)", log)
        for verdict, name in results:
            tap.check(f"behind two bridges: {name}", verdict == "good", log)
        tap.check("behind two bridges: every promise was tested", len(results) == EDU_PROMISES, log)
        tap.check("behind two bridges: no transfer was refused", "refused, reason" not in machine.text, machine.text)
        machine.type("poweroff\r")
        tap.check("behind two bridges: poweroff", machine.wait_end() == 0)


def test_restarts(tap, arch):
    """A virtio device; its I/O address space and root table stay, whatever its driver's end maps comes and goes."""
    if arch != "x86_64":
        return
    with Machine(system_folder(arch, "rng"), [*IOMMU, "-device", RNG]) as machine:
        machine.expect(PROMPT)
        log = log_when(machine, r"^(?:one|two): done", 2)
        results = re.findall(r"(one|two): (good|BAD): ([^\r\n]*)", log)
        for name, verdict, promise in results:
            tap.check(f"virtio: {name}: {promise}", verdict == "good", log)
        tap.check("virtio: every promise was tested", len(results) == 6, log)
        memory = []
        for kills in (1, KILLS - 1):
            for _ in range(kills):
                machine.command("kill rng0")
            time.sleep(0.3)  # until the channels are full again and the driver sleeps
            memory.append(machine.command("mem"))
        tap.check(f"virtio: the counts after {KILLS} lives are those after the first", len(set(memory)) == 1, "".join(memory))
        restarts = re.search(r"^rng0 +running .* (\d+)$", machine.command("ps"), re.M)
        tap.check("virtio: there were as many restarts", restarts is not None and int(restarts[1]) == KILLS, machine.text)
        machine.type("poweroff\r")
        tap.check("virtio: poweroff", machine.wait_end() == 0)


run_tests(test_confined, test_trusted, test_device, test_restarts)
