# SPDX-License-Identifier: MIT OR Apache-2.0
"""What is known about the rows before they are measured, and the verdict on them.

targets.csv    most instructions allowed; a row without one may not be above upstream seL4's
reference.csv  what upstream seL4 and Linux need
baseline.csv   what this kernel needed when the file was last written; no row may get more than 3% worse
"""
import csv
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
ARCHITECTURES = ("x86_64", "aarch64")
BASELINE = HERE / "baseline.csv"
TOLERANCE_PERCENT = 3
# Rows of bounds/: each operation's worst case is sampled, so it has a limit, all the same one, but no baseline.
BOUND = "interrupts_off_"
BOUND_WORST = BOUND + "worst"
# Rows of net/: when QEMU's devices work beside the processor, wake-ups differ from run to run, so they have no baseline.
NET = "net_"
# Rows of block/: the same.
BLOCK = "block_"
UNJUDGED = (NET, BLOCK)


def table(path: pathlib.Path, column: str) -> dict[str, str]:
    """One column of a CSV file by row name, without its "-" entries."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return {row["name"]: row[column] for row in csv.DictReader(lines) if row[column] != "-"}


def references(arch: str) -> dict[str, int]:
    """Upstream seL4's figures."""
    origins = table(HERE / "reference.csv", "origin")
    values = table(HERE / "reference.csv", arch)
    return {name: int(value) for name, value in values.items() if origins[name] == "seL4"}


def limits(arch: str) -> dict[str, int]:
    """Most instructions allowed by row name: its target, or else upstream's figure."""
    targets = table(HERE / "targets.csv", arch)
    return references(arch) | {name: int(value) for name, value in targets.items()}


def limit_of(name: str, allowed: dict[str, int]) -> int | None:
    """A row's limit among limits(); None if it has none."""
    return allowed.get(BOUND_WORST if name.startswith(BOUND) else name)


def expected() -> list[str]:
    """Every row that must be measured."""
    origins = table(HERE / "reference.csv", "origin")
    names = [name for name, origin in origins.items() if origin == "seL4"]
    return names + [name for name in table(HERE / "targets.csv", "name") if name not in names]


def parse(arch: str, text: str) -> dict[str, int]:
    """The rows of one architecture in an earlier run's output."""
    fields = [line.split() for line in text.splitlines()]
    return {words[1]: int(words[2]) for words in fields if len(words) == 7 and words[0] == arch}


def report(arch: str, rows: dict[str, int]) -> list[str]:
    """The printed lines."""
    known, allowed = references(arch), limits(arch)
    lines = []
    for name, value in rows.items():
        ratio = f"{value / known[name]:.3f}" if name in known else "-"
        suffix = name.rsplit("_", 1)[-1]
        unit = suffix if suffix in ("percent", "permille") else "instructions"
        lines.append(f"{arch} {name} {value} {unit} {limit_of(name, allowed) or '-'} {known.get(name, '-')} {ratio}")
    return lines


def verdict(arch: str, rows: dict[str, int]) -> tuple[list[str], list[str]]:
    """Notes and errors. A row whose baseline is above its limit is a known miss: noted, and held by the baseline."""
    allowed = limits(arch)
    baseline = {name: int(value) for name, value in table(BASELINE, arch).items()}
    notes, errors = [], [f"{name}: not measured" for name in expected() if name not in rows]
    update = f"if it is meant, write the new baseline with `make bench-baseline ARCH={arch}` and say why in the commit"
    for name, value in rows.items():
        limit = limit_of(name, allowed) or value
        if name.startswith(BOUND):
            if value > limit:
                errors.append(f"{name}: interrupts are off for {value} instructions, at most {limit} allowed")
            continue
        if name.startswith(UNJUDGED):
            continue
        if name not in baseline:
            errors.append(f"{name}: no baseline; try: `make bench-baseline ARCH={arch}`")
            continue
        change = 100 * (value - baseline[name]) / baseline[name]
        if change > TOLERANCE_PERCENT:
            errors.append(f"{name}: {value} instructions, {change:.1f}% more than the baseline's {baseline[name]}; "
                          f"try: find what made it slower, or {update}")
        elif change < -TOLERANCE_PERCENT:
            notes.append(f"{name}: {value} instructions, {-change:.1f}% fewer than the baseline's {baseline[name]}")
        if value > limit:
            known_miss = baseline[name] > limit
            (notes if known_miss else errors).append(f"{name}: {value} instructions, target {limit}")
    return notes, errors


def write_baseline(arch: str, rows: dict[str, int]) -> None:
    """Writes one architecture's column of baseline.csv; the other one's stays."""
    columns = {other: table(BASELINE, other) if BASELINE.exists() else {} for other in ARCHITECTURES}
    columns[arch] = {name: str(value) for name, value in rows.items() if not name.startswith((BOUND, *UNJUDGED))}
    names = list(columns[arch]) + [name for other in ARCHITECTURES for name in columns[other] if name not in rows]
    lines = ["# Instructions per row when this file was last written, by `make bench-baseline`; see README.md.",
             ",".join(("name", *ARCHITECTURES))]
    lines += [",".join((name, *(columns[other].get(name, "-") for other in ARCHITECTURES)))
              for name in dict.fromkeys(names)]
    BASELINE.write_text("\n".join(lines) + "\n")
