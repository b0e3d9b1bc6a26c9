# SPDX-License-Identifier: MIT OR Apache-2.0
"""Stopping a machine at the kernel's first instruction, to change what the kernel finds there.

    with Machine(folder, stopped_machine(path)) as machine:
        gdb = Gdb(path)
        gdb.run_to(multiboot_entry(folder / "kernel.elf"))
        gdb.write(address, data)
        gdb.leave()
"""
import pathlib
import socket
import struct
import time

from harness import Missing

MULTIBOOT_MAGIC = 0x1BADB002


def stopped_machine(path: pathlib.Path) -> list[str]:
    """QEMU arguments: stopped before the first instruction, the gdb stub at a socket."""
    return ["-S", "-chardev", f"socket,path={path},server=on,wait=off,id=gdb0", "-gdb", "chardev:gdb0"]


def multiboot_entry(kernel: pathlib.Path) -> int:
    """Where the multiboot loader jumps to: the header's entry address."""
    head = kernel.read_bytes()[:8192]
    at = next(i for i in range(0, len(head) - 32, 4) if struct.unpack_from("<I", head, i)[0] == MULTIBOOT_MAGIC)
    return struct.unpack_from("<I", head, at + 28)[0]


class Gdb:
    """QEMU's gdb stub: enough of the protocol to stop at an address and change memory."""

    def __init__(self, path: pathlib.Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        end = time.monotonic() + 20
        while True:
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.socket.settimeout(60)
        self.pending = b""
        # Only a debugger that has asked for the description may use single registers.
        self.ask("qXfer:features:read:target.xml:0,ffb")

    def ask(self, request: str) -> str:
        body = request.encode()
        self.socket.sendall(b"$" + body + b"#%02x" % (sum(body) & 0xFF))
        return self.answer()

    def answer(self) -> str:
        while True:
            start = self.pending.find(b"$")
            end = self.pending.find(b"#", start + 1)
            if start >= 0 and 0 <= end <= len(self.pending) - 3:
                packet = self.pending[start + 1:end]
                self.pending = self.pending[end + 3:]
                self.socket.sendall(b"+")
                return packet.decode()
            data = self.socket.recv(65536)
            if not data:
                raise Missing("QEMU's gdb stub closed the connection")
            self.pending += data

    def read(self, address: int, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += bytes.fromhex(self.ask(f"m{address + len(data):x},{min(1024, count - len(data)):x}"))
        return data

    def write(self, address: int, data: bytes) -> None:
        if self.ask(f"M{address:x},{len(data):x}:{data.hex()}") != "OK":
            raise Missing(f"cannot write memory at 0x{address:x}")

    def run_to(self, address: int) -> None:
        self.ask(f"Z1,{address:x},1")
        self.ask("c")
        self.ask(f"z1,{address:x},1")

    def register(self, number: int) -> int:
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")), "little")

    def set_register(self, number: int, value: int) -> None:
        if self.ask(f"P{number:x}={value.to_bytes(8, 'little').hex()}") != "OK":
            raise Missing(f"cannot write register {number}")

    def leave(self) -> None:
        """Lets the machine go on without the debugger."""
        self.ask("D")
