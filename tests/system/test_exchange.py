#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Calls over channels, buffer pools and waits for many channels, with deaths of either end in the middle."""
import re

from harness import Machine, run_tests, system_folder

PROMISES = 16


def test_exchange(tap, arch):
    with Machine(system_folder(arch, "exchange"), icount="sleep=off", limit_s=120) as machine:
        machine.expect("client: done", 90)
        results = re.findall(r"client: (good|BAD): ([^\r\n]*)", machine.text)
        for verdict, name in results:
            tap.check(name, verdict == "good")
        tap.check("every promise was tested, and kept", len(results) == PROMISES and "BAD" not in machine.text,
                  machine.text)
        tap.check("the clumsy customer broke none", machine.text.count("clumsy: a promise is broken") == 0,
                  machine.text)


def test_page(tap, arch):
    with Machine(system_folder(arch, "channels-page"), icount="sleep=off", limit_s=60) as machine:
        answer = machine.expect(r"logger: [^\r\n]*[\r\n]", 50, regex=True)[0].strip()
        tap.check("the system of docs/channels.md works", answer == "logger: 1000 samples, sum 499500: KAAL_OK", answer)


run_tests(test_exchange, test_page)
