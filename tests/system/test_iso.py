#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The demo system starts from an ISO image by BIOS and by UEFI, so from GRUB through multiboot 2.

By UEFI the memory map comes in pieces and the ACPI tables are found only by the multiboot 2 tag.
"""
import pathlib
import shutil
import subprocess
import tempfile

from harness import PROMPT, Machine, build_folder, qemu_command, run_tests, system_folder

UEFI_FIRMWARE = pathlib.Path("/usr/share/ovmf/OVMF.fd")  # Debian's package ovmf


def make_iso(tap, arch, folder):
    """An ISO image made by sel4-compose of a copy of the demo system."""
    system = folder / "demo"
    system.mkdir()
    for name in ["kernel.elf", "root.elf"]:
        shutil.copy(system_folder(arch, "demo") / name, system)
    result = subprocess.run([build_folder(arch) / "host-tools/sel4-compose", "iso", system], capture_output=True, text=True)
    iso = system / "boot.iso"
    tap.check("sel4-compose iso makes boot.iso and says where", result.returncode == 0
              and result.stdout == f"{iso}\n", result.stdout + result.stderr)
    config = (system / "iso/boot/grub/grub.cfg").read_text()
    tap.check("GRUB loads the kernel by multiboot 2", "multiboot2 /boot/kernel.elf" in config, config)
    return iso


def cd_command(arch, iso, extra):
    """The reference machine with a CD in place of -kernel and -initrd."""
    words = qemu_command(system_folder(arch, "demo"), [])
    for option in ["-kernel", "-initrd"]:
        at = words.index(option)
        del words[at:at + 2]
    return [*words, "-cdrom", str(iso), *extra]


def boot(tap, arch, iso, firmware, extra):
    with Machine(iso.parent, command=cd_command(arch, iso, extra)) as machine:
        machine.expect(PROMPT, 150)
        tap.check(f"{firmware}: the CD boots to the prompt", True)
        answer = machine.command("echo from a CD")
        tap.check(f"{firmware}: echo answers", answer.strip() == "from a CD", answer)
        tap.check(f"{firmware}: devices are found", "serial" in machine.command("devices"), machine.text[-1500:])
        machine.type("poweroff\r")
        tap.check(f"{firmware}: poweroff ends QEMU with status 0", machine.wait_end() == 0, machine.text[-500:])


def test_iso(tap, arch):
    with tempfile.TemporaryDirectory(prefix="kaal-iso-") as name:
        iso = make_iso(tap, arch, pathlib.Path(name))
        if not iso.exists():
            return
        boot(tap, arch, iso, "BIOS", [])
        if tap.check("OVMF is installed (package ovmf)", UEFI_FIRMWARE.exists()):
            boot(tap, arch, iso, "UEFI", ["-bios", str(UEFI_FIRMWARE)])


run_tests(test_iso)
