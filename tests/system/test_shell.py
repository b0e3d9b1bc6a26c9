#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The demo system boots and a person types at it: every command, line editing, a paste, power-off."""
import random
import re
import string

from harness import PROMPT, Machine, qemu_command, run_tests, system_folder

COMPONENTS = ["serial0", "console", "shell"]


def test_commands(tap, arch):
    with Machine(system_folder(arch, "demo")) as machine:
        machine.expect(PROMPT)
        tap.check("boots to the prompt", True)

        answer = machine.command("help")
        for word in ["ps", "devices", "mem", "caps", "echo", "kill", "uptime", "poweroff"]:
            tap.check(f"help names {word}", re.search(rf"\b{word}\b", answer) is not None, answer)

        answer = machine.command("ps")
        for name in COMPONENTS:
            tap.check(f"ps shows {name} running", re.search(rf"{name}\s+running", answer) is not None, answer)

        answer = machine.command("devices")
        if arch == "x86_64":
            tap.check("devices shows the host bridge 8086:29c0", "8086:29c0" in answer, answer)
            tap.check("devices shows the AHCI controller's class 010601", "010601" in answer.replace(".", ""), answer)
            tap.check("devices shows COM1 at 0x3f8", "3f8" in answer, answer)
        else:
            tap.check("devices shows the PL011 and its address", "arm,pl011" in answer and "9000000" in answer, answer)
            tap.check("devices shows interrupt 33", re.search(r"\b33\b", answer) is not None, answer)
            tap.check("devices shows a virtio-mmio transport", "virtio,mmio" in answer, answer)
        tap.check("devices says who holds the UART", "held by serial0" in answer, answer)
        lines = [line for line in answer.splitlines() if line and not line.startswith(" ")]
        reasons = ("held by", "no driver", "may have it", "refused to", "in a page", "nothing plugged in", "own")
        tap.check("every device says who holds it, or why nobody does",
                  len(lines) > 5 and all(any(reason in line for reason in reasons) for line in lines), answer)
        if arch == "x86_64":
            tap.check("devices shows keyboard and clock by their PNP ids", "PNP0303" in answer and "PNP0B00" in answer,
                      answer)

        answer = machine.command("mem")
        numbers = [int(n) for n in re.findall(r"\d+", answer)]
        tap.check("mem prints totals", len(numbers) >= 3 and max(numbers) > 0, answer)

        tap.check("echo answers", machine.command("echo hello").strip() == "hello")
        machine.type("echo heXX\b\bllo\r")
        machine.expect("\nhello", 20)
        machine.expect(PROMPT)
        tap.check("backspace removes characters", True)
        machine.type("ecxo left\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x7fh\r")
        machine.expect("\nleft", 20)
        machine.expect(PROMPT)
        tap.check("arrow keys move in the line", True)

        answer = machine.command("frobnicate")
        tap.check("an unknown command is named", "frobnicate" in answer and "help" in answer, answer)
        answer = machine.command("caps nobody")
        tap.check("caps of an unknown component says so", "nobody" in answer, answer)
        first = re.search(r"(\d+)\D+(\d+)?", machine.command("uptime"))
        tap.check("uptime prints a figure", first is not None)

        machine.type("poweroff\r")
        tap.check("poweroff ends QEMU with status 0", machine.wait_end() == 0, machine.text[-500:])


def test_paste(tap, arch):
    """10,000 characters at full speed come back complete and in order."""
    rng = random.Random(1)
    lines = ["".join(rng.choices(string.ascii_letters + string.digits, k=94)) for _ in range(100)]
    with Machine(system_folder(arch, "demo")) as machine:
        machine.expect(PROMPT)
        machine.type("".join(f"echo {line}\r" for line in lines))
        arrived = 0
        for line in lines:
            machine.expect("\n" + line, 60)
            arrived += 1
        tap.check("10,000 pasted characters come back in order", arrived == len(lines))
        machine.expect(PROMPT)
        line = "".join(lines)
        machine.type(f"echo {line}\r")
        machine.expect("\n" + line, 60)
        tap.check("and as one line", True)
        machine.expect(PROMPT)
        machine.type("never run\x03")
        machine.expect("^C")
        machine.expect(PROMPT)
        tap.check("Ctrl-C drops the line and gives a new prompt", machine.command("echo next").strip() == "next")
        machine.type("poweroff\r")
        tap.check("poweroff after the paste", machine.wait_end() == 0)


def test_typed_ahead(tap, arch):
    """What is typed before the serial driver lives arrives whole; QEMU hands it over in two different ways."""
    text = string.ascii_letters + string.digits
    for mux in (False, True):
        folder = system_folder(arch, "demo")
        words = [word.replace("stdio,id=terminal,", "stdio,id=terminal,mux=on,") if mux else word
                 for word in qemu_command(folder, [], False)]
        for boot in range(3):
            with Machine(folder, command=words) as machine:
                machine.type(f"echo {text}\npoweroff\n")
                ended = machine.wait_end(60) == 0
                tap.check(f"boot {boot + 1} {'with' if mux else 'without'} a multiplexed terminal: nothing is lost",
                          ended and f"{PROMPT}echo {text}\r\n{text}\r\n" in machine.text, machine.text[-500:])


run_tests(test_commands, test_typed_ahead, test_paste)
