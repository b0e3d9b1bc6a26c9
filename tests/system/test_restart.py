#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A killed serial driver comes back: nothing that was accepted is lost, and no frame or slot leaks."""
import os
import random
import re

from harness import PROMPT, Machine, Missing, run_tests, system_folder

CYCLES = int(os.environ.get("KAAL_RESTART_CYCLES", "1000"))
RECOVERY_NS = 50_000_000
COMPONENTS = ["serial0", "console", "shell"]
RANDOM_KILLS, SEED = 30, 7
NS_PER_S = 10**9


def columns(answer: str) -> dict[str, list[str]]:
    """The lines of `ps` by component."""
    return {fields[0]: fields for fields in (line.split() for line in answer.splitlines()) if fields}


def uptime_ns(machine) -> int:
    """The next answer of `uptime` in nanoseconds."""
    match = machine.expect(r"\nup (\d+)\.(\d{9}) s", regex=True)
    return int(match[1]) * NS_PER_S + int(match[2])


def test_kill_during_paste(tap, arch):
    with Machine(system_folder(arch, "demo"), icount="sleep=on") as machine:
        machine.expect(PROMPT)
        machine.command("kill serial0")
        before_memory, before_ps = machine.command("mem"), columns(machine.command("ps"))
        before = [f"line-{i:03d}-{'x' * 60}" for i in range(20)]
        after = [f"line-{i:03d}-{'y' * 60}" for i in range(20, 40)]
        machine.type("".join(f"echo {t}\r" for t in before) + "kill serial0\r" + "".join(f"echo {t}\r" for t in after))
        seen = 0
        for text in before + after:
            machine.expect("\n" + text, 60)
            seen += 1
        tap.check("every pasted line around the kill is answered in order", seen == 40)
        machine.expect(PROMPT)
        after_memory, after_ps = machine.command("mem"), columns(machine.command("ps"))
        tap.check("mem is what it was", before_memory == after_memory, before_memory + after_memory)
        tap.check("the driver was restarted once more",
                  int(after_ps["serial0"][-1]) == int(before_ps["serial0"][-1]) + 1, str(after_ps["serial0"]))
        # Typed in one go, so that no time passes between the answers but the system's own.
        machine.type("uptime\rkill serial0\ruptime\r")
        start, end = uptime_ns(machine), uptime_ns(machine)
        tap.check(f"prompt is back within {RECOVERY_NS} instructions", end - start < RECOVERY_NS, f"{end - start}")
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


def test_many_cycles(tap, arch):
    with Machine(system_folder(arch, "demo"), limit_s=900) as machine:
        machine.expect(PROMPT)
        machine.command("kill serial0")
        before = machine.command("mem")
        for _ in range(CYCLES):
            machine.command("kill serial0")
        after = machine.command("mem")
        tap.check(f"mem is unchanged by {CYCLES} kill/restart cycles", before == after, before + after)
        restarts = int(columns(machine.command("ps"))["serial0"][-1])
        tap.check("every cycle restarted the driver", restarts == CYCLES + 1, str(restarts))
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


def answers(machine, tag: str) -> bool:
    """The shell answers again. A console that dies takes what it had read but not yet delivered with it, so ask anew."""
    for _ in range(10):
        machine.type(f"echo {tag}\r")
        try:
            machine.expect("\n" + tag, 3)
            return True
        except Missing:
            pass
    return False


def settle(machine) -> None:
    """Waits until nothing more is printed: a new console and a new shell each print a prompt, in any order."""
    while True:
        seen = len(machine.text)
        try:
            machine.expect("never printed", 0.5)
        except Missing:
            pass
        if len(machine.text) == seen:
            machine.position = seen
            return


def test_every_component(tap, arch):
    random.seed(SEED)
    with Machine(system_folder(arch, "demo")) as machine:
        machine.expect(PROMPT)
        alive = True
        for cycle in range(3 + RANDOM_KILLS):
            victim = COMPONENTS[cycle] if cycle < 3 else random.choice(COMPONENTS)
            machine.type(f"kill {victim}\r")
            alive = alive and answers(machine, f"cycle{cycle}")
            settle(machine)
            if cycle == 2:
                before = machine.command("mem")
        tap.check(f"after each of {3 + RANDOM_KILLS} kills the shell answers again", alive)
        after = machine.command("mem")
        tap.check("mem is what it was after each component's first restart", before == after, before + after)


run_tests(test_kill_during_paste, test_many_cycles, test_every_component)
