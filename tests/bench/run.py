#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints instruction counts, as `<arch> <name> <value> <unit> <target|-> <reference|-> <ratio|->`, and judges them.

usage: tests/bench/run.py x86_64|aarch64 [--check | --baseline] [--rows FILE]
  --check      exit 1 if a row regressed against baseline.csv, misses its target, or is missing
  --baseline   write the architecture's column of baseline.csv
  --rows FILE  take the figures from an earlier run's output instead of measuring
"""
import argparse
import pathlib
import sys

import figures


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("arch", choices=figures.ARCHITECTURES)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true")
    choice.add_argument("--baseline", action="store_true")
    parser.add_argument("--rows", type=pathlib.Path)
    options = parser.parse_args(arguments)

    if options.rows:
        rows = figures.parse(options.arch, options.rows.read_text())
    else:
        import measure  # needs a build and QEMU; what --rows is for needs neither
        try:
            rows = measure.rows(options.arch)
        except measure.harness.Missing as problem:
            print(f"bench: error: {problem}", file=sys.stderr)
            return 1
    for line in figures.report(options.arch, rows):
        print(line, flush=True)
    if options.baseline:
        figures.write_baseline(options.arch, rows)
    elif options.check:
        notes, errors = figures.verdict(options.arch, rows)
        for line in notes:
            print(f"bench: note: {line}", file=sys.stderr)
        for line in errors:
            print(f"bench: error: {line}", file=sys.stderr)
        return 1 if errors else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
