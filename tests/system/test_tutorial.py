#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The driver that docs/writing-a-driver.md builds: short as promised, right, and killed without loss."""
from harness import PROMPT, Machine, build_folder, run_tests, system_folder

KILLS = 5
LINES_MAX = 60


def test_lines(tap, arch):
    driver = build_folder(arch) / "tests/system/tutorial/page/edu.c"
    lines = driver.read_text().splitlines()
    tap.check(f"the driver has less than {LINES_MAX} lines", len(lines) < LINES_MAX, str(len(lines)))


def test_factorials(tap, arch):
    with Machine(system_folder(arch, "edu-tutorial"), ["-device", "edu"]) as machine:
        machine.expect(PROMPT)
        for n, value in ((10, 3628800), (11, 39916800), (12, 479001600)):
            tap.check(f"{n}! comes by interrupt", machine.log_has(rf"client: {n}! = {value} \(KAAL_OK\)"), machine.text)
        tap.check("13! is refused", machine.log_has(r"client: 13! = \d+ \(KAAL_ERR_RANGE\)"), machine.text)
        memory = set()
        for kill in range(KILLS):
            machine.command("kill edu")
            machine.command("kill client")
            lives = kill + 2
            tap.check(f"life {lives} works", machine.log_has(r"12! = 479001600 \(KAAL_OK\)", lives), machine.text)
            memory.add(machine.command("mem"))
        tap.check("each life leaves what it found", len(memory) == 1, "".join(memory))
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


run_tests(test_lines, test_factorials)
