#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints `<code lines> <register-table lines> <path>` for each driver and folder.

Code lines are lines of C and assembly after clang-format that are neither blank nor only comment;
lines of a KAAL_REGISTERS(...) table, and of *_regs.h files, are counted in their own column. With the driver example written
with and without the kit present, the last line is their ratio.

usage: scripts/loc.py [path]...
       scripts/loc.py --check   fails when the kernel or a driver is larger than LIMITS allows
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ["abi", "libsel4", "kernel", "kernel/core", "kernel/arch/x86_64", "kernel/arch/aarch64", "kernel/arch/host",
           "loader", "runtime", "runtime/dddk/include", "runtime/dddk/source", "components", "tools", "examples", "tests"]
DRIVERS = "components/drivers/*/*"
EXAMPLE = "examples/serial-driver"
SIMPLE = 80  # code lines of a simple driver
LIMITS = {
    "kernel": 10000,
    "components/drivers/serial": SIMPLE, "components/drivers/rtc": SIMPLE, "components/drivers/rng": SIMPLE,
    "components/drivers/net/e1000": 250, "components/drivers/net/virtio_net": 150,
    "components/drivers/block/virtio_blk": 150, "components/drivers/block/ahci": 350, "components/drivers/block/nvme": 350,
}


def strip_comments(text: str) -> str:
    """Source text with comments removed and their line breaks kept."""
    def keep_newlines(match: re.Match) -> str:
        token = match.group(0)
        return token if token[0] in "\"'" else "\n" * token.count("\n") or " "
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, keep_newlines, text, flags=re.S)


def count(path: pathlib.Path) -> tuple[int, int]:
    """(code lines, register-table lines) of one file."""
    if path.suffix in (".c", ".h"):
        text = subprocess.run(["clang-format", str(path)], capture_output=True, text=True, check=True).stdout
    else:
        text = path.read_text(errors="replace")
    code = registers = depth = 0
    in_table = False
    for line in strip_comments(text).splitlines():
        if not line.strip():
            continue
        if re.match(r"KAAL_REGISTERS\b", line.strip()):
            in_table = True
        if in_table:
            registers += 1
            depth += line.count("(") - line.count(")")
            in_table = depth > 0
        else:
            code += 1
    return (0, code + registers) if path.name.endswith("_regs.h") else (code, registers)


def sources(folder: pathlib.Path, tests: bool) -> list[pathlib.Path]:
    found = [p for p in sorted(folder.rglob("*")) if p.suffix in (".c", ".h", ".S") and p.is_file()]
    return found if tests else [p for p in found if "tests" not in p.parts and not p.name.startswith("test_")]


def total(folder: pathlib.Path) -> tuple[int, int]:
    tests = "tests" in folder.relative_to(ROOT).parts
    counts = [count(p) for p in sources(folder, tests)]
    return sum(c for c, _ in counts), sum(r for _, r in counts)


def check() -> int:
    """Compares the kernel, and every driver that has a limit by itself or as one of its class, with it."""
    status = 0
    for folder in [ROOT / "kernel"] + sorted(p for p in ROOT.glob(DRIVERS) if p.is_dir()):
        name = str(folder.relative_to(ROOT))
        limit = LIMITS.get(name, LIMITS.get(str(folder.parent.relative_to(ROOT))))
        code, _ = total(folder)
        if limit is not None and code > limit:
            print(f"loc: error: {name} has {code} code lines, its limit is {limit}; try: find what is said twice "
                  "(what every driver of a class needs belongs into runtime/dddk)")
            status = 1
    return status


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        return check()
    paths = [ROOT / a for a in arguments]
    if not paths:
        paths = [p for p in sorted(ROOT.glob(DRIVERS)) if p.is_dir()] + [ROOT / f for f in FOLDERS]
    for path in paths:
        if not path.exists():
            print(f"loc: error: {path} does not exist; try: a folder of the project", file=sys.stderr)
            return 1
        code, registers = total(path) if path.is_dir() else count(path)
        print(f"{code} {registers} {path.relative_to(ROOT)}")
    with_kit = [p for p in sources(ROOT / EXAMPLE, False) if "without-kit" not in p.parts]
    without_kit = [p for p in sources(ROOT / EXAMPLE, False) if "without-kit" in p.parts]
    if not arguments and with_kit and without_kit:
        kit = sum(sum(count(p)) for p in with_kit)
        bare = sum(sum(count(p)) for p in without_kit)
        print(f"with the kit {kit}, without it {bare}: {100 * (bare - kit) / bare:.0f}% less code ({EXAMPLE})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
