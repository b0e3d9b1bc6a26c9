#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Five virtual seconds of harm under load: no promise is broken, one seed gives one log, and a planted leak is caught."""
import re
import subprocess
import tempfile

from harness import build_folder, run_tests, system_folder

SEED = 1
SECONDS = 5
EVENTS_MIN = 60
KINDS = ("kill", "suspend", "spin", "corrupt")


def chaos(arch: str, *options: str, system: str = "chaos") -> tuple[int, str, str]:
    """Exit status, output and messages of a run of `sel4-compose chaos`."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([str(build_folder(arch) / "host-tools" / "sel4-compose"), "chaos",
                              str(system_folder(arch, system)), "--output", folder, *options],
                             capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)
        return run.returncode, run.stdout, run.stderr


def events(output: str) -> list[str]:
    """The lines about single events."""
    return re.findall(r"^\d+ at .*", output, re.M)


def test_five_seconds(tap, arch):
    status, output, messages = chaos(arch, "--seed", str(SEED), "--seconds", str(SECONDS))
    done = re.search(r"^done: (\d+) events, 0 promises broken$", output, re.M)
    tap.check("no promise is broken", status == 0 and done is not None, output + messages)
    tap.check("somebody holds an interrupt", ", 1 interrupts\n" in output, output[:200])
    tap.check(f"at least {EVENTS_MIN} events happened", done is not None and int(done.group(1)) >= EVENTS_MIN, output)
    for kind in KINDS:
        figures = re.search(rf"^{kind}: (\d+) events, recovery (\d+) instructions median, (\d+) worst$", output, re.M)
        tap.check(f"{kind}: recovery has a median and a worst case", figures is not None, output)
        if figures:
            print(f"# {arch} {figures.group(0)}", flush=True)
    _, again, _ = chaos(arch, "--seed", str(SEED), "--seconds", "1")
    tap.check("the same seed gives the same log", len(events(again)) > 10 and
              events(again) == events(output)[:len(events(again))], again)


def test_planted_leak(tap, arch):
    status, output, messages = chaos(arch, "--seed", "2", "--seconds", "1", "--plant", "leak")
    tap.check("a planted leak is caught", status == 1 and "a leak is planted: KAAL_OK\nBROKEN after 4 events: the broker has"
              in output, output)
    tap.check("and said to be", "promises were broken" in messages, messages)


def test_console(tap, arch):
    status, output, messages = chaos(arch, "--seconds", "1", system="chaos-serial")
    tap.check("a serial driver, a console and a shell are harmed as well", status == 0 and len(events(output)) > 10 and
              {"serial0", "console", "shell"} <= set(re.findall(r"(?:kill|suspend|spin|corrupt) (\w+),", output)),
              output + messages)


run_tests(test_five_seconds, test_planted_leak, test_console)
