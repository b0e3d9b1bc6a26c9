# SPDX-License-Identifier: MIT OR Apache-2.0
"""The other end of the wire: QEMU's `stream` netdev connects to a socket here, on 127.0.0.1, and each frame is echoed.

    with Peer() as peer:
        Machine(folder, [*peer.options(), "-device", f"e1000,netdev={peer.name}"])
"""
import socket
import struct
import threading
import zlib

HEADER = struct.Struct("<6s6sHHII")  # tests/system/net/frame.h
FRAME_TYPE = 0xB588
DATA, ECHO, REPORT, FINISH = range(4)


class Peer:
    """Echoes frames in a thread of its own; counts what was wrong."""

    name = "wire"

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.frames = self.bad = self.others = 0
        self.last = set()       # senders and sequence numbers seen
        self.twice = 0
        self.connection = None
        self.clients = {}       # frames by address
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_exception) -> None:
        for end in (self.connection, self.listener):
            if end is not None:
                end.close()

    def options(self) -> list[str]:
        port = self.listener.getsockname()[1]
        return ["-netdev", f"stream,id={self.name},server=off,addr.type=inet,addr.host=127.0.0.1,addr.port={port}"]

    def command(self, what: int) -> None:
        """Tells every client to REPORT, or to FINISH."""
        self._send([HEADER.pack(client, b"\x02\0\0\0\0\1", FRAME_TYPE, what, 0, 0) + bytes(36)
                    for client in list(self.clients)])

    def _send(self, frames: list[bytes]) -> None:
        with self.lock:
            self.connection.sendall(b"".join(struct.pack(">I", len(frame)) + frame for frame in frames))

    def _answer(self, frame: bytes) -> bytes | None:
        if len(frame) < HEADER.size:
            self.others += 1
            return None
        to, sender, kind, command, sequence, total = HEADER.unpack_from(frame)
        data = frame[HEADER.size:]
        if kind != FRAME_TYPE or command != DATA:
            self.others += 1
            return None
        if zlib.crc32(data) ^ sequence != total:
            self.bad += 1
            return None
        self.frames += 1
        self.clients[sender] = self.clients.get(sender, 0) + 1
        self.twice += (sender, sequence) in self.last
        self.last.add((sender, sequence))
        turned = data[::-1]
        return HEADER.pack(sender, to, kind, ECHO, sequence, zlib.crc32(turned) ^ sequence) + turned

    def _serve(self) -> None:
        try:
            self.connection, _ = self.listener.accept()
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            waiting = b""
            while True:
                more = self.connection.recv(1 << 18)
                if not more:
                    return
                waiting += more
                at, answers = 0, []
                while len(waiting) - at >= 4:
                    (length,) = struct.unpack_from(">I", waiting, at)
                    if len(waiting) - at - 4 < length:
                        break
                    answer = self._answer(waiting[at + 4:at + 4 + length])
                    at += 4 + length
                    if answer is not None:
                        answers.append(answer)
                waiting = waiting[at:]
                if answers:
                    self._send(answers)
        except OSError:
            return  # the machine ended
