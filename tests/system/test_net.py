#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Each network driver echoes frames with a program on 127.0.0.1, and is killed while it does.

KAAL_NET_FRAMES and KAAL_NET_KILLS set the amounts; in full: KAAL_NET_FRAMES=100000 KAAL_NET_KILLS=100.
"""
import os
import re
import time

from harness import PROMPT, Machine, run_tests, system_folder
from net_peer import FINISH, REPORT, Peer

FRAMES = int(os.environ.get("KAAL_NET_FRAMES", "10000"))
KILLS = int(os.environ.get("KAAL_NET_KILLS", "5"))
FRAMES_PER_KILL = 300
WINDOW = 64  # frames that the client keeps on their way
MAC = "52:54:00:12:34:56"
VIRTIO = f"netdev={Peer.name},mac={MAC},iommu_platform=on"
DEVICES = {
    "82540EM": ("net-e1000", f"e1000,netdev={Peer.name},mac={MAC},romfile="),
    "82574L": ("net-e1000", f"e1000e,netdev={Peer.name},mac={MAC},romfile="),
    "virtio with messages": ("net-virtio_net", f"virtio-net-pci,{VIRTIO},disable-legacy=on,romfile="),
    "virtio with its line": ("net-virtio_net", f"virtio-net-pci,{VIRTIO},disable-legacy=on,romfile=,vectors=0"),
    "virtio in registers": ("net-virtio_net", f"virtio-net-device,{VIRTIO}"),
}


def wait_for_frames(machine, peer, frames: int, limit_s: float) -> bool:
    """Waits until the peer has seen so many frames, with the serial line read meanwhile."""
    end = time.monotonic() + limit_s
    while peer.frames < frames and time.monotonic() < end:
        machine._pump(0.05)
    return peer.frames >= frames


def report_of(machine, peer, what: int, word: str, client: str = "echo") -> dict[str, int]:
    """A client's counts, as it logs them when it is told to."""
    for _ in range(100):
        peer.command(what)
        for _ in range(5):
            match = re.search(rf"^{client}: {word}: (sent .*)$", machine.command("log"), re.M)
            if match:
                return {name: int(value) for name, value in re.findall(r"(\w+) (\d+)", match[1])}
            time.sleep(0.1)
    return {}


def run_device(tap, arch, name: str) -> None:
    system, device = DEVICES[name]
    with Peer() as peer, Machine(system_folder(arch, system), [*peer.options(), "-device", device], limit_s=1200) as machine:
        machine.expect(PROMPT)
        began = time.monotonic()
        tap.check(f"{name}: {FRAMES} frames are echoed", wait_for_frames(machine, peer, FRAMES, 60 + FRAMES / 100),
                  f"{peer.frames} frames\n" + machine.command("log") + machine.command("devices"))
        print(f"# {name}: {peer.frames} frames in {time.monotonic() - began:.1f} s")
        quiet = report_of(machine, peer, REPORT, "report")
        tap.check(f"{name}: none is lost, wrong or twice",
                  bool(quiet) and quiet["lost"] == quiet["bad"] == quiet["twice"] == quiet["torn"] == 0, str(quiet))
        before = machine.command("mem")
        for kill in range(KILLS):
            wanted = peer.frames + FRAMES_PER_KILL
            machine.command("kill net0")
            if not wait_for_frames(machine, peer, wanted, 30):
                tap.check(f"{name}: frames pass again after kill {kill + 1}", False, machine.command("log"))
                return
        after = machine.command("mem")
        report = report_of(machine, peer, FINISH, "finish")
        print(f"# {name}: {report}; peer: {peer.frames} frames, {peer.bad} bad, {peer.twice} twice")
        tap.check(f"{name}: the client reports", bool(report), machine.command("log"))
        if not report:
            return
        tap.check(f"{name}: it saw every restart of {KILLS}", report["restarts"] == KILLS, str(report))
        tap.check(f"{name}: every checksum was right at both ends", report["bad"] == peer.bad == 0, str(report))
        tap.check(f"{name}: no frame came twice", report["twice"] == 0 and peer.twice == 0, str(report))
        tap.check(f"{name}: a kill loses what was on its way, at most",
                  report["lost"] <= KILLS * WINDOW, str(report))
        tap.check(f"{name}: every frame is accounted for", report["sent"] == report["echoed"] + report["lost"], str(report))
        tap.check(f"{name}: all of the client's buffers are back", report["buffers"] == report["of"], str(report))
        tap.check(f"{name}: each life leaves what it found", before == after, before + after)
        machine.type("poweroff\r")
        tap.check(f"{name}: poweroff", machine.wait_end() == 0)


def test_two_clients(tap, arch):
    """Each gets its own frames, copied from the driver's memory; the driver is killed in between."""
    with Peer() as peer, Machine(system_folder(arch, "net-two"), [*peer.options(), "-device", DEVICES["82574L"][1]]) as machine:
        machine.expect(PROMPT)
        wait_for_frames(machine, peer, 1000, 60)
        for _ in range(KILLS + 3):
            wanted = peer.frames + FRAMES_PER_KILL
            machine.command("kill net0")
            wait_for_frames(machine, peer, wanted, 30)
        for client in ("echo", "echo2"):
            report = report_of(machine, peer, FINISH, "finish", client)
            print(f"# {client}: {report}")
            tap.check(f"two clients: {client} gets its own frames, each once",
                      bool(report) and report["echoed"] > 300 and report["bad"] == report["twice"] == 0, str(report))
            tap.check(f"two clients: {client} has its buffers back", bool(report) and report["buffers"] == report["of"],
                      str(report))
        tap.check("two clients: two addresses are on the wire", len(peer.clients) == 2, str(peer.clients))
        tap.check("two clients: the peer saw nothing wrong", peer.bad == peer.twice == 0)


def test_82540em(tap, arch):
    run_device(tap, arch, "82540EM")


def test_82574l(tap, arch):
    run_device(tap, arch, "82574L")


def test_virtio(tap, arch):
    run_device(tap, arch, "virtio with messages")
    run_device(tap, arch, "virtio with its line")
    if arch == "aarch64":
        run_device(tap, arch, "virtio in registers")


TESTS = {"82540em": test_82540em, "82574l": test_82574l, "virtio": test_virtio, "two": test_two_clients}
run_tests(*[TESTS[name] for name in os.environ.get("KAAL_NET_DEVICES", ",".join(TESTS)).split(",")])
