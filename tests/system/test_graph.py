#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What runs is within the manifest's ceiling: `graph` in the shell, checked by `sel4-compose graph --check`.

The same check must find capabilities that init gave out against the manifest (tests/system/planted).
"""
import json
import re

from harness import PROMPT, Machine, Missing, check_graph, graph_of, run_tests, system_folder


def settle(machine: Machine) -> None:
    """Waits until no more prompts come: a restarted console shows one of its own."""
    try:
        while True:
            machine.expect(PROMPT, 3)
    except Missing:
        machine.position = len(machine.text)


def test_demo_is_within_its_ceiling(tap, arch):
    with Machine(system_folder(arch, "demo")) as machine:
        machine.expect(PROMPT)
        for when in ("at first", "after restarts"):
            graph = graph_of(machine)
            names = [component["name"] for component in json.loads(graph)["components"]]
            tap.check(f"{when}: graph lists every component", names == ["serial0", "console", "shell"], graph)
            status, messages = check_graph(arch, "demo", graph)
            tap.check(f"{when}: everything is within the ceiling", status == 0, messages)
            for name in ("serial0", "console"):
                machine.command(f"kill {name}")
                settle(machine)
        answer = machine.command("log broker")
        tap.check("the audit log has the driver's device", re.search(r"serial0 +device +auto +\d+ granted", answer) is not None,
                  answer)
        tap.check("and who was killed by whom", re.search(r"shell +kill +console +0 granted", answer) is not None, answer)
        machine.type("poweroff\r")
        tap.check("poweroff", machine.wait_end() == 0)


def test_planted_capabilities_are_found(tap, arch):
    with Machine(system_folder(arch, "planted")) as machine:
        machine.expect(PROMPT)
        status, messages = check_graph(arch, "planted", graph_of(machine))
        tap.check("the check fails", status == 1, messages)
        tap.check("it names the channel that the manifest does not have",
                  "component 'shell' holds the channel 'serial', but the manifest has no such channel" in messages, messages)
        tap.check("it names the slot that nobody recorded",
                  "component 'console' has a capability in slot 200 that nobody recorded" in messages, messages)
        tap.check("and nothing else", messages.count("error:") == 2, messages)


run_tests(test_demo_is_within_its_ceiling, test_planted_capabilities_are_found)
