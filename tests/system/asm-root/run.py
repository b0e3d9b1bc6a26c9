#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs a machine command whose serial output is TAP and decides whether the test passed.

    run.py [--limit SECONDS] [--needs TEXT]... -- qemu-system-... arguments

Passed means: QEMU ended by itself with status 0, the plan line came, every planned test was
reported once and is "ok", and each text given with --needs was printed.
"""
import argparse
import re
import subprocess
import sys


# A debug kernel says so at any time, also in the middle of a line of the task.
LOST_INTERRUPT = re.compile(r"kernel: interrupt \d+ lost, nobody waits for it\r?\n")


def verdict(output: str, status: int, needs: list[str]) -> list[str]:
    """What is wrong with a run; nothing when it passed."""
    wrong = []
    output = LOST_INTERRUPT.sub("", output)
    if status != 0:
        wrong.append(f"QEMU ended with status {status} (137: killed, it did not switch off)")
    plan = re.search(r"^1\.\.(\d+)\s*$", output, re.M)
    lines = re.findall(r"^(not )?ok (\d+) - (.*?)\s*$", output, re.M)
    if not plan:
        wrong.append("no plan line: the task did not reach its end")
    elif [int(number) for _, number, _ in lines] != list(range(1, int(plan[1]) + 1)):
        wrong.append(f"planned {plan[1]} tests, reported {len(lines)}")
    wrong += [f"failed: {name}" for failed, _, name in lines if failed]
    wrong += [f"not printed: {text}" for text in needs if text not in output]
    if "Bail out!" in output:
        wrong.append("bailed out")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", default="240")
    parser.add_argument("--needs", action="append", default=[])
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    run = subprocess.run(["timeout", "-s", "KILL", options.limit, *options.command],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, check=False)  # apart: it would break TAP lines
    output = run.stdout.decode("latin-1")
    print(output)
    print(run.stderr.decode("latin-1"))
    wrong = verdict(output, run.returncode, options.needs)
    for line in wrong:
        print(f"# {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
