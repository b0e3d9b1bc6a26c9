# SPDX-License-Identifier: MIT OR Apache-2.0
"""Boots the images of one architecture's release build under -icount shift=0,sleep=off, where one instruction is one
virtual nanosecond, and collects what they say: rows(arch) is a dictionary from row names to instructions."""
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

import figures

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))
import harness  # noqa: E402

KERNEL_LIMIT_S = 300
# The driver must be asleep again before the next character arrives.
TYPING_PAUSE_S = 0.05
NS_PER_S = 10**9
# QEMU's TSC runs at 1 GHz under -icount; the aarch64 counter's frequency is told by the system itself.
ICOUNT_TSC_HZ = NS_PER_S


def read_symbol(machine_socket: pathlib.Path, physical: int) -> int:
    """A 64-bit word of guest memory at a physical address, through QEMU's monitor."""
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.connect(str(machine_socket))
        lines = monitor.makefile("rw")
        lines.readline()
        for command in ({"execute": "qmp_capabilities"},
                        {"execute": "human-monitor-command", "arguments": {"command-line": f"xp /1gx {physical:#x}"}}):
            lines.write(json.dumps(command) + "\n")
            lines.flush()
            answer = json.loads(lines.readline())
            while "return" not in answer:
                answer = json.loads(lines.readline())
        return int(answer["return"].split(":")[1].strip(), 16)


def symbol_physical(kernel: pathlib.Path, name: str) -> int:
    """The physical address of a kernel symbol, from its segment's physical address."""
    symbols = subprocess.run(["llvm-nm", str(kernel)], capture_output=True, text=True, check=True).stdout
    address = int(re.search(rf"^([0-9a-f]+) \w {name}$", symbols, re.M).group(1), 16)
    headers = subprocess.run(["llvm-readelf", "-lW", str(kernel)], capture_output=True, text=True, check=True).stdout
    for line in headers.splitlines():
        fields = line.split()
        if fields and fields[0] == "LOAD":
            virtual, physical, size = int(fields[2], 16), int(fields[3], 16), int(fields[5], 16)
            if virtual <= address < virtual + size:
                return physical + address - virtual
    raise harness.Missing(f"symbol {name} is in no segment of {kernel}")


