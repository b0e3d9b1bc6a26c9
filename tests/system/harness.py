# SPDX-License-Identifier: MIT OR Apache-2.0
"""Boots a built system in QEMU and talks to it over the serial line, for the system tests.

The QEMU command comes from `sel4-compose run --dry-run`, so the reference machine stands in one
place. Every machine is started under `timeout -s KILL`, has no network and ends with the test.

A test is a program that uses Machine and Tap:

    tap = Tap()
    with Machine(system_folder("x86_64", "demo")) as machine:
        machine.expect("kaal> ")
        answer = machine.command("echo hello")
        tap.check("echo answers", answer.strip() == "hello", answer)
    sys.exit(tap.finish())
"""
import os
import pathlib
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROMPT = "kaal> "
BUILD = pathlib.Path(os.environ.get("KAAL_BUILD", ROOT / "build"))


class Missing(Exception):
    """The expected text did not come in time; the message shows what came instead."""


class Tap:
    """Test results in the Test Anything Protocol, one line each, and the verdict."""

    def __init__(self) -> None:
        self.count = self.failed = 0

    def check(self, name: str, good: bool, detail: str = "") -> bool:
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good and detail:
            for line in str(detail).splitlines()[-40:]:
                print(f"#   {line}", flush=True)
        return good

    def finish(self) -> int:
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed or not self.count else 0


def build_folder(arch: str) -> pathlib.Path:
    """The build that is tested: the one that ctest was started for, or by hand build/<arch>."""
    return pathlib.Path(os.environ.get("KAAL_BUILD_FOLDER", BUILD / arch))


def system_folder(arch: str, name: str) -> pathlib.Path:
    """Where the build left a system of one architecture."""
    return build_folder(arch) / "systems" / name


def qemu_command(folder: pathlib.Path, extra: list[str], icount: str = "") -> list[str]:
    """The reference machine's command for a built system, as sel4-compose gives it.

    icount "sleep=off" counts instructions and skips idle time, but a machine that is idle without any timer
    leaves QEMU deaf to its serial input, so tests that type use "sleep=on", where idle time passes as real time does.
    """
    compose = folder.parents[1] / "host-tools" / "sel4-compose"
    options = ["--icount"] if icount else []
    if "KAAL_KERNEL_ARM_GIC_V3:BOOL=ON" in (folder.parents[1] / "CMakeCache.txt").read_text():
        extra = [*extra, "-M", "gic-version=3"]  # what this build's kernel is for
    words = subprocess.run([str(compose), "run", "--dry-run", *options, str(folder), "--", *extra],
                           capture_output=True, text=True, check=True).stdout
    return [word.replace("sleep=off", icount or "sleep=off") for word in words.splitlines()]


class Machine:
    """A QEMU machine whose serial line is this object's input and output."""

    def __init__(self, folder: pathlib.Path, extra: list[str] | None = None, icount: str = "",
                 limit_s: int = 240, command: list[str] | None = None) -> None:
        words = command or qemu_command(folder, extra or [], icount)
        self.process = subprocess.Popen(["timeout", "-s", "KILL", str(limit_s), *words],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True)
        self.selector = selectors.DefaultSelector()
        os.set_blocking(self.process.stdout.fileno(), False)
        os.set_blocking(self.process.stdin.fileno(), False)
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.text = ""      # everything received so far
        self.position = 0   # start of what expect() has not consumed
        self.unsent = b""   # typed, not yet taken by QEMU

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *_exception) -> None:
        # timeout leads a process group of its own: killing timeout alone would leave QEMU running.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def _pump(self, wait_s: float) -> bool:
        """Moves bytes both ways for at most wait_s; False once the machine's output has ended."""
        if self.unsent:
            try:
                sent = os.write(self.process.stdin.fileno(), self.unsent[:4096])
                self.unsent = self.unsent[sent:]
            except BlockingIOError:
                pass
            except BrokenPipeError:
                self.unsent = b""
            wait_s = min(wait_s, 0.02)
        if not self.selector.select(wait_s):
            return True
        data = os.read(self.process.stdout.fileno(), 65536)
        self.text += data.decode("latin-1")
        return bool(data)

    def type(self, text: str) -> None:
        """Queues text for the serial line; it is sent at full speed while something is expected."""
        self.unsent += text.encode("latin-1")

    def expect(self, pattern: str, limit_s: float = 60, regex: bool = False) -> re.Match:
        """Waits for a pattern after what was consumed before; consumes through its end."""
        compiled = re.compile(pattern if regex else re.escape(pattern), re.S)
        end = time.monotonic() + limit_s
        alive = True
        while True:
            match = compiled.search(self.text, self.position)
            if match:
                self.position = match.end()
                return match
            if not alive or time.monotonic() > end:
                why = "the machine ended" if not alive else f"nothing for {limit_s} s"
                raise Missing(f"expected {pattern!r}, but {why}; got:\n{self.text[self.position:][-3000:]}")
            alive = self._pump(0.25)

    def command(self, line: str, limit_s: float = 60) -> str:
        """Types a line at the prompt; returns what was printed between its echo and the next prompt."""
        self.type(line + "\r")
        self.expect(line, limit_s)
        start = self.position
        self.expect(PROMPT, limit_s)
        return self.text[start:self.position - len(PROMPT)].replace("\r", "")

    def log_has(self, pattern: str, times: int = 1, limit_s: float = 120) -> bool:
        """Whether `log` shows a line's pattern so often, or comes to; asked with pauses, for it prints up to 64 KiB."""
        end = time.monotonic() + limit_s
        while len(re.findall(pattern, self.command("log"), re.M)) < times:
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def wait_end(self, limit_s: float = 30) -> int | None:
        """Waits until QEMU ends by itself; its exit status, or None if it did not."""
        end = time.monotonic() + limit_s
        while self._pump(0.25) and time.monotonic() < end:
            pass
        try:
            return self.process.wait(timeout=max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None


def graph_of(machine: Machine) -> str:
    """What `graph` in the shell prints, without messages of a debug kernel that came in between."""
    return re.sub(r"kernel: [^\n]*\n", "", machine.command("graph", 120))


def check_graph(arch: str, name: str, graph: str) -> tuple[int, str]:
    """Whether a system's graph is within its manifest: status and messages of sel4-compose."""
    compose = build_folder(arch) / "host-tools" / "sel4-compose"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "running.json"
        path.write_text(graph)
        run = subprocess.run([str(compose), "graph", str(system_folder(arch, name)), "--check", str(path)],
                             capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr


def run_tests(*tests) -> None:
    """Runs test functions f(tap, arch) for the architecture given on the command line, then exits."""
    if len(sys.argv) != 2 or sys.argv[1] not in ("x86_64", "aarch64"):
        print(f"usage: {sys.argv[0]} x86_64|aarch64", file=sys.stderr)
        sys.exit(2)
    tap = Tap()
    for test in tests:
        try:
            test(tap, sys.argv[1])
        except Missing as problem:
            tap.check(f"{test.__name__} runs to its end", False, str(problem))
    sys.exit(tap.finish())
