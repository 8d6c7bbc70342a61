"""A wire that goes wrong: it stands between a channel and its carrier, and does to what passes as a test says."""

import asyncio
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from anlan.county.dispatch.channels.wire import frames

Split = Callable[[bytearray], Sequence[bytes]]
Edit = Callable[[bytes], Sequence[bytes]]


class Cut(Exception):
    """The connection is reset, after these last bytes to whoever was to read them."""

    def __init__(self, last: bytes = b"") -> None:
        super().__init__("cut")
        self.last = last


def same(frame: bytes) -> Sequence[bytes]:
    """Nothing is done to it."""
    return (frame,)


def by_length(buffer: bytearray) -> Sequence[bytes]:
    """Frames that begin with their length: SMPP, CMPP."""
    return frames(buffer, shortest=12)


def as_it_comes(buffer: bytearray) -> Sequence[bytes]:
    """Whatever has come: HTTP."""
    taken = bytes(buffer)
    buffer.clear()
    return (taken,) if taken else ()


def by_packet(buffer: bytearray) -> Sequence[bytes]:
    """MQTT control packets."""
    taken = []
    while len(buffer) >= 2:
        length, at, shift = 0, 1, 0
        while at < len(buffer) and at < 5:
            length |= (buffer[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not buffer[at - 1] & 0x80:
                break
        if buffer[at - 1] & 0x80 or len(buffer) < at + length:
            break
        taken.append(bytes(buffer[: at + length]))
        del buffer[: at + length]
    return taken


@dataclass
class Proxy:
    """Listens on loopback for a carrier at `target`. `to_client` and `to_carrier` are asked about every frame."""

    target: int
    split: Split
    to_client: Edit = same
    to_carrier: Edit = same
    lines: int = 0  # connections so far
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def start(self) -> tuple[asyncio.AbstractServer, int]:
        """Listen; the server and its port."""
        server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        return server, server.sockets[0].getsockname()[1]

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        to_carrier = writer
        try:
            from_carrier, to_carrier = await asyncio.open_connection("127.0.0.1", self.target)
            both = [self._pump(reader, to_carrier, self.to_carrier), self._pump(from_carrier, writer, self.to_client)]
            await asyncio.wait([asyncio.ensure_future(each) for each in both], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (writer, to_carrier):
                reset(each)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, edit: Edit) -> None:
        buffer = bytearray()
        try:
            while data := await reader.read(65536):
                buffer += data
                for frame in self.split(buffer):
                    writer.writelines(edit(frame))
                await writer.drain()
        except Cut as cut:
            writer.write(cut.last)
            await writer.drain()
        except ConnectionError:
            return


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection without a word: whoever reads from it gets an error, not an end."""
    if writer.transport.is_closing():
        return
    writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def once(when: Callable[[bytes], bool], number: int, what: Callable[[bytes], Sequence[bytes]]) -> Edit:
    """Do something to the n-th frame of a sort, and nothing to all others."""
    seen = [0]

    def edit(frame: bytes) -> Sequence[bytes]:
        if not when(frame):
            return (frame,)
        seen[0] += 1
        return what(frame) if seen[0] == number else (frame,)

    return edit


def cut(frame: bytes) -> Sequence[bytes]:
    """Before this frame."""
    raise Cut


def half(frame: bytes) -> Sequence[bytes]:
    """In the middle of this frame."""
    raise Cut(frame[: len(frame) // 2])


def gathered(when: Callable[[bytes], bool], count: int) -> Edit:
    """Frames of a sort wait until there are so many, and then go the last first."""
    kept: list[bytes] = []

    def edit(frame: bytes) -> Sequence[bytes]:
        if not when(frame):
            return (frame,)
        kept.append(frame)
        if len(kept) < count:
            return ()
        gone, kept[:] = kept[::-1], []
        return gone

    return edit
