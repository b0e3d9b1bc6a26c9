#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Boots damaged root task images and expects the kernel to say what is wrong with each.

    run.py good-root.elf -- qemu-system-x86_64 -kernel kernel.elf arguments
"""
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time

LIMIT_S = 60
STOP = "; the machine stops"
PROGRAM_HEADERS = 64  # file offset in the good image
SEGMENT_BYTES = 56


def put(image: bytes, form: str, offset: int, value: int) -> bytes:
    """The image with one little-endian field replaced."""
    return image[:offset] + struct.pack("<" + form, value) + image[offset + struct.calcsize(form):]


def segment(index: int, field: int) -> int:
    """File offset of a field of a program header."""
    return PROGRAM_HEADERS + index * SEGMENT_BYTES + field


def cases(good: bytes) -> list[tuple[str, bytes, str]]:
    """Name, image, and what the kernel must print about it."""
    return [
        ("one byte", good[:1], "shorter than an ELF header"),
        ("cut off in the program headers", good[:100], "program headers outside the file"),
        ("cut off in a segment", good[:0x1100], "segment outside the file, program header 0"),
        ("wrong magic", put(good, "B", 0, 0x7e), "not an ELF file"),
        ("32-bit class", put(good, "B", 4, 1), "not a 64-bit little-endian ELF file"),
        ("big endian", put(good, "B", 5, 2), "not a 64-bit little-endian ELF file"),
        ("aarch64 machine", put(good, "H", 18, 183), "not for this architecture"),
        ("shared object", put(good, "H", 16, 3), "not a static executable"),
        ("size of program headers", put(good, "H", 54, 32), "program headers of an unknown size"),
        ("program headers far away", put(good, "Q", 32, 2**64 - 8), "program headers outside the file"),
        ("too many program headers", put(good, "H", 56, 65535), "no program headers, or more than 64"),
        ("no program headers", put(good, "H", 56, 0), "no program headers, or more than 64"),
        ("larger in the file than in memory", put(good, "Q", segment(0, 40), 1),
         "segment smaller in memory than in the file, program header 0"),
        ("file offset wraps", put(good, "Q", segment(0, 8), 2**64 - 16), "segment outside the file, program header 0"),
        ("address in the kernel half", put(good, "Q", segment(1, 16), 0xffffffff80000000),
         "above the user address space"),
        ("memory size wraps", put(good, "Q", segment(0, 40), 2**64 - 0x1000), "segment wraps around the address space, program header 0"),
        ("memory size beyond all RAM", put(good, "Q", segment(1, 40), 2**40), "no room for the root task"),
        ("overlapping segments", put(good, "Q", segment(1, 16), 0x400800),
         "segment overlaps an earlier one, program header 1"),
        ("lowest segment within a page", put(good, "Q", segment(0, 16), 0x3ff010), "lowest address is not page aligned"),
        ("entry point outside", put(good, "Q", 24, 0x10), "entry point is not in a loaded segment"),
        ("an empty file is no module", b"", "no module"),
    ]


def boot(command: list[str], image: bytes) -> str:
    """The serial output up to the kernel's stop, or until the time is over."""
    with tempfile.NamedTemporaryFile(suffix=".elf") as file:
        file.write(image)
        file.flush()
        process = subprocess.Popen(["timeout", "-s", "KILL", str(LIMIT_S), *command, "-initrd", file.name],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        text = b""
        end = time.monotonic() + LIMIT_S
        while STOP.encode() not in text and time.monotonic() < end:
            block = os.read(process.stdout.fileno(), 4096)
            if not block:
                break
            text += block
        os.killpg(process.pid, signal.SIGKILL)  # the machine, too
        process.wait()
        return text.decode("latin-1")


def main() -> int:
    good = pathlib.Path(sys.argv[1]).read_bytes()
    command = sys.argv[sys.argv.index("--") + 1:]
    failed = 0
    tests = cases(good)
    print(f"1..{len(tests)}")
    for number, (name, image, expected) in enumerate(tests, 1):
        output = boot(command, image)
        good_answer = expected in output and STOP in output
        failed += not good_answer
        print(f"{'ok' if good_answer else 'not ok'} {number} - {name}", flush=True)
        if not good_answer:
            print(f"#   expected: {expected}")
            for line in output.splitlines()[-5:]:
                print(f"#   {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
