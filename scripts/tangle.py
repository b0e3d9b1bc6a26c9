#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the files that a page builds up: its fenced blocks whose first line names a file, in the page's order.

    ```c edu.c          what stands in it is appended to edu.c

usage: scripts/tangle.py PAGE FOLDER
"""
import pathlib
import re
import sys


def files(text: str) -> dict[str, str]:
    """Contents by file name."""
    found: dict[str, str] = {}
    for match in re.finditer(r"^```\w+ ([\w-]+\.\w+)\n(.*?)^```$", text, re.M | re.S):
        before = found.get(match[1])
        found[match[1]] = match[2] if before is None else before + "\n" + match[2]
    return found


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: scripts/tangle.py PAGE FOLDER", file=sys.stderr)
        return 2
    found = files(pathlib.Path(sys.argv[1]).read_text())
    folder = pathlib.Path(sys.argv[2])
    if not found:
        print(f"tangle: error: {sys.argv[1]} builds no files; try: a fenced block that names one", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in found.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
    return 0


sys.exit(main())