def boot_rows(arch: str, build: pathlib.Path) -> dict[str, int]:
    """Instructions from kernel entry to init's first one, and to the first prompt."""
    with tempfile.TemporaryDirectory() as scratch:
        monitor = pathlib.Path(scratch) / "qmp"
        extra = ["-qmp", f"unix:{monitor},server=on,wait=off"]
        with harness.Machine(build / "systems/demo", extra=extra, icount="sleep=off") as machine:
            # Typed ahead: an idle machine may not hear it (see harness.qemu_command).
            machine.type("uptime\r")
            machine.expect(harness.PROMPT, 120)
            answer = machine.expect(r"prompt after [^\n]*\n", 60, regex=True)[0]
            match = re.search(r"prompt after (\d+)\.(\d{9}) s, counter (\d+) at start, (\d+) Hz", answer)
            if not match:
                raise harness.Missing(f"uptime does not tell the start-up times: {answer!r}")
            prompt_ns = int(match[1]) * NS_PER_S + int(match[2])
            start, hz = int(match[3]), int(match[4])
            entry = read_symbol(monitor, symbol_physical(build / "kernel/kernel.elf", "kernel_entry_ticks"))
    true_hz = ICOUNT_TSC_HZ if arch == "x86_64" else hz
    to_init = (start - entry) * NS_PER_S // true_hz
    return {"kernel_entry_to_root_task": to_init, "kernel_entry_to_prompt": to_init + prompt_ns * hz // true_hz}


def root_command(build: pathlib.Path, name: str) -> list[str]:
    """The reference machine with the root task bench_NAME in place of a system."""
    demo, bench = build / "systems/demo", build / "tests/bench" / name
    swaps = {str(demo / "root.elf"): str(bench / f"bench_{name}.elf"),
             str(demo / "image"): str(bench / f"bench_{name}_image.elf.bin")}
    return [swaps.get(word, word) for word in harness.qemu_command(demo, [], icount="sleep=off")]


def logged_rows(folder: pathlib.Path, typed: str = "", command: list[str] | None = None,
                extra: list[str] | None = None, icount: str = "sleep=off") -> dict[str, int]:
    """Rows that a benchmark logs as `bench: <name> <instructions>` until `bench: done`."""
    with harness.Machine(folder, extra, icount=icount, limit_s=KERNEL_LIMIT_S, command=command) as machine:
        if typed:
            machine.expect("bench: ready", KERNEL_LIMIT_S)
            for character in typed:
                time.sleep(TYPING_PAUSE_S)
                machine.type(character)
                machine.expect("bench: got", KERNEL_LIMIT_S)
        machine.expect("bench: done", KERNEL_LIMIT_S)
        return {name: int(value) for name, value in re.findall(r"bench: (\w+) (\d+)", machine.text)}


def bound_rows(build: pathlib.Path) -> dict[str, int]:
    """The longest stretches with interrupts off by operation, and the worst of them."""
    found = logged_rows(build, command=root_command(build, "bounds"))
    return found | {figures.BOUND_WORST: max(found.values())}


def net_rows(arch: str, build: pathlib.Path) -> dict[str, int]:
    """What a frame costs from a client to one device, and from another one of the same kind back to it."""
    pci = "virtio-net-pci,romfile=,disable-legacy=on"
    devices = {"82540em": ("e1000", 2 * ["e1000,romfile="]), "82574l": ("e1000", 2 * ["e1000e,romfile="]),
               "virtio_pci": ("virtio_net", 2 * [pci])}
    if arch == "aarch64":
        # Registers in different pages, because two components hold them.
        devices["virtio_registers"] = ("virtio_net", [f"virtio-net-device,bus=virtio-mmio-bus.{slot}" for slot in (0, 8)])
    found = {}
    for name, (driver, ends) in devices.items():
        wire = [word for index, device in enumerate(ends) for word in
                ("-netdev", f"hubport,id=end{index},hubid=0", "-device", f"{device},netdev=end{index}")]
        rows_of_device = logged_rows(build / f"systems/bench_{driver}", extra=wire)
        found |= {f"{figures.NET}{name}_{row}": value for row, value in rows_of_device.items()}
    return found


def block_rows(arch: str, build: pathlib.Path) -> dict[str, int]:
    """What a request for 4 KiB costs from a client to a disk that is nothing but fast, and back."""
    disks = {"virtio_pci": ("virtio_blk", ["virtio-blk-pci,drive=disk,disable-legacy=on,iommu_platform=on"]),
             "nvme": ("nvme", ["nvme,drive=disk,serial=1"]),
             "ahci": ("ahci", ["ide-hd,drive=disk,bus=ide.0"])}
    if arch == "aarch64":
        disks["virtio_registers"] = ("virtio_blk", ["virtio-blk-device,drive=disk,iommu_platform=on"])
        disks["ahci"] = ("ahci", ["ich9-ahci,id=ide", *disks["ahci"][1]])
    found = {}
    for name, (driver, devices) in disks.items():
        extra = ["-drive", "if=none,id=disk,format=raw,file.driver=null-co,file.size=64M,file.read-zeroes=on"]
        extra += [word for device in devices for word in ("-device", device)]
        # The device works beside the processor: time that is spent waiting for it must not be skipped.
        rows_of_disk = logged_rows(build / f"systems/bench_{driver}", extra=extra, icount="sleep=on")
        found |= {f"{figures.BLOCK}{name}_{row}": value for row, value in rows_of_disk.items()}
    return found


def rows(arch: str) -> dict[str, int]:
    """Every row of one architecture, measured."""
    build = harness.BUILD / f"{arch}-release"
    return (boot_rows(arch, build) | logged_rows(build / "systems/bench_channel")
            | logged_rows(build / "systems/bench_heap")
            | logged_rows(build / "systems/bench_allocator")
            | logged_rows(build / "systems/bench_interrupt", typed=16 * "x") | net_rows(arch, build)
            | block_rows(arch, build)
            | logged_rows(build, command=root_command(build, "kernel")) | bound_rows(build))
