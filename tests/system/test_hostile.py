#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A hostile component gets nowhere: each attempt is a fault report or an error code, and the system goes on."""
import re

from harness import PROMPT, Machine, Missing, run_tests, system_folder

MEMORY = r"fault: hostile: .*address 0x[0-9a-f]+, which (is not mapped|its mapping does not allow)"
CAPABILITY = r"fault: hostile: used capability slot 0x123456789abc"
EXCEPTION = r"fault: hostile: .*code 0x"
FAULTS = {
    "read another's memory below the image": MEMORY,
    "read the guard page below the stack": MEMORY,
    "read address 0": MEMORY,
    "read the kernel's memory": MEMORY,
    "write the kernel's memory": MEMORY,
    "write the start-up page": MEMORY,
    "write its own code": MEMORY,
    "write the peer's side of a channel": MEMORY,
    "read an unowned register page": MEMORY,
    "execute a privileged instruction": EXCEPTION,
    "overrun the stack": MEMORY,
    "call a capability outside its CSpace": CAPABILITY,
}
REFUSED = ["suspend a thread: refused", "retype memory: refused", "change the fault handler: refused",
           "broker, kill: refused", "broker, inspect: refused", "broker, power off: refused", "broker, irq: refused",
           "broker, device: refused", "broker, memory: refused", "broker, release: refused",
           "broker, DMA memory: refused", "broker, delegate: refused", "broker, memory of another: refused",
           "broker, spawn: refused", "broker, child of another: refused", "broker, audit log: refused",
           "broker, slots of another: refused",
           "broker, unknown operation: refused"]


def wait_until_quiet(machine):
    """Lets all attempts happen: reports and the kernel's messages come in between what is typed."""
    seen = -1
    while seen != len(machine.text):
        seen = len(machine.text)
        try:
            machine.expect("\0", 3)
        except Missing:
            pass
    machine.position = len(machine.text)


def test_hostile(tap, arch):
    with Machine(system_folder(arch, "hostile")) as machine:
        machine.expect(PROMPT)
        wait_until_quiet(machine)
        log = machine.command("log")
        tap.check("all attempts were made", "all attempts made" in log, log)
        tap.check("nothing got through", "NOT STOPPED" not in log, log)
        lives = re.split(r"attempt \d+ of \d+: ", log)
        for name, fault in FAULTS.items():
            life = next((text for text in lives[1:] if text.startswith(name)), "")
            tap.check(f"{name}: ends as a fault report", re.search(fault, life) is not None, life or log)
        for text in REFUSED:
            tap.check(text, text in log, log)
        tap.check("faults are shown at once, with a backtrace by name",
                  re.search(r"init: fault: hostile: read from address 0x0,.*?read_null\+0x", machine.text, re.S) is not None)
        tap.check("the system goes on", machine.command("echo alive").strip() == "alive")
        restarts = re.search(r"^hostile\s+running.*\s(\d+)\s*$", machine.command("ps"), re.M)
        tap.check("each attempt took one life", restarts is not None and int(restarts.group(1)) >= len(FAULTS) + 3)
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


run_tests(test_hostile)
