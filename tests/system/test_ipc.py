#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Channels between two components: deadlines, round trips, streams, a dying peer, a lying one, and
one that is never started again."""
import re

from harness import Machine, run_tests, system_folder

PROMISES = 13
LATE_MAX_US = 200  # virtual time: 1 instruction is 1 ns


def test_ipc(tap, arch):
    with Machine(system_folder(arch, "ipc"), icount="sleep=off", limit_s=120) as machine:
        machine.expect("client: done", 90)
        results = re.findall(r"client: (good|BAD): ([^\r\n]*)", machine.text)
        for verdict, name in results:
            tap.check(name, verdict == "good")
        tap.check("every promise was tested", len(results) == PROMISES, machine.text)
        late = re.search(r"at most (\d+) us late", machine.text)
        tap.check("deadlines come soon after their time", late is not None and int(late.group(1)) < LATE_MAX_US,
                  machine.text)


run_tests(test_ipc)
