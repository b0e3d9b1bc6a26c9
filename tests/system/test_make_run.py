#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""`printf 'devices\\npoweroff\\n' | make run` ends by itself with status 0."""
import os
import subprocess

from harness import ROOT, run_tests


def test_make_run(tap, arch):
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    result = subprocess.run(["timeout", "-s", "KILL", "300", "make", "run", f"ARCH={arch}"], cwd=ROOT,
                            input="devices\npoweroff\n", capture_output=True, text=True, env=environment)
    tap.check("make run with piped commands ends with status 0", result.returncode == 0,
              result.stdout[-2000:] + result.stderr[-2000:])
    tap.check("it says how to leave QEMU", "Ctrl-A x" in result.stdout, result.stdout[:1000])
    tap.check("the devices command was answered", "serial0" in result.stdout, result.stdout[-2000:])


run_tests(test_make_run)
