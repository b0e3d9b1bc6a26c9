#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Restart policies, deadlines, run-time requests, and init's own console while no serial driver lives."""
import re
import time

from harness import PROMPT, Machine, run_tests, system_folder

# state and restarts that `ps` must show at the end
STATES = {"once": ("stopped", 0), "thrice": ("running", 3), "failing": ("failed", 2), "faulting": ("stopped", 0),
          "slow": ("failed", 3), "talker": ("failed", 1), "listener": ("running", 0),
          "spinning": ("stopped", 0), "timer": ("running", 0), "memory": ("running", 0), "device": ("running", 0)}
PROMISES = {"timer": 4, "memory": 9, "device": 3}
LATE_MAX_US = 200  # virtual time: 1 instruction is 1 ns


def test_lives(tap, arch):
    with Machine(system_folder(arch, "supervise"), icount="sleep=on") as machine:
        machine.expect(PROMPT)
        end = time.monotonic() + 90
        log = machine.command("log")
        while time.monotonic() < end and not (all(f"{name}: done" in log for name in PROMISES) and
                                              all(f"{name} reached its restart limit" in log for name in ("slow", "talker"))):
            log = machine.command("log")
        tap.check("nothing breaks a promise", "BAD" not in log, log)
        for name, count in PROMISES.items():
            good = len(re.findall(rf"^{name}: good: ", log, re.M))
            tap.check(f"{name}: {count} promises kept", good == count, log)
        late = re.search(r"came at most (\d+) us late", log)
        tap.check("deadlines come soon after their time", late is not None and int(late.group(1)) < LATE_MAX_US,
                  late.group(0) if late else log)
        lines = {line.split()[0]: line.split() for line in machine.command("ps").splitlines() if line.split()}
        for name, (state, restarts) in STATES.items():
            found = lines.get(name, ["", "?", "?"])
            tap.check(f"{name} is {state} after {restarts} restarts",
                      found[1] == state and int(found[-1]) == restarts, " ".join(found))
        tap.check("an exit status is logged", "init: failing ended with status 1" in log, log)
        tap.check("a fault names address and function",
                  re.search(r"init: fault: faulting: write to address 0x8, which is not mapped", log) is not None and
                  re.search(r"at +0x[0-9a-f]+ (fault|main)\+0x", log) is not None, log)
        hang = re.search(r"init: fault: spinning: hangs: it has not answered its watchdog for 20 ms\n.*?\n  it logged last:",
                         log, re.S)
        tap.check("a hang is reported with its place", hang is not None and
                  re.search(r"at +0x[0-9a-f]+ main\+0x", hang.group(0)) is not None, log[-3000:])
        last = re.search(r"init: fault: talker: .*?  it logged last:\n((?:    talk \d+\n)+)", log, re.S)
        tap.check("a crash report has the last 8 lines of that life", last is not None and
                  re.findall(r"talk (\d+)", last.group(1)) == [str(i) for i in range(2, 10)], log[-3000:])
        tap.check("and the state of the channels, who sleeps included",
                  "    channel 'gossip', end 0, generation 1; listener has generation 1\n"
                  "      talker sent 3, listener took 3: 0 of 4 unread\n"
                  "      listener sent 0, talker took 0: 0 of 4 unread; listener waits for data\n" in log, log[-3000:])
        tap.check("a region full of nonsense is called that",
                  "    channel 'gossip', end 0, generation 2; listener has generation 1\n"
                  "      talker sent 305419896, listener took 3: impossible\n" in log, log[-3000:])
        starts = [int(t) for t in re.findall(r"^slow: life \d+ at (\d+) us", log, re.M)]
        gaps = [b - a for a, b in zip(starts, starts[1:])]
        tap.check("back-off waits 20, 40, 80 ms", len(gaps) == 3 and
                  all(gap >= 20_000 << i for i, gap in enumerate(gaps)), str(gaps))
        machine.type("kill serial0\r")
        machine.expect("init: serial0 ended and is not started again", 30)
        tap.check("init prints again when the last serial driver is gone", True)


def test_headless(tap, arch):
    with Machine(system_folder(arch, "headless"), limit_s=60) as machine:
        machine.expect(r"lost: device 'no,such-device'.*nothing of that name", 30, regex=True)
        tap.check("a missing device is named on the console", True)
        machine.position = 0
        machine.expect("init: fault: faulting: write to address 0x8", 30)
        machine.expect("backtrace", 10)
        machine.expect("init: faulting ended and is not started again", 10)
        tap.check("a crash report is printed without a serial driver", True)
        machine.position = 0
        machine.expect("init: once ended with status 0", 30)
        tap.check("an exit is printed", True)


def test_order(tap, arch):
    with Machine(system_folder(arch, "order"), limit_s=60) as machine:
        tap.check("the system powers off", machine.wait_end(50) == 0, machine.text[-2000:])
        log = re.sub(r"\r", "", machine.text)
        tap.check("what others start after starts first, whatever the file's order",
                  -1 < log.find("base: life 1 ") < log.find("top: life 1 "), log)
        tap.check("a restart waits for what it starts after", re.search(
            r"init: top waits for base, which it starts after\n(?!.*top: life.*base: life 2 ).*?base: life 2 .*?top: life",
            log, re.S) is not None, log)
        for name, cause in (("orphan", "broken"), ("grandchild", "orphan"), ("top", "base")):
            tap.check(f"{name} is not started once {cause} has failed",
                      f"init: error: {name} is not started: {cause}, which it starts after, has failed" in log, log)
        tap.check("who started last is shut down first",
                  -1 < log.find("init: last is shut down") < log.find("init: watcher is shut down"), log[-2000:])
        tap.check("nobody lives where nobody should", "orphan: life" not in log and "grandchild: life" not in log, log)


def test_fuzzed_broker(tap, arch):
    with Machine(system_folder(arch, "broker-fuzz")) as machine:
        machine.expect(PROMPT)
        end = time.monotonic() + 120
        while time.monotonic() < end and not re.search(r"^fuzz .* 6$", machine.command("ps"), re.M):
            time.sleep(0.3)  # `log` prints 64 KiB: asked for again and again, it would starve the component
        log = machine.command("log")
        tap.check("init survives random messages", "fuzz: done" in log, log[-3000:])
        runs = re.findall(r"fuzz: fuzz: (\d+) messages, (\d+) refused", log)
        tap.check("six lives of random messages", len(runs) == 6, str(runs))
        # The first lives make the broker split memory and add records, which it keeps.
        memory = re.findall(r"fuzz: memory: (.*)", log)[-3:]
        tap.check("whatever was given came back with the life", len(memory) == 3 and len(set(memory)) == 1,
                  "\n".join(memory))
        tap.check("the system goes on", machine.command("echo alive").strip() == "alive")


run_tests(test_lives, test_headless, test_order, test_fuzzed_broker)
