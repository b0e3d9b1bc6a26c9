#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A call whose server dies ends with KAAL_ERR_PEER at every point of death, and never hangs."""
import re

from harness import PROMPT, Machine, run_tests, system_folder


def test_calls(tap, arch):
    with Machine(system_folder(arch, "calls"), icount="sleep=on") as machine:
        machine.expect(PROMPT)
        tap.check("every call came back", machine.log_has("^caller: done"), machine.text[-3000:])
        log = machine.command("log")
        tap.check("every promise is kept", "caller: done: 8 rounds, 0 promises broken" in log,
                  "\n".join(re.findall(r"^caller: .*", log, re.M)))
        tap.check("the servers died as often as they should", log.count("init: middle is killed by backend") > 0 and
                  "init: fault: backend: write to address 0x8" in log, log[-3000:])


run_tests(test_calls)
