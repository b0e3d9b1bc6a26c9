#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The verdict on the benchmark's rows: what `make bench-check` refuses, with planted rows in place of measured ones."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

import figures

sys.path.insert(0, str(figures.HERE.parent / "system"))
from harness import Tap  # noqa: E402

PLANTED = "call_reply_passive_0_words"


def baseline(arch: str) -> dict[str, int]:
    return {name: int(value) for name, value in figures.table(figures.BASELINE, arch).items()}


def check(arch: str, rows: dict[str, int], scratch: pathlib.Path) -> tuple[int, str]:
    """Status and messages of `run.py ARCH --check` for these rows."""
    file = scratch / "rows"
    file.write_text("\n".join(figures.report(arch, rows)) + "\n")
    done = subprocess.run([figures.HERE / "run.py", arch, "--check", "--rows", file], capture_output=True, text=True)
    return done.returncode, done.stderr


def test_regressions(tap: Tap, arch: str, scratch: pathlib.Path) -> None:
    rows = baseline(arch) | {figures.BOUND_WORST: figures.limits(arch)[figures.BOUND_WORST]}
    status, messages = check(arch, rows, scratch)
    tap.check(f"{arch}: the baseline itself passes", status == 0, messages)

    value = rows[PLANTED]
    status, messages = check(arch, rows | {PLANTED: value * 1029 // 1000}, scratch)
    tap.check(f"{arch}: 2.9% more passes", status == 0, messages)
    status, messages = check(arch, rows | {PLANTED: value * 1031 // 1000 + 1}, scratch)
    tap.check(f"{arch}: 3.1% more fails, by name and with what to do",
              status == 1 and f"{PLANTED}: " in messages and f"make bench-baseline ARCH={arch}" in messages, messages)

    del rows[PLANTED]
    status, messages = check(arch, rows, scratch)
    tap.check(f"{arch}: a row that was not measured fails", status == 1 and f"{PLANTED}: not measured" in messages, messages)


def test_limits(tap: Tap, arch: str, scratch: pathlib.Path) -> None:
    """A baseline of our own: one row just under its limit, one that has always missed it."""
    limit = figures.limits(arch)
    figures.BASELINE = scratch / "baseline.csv"
    rows = {name: limit.get(name, 1) for name in figures.expected()}
    rows["signal_no_waiter"] = 2 * limit["signal_no_waiter"]
    figures.write_baseline(arch, rows)
    notes, errors = figures.verdict(arch, rows)
    tap.check(f"{arch}: a known miss is a note", not errors and any("signal_no_waiter" in note for note in notes), errors)
    _, errors = figures.verdict(arch, rows | {PLANTED: limit[PLANTED] + 1})
    tap.check(f"{arch}: a new miss is an error", len(errors) == 1 and PLANTED in errors[0], errors)
    _, errors = figures.verdict(arch, rows | {"a_new_row": 1})
    tap.check(f"{arch}: a row without a baseline is an error", len(errors) == 1 and "no baseline" in errors[0], errors)


def test_bounds(tap: Tap, arch: str, scratch: pathlib.Path) -> None:
    """Stretches with interrupts off have one limit and no baseline."""
    rows = baseline(arch) | {figures.BOUND_WORST: 1, "interrupts_off_something": 1}
    status, messages = check(arch, rows, scratch)
    tap.check(f"{arch}: short stretches pass", status == 0, messages)
    status, messages = check(arch, rows | {"interrupts_off_something": 20001}, scratch)
    tap.check(f"{arch}: a stretch above the limit fails by name", status == 1 and "interrupts_off_something: " in messages,
              messages)


def test_baseline_file(tap: Tap, scratch: pathlib.Path) -> None:
    committed, figures.BASELINE = figures.BASELINE, scratch / "copy.csv"
    shutil.copy(committed, figures.BASELINE)
    before = {arch: baseline(arch) for arch in figures.ARCHITECTURES}
    figures.write_baseline("aarch64", before["aarch64"] | {PLANTED: 7})
    tap.check("writing one architecture's baseline keeps the other's", baseline("x86_64") == before["x86_64"])
    tap.check("a written baseline is read again", baseline("aarch64")[PLANTED] == 7)
    figures.BASELINE = committed


def main() -> int:
    tap = Tap()
    committed = figures.BASELINE
    with tempfile.TemporaryDirectory() as folder:
        for arch in figures.ARCHITECTURES:
            test_regressions(tap, arch, pathlib.Path(folder))
            test_bounds(tap, arch, pathlib.Path(folder))
            test_limits(tap, arch, pathlib.Path(folder))
            figures.BASELINE = committed
        test_baseline_file(tap, pathlib.Path(folder))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
