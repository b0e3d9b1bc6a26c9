#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The demo system boots to its prompt, answers once and powers off: the quick check of an architecture."""
from harness import PROMPT, Machine, run_tests, system_folder


def test_boot(tap, arch):
    with Machine(system_folder(arch, "demo")) as machine:
        machine.expect(PROMPT)
        tap.check("boots to the prompt", True)
        tap.check("echo answers", machine.command("echo hello").strip() == "hello")
        machine.type("poweroff\r")
        tap.check("poweroff ends QEMU with status 0", machine.wait_end() == 0, machine.text[-500:])


run_tests(test_boot)
