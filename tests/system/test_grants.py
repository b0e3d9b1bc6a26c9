#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Memory, shares and children at run time, within the manifest and against it (tests/system/grants)."""
import re

from harness import PROMPT, Machine, Missing, check_graph, graph_of, run_tests, system_folder

PROMISES = 38
LOG_PAUSE_S = 3
LIMIT_ROUNDS = 200


def wait_for_log(machine: Machine, text: str) -> str:
    """The log once it has the text."""
    log = ""
    for _ in range(LIMIT_ROUNDS):
        try:
            machine.expect("\0", LOG_PAUSE_S)
        except Missing:
            pass
        machine.position = len(machine.text)
        log = machine.command("log", 120)
        if text in log:
            break
    return log


def test_grants(tap, arch):
    # Instructions as time: figures and time slices do not depend on how busy this machine is.
    with Machine(system_folder(arch, "grants"), icount="sleep=on", limit_s=900) as machine:
        machine.expect(PROMPT, 120)
        log = wait_for_log(machine, "parent: done")
        results = re.findall(r"parent: (good|BAD): ([^\r\n]*)", log)
        for verdict, name in results:
            tap.check(name, verdict == "good")
        tap.check("every promise was tested", len(results) == PROMISES, log)
        answer = machine.command("log broker")
        tap.check("the audit log has the last child", re.search(r"parent +spawn +child +262144 granted", answer) is not None,
                  answer)
        status, messages = check_graph(arch, "grants", graph_of(machine))
        tap.check("what runs is within the ceiling", status == 0, messages)
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


run_tests(test_grants)
