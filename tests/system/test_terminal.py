#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""`sel4-compose run` on a terminal: Ctrl-C reaches the shell, Ctrl-A x leaves QEMU, and the terminal
is afterwards as it was before. On a pipe it ends with a message when the guest does not power off."""
import os
import pty
import select
import subprocess
import termios
import time

from harness import PROMPT, build_folder, run_tests, system_folder


class Terminal:
    """A program on a pseudo terminal."""

    def __init__(self, *words):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.text = ""
        self.process = subprocess.Popen([str(word) for word in words], stdin=self.slave, stdout=self.slave,
                                        stderr=self.slave, start_new_session=True)

    def expect(self, text, limit_s=60):
        end = time.monotonic() + limit_s
        while text not in self.text and time.monotonic() < end:
            if select.select([self.master], [], [], 0.25)[0]:
                self.text += os.read(self.master, 4096).decode("latin-1")
        found, _, rest = self.text.partition(text)
        if rest or self.text.endswith(text):
            self.text = rest
            return True
        return False

    def type(self, text):
        os.write(self.master, text.encode("latin-1"))

    def wait(self, limit_s=20):
        """The exit status, or None if the program does not end."""
        try:
            return self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None

    def close(self):
        self.process.kill()  # QEMU dies with it
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def test_terminal(tap, arch):
    compose = build_folder(arch) / "host-tools/sel4-compose"
    terminal = Terminal(compose, "run", system_folder(arch, "demo"))
    try:
        tap.check("start says how to leave", terminal.expect("Ctrl-A x leaves QEMU; Ctrl-C goes to the shell"),
                  terminal.text)
        tap.check("boots to the prompt", terminal.expect(PROMPT), terminal.text)
        terminal.type("echo lost")
        tap.check("the line is echoed", terminal.expect("echo lost"), terminal.text)
        terminal.type("\x03")
        tap.check("Ctrl-C does not end QEMU: a new prompt comes", terminal.expect(PROMPT, 20), terminal.text)
        terminal.type("echo kept\r")
        tap.check("Ctrl-C dropped the line it was typed into",
                  terminal.expect("echo kept") and terminal.expect("\nkept") and "lost" not in terminal.text,
                  terminal.text)
        terminal.type("\x01x")
        tap.check("Ctrl-A x leaves QEMU with status 0", terminal.wait() == 0, terminal.text)
        tap.check("the terminal is as it was before", termios.tcgetattr(terminal.slave) == terminal.before)
    finally:
        terminal.close()

    result = subprocess.run([compose, "run", "--timeout", "5", system_folder(arch, "demo")], input="echo still here\n",
                            capture_output=True, text=True)
    tap.check("a guest that does not power off is ended with status 1", result.returncode == 1, result.stderr)
    tap.check("and a message says so", "did not power off within 5 s" in result.stderr, result.stderr)


run_tests(test_terminal)
