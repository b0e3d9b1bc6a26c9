#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs the commands that the documentation tells people to run.

Every fenced shell block in README.md, CONTRIBUTING.md, docs/ and the examples' READMEs carries one word:

    ```sh run           each block is run from the top folder, in order; a failure fails the test
    ```sh interactive   as run, with `poweroff` typed at the booted system's prompt
    ```sh debugger      starts a machine that waits for a debugger: one connects and asks where it stands
    ```sh clone         run in a fresh clone of the tree, because it would destroy this one's build
    ```sh ci            what this very test run is part of (make check, make test): not run again
    ```sh macos         needs a Mac: not run

A shell block without such a word is an error, so no command goes untested by accident.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

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


def run_in_clone(commands: str) -> subprocess.CompletedProcess:
    """Runs a block in a clone of the committed tree."""
    clone = SCRATCH / "clone"
    return run(f"git clone -q . {clone} && cd {clone}\n{commands}", "")


def run_debugger(commands: str) -> subprocess.CompletedProcess:
    """Starts the block's machine, speaks gdb's remote protocol to it once, and ends it."""
    machine = subprocess.Popen(["timeout", "-s", "KILL", LIMIT_S, "bash", "-c", commands], cwd=ROOT,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, start_new_session=True)
    seen = ""
    try:
        for line in machine.stdout:
            seen += line
            match = re.search(r"waiting for a debugger on ([0-9.]+):(\d+)", line)
            if match:
                with connect(match[1], int(match[2])) as debugger:
                    debugger.settimeout(20)
                    debugger.sendall(b"$?#3f")
                    # The acknowledgement and the packet, which ends with # and a checksum, may come apart.
                    answer = b""
                    while b"#" not in answer and (more := debugger.recv(64)):
                        answer += more
                return subprocess.CompletedProcess(commands, 0 if b"$T05" in answer else 1, seen, repr(answer))
    finally:
        os.killpg(machine.pid, signal.SIGKILL)
        machine.wait()
    return subprocess.CompletedProcess(commands, 1, seen, "the machine ended without waiting for a debugger")


def connect(host: str, port: int) -> socket.socket:
    """A connection to a machine that says it listens; it may need a moment."""
    for _ in range(100):
        try:
            return socket.create_connection((host, port))
        except ConnectionRefusedError:
            time.sleep(0.1)
    return socket.create_connection((host, port))


def main() -> int:
    failed = count = 0
    shutil.rmtree(SCRATCH, ignore_errors=True)
    for page in PAGES:
        for line, word, commands in blocks(page):
            where = f"{page.relative_to(ROOT)}:{line}"
            if word in ("ci", "macos"):
                continue
            count += 1
            how = {"run": lambda text: run(text, ""), "interactive": lambda text: run(text, "poweroff\n"),
                   "clone": run_in_clone, "debugger": run_debugger}.get(word)
            if how is None:
                print(f"not ok {count} - {where}: error: shell block without a word that says how to test it")
                failed += 1
                continue
            result = how(commands)
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
