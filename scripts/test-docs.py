#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs the commands that the documentation tells people to run.

Every fenced shell block in README.md, CONTRIBUTING.md, docs/ and the examples' READMEs carries one word:

    ```sh run           each block is run from the top folder, in order; a failure fails the test
    ```sh interactive   as run, with `poweroff` typed at the booted system's prompt
    ```sh ci            what this very test run is part of, or destroys it (make test, make clean): not run again
    ```sh macos         needs a Mac: not run

A shell block without such a word is an error, so no command goes untested by accident.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")),
         *sorted((ROOT / "examples").glob("*/README.md"))]
SCRATCH = pathlib.Path("/tmp/kaal-docs-test")
LIMIT_S = "600"


def blocks(page: pathlib.Path):
    """(line number, word after sh, commands) of each fenced shell block."""
    text = page.read_text()
    for match in re.finditer(r"^```(sh|bash|shell|console)\b *(\w*)[^\n]*\n(.*?)^```", text, re.M | re.S):
        yield text.count("\n", 0, match.start()) + 1, match.group(2), match.group(3)


def run(commands: str, typed: str) -> subprocess.CompletedProcess:
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ARCH")}
    return subprocess.run(["timeout", "-s", "KILL", LIMIT_S, "bash", "-euo", "pipefail", "-c", commands], cwd=ROOT,
                          input=typed, capture_output=True, text=True, env=environment)


def main() -> int:
    failed = count = 0
    shutil.rmtree(SCRATCH, ignore_errors=True)
    for page in PAGES:
        for line, word, commands in blocks(page):
            where = f"{page.relative_to(ROOT)}:{line}"
            if word in ("ci", "macos"):
                continue
            count += 1
            if word not in ("run", "interactive"):
                print(f"not ok {count} - {where}: error: shell block without run, interactive, ci or macos")
                failed += 1
                continue
            result = run(commands, "poweroff\n" if word == "interactive" else "")
            good = result.returncode == 0
            failed += not good
            print(f"{'ok' if good else 'not ok'} {count} - {where}: {commands.splitlines()[0]}")
            if not good:
                print(result.stdout[-2000:] + result.stderr[-2000:])
    print(f"1..{count}")
    shutil.rmtree(SCRATCH, ignore_errors=True)
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
