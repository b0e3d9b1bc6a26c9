#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The machine's clock through its driver: read, set, two clients, and the driver killed while they call."""
import re

from harness import PROMPT, Machine, run_tests, system_folder

BASE = ["-rtc", "base=2031-12-31T23:58:00,clock=vm"]
KILLS = 10


def test_clock(tap, arch):
    with Machine(system_folder(arch, "rtc"), BASE) as machine:
        machine.expect(PROMPT)
        tap.check("the date is the machine's", machine.log_has(r"setter: first: KAAL_OK \d+ = 2031-12-31 23:5[89]:"),
                  machine.text)
        tap.check("it can be set", machine.log_has("setter: set: KAAL_OK"), machine.text)
        tap.check("the day after a leap day is the first of March",
                  machine.log_has("setter: next day: KAAL_OK 17092512.. = 2024-03-01 00:00:0"), machine.text)
        tap.check("a date that the clock cannot show is refused", machine.log_has("setter: too late: KAAL_ERR_RANGE"),
                  machine.text)
        tap.check("an unknown request is refused", machine.log_has("setter: unknown: KAAL_ERR_UNSUPPORTED"),
                  machine.text)
        machine.command("kill reader")  # its clock has been set back meanwhile
        tap.check("a new client sees the time that was set",
                  machine.log_has(r"reader: first: KAAL_OK \d+ = 2024-03-01 00:0"), machine.text)
        memory = set()
        for _ in range(KILLS):
            machine.command("kill clock")
            tap.check("the driver is back", "running" in re.search(r"clock .*", machine.command("ps")).group(0))
            memory.add(machine.command("mem"))
        tap.check("each life leaves what it found", len(memory) == 1, "".join(memory))
        reader = re.split("reader: first", machine.command("log"))[-1]
        tap.check("the clients notice nothing", "BAD" not in reader, reader)
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


run_tests(test_clock)
